"""What funds pay for their books, and what they may borrow: paid to brokers to the last digit, and never more."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as draw

from abm import Market, Party
from abm.books import within_borrow_limit
from abm.randomness import DayNoise
from cqkit.errors import InputError


@pytest.mark.parametrize("rates", [(0.05, 0.0), (0.0, 0.03), (0.05, 0.03)])
def test_funding_and_borrow_fees_go_to_the_brokers_bar_by_bar(small, rates):
    funding, fee = rates
    settings = small(funds={"funding": funding, "borrow_fee": fee, "leverage": 3.0})
    market = Market(settings, seed=3)
    funds, brokers, bars = market.state.funds, market.state.ledger.cash[0], settings.clock.bars
    noise = DayNoise.empty(bars, settings.market.factors, settings.market.stocks)
    due = 0.0
    for day in range(settings.clock.days):
        noise.draw(3, 0, day)
        for bar in range(bars):
            held, owned, open_ = funds.book[0].copy(), funds.equity[0].copy(), funds.cut.closed[0] == 0
            market.trade_path(0, noise, bar, bar + 1)
            year = (funding * np.maximum(held - owned, 0) + fee * held) / 252 / bars
            due += year[open_].sum()
            assert brokers[Party.BROKERS] == pytest.approx(due - funds.lenders_loss.sum(), rel=1e-12)
        market.close()
    assert due > 0
    assert market.record.ledger_residual.max() < 1e-12


def test_a_fund_whose_equity_carries_its_book_pays_no_funding(still):
    rates = {"funding": 0.05, "borrow_fee": 0.0, "leverage": 0.8, "leverage_spread": 0, "capital": 1.0}
    market = Market(still(funds=rates, market={"fundamentals": False}, liquidator={"size": 0}), seed=1)
    market.run(1)
    assert market.state.ledger.cash[0, Party.BROKERS] == 0
    assert (market.record.nav == 1).all()


def test_a_fee_is_what_a_still_book_loses_in_a_year(still):
    held = {"funding": 0.0, "borrow_fee": 0.0252, "leverage": 2.0, "leverage_spread": 0, "capital": 1.0}
    market = Market(still(funds=held, market={"fundamentals": False}, liquidator={"size": 0}), seed=1)
    nav = market.run(1).nav[0]
    days = np.arange(1, market.dates.size + 1)
    np.testing.assert_allclose(nav, np.repeat(1 - 2.0 * 0.0252 * days[:, None] / 252, 12, axis=1), rtol=1e-12)


# -- what may be borrowed ----------------------------------------------------------------------------------------------


def test_a_crowd_of_one_mind_is_short_of_no_stock_more_than_may_be_borrowed(small):
    crowd = {"crowding": 1.0, "leverage": 2.0, "capital": 1.0}
    free, bound = (
        Market(small(market={"stocks": 200}, funds={**crowd, "borrow_limit": limit}), seed=1, paths=3)
        for limit in (0.0, 12.0)
    )
    adv = free.state.stocks.adv
    days = [-market.positions()[Party.CROWD] / adv for market in (free, bound)]
    assert days[0].max(axis=1).min() > 15
    assert days[1].max() <= 12.0 * (1 + 1e-9)
    books = bound.state.baskets.shares
    np.testing.assert_allclose(books.sum(axis=2), 0, atol=1e-12)  # dollar-neutral still
    np.testing.assert_allclose(np.abs(books).sum(axis=2), 2, rtol=1e-9)


def test_a_limit_that_cannot_be_kept_is_refused(small):
    with pytest.raises(InputError, match=r"funds.borrow_limit: too little can be borrowed"):
        Market(small(funds={"borrow_limit": 0.5}), seed=1)


@given(
    book=draw.lists(draw.floats(-1, 1), min_size=4, max_size=12),
    slack=draw.floats(1.001, 10),
    seed=draw.integers(0, 99),
)
def test_what_cannot_be_borrowed_of_one_stock_is_borrowed_of_others(book, slack, seed):
    held = np.array([book]) - np.mean(book)
    short = np.maximum(-held[0], 0)
    assume(short.sum() > 1e-3)
    most = np.random.default_rng(seed).uniform(0.5, 1.5, len(book)) * (short > 0)
    most *= slack * short.sum() / most.sum()  # just enough
    limited = within_borrow_limit(held, most)
    assert (-limited[0] <= most * (1 + 1e-9) + 1e-12).all()
    np.testing.assert_allclose(limited.sum(), held.sum(), atol=1e-8)
    np.testing.assert_array_equal(limited[held > 0], held[held > 0])  # longs are left alone
    assert (limited[held == 0] == 0).all()
