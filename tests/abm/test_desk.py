"""The hedge desk in the market is the hedging engine's own book."""

from __future__ import annotations

import numpy as np
import pytest

from abm import Market, Party
from abm.index_path import calm_volatility
from abm.opening import PAST_DAYS
from abm.randomness import DayNoise
from abm.stocks import past_index
from hedging import FuturesContract, HedgeBook, make_policy, replay


@pytest.mark.parametrize("starts", [None, "2007-07-31"])
def test_the_desks_accounts_equal_a_replay_on_the_markets_prices(small, starts):
    settings = small(desk={"starts": starts, "tilt": 0.7})
    market = Market(settings, seed=2, paths=3)
    record = market.run(1)
    index = np.cumprod(np.hstack([np.ones((3, 1)), 1 + record["index"]]), axis=1)
    book = np.cumsum(np.hstack([np.zeros((3, 1)), record["crowded_book"]]), axis=1)
    first = 0 if starts is None else 4  # 26 July is day 0, its eve close 0
    index, book = index[:, first:], book[:, first:] - book[:, first : first + 1]
    desk = settings.desk
    expected = replay(
        make_policy("full"),
        index,
        index / index[:, :1] + 0.7 * book,
        start_value=desk.size * settings.market.daily_value,
        contract=FuturesContract("any", 1.0, desk.margin, "USD"),
        reserve=desk.reserve,
        gains_fund_margin=True,
    )
    found = market.desk_result
    for name in found.record_names():
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), rtol=1e-9, atol=1e-3)


def test_the_desk_moves_no_price(small):
    with_desk, without = (Market(small(desk={"size": size}), seed=2) for size in (0.5, 0))
    np.testing.assert_array_equal(with_desk.run(1).nav, without.run(1).nav)
    assert without.desk_result is None


def test_a_desk_that_reduces_holds_less_after_a_call(small):
    desk = {"reserve": 0.101, "when_exhausted": "reduce"}
    market = Market(small(desk=desk), seed=2, paths=20)
    market.run(1)
    found = market.desk_result
    called = found.margin_call_days > 0
    assert called.any()
    assert (found.contracts[called, -1] < found.contracts[called, 0]).all()


# -- a desk that moves the market --------------------------------------------------------------------------------------

MOVING = {"price_taker": False, "size": 0.3, "tilt": 0.7}


def test_a_desk_that_takes_prices_leaves_those_of_a_futures_market_alone(hedged):
    with_desk, without = (Market(hedged(desk={"size": size}), seed=2, paths=2) for size in (0.5, 0))
    np.testing.assert_array_equal(with_desk.run(1).nav, without.run(1).nav)
    np.testing.assert_array_equal(with_desk.state.futures.price, without.state.futures.price)
    np.testing.assert_array_equal(with_desk.state.stocks.price, without.state.stocks.price)


@pytest.mark.parametrize("starts", [None, "2007-07-31"])
def test_a_desk_that_moves_the_market_sells_futures_down_and_its_ledger_closes(hedged, starts):
    moving, taking = (Market(hedged(desk={**MOVING, "starts": starts, "price_taker": p}), seed=2) for p in (0, 1))
    moved, taken = moving.run(1), taking.run(1)
    first = 0 if starts is None else 4
    np.testing.assert_array_equal(moved["basis"][:, :first], taken["basis"][:, :first])
    assert (moved["basis"][:, first] < taken["basis"][:, first] - 0.005).all()
    assert moved.ledger_residual.max() < 1e-13
    assert moving.desk_result.futures_pnl[0, -1] != taking.desk_result.futures_pnl[0, -1]


