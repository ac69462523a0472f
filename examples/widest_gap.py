"""A measure with a daily column of its own: how far the most displaced stock stands from its value.

A target reads the column on a day, or the measure over the event:

    measure = { name = "daily", column = "widest_gap", on = 2007-08-09 }
    measure = { name = "widest_gap_peak", days = 4 }

$ crowdquake run my-scenario.toml --plugin examples/widest_gap.py
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import Field

from abm import columns
from cqkit.arrays import FloatArray
from scenarios.measures import Measure, Outcome, register

if TYPE_CHECKING:
    from abm import Market


def widest_gap(market: Market) -> FloatArray:
    """Largest distance of any stock's price from its fundamental value, in logs, shape (paths,)."""
    return np.abs(market.state.stocks.displacement).max(axis=1)


columns.declare("widest_gap", "log", "largest distance of any stock's price from its value", read=widest_gap)


@register
class WidestGapPeak(Measure):
    """Highest value of the column `widest_gap` from the event on."""

    name: ClassVar[str] = "widest_gap_peak"
    days: int | None = Field(None, ge=1, description="days from the event on; default: to the end of the run")

    def values(self, outcome: Outcome) -> FloatArray:
        """By path, shape (paths,)."""
        first = outcome.event_day
        last = None if self.days is None else first + self.days
        return outcome.record["widest_gap"][:, first:last].max(axis=1)
