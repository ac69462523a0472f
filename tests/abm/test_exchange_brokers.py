"""What brokers do with those who cannot pay where an exchange has rules: their closed forms."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from worlds import driftless, trade_silently

from abm import Market
from hedging import contract, larger_side_margin

CALM = {"impact": {"strength": 0, "permanent": 0}, "liquidator": {"size": 0}}
CASH = {"swap_share": 0.0, "restoring": 0, "financing": 0, "deposit": 0.12, "deposit_floor": 1.0, "cash_reserve": 0.2}
LOCKED = [{"date": "2007-07-26", "days": 14, "share": 1.0}]


# Markets under rules compile days of their own, of every kind: all of it takes a minute or two.
pytestmark = pytest.mark.slow


def called(still_hedged, short: float, **sections: Any) -> Market:
    """A hedged crowd that pays for its stocks, whose deposits are `short` of the margin, without a reserve."""
    rules = {**CASH, **sections.pop("futures_funds", {})}
    funds = {"cut": 1.0, "cut_days": 1e-3, "policy": "full", "intraday_share": 1.0, "severity": [0.0, 0.0]}
    futures = {"impact": 0, "arbitrage": 0}
    market = driftless(still_hedged(**CALM, funds=funds, futures=futures, futures_funds=rules, **sections))
    hedgers = market.state.futures_funds
    hedgers.deposit[:] -= short * hedgers.book
    hedgers.reserve[:] = 0
    return market


def test_a_broker_who_closes_futures_alone_buys_back_nine_times_as_many(still_hedged):
    alone = called(still_hedged, 0.05, futures_funds={"broker_closes": "futures"}, halt=LOCKED)
    both = called(still_hedged, 0.05)
    for market in (alone, both):
        trade_silently(market, 3)
    closed = {
        name: 1 - (market.state.futures_funds.contracts / market.state.futures_funds.book)[0]
        for name, market in (("alone", alone), ("both", both))
    }
    np.testing.assert_allclose(closed["alone"], 0.05 / 0.12, rtol=1e-9)
    np.testing.assert_allclose(closed["both"], 0.05 / 1.12, rtol=1e-9)
    assert (closed["alone"] / closed["both"]).mean() == pytest.approx(9.33, abs=0.01)
    accounts = alone.futures_crowd.accounts
    assert accounts is not None
    np.testing.assert_allclose(accounts.naked[0], 0.05 / 0.12, rtol=1e-9)
    assert alone.record["unmet_locked"][0, :3].sum() == alone.settings.futures_fund_count


@pytest.mark.parametrize(
    ("transfer", "top_up", "forced"), [(1.0, 0.5, True), (1.0, 1.0, False), (0.5, 0.25, True), (0.0, 0.0, False)]
)
def test_a_fund_that_sells_at_once_is_closed_by_force_if_and_only_if_its_cash_comes_after_the_deadline(
    still_hedged, transfer, top_up, forced
):
    rules = {"broker_closes": "futures", "transfer_days": transfer, "top_up_days": top_up, "after_close": "keep"}
    market = called(still_hedged, 0.05, futures_funds=rules)
    trade_silently(market, 4)
    unmet, naked = market.record["unmet_calls"][0, :4], market.record["naked_stocks"][0, :4]
    assert (unmet.sum() > 0) == forced == (transfer > top_up)
    assert (naked.max() > 1e-9) == forced
    assert market.record["unmet_late"][0, :4].sum() == unmet.sum()


def test_stocks_without_a_hedge_gain_what_stocks_gain_and_are_sold_once_they_trade(still_hedged):
    rules = {"broker_closes": "futures"}
    halts = [{"date": "2007-07-26", "days": 2, "share": 1.0}]
    news = [{"date": "2007-07-27", "move": math.log(1.104)}]
    market = called(still_hedged, 0.05, futures_funds=rules, halt=halts, news=news, market={"beta_spread": 0})
    trade_silently(market, 3)
    gains, naked = market.record["naked_gain"][0], market.record["naked_stocks"][0]
    assert gains[:2].sum() == 0  # no price has moved yet
    assert naked[0] == pytest.approx(0.05 / 0.12, rel=1e-9)
    assert naked[1] > naked[0]  # futures have risen, and called for more
    assert gains[2] == pytest.approx(0.104 * naked[1], rel=1e-9)  # at the reopening
    assert naked[2] == pytest.approx(0, abs=1e-12)


def test_cash_of_stocks_sold_is_equity_on_its_way_and_margin_after_the_transfer(still_hedged):
    market = called(still_hedged, 0.05, futures_funds={"transfer_days": 1.0, "top_up_days": 2.0})
    equity = market.futures_crowd.equity().copy()
    trade_silently(market, 1)
    accounts, funds = market.futures_crowd.accounts, market.state.futures_funds
    assert accounts is not None
    np.testing.assert_allclose(accounts.transit, 0.05 / 1.12 * funds.book, rtol=1e-9)
    np.testing.assert_allclose(market.futures_crowd.equity(), equity, rtol=1e-12)
    trade_silently(market, 2)
    assert accounts.transit.max() < 1e-15
    np.testing.assert_allclose(market.futures_crowd.equity(), equity, rtol=1e-12)


def test_margins_follow_the_contract_s_table_by_date(still_hedged):
    clock = {"start": "2015-08-20", "days": 14, "event": "2015-08-27"}
    market = driftless(still_hedged(clock=clock, futures={"contract": "IF"}, **CALM))
    trade_silently(market)
    table = [contract("IF").margin_on(day.item()) for day in market.dates]
    np.testing.assert_allclose(market.record["margin_level"][0], np.array(table) / table[0], rtol=1e-12)
    assert table[-1] > table[0]


def test_margin_across_contracts_is_that_of_the_larger_side():
    contracts = [contract("IF"), contract("IC")]
    short, price = np.array([[1.0, 1.0, 2.0], [-1.0, 1.0, 0.0]]), np.array([[4000.0] * 3, [6000.0] * 3])
    each = [one.margin(1.0, level) for one, level in zip(contracts, (4000.0, 6000.0), strict=True)]
    expected = [max(each), sum(each), 2 * each[0]]
    np.testing.assert_allclose(larger_side_margin(contracts, short, price), expected, rtol=1e-12)
