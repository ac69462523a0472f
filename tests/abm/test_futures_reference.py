"""The engine equals the slow reference, bar by bar and close by close, where funds hedge with index futures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from slow_futures import SlowFutures
from slow_reference import SlowMarket
from test_slow_reference import assert_equal, assert_same, dated_news, happened

from abm import Market
from abm.randomness import DayNoise

# What is changed in the small hedged market, and what must be seen to happen there.
MARKETS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "as in 2024": (
        {
            "news": [
                {"date": "2007-08-02", "days": 4, "move": -0.01},
                {"date": "2007-08-02", "days": 4, "move": -0.01, "to": "small_caps"},
                {"date": "2007-08-07", "days": 2, "move": 0.02, "to": "index"},
            ]
        },
        {"calls", "cut", "back"},
    ),
    "an index of the middle": (
        {
            "market": {"index_skips": 0.25, "index_share": 0.3},
            "news": [
                {"date": "2007-08-02", "days": 3, "move": -0.01},
                {"date": "2007-08-02", "days": 3, "move": -0.01, "to": "small_caps"},
                {"date": "2007-08-02", "days": 2, "move": 0.005, "to": "large_caps"},
                {"date": "2007-08-06", "days": 2, "move": 0.03, "to": "index"},
            ],
        },
        {"calls", "cut"},
    ),
    "brokers only, nights": (
        {
            "funds": {"severity": [0.0, 0.0], "cut": 0.8},
            "market": {"overnight": 0.25},
            "news": [{"date": "2007-08-02", "days": 4, "move": -0.02, "to": "small_caps"}],
        },
        {"calls", "under_call", "met", "back"},
    ),
    "brokers only, and nobody has to sell": (
        {
            "funds": {"severity": [0.0, 0.0], "forced_sales": False},
            "news": [{"date": "2007-08-02", "days": 4, "move": -0.02, "to": "small_caps"}],
        },
        {"calls"},
    ),
    "long-short funds beside them, and index holders": (
        {
            "funds": {
                "kind": {"long_short": 0.5, "futures": 0.5},
                "policy": {"full": 0.5, "full-rebalanced": 0.5},
                "long_short_leverage": 3.0,
                "severity": [1.0, 3.0],
            },
            "index_sector": {"holding": 2.0, "stop": 0.01},
            "liquidator": {"kind": "long_short", "size": 0.9},
            "opportunists": {"capital": 0.2, "cheap": 0.0, "depth": 0.03, "lag": 0.1},
        },
        {"cut", "stopped out", "opportunists buy"},
    ),
    "funds closed by their lenders": (
        {
            "funds": {"leverage": 12.0, "capital": 0.7, "intraday_share": 0.3},
            "news": [{"date": "2007-08-03", "move": -0.12, "to": "small_caps"}],
        },
        {"calls", "under_call", "closed"},
    ),
    "swaps only, hedges worked off, sales by volume": (
        {
            "futures_funds": {"swap_share": 1.0, "rehedging": 0.5, "tilt": 0.7},
            "liquidator": {"schedule": "percent_of_volume", "participation": 0.3},
            "funds": {"severity": [0.3, 0.6], "reserve": 0.01, "cut_days": 0.3},
            "news": [{"date": "2007-08-03", "days": 2, "move": -0.02, "to": "small_caps"}],
        },
        {"calls", "under_call", "met", "cut", "back"},
    ),
    "paid for only, warned, stopped, and left by investors": (
        {
            "futures_funds": {"swap_share": 0.0, "cash_reserve": 0.05, "restoring": 0.02},
            "funds": {"policy": {"full-rebalanced": 0.4, "none": 0.3, "timing": 0.3}},
            "lines": {"warning": 0.8, "stop": 0.75, "start": [0.75, 0.9], "warning_days": 2.9, "stop_days": 1.9},
            "redemptions": {"sensitivity": 2.0, "threshold": 0.01, "horizon": 3, "notice": 2},
            "news": [
                {"date": "2007-07-30", "days": 4, "move": -0.012},
                {"date": "2007-08-06", "move": 0.12, "to": "index"},
            ],
        },
        {"calls", "warned", "stopped", "payable", "cut"},
    ),
    "margins that rise with volatility, makers who pass nothing on": (
        {
            "futures": {"margin_reaction": 1.5, "swap_margin_reaction": 0.3, "impact": 0.02, "decay": 0.0},
            "funds": {"reserve": 0.12},
            "news": [{"date": "2007-07-30", "move": 0.05}],
        },
        {"calls", "cut"},
    ),
}


@pytest.mark.parametrize("name", MARKETS)
def test_engine_with_futures_equals_the_slow_reference_to_1e_12_in_every_bar(hedged, name):
    changes, happens = MARKETS[name]
    market = Market(hedged(**changes), seed=3)
    settings, slow = market.settings, SlowMarket.of(market)
    noise = DayNoise.empty(settings.clock.bars, settings.market.factors, settings.market.stocks)
    rng = np.random.default_rng(0)
    seen: set[str] = set()
    for day in range(settings.clock.days):
        noise.draw(3, 0, day, futures=True)
        slow.futures.outside_order = 0.02 * rng.standard_normal()
        market.submit_futures(np.array(slow.futures.outside_order))
        before = slow.index()
        for bar in range(settings.clock.bars):
            market.trade_path(0, noise, bar, bar + 1)
            slow.trade_bar(noise, bar, *dated_news(market, day))
            assert_equal(market, slow)
            assert_equal_futures(market, slow.futures)
            seen |= happened(slow) | happened_to_hedgers(slow.futures)
        market.close()
        if market.day < settings.clock.days:
            plans = market.state.futures_funds.hedge_plan[0].tolist()
            slow.futures.close(slow, day, slow.index() / before - 1, plans)
            assert_same_plans(market, slow.futures)
    assert seen >= happens


def happened_to_hedgers(futures: SlowFutures) -> set[str]:
    """What has just happened to funds that hedge with futures."""
    seen = set()
    for fund in futures.funds:
        rule = fund.rule
        for name in ("calls", "warned", "stopped", "payable"):
            seen |= {name} if getattr(fund, name) else set()
        for name in ("under_call", "met", "closed"):
            seen |= {name} if getattr(rule, name) else set()
        free = not (rule.under_call or rule.closed or fund.warned or fund.stopped)
        seen |= {"cut"} if free and fund.order < min(0, fund.stock_plan) / 4 - 1e-12 else set()
        seen |= {"back"} if fund.order > max(0, fund.stock_plan) / 4 + 1e-12 else set()
    return seen


def assert_equal_futures(market: Market, slow: SlowFutures) -> None:
    futures, drawn, funds = market.state.futures, market.state.futures_funds, slow.funds
    living = drawn.cut.closed[0] == 0
    pairs: dict[str, tuple[Any, Any]] = {
        "futures": (futures.price, [slow.price]),
        "sold by makers": (futures.sold_by_makers, [slow.sold_by_makers]),
        "makers": (futures.maker_units, [slow.maker_long]),
        "arbitrage": (futures.arbitrage_units, [slow.arbitrage_units]),
        "outside": (market.state.outside.futures_units, [slow.outside_long]),
        "fill": (market.state.outside.futures_price, [slow.average_price]),
        "calls": (drawn.calls[0], [fund.calls for fund in funds]),
        "hedgers closed": (drawn.cut.closed[0], [fund.rule.closed for fund in funds]),
        "hedgers called": (drawn.cut.called[0], [fund.rule.under_call and not fund.rule.closed for fund in funds]),
        "liquidator's futures": (market.state.liquidator.futures_units, [slow.liquidator_short]),
    }
    for name in ("held", "contracts", "deposit", "reserve"):
        pairs[name] = (getattr(drawn, name)[0], [getattr(fund, name) for fund in funds])
    for name, own in (("target", "wanted"), ("base", "base"), ("mark", "mark")):
        expected = [getattr(fund.rule, own) for fund in funds if not fund.rule.closed]
        pairs[f"hedgers' {name}"] = (getattr(drawn.cut, name)[0, living], expected)
    assert_same(pairs)


def assert_same_plans(market: Market, slow: SlowFutures) -> None:
    """What was decided at the close."""
    drawn = market.state.futures_funds
    names = ("stock_plan", "hedge_plan", "margin_level", "deposit", "reserve")
    pairs = {name: (getattr(drawn, name)[0], [getattr(fund, name) for fund in slow.funds]) for name in names}
    pairs["units"] = (market.futures_crowd.units[0], [fund.units for fund in slow.funds])
    pairs["barred"] = (drawn.barred[0], [2 if fund.stopped else int(fund.warned) for fund in slow.funds])
    assert_same(pairs)
