"""Market makers, who have less room for further trades the more they have lost (docs/ltcm.md, section 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.inhabitants.base import Inhabitant, Opening
from abm.sections.base import Section, quantity

if TYPE_CHECKING:
    from abm.market import Market
    from abm.settings import Settings


class Makers(Section):
    """Market makers, who have less room for further trades the more they have lost."""

    capital: float = quantity(
        0.0, 0, 1e4, "loss that takes all their capacity away; 0: nothing does", "days of the market's value"
    )
    recovery_days: float = quantity(20.0, 1e-3, 1000, "time in which a loss is made up to 1/e", "days")
    floor: float = quantity(0.25, 0.01, 1, "share of capacity that always remains", "a share")


class TiringMakers(Inhabitant):
    """Takes the makers' losses on their inventory from their capacity."""

    name = "makers"

    def __init__(self, opening: Opening) -> None:
        super().__init__(opening)
        self.settings = opening.settings.makers
        self._wounds = np.zeros(opening.paths)  # losses not yet made up
        self._price, self._held = opening.stocks.price.copy(), np.zeros_like(opening.stocks.price)

    @classmethod
    def lives_in(cls, settings: Settings) -> bool:
        return settings.has_credit

    def write(self, market: Market) -> None:
        """Take the day's loss from their capacity; it comes back as losses are made up."""
        if self.settings.capital > 0:
            self._wear(market)
        market.record["makers_capacity"][:, market.day] = market.state.providers.capacity

    def _wear(self, market: Market) -> None:
        rules, stocks = self.settings, market.state.stocks
        held = market.state.providers.shares
        lost = -(0.5 * (self._held + held) * (stocks.price - self._price)).sum(axis=1)
        self._wounds = np.maximum(self._wounds * np.exp(-1 / rules.recovery_days) + lost, 0)
        left = np.maximum(1 - self._wounds / rules.capital, rules.floor)
        market.state.providers.capacity[:] = market.settings.impact.maker_capacity * left
        self._price, self._held = stocks.price.copy(), held.copy()
