"""Index futures: makers and arbitrageurs, and the basis between them (docs/model.md, section 8)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np
import pandas as pd
from pydantic import AfterValidator, Field

from abm.compile import kernel
from abm.inhabitants.base import Inhabitant, Opening
from abm.inhabitants.exchange.futures import (
    filled_futures,
    hold_futures,
    is_held,
    is_index_held,
    open_futures_orders,
    settle_buyers,
    supply_of_index,
)
from abm.inhabitants.exchange.state import ExchangeState
from abm.inhabitants.exchange.stocks import trade
from abm.sections.base import Section, known_contract, quantity
from abm.state import BasketState, Flow, OutsideState, Party, Tape
from cqkit.arrays import FloatArray
from hedging import contract

if TYPE_CHECKING:
    from abm.market import Market
    from abm.settings import Settings

ARBITRAGE_FLOW, FUTURES_FLOW = int(Flow.ARBITRAGE), int(Flow.FUTURES)
OUTSIDE_CASH, ARBITRAGE_CASH, MAKER_CASH = int(Party.OUTSIDE), int(Party.ARBITRAGE), int(Party.FUTURES_MAKERS)


class Futures(Section):
    """The index futures market: its basis, and the exchange's margin."""

    volume: float = quantity(
        0.0, 0, 1e3, "traded on an ordinary day [ADV_F]; 0: futures are the index itself", "days of the market's value"
    )
    impact: float = quantity(0.012, 0, 1, "basis per ADV-day of futures bought net [lambda_b]", "a ratio to the index")
    decay: float = quantity(1.0, 0, 100, "speed at which makers pass on what they sold [kappa_b]", "per day")
    arbitrage: float = quantity(0.5, 0, 1, "share that arbitrageurs take, buying index stocks [theta]", "a share")
    start_basis: float = quantity(0.0, -0.5, 0.5, "futures over index before anything happens", "a ratio")
    noise: float = quantity(0.0012, 0, 0.1, "of the basis", "per sqrt(day), .01 is 1 %")
    noise_decay: float = quantity(0.5, 0, 100, "speed at which that noise dies out", "per day")
    half_spread: float = quantity(0.0, 0, 0.05, "paid on each futures trade", "a ratio, .0002 is 2 bp")
    margin_reaction: float = quantity(
        0.0, 0, 20, "rise of the exchange's margin per doubling of index volatility", "a ratio"
    )
    swap_margin_reaction: float = quantity(0.0, 0, 20, "the same for swap margin, which brokers set", "a ratio")
    contract: Annotated[str | None, AfterValidator(known_contract)] = Field(
        None, description="contract whose exchange margins by date the futures' margin follows from its start, as IF"
    )
    price_limit: float = quantity(
        0.0, 0, 1, "futures trade within the last settlement x (1 -+ this) [L_F]; 0: no limit", "a ratio, not percent"
    )
    settlement_bars: int = quantity(2, 1, 390, "last bars of a day that its settlement price is the mean of", "bars")
    diverted: float = quantity(
        0.0, 0, 10, "of purchases that a stock's limit or halt keeps out, goes to futures [delta]", "a ratio"
    )


class FuturesMarketState(NamedTuple):
    """Index futures, priced in index units; arrays shaped (paths,)."""

    price: FloatArray  # F
    gain: FloatArray  # its change in this bar
    late: FloatArray  # its change from the fill of this bar's trades to the end of the bar
    sold_by_makers: FloatArray  # m_F, ADV-days that makers have sold and not passed on
    passed_on: FloatArray  # by makers in the bar before, units
    noise: FloatArray  # of the basis
    fund_order: FloatArray  # units bought net in this bar by futures funds
    order: FloatArray  # units bought net in this bar by all but makers and arbitrageurs
    arbitrage: FloatArray  # index units that arbitrageurs buy in this bar, futures units that they sell
    paid_spread: FloatArray  # on futures in this bar
    maker_units: FloatArray  # futures that makers hold
    arbitrage_units: FloatArray  # index units that arbitrageurs hold against as many futures sold
    volume: float  # ADV_F
    impact: float  # lambda_b
    decay: float  # kappa_b
    arbitraged: float  # theta
    start_basis: float
    noise_volatility: float
    noise_decay: float
    half_spread: float


