"""Margin calls, closed accounts and what funds bear: one fund put where the rule must decide."""

from __future__ import annotations

import math

import numpy as np
import pytest
from cutting_worlds import FUND, Alone, alone, at

from abm import Flow, FundState, Market, Party


@pytest.fixture
def called(small) -> Alone:
    """A fund of leverage limit 2.5, which watches no drawdown of its own."""
    return alone(small, equity=1.0, book=2.5, limit=2.5, severity=0.0)


def test_a_call_comes_above_the_limit_and_not_at_it(called):
    called.check(bar=7)
    assert at(called.funds.calls) == 0
    called.hold(2.6)
    called.check(bar=8)
    assert at(called.funds.calls) == 1
    assert at(called.funds.called) == pytest.approx(2.6 / 2.5 - 1.0)  # the equity that would have avoided it
    assert at(called.funds.cut.called) == 1
    assert at(called.funds.cut.cut_in) == 8


def test_a_called_fund_sells_to_a_share_of_its_limit_as_its_equity_stands(called):
    called.hold(2.6)
    called.check()
    days, dt = called.market.settings.funds.cut_days, called.dt
    assert called.order() == pytest.approx(-(2.6 - 0.95 * 2.5) * (1 - math.exp(-dt / days)))
    called.own(0.8)
    assert called.order() == pytest.approx(-(2.6 - 0.95 * 2.5 * 0.8) * (1 - math.exp(-dt / days)))
    assert at(called.funds.cut.state) == FundState.DELEVERAGING
    called.own(1.5)  # it has gained, and may hold what it has
    assert called.order() == 0


def test_a_call_is_counted_once_until_it_is_met(called):
    called.hold(2.6)
    for bar in range(5):
        called.check(bar)
    assert at(called.funds.calls) == 1
    called.hold(0.95 * 2.5)
    called.check(bar=5)
    assert at(called.funds.cut.called) == 0
    assert at(called.funds.cut.target) == 0.95 * 2.5  # and is not bought back at once
    assert at(called.funds.cut.cut_in) == 5
    called.hold(2.6)
    called.check(bar=6)
    assert at(called.funds.calls) == 2


def test_a_call_is_met_by_equity_too(called):
    called.hold(2.6)
    called.check()
    called.own(2.6 / (0.95 * 2.5))
    called.check()
    assert at(called.funds.cut.called) == 0
    assert at(called.funds.cut.target) == 2.6


def test_the_amount_of_a_day_is_that_of_its_worst_moment(called):
    called.hold(2.6)
    called.own(0.8)
    called.check()
    worst = at(called.funds.called)
    assert worst == pytest.approx(2.6 / 2.5 - 0.8)
    called.own(1.0)
    called.check()
    assert at(called.funds.called) == worst
    called.own(0.5)
    called.check()
    assert at(called.funds.called) == pytest.approx(2.6 / 2.5 - 0.5)


def test_without_forced_sales_calls_are_counted_once_each_and_nobody_sells(small):
    settings = small(funds={"forced_sales": False, "leverage": 4.0, "headroom": [0.1, 0.2], "count": 30})
    market = Market(settings, seed=7)
    record = market.run(1)
    events = record.event_frame()
    calls = events[events["kind"] == "margin_call"]
    assert len(calls) > 0
    assert set(events["kind"]) <= {"margin_call", "default"}
    assert (record.flows[:, :, Flow.FORCED] == 0).all()
    assert (record.flows[:, :, Flow.REENTRY] == 0).all()
    assert record.flows[:, :, Flow.LIQUIDATOR].sum() < 0
    assert calls.groupby("fund").size().max() == 1  # nobody sells, so no call is met
    assert (market.state.funds.book == market.state.funds.cut.start).all()


# -- closed accounts ---------------------------------------------------------------------------------------------------


