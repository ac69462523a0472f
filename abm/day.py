"""A trading day of one path: the phases of `phases.py` bar by bar, compiled once for each impact law."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from abm import laws, phases
from abm.compile import kernel, specialise
from abm.credit_phases import mark_credit, place_credit_orders, settle_credit
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
from abm.state import MarketState
from hedging import FloatArray

TradeBars = Callable[[MarketState, int, int, int, int, FloatArray, FloatArray, FloatArray, float], None]


@kernel
def trade_bars(
    market: MarketState,
    path: int,
    day: int,
    first: int,
    last: int,
    common: FloatArray,
    own: FloatArray,
    demand: FloatArray,
    drift: float,
) -> None:
    """Trade the bars `first`..`last` of a day.

    `common` (bars, 1 + factors), `own` and `demand` (bars, stocks) are the day's standard normals; `drift` is the day's
    dated news for the market factor.
    """
    bars = common.shape[0]
    dt = 1.0 / bars
    for bar in range(first, last):
        now = day * bars + bar
        volume = market.tape.volume[path]
        place_fund_orders(market, path, now, dt)
        place_liquidator_orders(market, path, now, volume)
        place_sector_orders(market, path, dt)
        if market.credit.active:
            place_credit_orders(market, path, dt)
        net_flows(market, path, dt)
        move_fundamentals(market, path, common[bar], own[bar], drift * dt, dt)
        trade_price_impact(market, path, demand[bar], dt)
        mark_to_market(market, path)
        if market.credit.active:
            mark_credit(market, path)
            settle_credit(market, path)
        settle_cash(market, path, book_providers(market, path, demand[bar], dt))
        read_gauge(market, path, dt)
        call_margins(market, path, now, bar == bars - 1)
        stop_sector_out(market, path)


def trade_bars_under(law: str) -> TradeBars:
    """Return `trade_bars` compiled for the impact law of that name."""
    return _trade_bars_with(laws.get(law), law)


@lru_cache(maxsize=16)
def _trade_bars_with(displacement: laws.Law, law: str) -> TradeBars:
    keep = laws.is_built_in(law)
    impact_phase = specialise(phases.trade_price_impact, law, keep, displacement=displacement)
    return specialise(trade_bars, law, keep, trade_price_impact=impact_phase)
