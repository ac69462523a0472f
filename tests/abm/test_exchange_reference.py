"""The engine equals the slow reference, bar by bar and close by close, under rules of an exchange and its brokers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from slow_accounts import SlowRuledFutures
from slow_exchange import SlowRuledMarket
from test_futures_reference import assert_equal_futures, assert_same_plans
from test_slow_reference import assert_equal, assert_same, dated_news

from abm import Market
from abm.randomness import DayNoise

LIMITS = {"price_limit": 0.03, "wide_limit": 0.05, "wide_share": 0.4}
RISE = [{"date": "2007-08-02", "days": 3, "move": 0.04}, {"date": "2007-08-08", "move": -0.06}]
THIN = {"swap_share": 0.2, "cash_reserve": 0.01, "deposit": 0.12, "deposit_floor": 0.9}
# What is changed in a small market, and what must be seen to happen there.
HEDGED: dict[str, tuple[dict[str, Any], set[str]]] = {
    "limits of stocks and futures, money diverted, demand from outside": (
        {
            "market": LIMITS,
            "futures": {"price_limit": 0.04, "diverted": 0.5},
            "futures_demand": [{"date": "2007-08-02", "days": 2, "amount": 1.5}],
            "news": RISE,
        },
        {"locked up", "locked down", "futures locked", "diverted", "calls"},
    ),
    "a fall on a hedged liquidator, with halts of stocks and of futures": (
        {
            "market": LIMITS,
            "news": [{"date": "2007-08-02", "days": 3, "move": -0.05}],
            "halt": [
                {"date": "2007-08-03", "starts": 0.25, "days": 0.5, "share": 0.4},
                {"date": "2007-08-06", "days": 0.5, "share": 1.0, "futures_trade": False},
            ],
            "futures": {"price_limit": 0.1},
        },
        {"locked down", "halted", "missed"},
    ),
    "brokers who close futures while stocks are locked, and stocks sold": (
        {
            "market": LIMITS,
            "futures_funds": {**THIN, "broker_closes": "futures", "top_up_days": 0.5, "transfer_days": 1.0},
            "news": RISE,
            "funds": {"severity": [0.0, 0.0]},
        },
        {"locked up", "calls", "unmet", "naked", "on its way"},
    ),
    "the same without limits, hedged again, margins by the table": (
        {
            "clock": {"start": "2015-08-20", "days": 14, "bars": 4, "event": "2015-08-27"},
            "futures_funds": {**THIN, "broker_closes": "futures", "transfer_days": 2.0, "after_close": "rehedge"},
            "futures": {"contract": "IF"},
            "funds": {"cut": 0.9},
        },
        {"calls", "unmet", "late", "naked"},
    ),
    "stocks kept without a hedge, lines and investors": (
        {
            "futures_funds": {**THIN, "broker_closes": "futures", "top_up_days": 0.25, "after_close": "keep"},
            "lines": {"warning": 0.97, "stop": 0.9, "warning_days": 2.9, "stop_days": 1.9},
            "redemptions": {"sensitivity": 2.0, "threshold": 0.01, "horizon": 3, "notice": 2},
            "news": [*RISE, {"date": "2007-08-01", "move": 0.05}],
        },
        {"calls", "unmet", "naked"},
    ),
    "both legs closed, cash a day later": (
        {
            "market": LIMITS,
            "futures_funds": {**THIN, "top_up_days": 0.5, "transfer_days": 1.0},
            "halt": [{"date": "2007-08-03", "days": 1.0, "share": 0.5}],
            "news": RISE,
        },
        {"halted", "calls", "unmet", "on its way"},
    ),
}
NEUTRAL: dict[str, tuple[dict[str, Any], set[str]]] = {
    "long-short funds, opportunists and index holders between limits": (
        {
            "market": {"price_limit": 0.02},
            "halt": [{"date": "2007-08-06", "starts": 0.5, "days": 1.0, "share": 0.3}],
            "index_sector": {"holding": 2.0, "stop": 0.01},
            "opportunists": {"capital": 0.3, "cheap": 0.0, "depth": 0.03, "lag": 0.1},
        },
        {"locked up", "locked down", "halted"},
    ),
}


@pytest.mark.parametrize("name", [*HEDGED, *NEUTRAL])
def test_engine_under_rules_equals_the_slow_reference_to_1e_12_in_every_bar(small, hedged, name):
    changes, happens = {**HEDGED, **NEUTRAL}[name]
    market = Market((hedged if name in HEDGED else small)(**changes), seed=3)
    settings, slow = market.settings, SlowRuledMarket.of(market)
    noise = DayNoise.empty(settings.clock.bars, settings.market.factors, settings.market.stocks)
    rng = np.random.default_rng(0)
    seen: set[str] = set()
    for day in range(settings.clock.days):
        noise.draw(3, 0, day, futures=True)
        order_from_outside(market, slow, rng)
        before = slow.index()
        for bar in range(settings.clock.bars):
            market.trade_path(0, noise, bar, bar + 1)
            slow.trade_bar(noise, bar, *dated_news(market, day))
            assert_equal(market, slow)
            assert_equal_rules(market, slow)
            seen |= happened_by_rule(slow)
        market.close()
        slow.outside = []
        if market.day < settings.clock.days and slow.futures is not None:
            plans = market.state.futures_funds.hedge_plan[0].tolist()
            slow.futures.close(slow, day, slow.index() / before - 1, plans)
            assert_same_plans(market, slow.futures)
        slow.set_limits()
    assert seen >= happens


def order_from_outside(market: Market, slow: SlowRuledMarket, rng: np.random.Generator) -> None:
    """A little of some stocks, and of the futures where there are any."""
    shares = 0.01 * market.state.stocks.adv[0] * rng.standard_normal(market.settings.market.stocks)
    market.submit(shares)
    slow.outside = shares.tolist()
    if slow.futures is not None:
        slow.futures.outside_order = 0.02 * rng.standard_normal()
        market.submit_futures(np.array(slow.futures.outside_order))


def happened_by_rule(slow: SlowRuledMarket) -> set[str]:
    """What the rules have just done."""
    halted = [one.halted for one in slow.listings]
    pairs = zip(slow.listings, halted, strict=True)
    seen = {"locked up" for one, still in pairs if not one.bought and not still}
    seen |= {"locked down" for one, still in zip(slow.listings, halted, strict=True) if not one.sold and not still}
    seen |= {"halted"} if any(halted) else set()
    seen |= {"missed"} if slow.missed > 0 else set()
    futures = slow.futures
    if isinstance(futures, SlowRuledFutures):
        seen |= {"futures locked"} if not (futures.may_buy and futures.may_sell) else set()
        seen |= {"diverted"} if futures.diverted > 0 else set()
        for fund, account in zip(futures.funds, futures.accounts.values(), strict=True):
            seen |= {"calls"} if fund.calls else set()
            for name in ("unmet", "late", "locked", "naked"):
                seen |= {name} if getattr(account, name) > 0 else set()
            seen |= {"on its way"} if account.coming else set()
    return seen


def assert_equal_rules(market: Market, slow: SlowRuledMarket) -> None:
    """What the exchange and brokers have to say, and futures where there are any."""
    exchange, futures = market.exchange, slow.futures
    pairs: dict[str, tuple[Any, Any]] = {}
    if exchange is not None:
        pairs["waits"] = (exchange.waits[0], [one.waits for one in slow.listings])
        pairs["liquidator missed"] = (market.state.liquidator.missed[0], slow.missed)
        if exchange.limited:
            pairs["unfilled"] = (exchange.unfilled[0], slow.unfilled)
    if isinstance(futures, SlowRuledFutures):
        assert_equal_futures(market, futures)
        accounts, ours = market.futures_crowd.accounts, futures.accounts.values()
        if exchange is not None:
            pairs["buyers"] = (exchange.buyers_units[0], futures.buyers_long)
            pairs["diverted"] = (exchange.diverted[0], futures.diverted)
        if accounts is not None:
            for name in ("transit", "naked", "naked_gain", "forced_futures", "unmet"):
                pairs[name] = (getattr(accounts, name)[0], [getattr(one, name) for one in ours])
            pairs["late"] = (accounts.unmet_late[0], [one.late for one in ours])
            pairs["locked"] = (accounts.unmet_locked[0], [one.locked for one in ours])
    assert_same(pairs)
