"""An inhabitant: a trend follower (a CTA) that trades index futures, with a daily column for its position.

$ crowdquake run china-2024 --plugin examples/trend_follower.py --set trend_follower.size=0.5
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from abm import columns
from abm.inhabitants.base import Opening, OwnInhabitant, register
from abm.sections.base import Section, quantity
from cqkit.arrays import FloatArray
from cqkit.errors import InputError

if TYPE_CHECKING:
    from abm import Market, Settings

NAME = "trend_follower"


class TrendFollowing(Section):
    """The table [trend_follower] of a scenario."""

    size: float = quantity(0.1, 0, 100, "futures held with the trend, long or short", "days of the market's value")
    days: int = quantity(5, 1, 250, "days over which the trend is measured")


class TrendState(NamedTuple):
    """Arrays shaped (paths,), in index units; compiled functions get this and nothing else of the inhabitant."""

    held: FloatArray  # futures, negative where short
    plan: FloatArray  # to buy over the day
    order: FloatArray  # bought in this bar
    party: int  # its column of the ledger


def place(market: Any, futures: Any, own: Any, path: int, bar: int, dt: float) -> None:
    """Order an even share of the day's plan."""
    order = own.plan[path] * dt
    own.order[path] = order
    futures.order[path] += order
    futures.paid_spread[path] += futures.half_spread * abs(order)


def settle(market: Any, futures: Any, own: Any, path: int, bar: int, dt: float) -> None:
    """Book the bar's variation margin, on the order from its fill on, and the spread."""
    order, cash = own.order[path], market.ledger.cash
    cash[path, own.party] += own.held[path] * futures.gain[path] + order * futures.late[path]
    own.held[path] += order
    cash[path, own.party] -= futures.half_spread * abs(order)


@register
class TrendFollower(OwnInhabitant):
    """Holds `size` of index futures in the direction in which the index has moved over the last `days` days.

    Decided at the close, traded evenly over the next day. Its margin is not modelled: nobody can force it out.
    """

    name = NAME
    section = TrendFollowing
    order = staticmethod(place)
    settle = staticmethod(settle)

    def __init__(self, opening: Opening) -> None:
        super().__init__(opening)
        if not opening.settings.has_futures:
            raise InputError(f"{NAME}: needs a futures market: futures.volume must be above 0")
        held, plan, order = np.zeros((3, opening.paths))
        self.state = TrendState(held, plan, order, opening.party)
        eve = np.ones((opening.paths, 1))  # the index is 1 on the eve of the first day
        self._closes = np.concatenate([opening.past, eve], axis=1)

    def close(self, market: Market) -> None:
        """Take in the index, and plan the next day's trades."""
        self._closes = np.column_stack([self._closes, market.state.tape.index_value])
        known = min(self.settings.days, self._closes.shape[1] - 1)
        trend = np.sign(self._closes[:, -1] - self._closes[:, -1 - known])
        self.state.plan[:] = self.settings.size * trend - self.state.held

    def futures(self, market: Market) -> Mapping[int, FloatArray]:
        """What it holds, for the check that every future bought is a future sold."""
        return {self.state.party: self.state.held}


def _not_here(settings: Settings) -> str:
    return "" if settings.own(NAME) is not None else f"this run has no trend follower: needs a table [{NAME}]"


columns.declare(
    "trend_follower_futures",
    "days of the market's value",
    "futures held by the trend follower at the close; negative where short",
    _not_here,
    read=lambda market: market.inhabitants[NAME].state.held.copy(),
)
