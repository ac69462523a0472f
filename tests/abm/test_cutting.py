"""The funds' own risk rule, and coming back: what is sold, what lapses, and how much may be bought again."""

from __future__ import annotations

import math

import numpy as np
import pytest
from cutting_worlds import Alone, alone, at
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as draw
from worlds import silence

from abm import Flow, FundState, Market, Settings

DAYS = 0.465  # funds.cut_days by default


@pytest.fixture
def fund(small) -> Alone:
    """A fund that holds its starting book of 3, bears a drawdown of 5 % and sells some 4 % of it for each 1 % more."""
    return alone(small, equity=1.5, book=3.0)


# -- the own rule ------------------------------------------------------------------------------------------------------


def test_nothing_is_sold_up_to_the_drawdown_that_is_borne(fund):
    fund.own(1.5 * 0.9501)
    fund.check()
    assert at(fund.funds.cut.target) == 3.0
    assert fund.order() == 0


def test_what_the_rule_lets_a_fund_hold_decays_with_the_drawdown_beyond(fund):
    fund.own(1.5 * 0.85)
    fund.check(bar=9)
    mark = at(fund.funds.cut.mark)
    beyond = 1 - 1.5 * 0.85 / mark - 0.05
    assert at(fund.funds.cut.target) == pytest.approx(3.0 * math.exp(-4.0 * beyond), rel=1e-12)
    assert at(fund.funds.cut.cut_in) == 9
    assert fund.order() == pytest.approx((3.0 - at(fund.funds.cut.target)) * math.expm1(-fund.dt / DAYS), rel=1e-12)
    assert at(fund.funds.cut.state) == FundState.DELEVERAGING


def test_what_is_not_sold_yet_lapses_when_drawdown_shrinks(fund):
    fund.own(1.5 * 0.85)
    fund.check()
    fund.hold(2.8)
    fund.own(1.5)
    fund.check()
    assert at(fund.funds.cut.target) == 2.8
    assert fund.order() == 0


def test_the_rule_alone_never_sells_the_whole_book(fund):
    fund.own(1e-6)
    fund.check()
    assert 3.0 * math.exp(-4.0) < at(fund.funds.cut.target) < 3.0 * math.exp(-3.7)


def test_within_the_day_funds_look_at_set_hours_and_only_those_who_watch(small):
    """With two looks a day in a day of four bars nobody looks after the first and the third."""
    found = {}
    for looks in (2, 4, 13):
        market = Market(small(funds={"looks": looks, "intraday_share": 0.5}))
        funds = market.state.funds
        funds.equity[0] *= 0.5
        looked = []
        for bar in range(4):
            before = funds.cut.cut_in[0].copy()
            market.trade_path(0, silence(market.settings), bar, bar + 1)
            looked.append(int((funds.cut.cut_in[0] != before).sum()))
        found[looks] = looked
    assert found == {2: [0, 6, 0, 12], 4: [6, 6, 6, 12], 13: [6, 6, 6, 12]}


def test_a_severity_of_0_is_no_rule(small):
    fund = alone(small, equity=1.5, book=3.0, severity=0.0)
    fund.own(0.8)
    fund.check()
    assert at(fund.funds.cut.target) == 3.0


def test_a_high_water_mark_fades_and_is_never_below_equity(fund):
    fund.own(1.4)
    faded = [1.5]
    for bar in range(12):
        fund.check(bar, at_close=False)
        faded.append(at(fund.funds.cut.mark))
    days = fund.market.settings.funds.mark_days
    expected = 1.4 + 0.1 * np.exp(-np.arange(13) * fund.dt / days)
    np.testing.assert_allclose(faded, expected, rtol=1e-12)
    fund.own(1.6)
    fund.check()
    assert at(fund.funds.cut.mark) == 1.6


def test_an_old_loss_is_forgotten(fund):
    """With a mark that fades the drawdown of a fund that lost long ago is nothing."""
    fund.own(1.5 * 0.9)
    for bar in range(400):
        fund.check(bar)
    assert at(fund.funds.cut.mark) == pytest.approx(1.5 * 0.9)
    fund.check(400)
    assert at(fund.funds.cut.target) == at(fund.funds.book)


# -- coming back -------------------------------------------------------------------------------------------------------


@pytest.fixture
def cut(small) -> Alone:
    """A fund that was cut from 3 to 1 in bar 0, waits for half a day, and has equity for 2 x 1.2."""
    fund = alone(small, equity=1.2, book=1.0)
    fund.funds.cut.target[0, 3], fund.funds.cut.cut_in[0, 3] = 1.0, 0
    fund.cheap(0.05)
    return fund


def test_a_fund_waits_until_its_days_are_over(cut):
    wait = round(at(cut.funds.limits.wait) / cut.dt)
    assert wait == 2
    assert cut.order(bar=wait - 1) == 0
    assert at(cut.funds.cut.state) == FundState.WAITING
    assert cut.order(bar=wait) > 0
    assert at(cut.funds.cut.state) == FundState.REENTERING


