"""Those on credit equal the slow reference, bar by bar and decision by decision."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from credit_worlds import credit_world
from slow_credit import SlowCredit
from test_slow_reference import assert_equal, assert_same, dated_news, happened

from abm import Market
from abm.randomness import DayNoise

# What is changed in the small market of spread trades, and what must be seen to happen there.
MARKETS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "rescued": ({}, {"preyed on", "legs called", "rescued", "called"}),
    "sold in two days, nobody comes": (
        {"rescue": {"injection": 0.0}, "large_fund": {"unwind_days": 2.0, "participation": 3.0}},
        {"preyed on", "legs called"},
    ),
    "ruined, closed by its lenders, and rescued": (
        {"news": [{"date": "1998-08-17", "move": -0.08}], "brokers": {"lag_days": 1.5}},
        {"preyed on", "ruined", "sold by its lenders", "rescued", "closed"},
    ),
    "the crowd is rescued, makers give way": (
        {
            "rescue": {"receiver": "funds"},
            "makers": {"capital": 0.05, "floor": 0.4},
            "brokers": {"maintenance": 0.2},
            "news": [{"date": "1998-08-17", "move": -0.08}],
        },
        {"preyed on", "makers tired", "rescued", "closed"},
    ),
    "a neutral book of stocks": (
        {
            "market": {"instruments": "stocks", "stock_volatility": 0.004, "beta_spread": 0.2, "size_spread": 1.0},
            "brokers": {"calm_volatility": 0.001},
            "funds": {"leverage": 4},
        },
        {"preyed on"},
    ),
    "the fund holds": (
        {"large_fund": {"sells": False, "unwinds": None}, "predators": {"days": 0.1}},
        {"preyed on", "legs called"},
    ),
}


@pytest.mark.parametrize("name", MARKETS)
def test_those_on_credit_equal_the_slow_reference_to_1e_12(name):
    changes, happens = MARKETS[name]
    market = Market(credit_world(**changes), seed=3)
    settings, slow = market.settings, SlowCredit.of(market)
    noise = DayNoise.empty(settings.clock.bars, 0, settings.market.stocks)
    seen: set[str] = set()
    for day in range(settings.clock.days):
        noise.draw(3, 0, day)
        for bar in range(settings.clock.bars):
            market.trade_path(0, noise, bar, bar + 1)
            slow.trade_bar(noise, bar, *dated_news(market, day))
            assert_equal(market, slow)
            assert_same_credit(market, slow)
            seen |= happened(slow) | happened_on_credit(slow)
        market.close()
        slow.close_day()
        assert_same_decisions(market, slow, day)
        seen |= {"legs called"} if slow.large.short_call > 0 else set()
        seen |= {"rescued"} if slow.rescue_day() == slow.day else set()
    assert seen >= happens


def happened_on_credit(slow: SlowCredit) -> set[str]:
    """What has just happened to those on credit."""
    seen = {"preyed on"} if slow.predators.book < 0 else set()
    seen |= {"ruined"} if slow.large.closed else set()
    seen |= {"sold by its lenders"} if slow.large.closed and slow.large.order < 0 else set()
    seen |= {"makers tired"} if slow.capacity < slow.settings.impact.maker_capacity else set()
    return seen


def assert_same_credit(market: Market, slow: SlowCredit) -> None:
    fund, predators = market.state.credit.fund, market.state.credit.predators
    assert_same(
        {
            "the large fund's equity": (fund.equity, [slow.large.equity]),
            "its book": (fund.book, [slow.large.book]),
            "predators": (predators.book, [slow.predators.book]),
        }
    )


def assert_same_decisions(market: Market, slow: SlowCredit, day: int) -> None:
    """What was decided at the close."""
    credit, record = market.state.credit, market.record
    fund, brokers = slow.large, market.settings.brokers
    assert_same(
        {
            "goal": (credit.fund.goal, [fund.goal]),
            "pace": (credit.fund.pace, [fund.pace]),
            "the large fund's equity": (credit.fund.equity, [fund.equity]),
            "predators' goal": (credit.predators.goal, [slow.predators.goal]),
            "limits": (market.state.funds.limit[0], [one.limit for one in slow.funds]),
            "equity": (market.state.funds.equity[0], [one.equity for one in slow.funds]),
            "haircut": (record["large_fund_haircut"][:, day], [brokers.haircut * fund.haircut]),
            "long call": (record["large_fund_long_call"][:, day], [fund.long_call]),
            "short call": (record["large_fund_short_call"][:, day], [fund.short_call]),
            "capacity": (record["makers_capacity"][:, day], [slow.capacity]),
        }
    )
    np.testing.assert_array_equal(credit.collateral >= 0, True)