def open_futures(opening: Opening) -> FuturesMarketState:
    """The futures before the first bar; makers are told at moving in what they have sold to whom."""
    futures, paths = opening.settings.futures, opening.paths
    names = ("gain", "late", "sold_by_makers", "passed_on", "noise", "fund_order", "order", "arbitrage", "paid_spread")
    return FuturesMarketState(
        price=np.full(paths, 1 + futures.start_basis),
        volume=futures.volume,
        impact=futures.impact,
        decay=futures.decay,
        arbitraged=futures.arbitrage,
        start_basis=futures.start_basis,
        noise_volatility=futures.noise,
        noise_decay=futures.noise_decay,
        half_spread=futures.half_spread,
        **{name: np.zeros(paths) for name in (*names, "maker_units", "arbitrage_units")},
    )


def margins_by_date(settings: Settings) -> FloatArray:
    """What the exchange's margin is on each day, a ratio to that of the first, (days,); ones without a contract."""
    dates, named = settings.clock.dates, settings.futures.contract
    if named is None:
        return np.ones(dates.size)
    margins = contract(named).margins_on(pd.DatetimeIndex(dates))
    return margins / margins[0]


@kernel
def open_futures_bar(
    futures: FuturesMarketState,
    exchange: ExchangeState | None,
    outside: OutsideState,
    path: int,
    now: int,
    bars: int,
    dt: float,
) -> None:
    """Begin the bar with what outside orders buy, and those who come to the exchange for the index."""
    order = outside.futures_order[path] * dt
    futures.fund_order[path] = 0.0
    futures.order[path] = order
    futures.paid_spread[path] = futures.half_spread * abs(order)
    if exchange is not None:
        open_futures_orders(exchange, path, now, bars, dt)
        buyers = exchange.buyers_order[path]
        if filled_futures(exchange, path, order) == 0.0:
            exchange.futures_missed[path] += dt
            order = 0.0
        if order == 0.0 or buyers != 0.0:
            futures.order[path] = order + buyers
            futures.paid_spread[path] = futures.half_spread * (abs(order) + abs(buyers))


@kernel
def net_futures(
    futures: FuturesMarketState, exchange: ExchangeState | None, baskets: BasketState, tape: Tape, path: int
) -> None:
    """Add up what all have ordered; arbitrageurs buy index against what makers passed on in the bar before."""
    futures.order[path] += futures.fund_order[path]
    tape.flows[path, FUTURES_FLOW] += futures.order[path]
    passed_on = futures.passed_on[path]
    if exchange is not None and is_held(exchange, path):
        passed_on *= filled_futures(exchange, path, -passed_on)
        if exchange.held[path] != 0:
            passed_on *= trade(exchange, path, exchange.index_shares[path], futures.arbitraged * passed_on, 0.0)
    futures.arbitrage[path] = futures.arbitraged * passed_on
    baskets.flow[path, baskets.flow.shape[1] - 1] += futures.arbitrage[path]
    tape.flows[path, ARBITRAGE_FLOW] += futures.arbitrage[path]


@kernel
def price_futures(
    futures: FuturesMarketState,
    exchange: ExchangeState | None,
    outside: OutsideState,
    tape: Tape,
    path: int,
    now: int,
    bars: int,
    noise: float,
    dt: float,
) -> None:
    """Price the futures on the index, and on an exchange hold them within their limits."""
    if exchange is not None and is_index_held(exchange, path):
        price_on_fair_index(futures, exchange, outside, tape, path, noise, dt)
    else:
        price_on_index(futures, outside, tape, path, noise, dt)
    if exchange is not None:
        hold_futures(exchange, outside, path, now, bars, futures.price, futures.gain, futures.late, dt)


@kernel
def price_on_index(
    futures: FuturesMarketState, outside: OutsideState, tape: Tape, path: int, noise: float, dt: float
) -> None:
    """Futures stand on the index by a basis that is linear in what makers have sold and not passed on.

    Trades are done at the mean basis of the bar, which is exact for a constant rate, on the index at its own fill.
    """
    before, bought, rate = futures.sold_by_makers[path], futures.order[path] / futures.volume, futures.decay * dt
    mean = -math.expm1(-rate) / rate if rate > 0.0 else 1.0  # of what decays, over the bar
    added = (1.0 - mean) / rate if rate > 0.0 else 0.5  # by the bar's orders, on its average
    after = math.exp(-rate) * before + mean * bought
    futures.sold_by_makers[path] = after
    futures.passed_on[path] = (before + bought - after) * futures.volume
    old = futures.noise[path]
    new = math.exp(-futures.noise_decay * dt) * old + futures.noise_volatility * math.sqrt(dt) * noise
    futures.noise[path] = new
    index, fill = tape.index_value[path], tape.index_value[path] - tape.index_late[path]
    price = index * (1.0 + futures.start_basis + new + futures.impact * after)
    paid = fill * (1.0 + futures.start_basis + 0.5 * (old + new) + futures.impact * (mean * before + added * bought))
    futures.gain[path] = price - futures.price[path]
    futures.late[path] = price - paid
    futures.price[path] = price
    outside.futures_price[path] += paid * dt


