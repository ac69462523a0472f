"""A mechanism for `explain`: what would be lost if funds had no positions in common.

$ crowdquake explain quake-2007 --paths 50 --plugin examples/common_books.py
"""

from __future__ import annotations

from abm import Settings
from scenarios.attribution.mechanisms import Mechanism, register


@register
class CommonBooks(Mechanism):
    """Funds hold the crowded book; without it each holds a book of its own."""

    name = "common_books"
    title = "Positions held in common"

    def is_on(self, settings: Settings) -> bool:
        """Whether the crowd has anything in common."""
        return settings.funds.capital > 0 and settings.funds.crowding > 0

    def off(self, settings: Settings) -> Settings:
        """Return the settings without it, all else being equal."""
        return settings.model_copy(update={"funds": settings.funds.model_copy(update={"crowding": 0.0})})
