"""Opportunists: capital of their own that buys the crowded book late, leaves later, and keeps its accounts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as draw

from abm import Flow, Market, Party
from abm.inhabitants.opportunists import place_opportunist_orders, seen_before

EAGER = {"capital": 0.3, "cheap": 0.001, "depth": 0.02, "lag": 0.3, "lag_spread": 0.0, "sell_days": 2.0}


def ordered(market: Market, bar: int, cheap: float) -> float:
    """What they ask for in a bar that begins with the crowded book that cheap."""
    state, dt = market.state, 1 / market.settings.clock.bars
    state.tape.cheapness[0] = cheap
    place_opportunist_orders(state.opportunists, None, state.baskets, state.tape, 0, bar, dt)
    return float(state.opportunists.order[0])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    capital=draw.floats(0.01, 2),
    cheap=draw.floats(0, 0.01),
    depth=draw.floats(1e-3, 0.05),
    lag=draw.floats(0, 3),
    lag_spread=draw.floats(0, 1),
    buy_days=draw.floats(0.05, 2),
    size=draw.floats(0, 2),
    seed=draw.integers(0, 1000),
)
def test_they_hold_no_more_than_their_capital_and_their_account_closes(
    small, capital, cheap, depth, lag, lag_spread, buy_days, size, seed
):
    rules = {"capital": capital, "cheap": cheap, "depth": depth, "lag": lag, "lag_spread": lag_spread}
    rules |= {"buy_days": buy_days, "sell_days": 1.0}
    market = Market(small(opportunists=rules, liquidator={"size": size}), seed=seed)
    who, tape = market.state.opportunists, market.state
    start = tape.baskets.value[0, 0]
    while market.day < market.dates.size:
        equity = who.equity[0]
        market.step()
        assert -1e-12 <= who.book[0] <= capital * (1 + 1e-12)
        if who.equity[0] < equity and who.order[0] > 0:
            assert who.book[0] <= max(capital, equity)
        worth = who.book[0] * market.state.baskets.value[0, 0]
        cash = market.state.ledger.cash[0, Party.OPPORTUNISTS]
        assert cash + worth == pytest.approx(who.equity[0] - capital, abs=1e-13)
    assert start == pytest.approx(market.state.baskets.shares[0, 0].sum())
    bought = market.record.flows[0, :, Flow.OPPORTUNISTS].sum()
    assert bought == pytest.approx(who.book[0], abs=1e-13)


def test_they_buy_nothing_before_their_lag_is_over_and_everything_they_want_in_time(small):
    market = Market(small(opportunists={**EAGER, "lag": 1.0}))
    assert [ordered(market, bar, 0.05) for bar in range(4)] == [0, 0, 0, 0]
    order = ordered(market, 4, 0.05)
    assert order == pytest.approx(0.3 * (1 - np.exp(-0.25 / 0.14)))


def test_they_look_back_on_a_straight_line_between_bars(small):
    market = Market(small(opportunists={**EAGER, "lag": 0.375}))  # a bar and a half
    for bar, cheap in enumerate((0.01, 0.02, 0.05)):
        ordered(market, bar, cheap)
    assert seen_before(market.state.opportunists, 0, 3, 1.5) == pytest.approx((0.02 + 0.05) / 2)
    assert seen_before(market.state.opportunists, 0, 1, 1.5) == 0


def test_their_lags_are_spread_about_the_mean_one(small):
    lags = Market(small(opportunists={**EAGER, "lag": 2.0, "lag_spread": 0.5})).state.opportunists.lags / 4
    assert lags.mean() == pytest.approx(2.0)
    assert 1.0 < lags.min() < lags.max() < 3.0
    assert np.ptp(np.diff(lags)) < 1e-12


def test_they_leave_when_the_book_is_cheap_no_longer(small):
    market = Market(small(opportunists=EAGER))
    who = market.state.opportunists
    who.book[0] = 0.3
    assert ordered(market, 4, 0.0) == pytest.approx(-0.3 * (1 - np.exp(-0.25 / 2.0)))
    who.book[0] = 1e-10
    assert ordered(market, 5, -0.01) == -1e-10


def test_with_less_equity_than_capital_they_want_no_more_than_that(small):
    market = Market(small(opportunists={**EAGER, "lag": 0.0, "buy_days": 1e-3}))
    market.state.opportunists.equity[0] = 0.12
    assert ordered(market, 8, 1.0) == pytest.approx(0.12)
    market.state.opportunists.equity[0] = -0.05
    assert ordered(market, 9, 1.0) == 0


def test_without_capital_nobody_is_there(small):
    market = Market(small(opportunists={"capital": 0.0}), seed=3)
    record = market.run(1)
    assert (record.flows[:, :, Flow.OPPORTUNISTS] == 0).all()
    assert (market.state.ledger.cash[:, Party.OPPORTUNISTS] == 0).all()


def test_their_buying_holds_the_crowded_book_up(small):
    seller = {"funds": {"severity": [0.0, 0.0], "headroom": [10, 10]}, "liquidator": {"size": 1.5, "days": 5}}
    lows = []
    for capital in (0.0, 0.5):
        market = Market(small(opportunists={**EAGER, "capital": capital}, **seller), seed=2, paths=6)
        lows.append(market.run(1)["mispricing"].min(axis=1))
    assert (lows[1] > lows[0]).all()
