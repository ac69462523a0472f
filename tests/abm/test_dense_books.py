"""The user's own books: those of few baskets are factored, all others are held as they are; the market is one."""

from __future__ import annotations

import numpy as np
import pytest

from abm import Market, Settings, holdings
from abm.holdings import is_low_rank

FUNDS, STOCKS, RANK = 12, 40, 2


def settings_with(books, folder):
    """A crowd with these books, in a crisis."""
    file = folder / "books.csv"
    np.savetxt(file, books, delimiter=",")
    return Settings.model_validate(
        {
            "clock": {"start": "2007-08-01", "event": "2007-08-03", "days": 8, "bars": 5},
            "market": {"stocks": STOCKS, "factors": 2},
            "funds": {"count": FUNDS, "holdings": file, "headroom": [0.05, 0.2], "funding": 0.02},
            "opportunists": {"capital": 0.2},
            "liquidator": {"size": 0.5, "starts": 0.2, "days": 2},
            "desk": {"size": 0},
        }
    )


@pytest.fixture
def few_baskets():
    """Books of two baskets, shape (funds, stocks)."""
    draw = np.random.default_rng(3)
    baskets = draw.standard_normal((RANK, STOCKS))
    return (1 + draw.random((FUNDS, RANK))) @ (baskets - baskets.mean(axis=1, keepdims=True))


@pytest.fixture
def no_baskets():
    """Books that have nothing in common but what chance gives them."""
    books = np.random.default_rng(4).standard_normal((FUNDS, STOCKS)) + np.linspace(-1, 1, STOCKS)
    return books - books.mean(axis=1, keepdims=True)


def test_books_of_few_baskets_give_the_same_market_when_held_as_they_are(few_baskets, tmp_path, monkeypatch):
    settings = settings_with(few_baskets, tmp_path)
    factored = Market(settings, seed=2, paths=2)
    assert factored.state.funds.exposure.shape[1] == 1 + RANK
    assert not factored.state.funds.apart
    monkeypatch.setattr(holdings, "is_low_rank", lambda *_: False)
    holdings._factored.cache_clear()
    dense = Market(settings, seed=2, paths=2)
    holdings._factored.cache_clear()
    assert dense.state.funds.apart
    first, second = factored.run(), dense.run()
    assert first["margin_calls"].sum() > 0
    assert first["flow_reentry"].sum() > 0
    np.testing.assert_allclose(second.nav, first.nav, rtol=1e-10)
    np.testing.assert_allclose(dense.state.stocks.price, factored.state.stocks.price, rtol=1e-10)
    np.testing.assert_allclose(second.overlap, first.overlap, rtol=1e-10)
    assert max(second.ledger_residual) < 1e-12


def test_books_without_common_baskets_are_held_as_they_are(no_baskets, tmp_path):
    market = Market(settings_with(no_baskets, tmp_path), seed=2)
    assert market.state.funds.apart
    whole = np.abs(no_baskets).sum()
    held = market.books() / market.state.funds.book.sum()
    np.testing.assert_allclose(held, 2 * no_baskets / whole, rtol=1e-12)


@pytest.mark.parametrize("rank", [1, 2, 9, 10, 12])
def test_books_are_factored_where_that_is_less_to_read(rank):
    less = rank * FUNDS + rank * STOCKS < FUNDS * STOCKS
    assert is_low_rank(rank, FUNDS, STOCKS) == less