@pytest.mark.parametrize(("cheap", "speed"), [(0.0, 0.0), (-0.01, 0.0), (0.015, 0.5), (0.03, 1.0), (0.3, 1.0)])
def test_it_buys_as_fast_as_the_crowded_book_is_cheap_and_the_whole_takes_days(cut, cheap, speed):
    cut.cheap(cheap)
    assert cut.order(bar=9) == pytest.approx(3.0 * cut.dt / cut.market.settings.funds.reentry_days * speed)


def test_it_never_holds_more_than_at_the_start_nor_than_its_equity_carries(cut):
    for bar in range(2, 400):
        cut.hold(at(cut.funds.book) + cut.order(bar))
    assert at(cut.funds.book) == pytest.approx(2 * 1.2)  # leverage 2
    cut.own(30.0)
    for bar in range(400, 800):
        cut.hold(at(cut.funds.book) + cut.order(bar))
    assert at(cut.funds.book) == pytest.approx(3.0)
    assert at(cut.funds.book) <= 3.0


def test_once_in_business_again_drawdown_counts_from_there(cut):
    cut.order(bar=9)
    assert at(cut.funds.cut.mark) == 1.2
    assert at(cut.funds.cut.target) == 3.0
    assert at(cut.funds.cut.base) == 1.0 + at(cut.funds.order)


REASONS = {
    "it was never cut": lambda funds: funds.cut.cut_in.fill(-(10**9)),
    "it does not come back": lambda funds: funds.limits.willing.fill(0),
    "its account is closed": lambda funds: funds.cut.closed.fill(1),
    "a call is unmet": lambda funds: funds.cut.called.fill(1),
    "it holds what it did": lambda funds: funds.cut.start.fill(1.0),
}


@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS.keys())
def test_nobody_buys_who(cut, reason):
    reason(cut.funds)
    assert cut.order(bar=9) <= 0


# -- whole runs --------------------------------------------------------------------------------------------------------


def test_in_a_still_market_the_own_rule_sells_its_closed_form(still):
    """Values fall once, trades move nothing: the end of the sale is a closed form in the drawdown."""
    fall = {"date": "2007-07-27", "move": -0.25, "to": "small_caps"}
    crowd = {
        "capital": 1.0,
        "crowding": 1.0,
        "leverage_spread": 0,
        "severity": [3.0, 3.0],
        "tolerance": [0.01, 0.01],
        "headroom": [10, 10],
        "mark_days": 1e6,
        "cut_days": 1e-3,
        "reentry_share": 0,
        "intraday_share": 0,
    }
    market = Market(
        still(
            impact={"strength": 0, "permanent": 0},
            market={"fundamentals": False, "index_share": 0.5},
            liquidator={"size": 0},
            funds=crowd,
            news=[fall],
        ),
        seed=4,
    )
    funds = market.state.funds
    sign = np.sign(market.state.baskets.shares[0, 0][market.state.stocks.index_shares[0] == 0].sum())
    assert sign > 0  # the crowd is long what falls
    start = funds.book.copy()
    market.run(1)
    loss = -market.record["crowded_book"][0, 1] * 2.3  # a fall in one bar after the other, and all of it in a day
    beyond = loss - 2.3 * 0.01
    assert beyond > 0.01
    np.testing.assert_allclose(funds.book, start * np.exp(-3.0 * beyond), rtol=1e-6)  # a mark of 1e6 days hardly fades


def test_nobody_is_forced_in_a_calm_market():
    """With neither a liquidator nor dated news, in a market of as many stocks as funds' books are made of."""
    clock = {"start": "2007-07-26", "days": 30, "bars": 8, "event": "2007-08-02"}
    market = Market(Settings(clock=clock, liquidator={"size": 0}), seed=1, paths=8)
    assert market.run(1).event_frame().empty


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=draw.integers(0, 1000),
    leverage=draw.floats(1, 6),
    size=draw.floats(0, 1.5),
    severity=draw.floats(0, 8),
    reentry_days=draw.floats(0.3, 6),
    bars=draw.sampled_from([1, 3, 4, 7]),
)
def test_no_book_ever_exceeds_that_at_the_start_and_buying_stops_at_what_equity_carries(
    small, seed, leverage, size, severity, reentry_days, bars
):
    crowd = {"leverage": leverage, "severity": [severity, severity], "reentry_days": reentry_days}
    market = Market(small(funds=crowd, liquidator={"size": size}, clock={"bars": bars}), seed=seed)
    funds, most = market.state.funds, market.state.funds.book * (1 + 1e-12)
    while market.day < market.dates.size:
        market.step()
        assert (funds.book <= most).all()
        assert (funds.book > -1e-12).all()
        buying = funds.order > 0
        before = funds.equity  # buying is capped by equity before the bar; what the bar then loses shows as leverage
        assert (funds.book[buying] <= (funds.leverage * before)[buying] * 1.25).all()
        assert (funds.equity >= 0).all()
        assert market.state.tape.flows.sum() == 0  # taken down at the close


def test_coming_back_takes_days(small):
    market = Market(small(clock={"days": 30}), seed=3, paths=3)
    record = market.run(1)
    back = record.flows[:, :, Flow.REENTRY]
    assert back.max() > 0
    whole = record.book[:, None] if record.book.ndim else record.book
    assert (back <= whole / market.settings.funds.reentry_days + 1e-12).all()
