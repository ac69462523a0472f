"""Those on credit equal the slow reference, bar by bar and decision by decision."""

from __future__ import annotations

import numpy as np
import pytest
from credit_worlds import credit_world
from slow_credit import SlowCredit
from test_slow_reference import assert_equal

from abm import Market, Party
from abm.randomness import DayNoise

MARKETS = {
    "rescued": {},
    "sold in two days, nobody comes": {
        "rescue": {"injection": 0.0},
        "large_fund": {"unwind_days": 2.0, "participation": 3.0},
    },
    "the crowd is rescued, makers give way": {
        "rescue": {"receiver": "funds"},
        "makers": {"capital": 0.05, "floor": 0.4},
        "brokers": {"maintenance": 0.2},
    },
    "a neutral book of stocks": {
        "market": {"instruments": "stocks", "stock_volatility": 0.004, "beta_spread": 0.2, "size_spread": 1.0},
        "brokers": {"calm_volatility": 0.001},
        "impact": {"recovery": 0.1},
        "funds": {"leverage": 4},  # at 18 the crowd would lose three times its equity, and the market stops there
    },
    "the fund holds": {"large_fund": {"sells": False, "unwinds": None}, "predators": {"days": 0.1}},
}


@pytest.mark.parametrize("changes", MARKETS.values(), ids=MARKETS.keys())
def test_those_on_credit_equal_the_slow_reference_to_1e_12(changes):
    settings = credit_world(**changes)
    market = Market(settings, seed=3)
    slow = SlowCredit.of(market)
    noise = DayNoise.empty(settings.clock.bars, 0, settings.market.stocks)
    called = preyed = 0.0
    for day in range(settings.clock.days):
        noise.draw(3, 0, day)
        drift = settings.news[0].move if 5 <= day < 9 else 0.0
        for bar in range(settings.clock.bars):
            market.trade_path(0, noise, bar, bar + 1)
            slow.trade_bar(noise, bar, drift)
            assert_equal(market, slow)
            assert_same_credit(market, slow)
        market.close()
        slow.close_day()
        assert_same_decisions(market, slow, day)
        called, preyed = called + slow.short_call, min(preyed, slow.prey_book)
    assert called > 0
    assert preyed < 0


def assert_same_credit(market: Market, slow: SlowCredit) -> None:
    fund, predators = market.state.credit.fund, market.state.credit.predators
    cash = market.state.ledger.cash[0]
    posted = market.state.credit.collateral[0, 1]
    pairs = [
        (fund.equity[0], slow.equity),
        (fund.book[0], slow.book),
        (predators.book[0], slow.prey_book),
        (cash[Party.LARGE_FUND] + posted, slow.cash["large_fund"]),
        (cash[Party.PREDATORS], slow.cash["predators"]),
    ]
    for fast, reference in pairs:
        np.testing.assert_allclose(fast, reference, rtol=1e-12, atol=1e-12)


def assert_same_decisions(market: Market, slow: SlowCredit, day: int) -> None:
    fund, more = market.state.credit.fund, market.record
    pairs = [
        (fund.goal[0], slow.goal),
        (fund.pace[0], slow.pace),
        (market.state.credit.predators.goal[0], slow.prey_goal),
        (market.state.funds.limit[0], [one.limit for one in slow.funds]),
        (more["large_fund_haircut"][0, day], market.settings.brokers.haircut * slow.haircut),
        (more["large_fund_long_call"][0, day], slow.long_call),
        (more["large_fund_short_call"][0, day], slow.short_call),
        (more["makers_capacity"][0, day], slow.capacity),
    ]
    for fast, reference in pairs:
        np.testing.assert_allclose(fast, reference, rtol=1e-11, atol=1e-12)
