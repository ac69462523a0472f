"""Opportunists: capital of their own that buys the crowded book when it is cheap, late, and leaves later."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.compile import kernel
from abm.inhabitants.base import Inhabitant, Opening
from abm.inhabitants.exchange.state import ExchangeState
from abm.inhabitants.exchange.stocks import trade_basket
from abm.sections.base import Section, quantity
from abm.state import BasketState, Flow, Party, Tape
from cqkit.arrays import FloatArray

if TYPE_CHECKING:
    from abm.market import Market

OPPORTUNISTS, OPPORTUNIST_CASH = int(Flow.OPPORTUNISTS), int(Party.OPPORTUNISTS)
PARTS = 9  # of the capital, each with a lag of its own
SOLD_OUT = 1e-9  # units that are sold at once, or sales would never end


class Opportunists(Section):
    """Investors with free capital who buy the crowded book when it is cheap (docs/model.md, section 2, step 2)."""

    capital: float = quantity(0.0, 0, 1e3, "their own, and they borrow nothing; 0: none", "days of the market's value")
    cheap: float = quantity(0.022, 0, 10, "cheapness of the crowded book at which they begin [c_0]", "money a unit")
    depth: float = quantity(0.028, 1e-6, 10, "further cheapness at which all capital is in [c_1]", "money a unit")
    lag: float = quantity(2.9, 0, 250, "between seeing and buying, the mean over their capital", "days")
    lag_spread: float = quantity(0.15, 0, 1, "lags lie evenly within this share of the mean", "a share")
    buy_days: float = quantity(0.14, 1e-3, 250, "in which they close the gap when buying, to 1/e", "days")
    sell_days: float = quantity(10.0, 1e-3, 1e4, "the same when selling", "days")


class OpportunistState(NamedTuple):
    """The opportunists together, arrays shaped (paths,) but for `seen`."""

    book: FloatArray  # O, units of the crowded book
    equity: FloatArray  # E_o
    order: FloatArray  # of this bar
    seen: FloatArray  # cheapness at the beginning of every bar, (paths, bars of the run)
    capital: float
    cheap: float
    depth: float
    lags: FloatArray  # of equal parts of the capital, in bars, (parts,)
    buy_days: float
    sell_days: float


def open_opportunists(opening: Opening) -> OpportunistState:
    """All in cash before the first bar."""
    rules, clock, paths = opening.settings.opportunists, opening.settings.clock, opening.paths
    return OpportunistState(
        book=np.zeros(paths),
        equity=np.full(paths, rules.capital),
        order=np.zeros(paths),
        seen=np.zeros((paths, clock.days * clock.bars)),
        capital=rules.capital,
        cheap=rules.cheap,
        depth=rules.depth,
        lags=rules.lag * clock.bars * (1 + rules.lag_spread * np.linspace(-1, 1, 2 * PARTS + 1)[1::2]),
        buy_days=rules.buy_days,
        sell_days=rules.sell_days,
    )


@kernel
def seen_before(who: OpportunistState, path: int, bar: int, lag: float) -> float:
    """Cheapness a lag ago, on a straight line between bars; 0 before the run."""
    when = bar - lag
    if when < 0.0:
        return 0.0
    before = int(when)
    part = when - before
    if part == 0.0:
        return float(who.seen[path, before])
    return float((1.0 - part) * who.seen[path, before] + part * who.seen[path, before + 1])


@kernel
def place_opportunist_orders(
    who: OpportunistState,
    exchange: ExchangeState | None,
    baskets: BasketState,
    tape: Tape,
    path: int,
    bar: int,
    dt: float,
) -> None:
    """Go a share of the way to what they want, which follows how cheap the book was, and still is (step 2)."""
    cheap, book, equity = tape.cheapness[path], who.book[path], who.equity[path]
    who.seen[path, bar] = cheap
    wanted = 0.0
    for lag in who.lags:
        ripe = min(cheap, seen_before(who, path, bar, lag))
        wanted += who.capital / who.lags.size * min(1.0, max(0.0, (ripe - who.cheap) / who.depth))
    if equity < who.capital:
        wanted = min(wanted, max(equity, 0.0))
    order = -(wanted - book) * math.expm1(-dt / (who.buy_days if wanted > book else who.sell_days))
    if book < SOLD_OUT and wanted == 0.0:
        order = -book
    order = trade_basket(exchange, path, 0, order)
    who.order[path] = order
    baskets.flow[path, 0] += order
    tape.flows[path, OPPORTUNISTS] += order
    tape.volume[path] += 2.0 * abs(order)


@kernel
def mark_opportunists(
    who: OpportunistState, baskets: BasketState, tape: Tape, cash: FloatArray, path: int, half_spread: float
) -> None:
    """Revalue what they hold, and book what they traded at the fill (step 6)."""
    order, late = who.order[path], baskets.late[path, 0]
    fee = 2.0 * half_spread * abs(order)
    who.equity[path] += who.book[path] * baskets.gain[path, 0] + order * late - fee
    who.book[path] += order
    cash[path, OPPORTUNIST_CASH] -= order * (baskets.value[path, 0] - late) + fee
    tape.paid_spread[path] += fee


class OpportunisticCapital(Inhabitant):
    """The opportunists, where they have capital."""

    name = "opportunists"

    def __init__(self, opening: Opening) -> None:
        super().__init__(opening)
        self.state = open_opportunists(opening)

    def shares(self, market: Market) -> Mapping[int, FloatArray]:
        return {Party.OPPORTUNISTS: self.state.book[:, None] * market.state.baskets.shares[:, 0]}