@pytest.mark.parametrize("starts", [None, "2007-07-31"])
@pytest.mark.parametrize("policy", ["full-rebalanced", "timing"])
def test_without_impact_a_desk_that_moves_the_market_earns_what_the_engine_earns_over_the_day(hedged, policy, starts):
    desk = {**MOVING, "policy": policy, "starts": starts, "reserve": 1.0}
    futures = {"impact": 0, "half_spread": 0, "arbitrage": 0}
    settings = hedged(desk=desk, impact={"strength": 0}, futures=futures)
    market = Market(settings, seed=2)
    state, bars = market.state, settings.clock.bars
    noise = DayNoise.empty(bars, settings.market.factors, settings.market.stocks)
    closes, fills = [(state.tape.index_value[0], 0.0, state.futures.price[0])], [np.nan]
    for day in range(settings.clock.days):
        noise.draw(2, 0, day, futures=True)
        fill = 0.0
        for bar in range(bars):
            market.trade_path(0, noise, bar, bar + 1)
            fill += (state.futures.price[0] - state.futures.late[0]) / bars
        market.close()
        closes.append((state.tape.index_value[0], state.baskets.value[0, 0], state.futures.price[0]))
        fills.append(fill)
    first, past = 0 if starts is None else 4, past_index(2, 0, 1, PAST_DAYS, calm_volatility(settings))
    index, crowded, price = np.array(closes[first:]).T
    book = HedgeBook(
        make_policy(policy),
        contract=FuturesContract("any", 1.0, settings.desk.margin, "USD"),
        start_value=settings.desk.size,
        days=len(index) - 1,
        start_price=index[:1],
        start_futures=price[:1],
        reserve=1.0,
        gains_fund_margin=True,
        execution="over_day",
        history=np.concatenate([past, [[close[0] for close in closes[:first]]]], axis=1),
    )
    for day in range(1, len(index)):
        spot = index[day] / index[0] + 0.7 * (crowded[day] - crowded[0])
        book.close(
            index[day : day + 1], np.array([spot]), futures=price[day : day + 1], fill=np.array([fills[first + day]])
        )
    found, money = market.desk_result, settings.market.daily_value
    for name in found.record_names():
        np.testing.assert_allclose(getattr(found, name) / money, getattr(book.result(), name), rtol=1e-9, atol=1e-12)
    # And what the market's ledger says it earned: the desk trades no stocks while its reserve lasts.
    assert state.ledger.cash[0, Party.OUTSIDE] == pytest.approx(found.futures_pnl[0, -1] / money, rel=1e-9)


def test_a_forced_reduction_is_sold_in_the_market_on_the_day_after(hedged):
    desk = {**MOVING, "reserve": 0.101, "when_exhausted": "reduce"}
    market = Market(hedged(desk=desk, news=[{"date": "2007-07-30", "move": 0.05, "to": "index"}]), seed=2)
    unit = market.state.stocks.index_shares[0] + 0.7 * market.state.baskets.shares[0, 0]
    sold = []
    while market.day < market.dates.size:
        sold.append(-(market.state.outside.order[0] @ unit) / (unit @ unit))  # what comes next is submitted already
        market.step()
    shares = market.desk_result.stock_value[0] / market.desk_result.start_value
    index, crowded = np.cumprod(1 + market.record["index"][0]), np.cumsum(market.record["crowded_book"][0])
    kept = np.concatenate([[1.0], shares[1:] / (index + 0.7 * crowded)])
    cut = -np.diff(kept)  # at the close of each day
    assert (cut[:3] > 0).any()
    np.testing.assert_allclose(sold[1:], 0.3 * cut[:-1], atol=1e-12)
    assert sold[0] == 0


def test_what_a_sale_costs_without_impact_or_news_is_half_the_spread(still_hedged):
    desk = {**MOVING, "reserve": 0.101, "when_exhausted": "reduce"}
    settings = still_hedged(
        desk=desk,
        market={"fundamentals": False},
        impact={"strength": 0, "permanent": 0, "half_spread": 0.001},
        futures={"impact": 0, "arbitrage": 0},
        news=[{"date": "2007-07-30", "move": 0.05, "to": "index"}],
    )
    market = Market(settings, seed=2, paths=2)
    market.run(1)
    result = market.desk_result
    cut = 1 - result.held[:, -1]
    assert (cut > 0).all()
    stocks = market.state.stocks.index_shares + 0.7 * market.state.baskets.shares[:, 0]
    sold = cut * settings.desk.size * np.abs(stocks).sum(axis=1)
    np.testing.assert_allclose(market.inhabitants["desk"].lost, 0.001 * sold, rtol=1e-9)


def test_a_desk_beside_given_books_that_are_net_long_starts_at_what_it_holds(small, tmp_path):
    np.savetxt(tmp_path / "long.csv", np.random.default_rng(6).random((12, 24)), delimiter=",")
    market = Market(small(funds={"holdings": str(tmp_path / "long.csv")}), seed=1, paths=2)
    market.step()
    found = market.desk_result
    assert np.abs(found.spot_pnl[:, 1] / found.start_value).max() < 0.2
