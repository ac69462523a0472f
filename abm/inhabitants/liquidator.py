"""The fund that has to liquidate: it sells its book by a schedule, come what may."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, NamedTuple, Self

import numpy as np
from pydantic import Field, model_validator

from abm import schedules
from abm.compile import kernel
from abm.inhabitants.base import Inhabitant, Opening
from abm.inhabitants.exchange.futures import filled_futures
from abm.inhabitants.exchange.state import ExchangeState
from abm.inhabitants.exchange.stocks import trade_book
from abm.inhabitants.futures_market import FuturesMarketState
from abm.sections.base import Section, one_of, quantity
from abm.sections.crowd import FundKind
from abm.state import BasketState, Flow, Party, Tape
from cqkit.arrays import FloatArray

if TYPE_CHECKING:
    from abm.market import Market

LIQUIDATOR, LIQUIDATOR_CASH = int(Flow.LIQUIDATOR), int(Party.LIQUIDATOR)


class Liquidator(Section):
    """The fund that has to sell a book in the crowd's common positions, come what may."""

    size: float = quantity(0.43, 0, 1e3, "its book per side [B_L]; 0: there is none", "days of the market's value")
    kind: FundKind = Field(
        "long_short", description="futures: a futures fund, which buys its futures back as it sells its stocks"
    )
    starts: float = quantity(0.615385, 0, 1e3, "when it starts, after the opening of the event day", "days")
    begins: date | None = Field(None, description="day that `starts` counts from; default: the event")
    days: float = quantity(3.384615, 1e-3, 2000, "time over which it sells [T_L]", "days")
    schedule: Annotated[str, one_of("schedule", schedules.names)] = Field(
        "twap", description="how it spreads its sales"
    )
    urgency: float = quantity(2.0, 0, 50, "Almgren-Chriss: kappa x T, 0 is TWAP", "none")
    participation: float = quantity(
        0.1, 1e-4, 10, "percent-of-volume: its trades over everybody else's in the bar before", "a ratio"
    )
    plan: tuple[float, ...] = Field((), description="schedule `plan`: share of the book sold on each day")

    @model_validator(mode="after")
    def _plan_sells_at_most_the_book(self) -> Self:
        if self.schedule == "plan" and not (self.plan and min(self.plan) >= 0 and sum(self.plan) <= 1 + 1e-9):
            raise ValueError("plan: must list the share of the book sold each day, each >= 0, together at most 1")
        return self


class LiquidatorState(NamedTuple):
    """The liquidating fund."""

    book: FloatArray  # units left, (paths,)
    order: FloatArray  # of this bar, (paths,)
    futures_units: FloatArray  # futures that it is short, (paths,)
    missed: FloatArray  # units that an exchange has kept it from selling so far, (paths,)
    size: float
    participation: float
    first_bar: int
    sales: FloatArray  # share of `size` to sell in each bar of the run, (bars of the run,)
    crowded_units: float  # of the crowded book in a unit of its own book
    index_units: float  # of the index in a unit of its own book, and futures short against it
    exposure: FloatArray  # both of them by basket, (baskets,)
    gross: float  # traded in stocks per unit of its own book


def open_liquidator(opening: Opening) -> LiquidatorState:
    """Its book before the first bar, and what its schedule asks of every bar."""
    settings, paths = opening.settings, opening.paths
    clock, liquidator = settings.clock, settings.liquidator
    begins = clock.event_day
    if liquidator.begins is not None:
        begins = int(np.searchsorted(clock.dates, np.datetime64(liquidator.begins, "D")))
    first_bar = int(np.ceil((begins + liquidator.starts) * clock.bars - 1e-3))
    schedule = schedules.make(liquidator)
    hedged = liquidator.kind == "futures"
    exposure = np.zeros(opening.baskets.value.shape[1])
    exposure[0] = settings.futures_funds.tilt if hedged else 1.0
    exposure[-1] += hedged
    return LiquidatorState(
        book=np.full(paths, liquidator.size),
        order=np.zeros(paths),
        futures_units=np.full(paths, liquidator.size * hedged),
        missed=np.zeros(paths),
        size=liquidator.size,
        participation=schedule.participation,
        first_bar=first_bar,
        sales=schedule.sales(first_bar, clock.days * clock.bars, clock.bars),
        crowded_units=float(exposure[0]),
        index_units=float(hedged),
        exposure=exposure,
        gross=1.0 if hedged else 2.0,
    )


