"""No hedge, the full hedge kept at the day's stock value, and the minimum-variance hedge."""

import numpy as np
import pytest
from hedging_worlds import BOOK, price_paths
from hypothesis import given

from cqkit.errors import InputError
from hedging import MinimumVarianceHedge, NoHedge, make_policy, replay


@given(index=price_paths())
def test_no_hedge_is_the_stock_alone_and_needs_nothing(index):
    result = replay(NoHedge(), index, start_value=BOOK)
    assert (result.contracts == 0).all()
    np.testing.assert_allclose(result.total_return, index[:, -1] / index[:, 0] - 1, atol=1e-12)


@given(index=price_paths(paths=2, days=6), stock=price_paths(paths=2, days=6))
def test_full_rebalanced_shorts_the_day_s_stock_value(index, stock):
    result = replay(make_policy("full-rebalanced"), index, stock, start_value=BOOK)
    np.testing.assert_allclose((result.contracts * index * 300)[:, :-1], result.stock_value[:, :-1])


def two_books(days, beta, noise=0.0):
    rng = np.random.default_rng(6)
    moves = rng.normal(0, 0.02, (2, days))
    own = beta * moves + noise * rng.standard_normal(moves.shape)
    return tuple(np.hstack([np.ones((2, 1)), np.cumprod(1 + part, axis=1)]) for part in (moves, own))


def betas(index, stock, policy):
    result = replay(policy, 4000 * index, stock, start_value=BOOK)
    return (result.contracts * 4000 * index * 300 / (stock * BOOK))[:, :-1]


def test_until_enough_returns_are_known_its_beta_is_one():
    found = betas(*two_books(40, beta=0.6), MinimumVarianceHedge())
    np.testing.assert_allclose(found[:, :20], 1.0)
    np.testing.assert_allclose(found[:, 20:], 0.6)


def test_its_beta_is_least_squares_over_the_window():
    index, stock = two_books(90, beta=1.3, noise=0.01)
    found = betas(index, stock, MinimumVarianceHedge(window=30))
    x, y = (np.diff(book) / book[:, :-1] for book in (index, stock))
    for path in range(2):
        for day in (25, 30, 60, 89):
            cut = slice(max(day - 30, 0), day)
            slope = np.polyfit(x[path, cut], y[path, cut], 1)[0]
            assert found[path, day] == pytest.approx(slope, rel=1e-9)


def test_an_index_that_never_moves_has_no_beta_but_one():
    index, stock = two_books(40, beta=1.0)
    np.testing.assert_allclose(betas(np.ones_like(index), stock, MinimumVarianceHedge()), 1.0)


def test_it_halves_the_variance_that_a_low_beta_leaves_a_full_hedge():
    index, stock = two_books(250, beta=0.5, noise=0.002)
    daily = {}
    for policy in (make_policy("full-rebalanced"), MinimumVarianceHedge()):
        pnl = replay(policy, 4000 * index, stock, start_value=BOOK).hedged_pnl
        daily[policy.name] = np.diff(pnl[:, 30:]).std()
    assert daily["minimum-variance"] < 0.5 * daily["full-rebalanced"]


@pytest.mark.parametrize(
    ("parameters", "fault"),
    [
        ({"least": 1}, "policy minimum-variance: least = 1: must be at least 3"),
        ({"window": 10}, "least = 20: must not exceed window = 10"),
    ],
)
def test_wrong_parameters_are_named(parameters, fault):
    with pytest.raises(InputError, match=fault):
        MinimumVarianceHedge(**parameters)
