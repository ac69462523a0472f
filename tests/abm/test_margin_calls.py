"""Margin calls, defaults and coming back: one fund put where the rule must decide."""

from __future__ import annotations

import numpy as np
import pytest
from slow_reference import SlowMarket
from test_slow_reference import assert_equal

from abm import FundState, Market
from abm.inhabitants.long_short.bar import call_margin
from abm.randomness import DayNoise

FUND = 3


def one_fund(small, equity: float, book: float, **sections):
    """A market, and the arrays of its funds, one of which holds that equity and book at target 2 and limit 2.5."""
    market = Market(small(**sections))
    funds = market.state.funds
    funds.leverage[0, FUND], funds.limit[0, FUND], funds.cut_base[0, FUND] = 2.0, 2.5, 2.0
    funds.equity[0, FUND], funds.book[0, FUND] = equity, book
    return market, funds


def at(array) -> float:
    return array[0, FUND]


def test_a_call_comes_above_the_limit_and_not_at_it(small):
    market, funds = one_fund(small, equity=1.0, book=2.5)
    call_margin(market.state.funds, 0, FUND, 7)
    assert at(funds.calls) == 0
    funds.book[0, FUND] = 2.6
    call_margin(market.state.funds, 0, FUND, 7)
    assert at(funds.calls) == 1
    assert at(funds.state) == FundState.DELEVERAGING
    assert at(funds.target) == pytest.approx(0.6 * 2.0)  # cut x target leverage x equity
    assert at(funds.rate) == pytest.approx((2.6 - 1.2) / 0.85)
    assert at(funds.called) == pytest.approx(2.6 / 2.5 - 1.0)  # the equity that would have avoided it


def test_a_second_call_takes_the_lower_target_and_the_faster_rate(small):
    market, funds = one_fund(small, equity=1.0, book=2.6)
    call_margin(market.state.funds, 0, FUND, 7)
    rate = at(funds.rate)
    funds.equity[0, FUND] = 0.8
    funds.book[0, FUND] = 2.5
    call_margin(market.state.funds, 0, FUND, 8)
    assert at(funds.target) == pytest.approx(0.6 * 2.0 * 0.8)
    assert at(funds.rate) == pytest.approx(max(rate, (2.5 - 0.96) / 0.85))
    assert at(funds.calls) == 2


def test_a_fund_that_sells_already_is_not_called_to_a_higher_target(small):
    market, funds = one_fund(small, equity=1.0, book=2.6)
    call_margin(market.state.funds, 0, FUND, 7)
    funds.equity[0, FUND] = 1.1  # it has gained, but is still above its limit
    funds.book[0, FUND] = 2.8
    before = at(funds.target), at(funds.rate), at(funds.calls)
    call_margin(market.state.funds, 0, FUND, 8)
    assert (at(funds.target), at(funds.rate), at(funds.calls)) == before


def test_the_amount_of_a_day_is_that_of_its_worst_call(small):
    market, funds = one_fund(small, equity=0.8, book=2.6)
    call_margin(market.state.funds, 0, FUND, 7)
    worst = at(funds.called)
    funds.equity[0, FUND], funds.book[0, FUND] = 0.5, 1.3
    call_margin(market.state.funds, 0, FUND, 8)
    assert at(funds.calls) == 2
    assert at(funds.called) == worst


def test_a_fund_without_equity_defaults_and_one_without_a_book_does_not(small):
    market, funds = one_fund(small, equity=-0.1, book=2.6)
    call_margin(market.state.funds, 0, FUND, 7)
    assert (at(funds.defaulted), at(funds.target), at(funds.calls)) == (1, 0, 0)
    market, funds = one_fund(small, equity=0.0, book=0.0)
    call_margin(market.state.funds, 0, FUND, 7)
    assert (at(funds.defaulted), at(funds.state)) == (0, FundState.NORMAL)


def test_a_default_is_one_event(small):
    market = Market(small(funds={"leverage": 9.0, "capital": 0.4, "headroom": [0.1, 2.0]}), seed=3)
    events = market.run(1).event_frame()
    defaults = events[events["kind"] == "default"]
    assert len(defaults) == market.state.funds.defaulted.sum() > 0
    assert defaults["fund"].is_unique


@pytest.mark.parametrize("wait", [0.0, 0.75, 2.0])
def test_a_fund_waits_from_the_bar_after_its_call(small, wait):
    settings = small(funds={"reentry_wait": wait, "cut_days": 0.25})
    market = Market(settings, seed=3)
    slow = SlowMarket.of(market)
    noise = DayNoise.empty(settings.clock.bars, settings.market.factors, settings.market.stocks)
    came_back = False
    for day in range(settings.clock.days):
        noise.draw(3, 0, day)
        for bar in range(settings.clock.bars):
            market.trade_path(0, noise, bar, bar + 1)
            slow.trade_bar(noise, bar)
            assert_equal(market, slow)
            came_back |= bool((market.state.funds.state == FundState.REENTERING).any())
        market.close()
    assert came_back


def test_limits_lie_in_the_headroom_and_the_willing_are_drawn_apart_from_them(small):
    funds = Market(small(funds={"count": 2000, "headroom": [0.1, 0.3], "reentry_share": 0.4}), seed=1).state.funds
    headroom = funds.limit[0] / funds.leverage[0] - 1
    assert 0.1 <= headroom.min() < 0.102
    assert 0.298 < headroom.max() <= 0.3
    assert headroom.std() == pytest.approx(0.2 / np.sqrt(12), rel=0.05)  # uniform
    assert funds.reenters.mean() == pytest.approx(0.4, abs=0.04)
    assert abs(np.corrcoef(headroom, funds.reenters[0])[0, 1]) < 0.08


def test_volatility_falls_with_size(small):
    stocks = Market(small(market={"stocks": 1000, "volatility_spread": 0.0, "volatility_size_slope": 0.2})).state.stocks
    slope = np.polyfit(np.log(stocks.adv[0]), np.log(stocks.sigma[0]), 1)[0]
    assert slope == pytest.approx(-0.2)
