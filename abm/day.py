"""A trading day of one path: the phases of `phases.py` bar by bar, compiled once for each impact law."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from abm import laws, phases
from abm.compile import kernel, specialise
from abm.credit_phases import place_credit_orders, trade_credit
from abm.credit_state import CreditState
from abm.futures_phases import (
    call_futures_margins,
    move_groups,
    place_futures_fund_orders,
    place_futures_orders,
    trade_futures,
)
from abm.phases import (
    book_providers,
    call_margins,
    mark_to_market,
    move_fundamentals,
    net_flows,
    place_fund_orders,
    place_liquidator_orders,
    place_sector_orders,
    read_gauge,
    settle_cash,
    stop_sector_out,
    trade_price_impact,
)
from abm.randomness import DayNoise
from abm.state import FuturesFundArrays, FuturesMarket, MarketState
from cqkit.arrays import FloatArray

TradeBars = Callable[
    [MarketState, FuturesMarket, FuturesFundArrays, CreditState, int, int, int, int, DayNoise, FloatArray],
    None,
]


@kernel
def trade_bars(
    market: MarketState,
    futures: FuturesMarket,
    hedgers: FuturesFundArrays,
    credit: CreditState,
    path: int,
    day: int,
    first: int,
    last: int,
    noise: DayNoise,
    drift: FloatArray,
) -> None:
    """Trade the bars `first`..`last` of a day.

    `drift` (3,) is the day's dated news for the market, for stocks in the index and for those outside it.
    """
    bars = noise.common.shape[0]
    dt = 1.0 / bars
    for bar in range(first, last):
        now = day * bars + bar
        volume = market.tape.volume[path]
        place_fund_orders(market, path, now, dt)
        if futures.present:
            place_futures_fund_orders(market, futures, hedgers, path, now, dt)
        place_liquidator_orders(market, path, now, volume)
        if futures.present:
            place_futures_orders(market, futures, path, dt)
        place_sector_orders(market, path, dt)
        if credit.active:
            place_credit_orders(credit, market.baskets, market.tape, path, dt)
        net_flows(market, path, dt)
        move_fundamentals(market, path, noise.common[bar], noise.own[bar], drift[0] * dt, dt)
        move_groups(market.stocks, market.rules, path, noise.futures[bar, 0], drift[1] * dt, drift[2] * dt, dt)
        trade_price_impact(market, path, noise.demand[bar], dt)
        mark_to_market(market, path)
        paid_spread = 0.0
        if futures.present:
            paid_spread = trade_futures(market, futures, hedgers, path, noise.futures[bar, 1], dt)
        if credit.active:
            paid_spread += trade_credit(credit, market.baskets, market.ledger.cash, path, market.impact.half_spread)
        settle_cash(market, path, book_providers(market, path, noise.demand[bar], dt), paid_spread)
        read_gauge(market, path, dt)
        call_margins(market, path, now, bar == bars - 1)
        if futures.present:
            call_futures_margins(hedgers, market.rules, path, futures.price[path], now, bar == bars - 1)
        stop_sector_out(market, path)


def trade_bars_under(law: str) -> TradeBars:
    """Return `trade_bars` compiled for the impact law of that name."""
    return _trade_bars_with(laws.get(law), law)


@lru_cache(maxsize=16)
def _trade_bars_with(displacement: laws.Law, law: str) -> TradeBars:
    keep = laws.is_built_in(law)
    impact_phase = specialise(phases.trade_price_impact, law, keep, displacement=displacement)
    return specialise(trade_bars, law, keep, trade_price_impact=impact_phase)
