"""Who is in a market: books, crowding, the user's own holdings."""

from __future__ import annotations

import numpy as np
import pytest

from abm import Market
from abm.crowding import average_overlap, cosine_overlap
from abm.sections.stocks import Stocks
from abm.stocks import draw_stocks, outside_shares
from cqkit.errors import InputError


def test_books_are_dollar_and_beta_neutral_with_half_the_gross_of_one(small):
    stocks, baskets = (market := Market(small(), seed=1, paths=2)).state.stocks, market.state.baskets.shares
    np.testing.assert_allclose(baskets.sum(axis=2), 0, atol=1e-13)
    np.testing.assert_allclose(np.einsum("pbs,ps->pb", baskets, stocks.beta), 0, atol=1e-13)
    np.testing.assert_allclose(np.abs(baskets).sum(axis=2), 2)


def test_books_exist_when_all_betas_are_equal(small):
    baskets = Market(small(market={"beta_spread": 0}), seed=1).state.baskets.shares
    np.testing.assert_allclose(baskets.sum(axis=2), 0, atol=1e-12)
    np.testing.assert_allclose(np.abs(baskets).sum(axis=2), 2)


@pytest.mark.parametrize("crowding", [0.0, 0.3, 0.83, 1.0])
def test_crowding_is_the_expected_overlap_of_two_books(small, crowding):
    settings = small(market={"stocks": 1000}, funds={"count": 60, "styles": 10, "crowding": crowding})
    overlap = Market(settings, seed=1, paths=6).record.overlap
    assert overlap.mean() == pytest.approx(crowding, abs=0.03)


def test_the_crowds_book_is_leverage_times_capital_on_every_path(small):
    market = Market(small(funds={"leverage": 3.0, "capital": 0.7}), seed=1, paths=4)
    np.testing.assert_allclose(market.record.book, 2.1)
    np.testing.assert_allclose(
        (market.state.funds.book / market.state.funds.leverage).sum(axis=1), market.state.funds.equity.sum(axis=1)
    )


def test_volume_sums_to_one_and_the_index_has_unit_beta(small):
    stocks = Market(small(), seed=1, paths=3).state.stocks
    np.testing.assert_allclose(stocks.adv.sum(axis=1), 1)
    np.testing.assert_allclose((stocks.index_shares * stocks.beta).sum(axis=1), 1)
    np.testing.assert_allclose(np.median(stocks.sigma, axis=1), 0.012)


def test_an_index_of_the_middle_skips_the_largest_and_holds_those_next_to_them():
    market = Stocks(stocks=50, index_skips=0.06, index_share=0.28, small_cap_volatility=0.01)
    drawn = draw_stocks(market, 1, 0, 2)
    for path in range(2):
        by_size = np.argsort(-drawn.capitalisation[path])
        np.testing.assert_array_equal(np.flatnonzero(drawn.larger[path]), np.sort(by_size[:3]))
        members = by_size[3:17]
        np.testing.assert_array_equal(np.flatnonzero(drawn.index_shares[path]), np.sort(members))
        weights = drawn.capitalisation[path, members] / drawn.capitalisation[path, members].sum()
        np.testing.assert_allclose(drawn.index_shares[path, members], weights)
    small, large = (outside_shares(market, 1, 0, 2, large=large) for large in (False, True))
    held = np.array([drawn.index_shares > 0, small > 0, large > 0])
    np.testing.assert_array_equal(held.sum(axis=0), 1)  # each stock is in one of the three


def test_only_small_stocks_share_their_factor():
    market = Stocks(stocks=50, index_skips=0.06, index_share=0.28)
    calm, moved = (
        draw_stocks(market.model_copy(update={"small_cap_volatility": volatility}), 1, 0, 1) for volatility in (0, 0.01)
    )
    small = outside_shares(market, 1, 0, 1) > 0
    np.testing.assert_allclose(moved.variance - calm.variance, np.where(small, 1e-4, 0), atol=1e-15)


@pytest.mark.parametrize("rank", [2, 12])
def test_the_users_own_holdings_are_held_exactly_whatever_their_rank(small, tmp_path, rank):
    rng = np.random.default_rng(rank)
    holdings = 1e6 * rng.standard_normal((12, rank)) @ rng.standard_normal((rank, 24))
    file = tmp_path / "books.csv"
    np.savetxt(file, holdings, delimiter=",")
    market = Market(small(funds={"holdings": str(file)}), seed=1, paths=2)
    assert market.state.baskets.shares.shape[1] == rank + 1  # and the crowd's average book
    unit = market.books() / market.state.funds.book[0][:, None]
    np.testing.assert_allclose(unit, 2 * holdings / np.abs(holdings).sum(axis=1, keepdims=True), atol=1e-12)
    assert market.record.overlap[0] == pytest.approx(average_overlap(holdings))
    assert np.isfinite(market.run(1).nav).all()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("1,2\n3,4\n", r"2 rows and 2 columns: must be 12 rows \(funds.count\) and 24 columns"),
        (
            "\n".join([",".join(["1"] * 24)] * 11 + [",".join(["x"] * 24)]),
            "row 12: column 1 is x: must be a finite number",
        ),
        ("\n".join([",".join(["1"] * 24)] * 11 + [",".join(["0"] * 24)]), "row 12: an empty book"),
        ("", "cannot be read as CSV"),
    ],
)
def test_wrong_holdings_are_told_by_row(small, tmp_path, text, fault):
    file = tmp_path / "books.csv"
    file.write_text(text)
    with pytest.raises(InputError, match=fault):
        Market(small(funds={"holdings": str(file)}))


def test_overlap_of_a_book_with_itself_is_one_and_with_its_mirror_minus_one():
    book = np.array([[1.0, -1.0, 0.5], [-2.0, 2.0, -1.0], [0.0, 0.0, 0.0]])
    np.testing.assert_allclose(cosine_overlap(book), [[1, -1, 0], [-1, 1, 0], [0, 0, 0]])
    assert np.isnan(average_overlap(book[:1]))