@kernel
def price_on_fair_index(
    futures: FuturesMarketState,
    exchange: ExchangeState,
    outside: OutsideState,
    tape: Tape,
    path: int,
    noise: float,
    dt: float,
) -> None:
    """The same where stocks are kept from trading: on the index at the prices that would be.

    Makers ask more for their risk the less of the index they can have: the impact that is missing is added.
    """
    price_on_index(futures, outside, tape, path, noise, dt)
    index, fill = tape.index_value[path], tape.index_value[path] - tape.index_late[path]
    price, paid = futures.price[path], futures.price[path] - futures.late[path]
    bought, rate, after = futures.order[path] / futures.volume, futures.decay * dt, futures.sold_by_makers[path]
    before = after + futures.passed_on[path] / futures.volume - bought
    mean = -math.expm1(-rate) / rate if rate > 0.0 else 1.0
    added = (1.0 - mean) / rate if rate > 0.0 else 0.5
    more = futures.impact / supply_of_index(exchange, path, after) - futures.impact
    price_now = (index + exchange.fair_index[path]) * (price / index + more * after)
    paid_now = (fill + exchange.fair_fill[path]) * (paid / fill + more * (mean * before + added * bought))
    futures.gain[path] += price_now - price
    futures.late[path] = price_now - paid_now
    futures.price[path] = price_now
    outside.futures_price[path] += (paid_now - paid) * dt


@kernel
def settle_futures(
    futures: FuturesMarketState,
    exchange: ExchangeState | None,
    outside: OutsideState,
    tape: Tape,
    cash: FloatArray,
    path: int,
    dt: float,
) -> None:
    """Pay variation to outsiders, arbitrageurs and makers, each on its own position; the index bought is paid for."""
    gain, late = futures.gain[path], futures.late[path]
    order = outside.futures_order[path]
    if exchange is not None:
        if filled_futures(exchange, path, order) == 0.0:
            order = 0.0
        settle_buyers(exchange, cash, path, gain, late, futures.half_spread)
    order *= dt
    cash[path, OUTSIDE_CASH] += outside.futures_units[path] * gain + order * late - futures.half_spread * abs(order)
    outside.futures_units[path] += order
    hedged = futures.arbitrage[path]
    cash[path, ARBITRAGE_CASH] -= futures.arbitrage_units[path] * gain + hedged * late
    cash[path, ARBITRAGE_CASH] -= hedged * (tape.index_value[path] - tape.index_late[path])
    futures.arbitrage_units[path] += hedged
    bought = hedged - futures.order[path]
    cash[path, MAKER_CASH] += futures.maker_units[path] * gain + bought * late + futures.paid_spread[path]
    futures.maker_units[path] += bought


class FuturesMarket(Inhabitant):
    """Makers and arbitrageurs of index futures, where these have a price of their own."""

    name = "futures"

    def __init__(self, opening: Opening) -> None:
        super().__init__(opening)
        self.state = open_futures(opening)

    @classmethod
    def lives_in(cls, settings: Settings) -> bool:
        return settings.has_futures

    def move_in(self, market: Market) -> None:
        """Makers hold what all others are short of on the first morning."""
        for inhabitant in market.inhabitants.values():
            for units in inhabitant.futures(market).values():
                if inhabitant is not self:
                    self.state.maker_units[:] -= units

    def write(self, market: Market) -> None:
        market.record["basis"][:, market.day] = self.state.price / market.state.tape.index_value - 1

    def shares(self, market: Market) -> Mapping[int, FloatArray]:
        return {Party.ARBITRAGE: self.state.arbitrage_units[:, None] * market.state.baskets.shares[:, -1]}

    def futures(self, market: Market) -> Mapping[int, FloatArray]:
        state = self.state
        return {Party.ARBITRAGE: -state.arbitrage_units, Party.FUTURES_MAKERS: state.maker_units}