def test_a_fund_without_equity_is_closed_and_its_lender_books_what_is_missing(small):
    fund = alone(small, equity=-0.1, book=2.6, limit=2.5)
    cash = fund.market.state.ledger.cash[0].copy()
    fund.check()
    assert (at(fund.funds.cut.closed), at(fund.funds.cut.target), at(fund.funds.calls)) == (1, 0, 0)
    assert (at(fund.funds.equity), at(fund.funds.lenders_loss)) == (0, 0.1)
    paid = fund.market.state.ledger.cash[0] - cash
    assert (paid[Party.CROWD], paid[Party.BROKERS]) == (0.1, -0.1)
    assert paid.sum() == 0


def test_one_without_a_book_has_nothing_to_close(small):
    fund = alone(small, equity=0.0, book=0.0, limit=2.5)
    fund.check()
    assert (at(fund.funds.cut.closed), at(fund.funds.calls)) == (0, 0)
    assert fund.order() == 0
    assert at(fund.funds.cut.state) == FundState.NORMAL


def test_what_a_closed_fund_earns_and_loses_is_its_lenders(small):
    fund = alone(small, equity=-0.1, book=2.6, limit=2.5)
    fund.check()
    assert fund.order() < 0
    assert at(fund.funds.cut.state) == FundState.DEFAULTED
    for equity, lost in ((0.03, 0.07), (-0.2, 0.27)):
        fund.own(equity)
        fund.check(at_close=False)
        assert at(fund.funds.equity) == 0
        assert at(fund.funds.lenders_loss) == pytest.approx(lost)


def test_a_default_is_one_event_and_lenders_lose_what_the_ledger_says(small):
    crowd = {"leverage": 9.0, "capital": 1.0, "headroom": [0.1, 2.0], "severity": [0.0, 0.0]}
    market = Market(small(funds=crowd), seed=3)
    events = market.run(1).event_frame()
    funds = market.state.funds
    defaults = events[events["kind"] == "default"]
    assert len(defaults) == funds.cut.closed.sum() > 0
    assert defaults["fund"].is_unique
    assert (funds.equity >= 0).all()
    assert (funds.equity[funds.cut.closed == 1] == 0).all()
    assert (funds.lenders_loss[funds.cut.closed == 0] == 0).all()
    assert funds.lenders_loss.sum() > 0
    assert market.state.ledger.cash[0, Party.BROKERS] == pytest.approx(-funds.lenders_loss.sum(), rel=1e-12)


# -- what funds bear ---------------------------------------------------------------------------------------------------


def test_what_funds_bear_lies_in_its_ranges_and_is_drawn_apart(small):
    given = {
        "headroom": [0.1, 0.3],
        "tolerance": [0.01, 0.03],
        "severity": [2.0, 4.0],
        "reentry_wait": [0.5, 2.5],
    }
    funds = Market(small(funds={"count": 2000, "reentry_share": 0.4, **given}), seed=1).state.funds
    found = {
        "headroom": funds.limit[0] / funds.leverage[0] - 1,
        "tolerance": funds.limits.tolerated[0] / funds.leverage[0],
        "severity": funds.limits.severity[0],
        "reentry_wait": funds.limits.wait[0],
    }
    for name, (low, high) in given.items():
        width = high - low
        assert low <= found[name].min() < low + 0.01 * width
        assert high - 0.01 * width < found[name].max() <= high
        assert found[name].std() == pytest.approx(width / np.sqrt(12), rel=0.05)  # uniform
    willing = funds.limits.willing[0]
    assert willing.mean() == pytest.approx(0.4, abs=0.04)
    correlation = np.corrcoef([*found.values(), willing, funds.leverage[0]])
    assert np.abs(correlation - np.eye(6)).max() < 0.08


def test_volatility_falls_with_size(small):
    stocks = Market(small(market={"stocks": 1000, "volatility_spread": 0.0, "volatility_size_slope": 0.2})).state.stocks
    slope = np.polyfit(np.log(stocks.adv[0]), np.log(stocks.sigma[0]), 1)[0]
    assert slope == pytest.approx(-0.2)


def test_only_one_fund_was_looked_at(called):
    """What these tests rest on: the others are far from any limit."""
    called.check()
    assert np.delete(called.funds.calls[0], FUND).sum() == 0