@kernel
def place_liquidator_orders(
    seller: LiquidatorState,
    exchange: ExchangeState | None,
    baskets: BasketState,
    tape: Tape,
    futures: FuturesMarketState | None,
    path: int,
    bar: int,
    volume: float,
) -> None:
    """Sell what the schedule asks for, and a share of the `volume` of the bar before (step 2).

    A futures fund buys its futures back as it sells its stocks. What an exchange keeps from being sold is sold later.
    """
    sale = seller.sales[bar] * seller.size
    if bar >= seller.first_bar:
        sale += seller.participation * volume / seller.gross
    if exchange is not None:
        sale += seller.missed[path]
    sale = min(sale, seller.book[path])
    if exchange is not None:
        sold = sale
        if futures is not None and seller.index_units > 0.0:
            sold *= filled_futures(exchange, path, sale)
        sold = -trade_book(exchange, path, seller.exposure, -sold)
        seller.missed[path] = sale - sold
        sale = sold
    seller.order[path] = -sale
    baskets.flow[path, 0] -= sale * seller.crowded_units
    tape.flows[path, LIQUIDATOR] -= sale
    if futures is not None and seller.index_units > 0.0:
        baskets.flow[path, baskets.flow.shape[1] - 1] -= sale * seller.index_units
        futures.order[path] += sale * seller.index_units
        futures.paid_spread[path] += futures.half_spread * sale * seller.index_units


@kernel
def mark_liquidator(
    seller: LiquidatorState,
    baskets: BasketState,
    tape: Tape,
    futures: FuturesMarketState | None,
    cash: FloatArray,
    path: int,
    half_spread: float,
) -> None:
    """Book what it sold at the fill, and the variation on its futures."""
    order, last = seller.order[path], baskets.flow.shape[1] - 1
    seller.book[path] += order
    worth = seller.crowded_units * (baskets.value[path, 0] - baskets.late[path, 0])
    if seller.index_units > 0.0:
        worth += seller.index_units * (baskets.value[path, last] - baskets.late[path, last])
    fee = seller.gross * half_spread * abs(order)
    cash[path, LIQUIDATOR_CASH] -= order * worth + fee
    tape.paid_spread[path] += fee
    if futures is not None:
        bought_back = -order * seller.index_units
        cash[path, LIQUIDATOR_CASH] -= seller.futures_units[path] * futures.gain[path]
        cash[path, LIQUIDATOR_CASH] += bought_back * futures.late[path]
        seller.futures_units[path] -= bought_back
        cash[path, LIQUIDATOR_CASH] -= futures.half_spread * abs(bought_back)


class LiquidatingFund(Inhabitant):
    """The fund that has to liquidate; with a size of 0 it is there and has nothing to sell."""

    name = "liquidator"

    def __init__(self, opening: Opening) -> None:
        super().__init__(opening)
        self.state = open_liquidator(opening)

    def shares(self, market: Market) -> Mapping[int, FloatArray]:
        seller, shares = self.state, market.state.baskets.shares
        held = seller.book[:, None] * shares[:, 0] * seller.crowded_units
        if seller.index_units > 0:
            held = held + (seller.book * seller.index_units)[:, None] * shares[:, -1]
        return {Party.LIQUIDATOR: held}

    def futures(self, market: Market) -> Mapping[int, FloatArray]:
        return {Party.LIQUIDATOR: -self.state.futures_units}
