"""Closed forms of index futures: funds hedge as the hedging engine does, and the basis is worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from worlds import driftless, silence, trade_silently

from abm import FundState, Market, Party
from abm.index_path import calm_volatility
from abm.inhabitants.futures_funds.check import check_futures_funds
from abm.inhabitants.futures_funds.orders import order_returns
from abm.inhabitants.futures_funds.population import policies_of
from abm.opening import PAST_DAYS
from abm.randomness import DayNoise
from abm.stocks import past_index
from hedging import FuturesContract, HedgeBook, indicator_names, policy_names

# -- a fund's hedge is the hedging engine's ----------------------------------------------------------------------------

POLICIES = (
    *policy_names(),
    *(f"timing:indicator={name}" for name in indicator_names() if name != "contrarian"),  # that one reads options
    "timing:size=spot",
    "partial:gain=betadyn,lock_rule=daily",
    "minimum-variance:window=15,least=5",
)


def test_without_impact_a_fund_earns_what_the_hedging_engine_earns_on_the_markets_prices_whatever_the_policy(hedged):
    settings = hedged(
        clock={"days": 30},
        impact={"strength": 0},
        funds={
            "policy": dict.fromkeys(POLICIES, 1 / len(POLICIES)),
            "count": 3 * len(POLICIES),
            "forced_sales": False,
        },
        futures={"impact": 0, "arbitrage": 0, "half_spread": 0, "noise": 0.004},
        futures_funds={"restoring": 0},
        liquidator={"size": 0},
    )
    market = Market(settings, seed=7)
    state, funds, bars = market.state, market.state.futures_funds, settings.clock.bars
    past = past_index(7, 0, 1, PAST_DAYS, calm_volatility(settings))
    books = [
        (chosen, open_book(policy, past, state.futures.price, len(chosen), settings.clock.days))
        for policy, chosen in policies_of(settings)
    ]
    assert min(len(chosen) for chosen, _ in books) > 0
    earned = np.zeros(settings.funds.count)
    noise = DayNoise.empty(bars, settings.market.factors, settings.market.stocks)
    for day in range(settings.clock.days):
        noise.draw(7, 0, day, futures=True)
        fill = 0.0
        for bar in range(bars):
            market.trade_path(0, noise, bar, bar + 1)
            fill += (state.futures.price[0] - state.futures.late[0]) / bars
        earned += funds.futures_gain[0] / funds.book[0]
        for chosen, book in books:
            ones = np.ones(len(chosen))
            spot = (funds.value / funds.book)[0, chosen]
            book.close(state.tape.index_value[0] * ones, spot, futures=state.futures.price[0] * ones, fill=fill * ones)
            np.testing.assert_allclose(earned[chosen], book.result().futures_pnl[:, -1], rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose((funds.contracts / funds.book)[0, chosen], book.contracts, atol=1e-12)
        market.close()
    assert all(np.ptp(book.result().contracts) > 1e-3 for _, book in books if book.policy.name not in {"full", "none"})


def open_book(policy, past: np.ndarray, futures: np.ndarray, paths: int, days: int) -> HedgeBook:
    """A book that is hedged from the eve on, as a fund is: that of the engine would trade on the first day."""
    book = HedgeBook(
        policy,
        contract=FuturesContract("any", 1.0, 0.1, "USD"),
        start_value=1.0,
        days=days,
        start_price=np.ones(paths),
        start_futures=np.repeat(futures, paths),
        execution="over_day",
        history=np.repeat(past, paths, axis=0),
    )
    book.contracts = book.wanted
    return book


# -- basis -------------------------------------------------------------------------------------------------------------


def unwinding(still_hedged, decay: float, bars: int = 4, arbitrage: float = 0.0, **sections) -> Market:
    """A hedged fund that buys its futures back in a market in which nobody else trades them."""
    futures = {"impact": 0.02, "decay": decay, "arbitrage": arbitrage}
    quiet = {"funds": {"capital": 0}, "impact": {"strength": 0, "permanent": 0}, "clock": {"bars": bars}}
    seller = {"size": 0.7, "starts": 0, "days": 3}
    return driftless(still_hedged(**{**quiet, **sections}, futures=futures, liquidator=seller))


@pytest.mark.parametrize("bars", [1, 4])
def test_an_unwind_under_a_permanent_basis_costs_half_lambda_u_squared_over_the_volume(still_hedged, bars):
    market = unwinding(still_hedged, decay=0, bars=bars)
    trade_silently(market)
    futures, size = market.settings.futures, market.settings.liquidator.size
    cost = size - market.state.ledger.cash[0, Party.LIQUIDATOR]  # its stocks brought what they were worth
    assert cost == pytest.approx(futures.impact * size**2 / (2 * futures.volume), rel=1e-12)
    assert market.record["basis"][0, -1] == pytest.approx(futures.impact * size / futures.volume, rel=1e-12)


@pytest.mark.parametrize("decay", [0.3, 2.0])
def test_a_basis_that_decays_stands_at_its_closed_form_when_the_unwind_ends(still_hedged, decay):
    market = unwinding(still_hedged, decay)
    futures, days = market.settings.futures, 3
    trade_silently(market, market.settings.clock.event_day + days)
    rate = futures.impact * market.settings.liquidator.size / (futures.volume * days)
    expected = -rate * math.expm1(-decay * days) / decay
    assert market.record["basis"][0, market.day - 1] == pytest.approx(expected, rel=1e-12)


def test_without_futures_orders_futures_are_the_index(hedged):
    quiet = {"noise": 0, "start_basis": 0}
    market = Market(
        hedged(funds={"policy": "full", "forced_sales": False}, futures=quiet, liquidator={"kind": "long_short"},
               futures_funds={"swap_share": 1.0}),
        seed=1,
        paths=2,
    )  # fmt: skip
    record = market.run(1)
    assert (record["basis"] == 0).all()
    assert (market.state.futures.price != 1).all()


@pytest.mark.parametrize("decay", [0.5, 3.0])
def test_arbitrageurs_end_up_with_the_index_that_hedgers_sold(still_hedged, decay):
    market = unwinding(
        still_hedged,
        decay,
        arbitrage=1.0,
        clock={"days": 24},
        impact={"strength": 0, "permanent": 1e-3},
        futures_funds={"tilt": 0},
    )
    futures, stocks = market.state.futures, market.state.stocks
    size, noise = market.settings.liquidator.size, silence(market.settings)
    worst = 0.0
    for _ in range(market.dates.size):
        for bar in range(4):
            market.trade_path(0, noise, bar, bar + 1)
            bought_back = size - market.state.liquidator.futures_units[0]
            # What makers sold they still stand behind, or have just passed on; stocks miss what nobody bought yet.
            waiting = futures.sold_by_makers[0] * futures.volume + futures.passed_on[0]
            assert futures.arbitrage_units[0] + waiting == pytest.approx(bought_back, abs=1e-13)
            missing = bought_back - futures.arbitrage_units[0]
            expected = -1e-3 * (stocks.volatility / stocks.adv * stocks.index_shares)[0] * missing
            np.testing.assert_allclose(stocks.displacement[0], expected, atol=1e-15)
            worst = max(worst, missing)
        market.close()
    days_after = market.dates.size - market.settings.clock.event_day - 3
    assert missing == pytest.approx(futures.volume * futures.sold_by_makers[0] + futures.passed_on[0])
    assert missing < 1.1 * worst * math.exp(-decay * days_after)


# -- forced cuts -------------------------------------------------------------------------------------------------------


def test_a_shortfall_of_one_sells_one_over_the_margin_of_a_swap_and_less_than_one_of_stocks_paid_for(still_hedged):
    market = driftless(
        still_hedged(
            impact={"strength": 0, "permanent": 0},
            funds={"cut": 1.0, "policy": "full", "reentry_share": 0, "severity": [0.0, 0.0], "cut_days": 1e-3},
            futures={"impact": 0},
            futures_funds={"restoring": 0, "financing": 0},
            liquidator={"size": 0},
        )
    )
    funds = market.state.futures_funds
    required = funds.deposit[0].copy()
    missing = np.linspace(0.45, 0.7, len(required)) * required
    funds.deposit[0] -= missing
    funds.reserve[0] = 0
    cash = market.state.ledger.cash
    check_futures_funds(funds, None, cash, 0, 1.0, 0, True, False, 0.25)
    funds_called = funds.watched[0] == 1
    check_futures_funds(funds, None, cash, 0, 1.0, 0, True, True, 0.25)
    sold = (1 - funds.call_target[0]) * funds.book[0]
    swap, margin = funds.swap[0] == 1, funds.initial[0]
    np.testing.assert_allclose(sold, missing / np.where(swap, margin, 1 + margin), rtol=1e-12)
    np.testing.assert_allclose(funds.called[0], missing, rtol=1e-12)
    np.testing.assert_array_equal(funds.calls[0], np.where(funds_called, 2, 1))
    assert 0 < swap.sum() < len(swap)
    trade_silently(market, 2)  # and that is enough
    np.testing.assert_allclose(funds.held[0] * funds.book[0], funds.book[0] - sold, rtol=1e-12)
    np.testing.assert_allclose(funds.deposit[0], required * funds.held[0], rtol=1e-12)
    assert (funds.cut.state == FundState.WAITING).all()
    assert (funds.calls == 0).all()


def test_what_rounding_leaves_of_a_hedge_calls_nobody(still_hedged):
    market = driftless(still_hedged(futures_funds={"swap_share": 0}, liquidator={"size": 0}))
    funds = market.state.futures_funds
    funds.contracts[:] = 1e-16
    funds.deposit[:] = funds.reserve[:] = 0
    check_futures_funds(funds, None, market.state.ledger.cash, 0, 1.0, 0, True, False, 0.25)
    assert (funds.calls == 0).all()
    assert (funds.cut.state == FundState.NORMAL).all()


@pytest.mark.parametrize("cash", [-1.0, 1.0])
def test_drawdown_counts_from_more_only_after_a_purchase(hedged, cash):
    market = Market(hedged(), seed=1)
    funds = market.futures_crowd.state
    start = {"base": 0.5, "target": 0.7, "cut_in": 0}
    for name, value in start.items():
        getattr(funds.cut, name)[:] = value
    funds.held[:], funds.compelled[:], funds.limits.willing[:], funds.reserve[:] = 0.6, 0.0, 1, cash
    order_returns(funds, None, 0, 0, market.futures_crowd.count, 10_000, 0.1, 0.1)
    bought = funds.compelled[0]
    assert (bought > 0).all() if cash > 0 else (bought == 0).all()
    np.testing.assert_allclose(funds.cut.base[0], np.where(bought > 0, 0.6 + bought, 0.5), rtol=1e-15)
