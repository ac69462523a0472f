"""Nothing is made or lost: shares, cash and wealth over random small markets."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as draw

from abm import Market, Party
from cqkit.errors import InputError

WHOLE_CROWD = ["long_short", {"long_short": 0.5, "futures": 0.5}, "futures"]


# A futures fund that has come back early in a day, and was to buy on that day by the plan of the close before.
TWICE_BOUGHT = {
    "clock": {"bars": 2, "days": 12},
    "market": {"overnight": 0.0, "transient_volatility": 0.0},
    "impact": {"law": "linear", "strength": 1.0, "permanent": 0.0, "half_spread": 0.0, "maker_capacity": 1.0},
    "funds": {
        "crowding": 0.0,
        "leverage": 1.0,
        "capital": 1.0,
        "cut": 1.0,
        "severity": [2.0, 4.0],
        "intraday_share": 0.0,
        "reentry_days": 3.0,
        "funding": 0.0,
        "borrow_fee": 0.0,
    },
    "opportunists": {"capital": 1.0, "cheap": 0.0, "lag": 0.0},
    "liquidator": {"size": 1.0, "days": 2.0},
    "index_sector": {"holding": 0.0, "stop": 0.0625},
}


def worlds():
    """Settings of small markets: who is there, how much they owe, what they pay, under which law they trade."""
    return draw.fixed_dictionaries(
        {
            "clock": draw.fixed_dictionaries({"bars": draw.integers(1, 6), "days": draw.just(12)}),
            "market": draw.fixed_dictionaries(
                {"overnight": draw.floats(0, 0.9), "transient_volatility": draw.floats(0, 1)}
            ),
            "impact": draw.fixed_dictionaries(
                {
                    "law": draw.sampled_from(["square_root", "linear"]),
                    "strength": draw.floats(0, 2),
                    "permanent": draw.floats(0, 0.1),
                    "half_spread": draw.floats(0, 0.002),
                    "maker_capacity": draw.floats(0.3, 1),
                }
            ),
            "funds": draw.fixed_dictionaries(
                {
                    "crowding": draw.floats(0, 1),
                    "leverage": draw.floats(1, 6),
                    "capital": draw.floats(0, 1.5),
                    "cut": draw.floats(0.3, 1),
                    "severity": draw.floats(0, 10).map(lambda most: [most / 2, most]),
                    "intraday_share": draw.floats(0, 1),
                    "reentry_days": draw.floats(0.2, 5),
                    "funding": draw.floats(0, 0.2),
                    "borrow_fee": draw.floats(0, 0.2),
                }
            ),
            "opportunists": draw.fixed_dictionaries(
                {"capital": draw.floats(0, 1), "cheap": draw.floats(0, 0.01), "lag": draw.floats(0, 3)}
            ),
            "liquidator": draw.fixed_dictionaries({"size": draw.floats(0, 1.5), "days": draw.floats(0.2, 6)}),
            "index_sector": draw.fixed_dictionaries({"holding": draw.floats(0, 3), "stop": draw.floats(0.001, 0.1)}),
        }
    )


def assert_books_balance(market: Market) -> None:
    """Trade to the end, or to where losses leave the range: every share and every cent is somebody's."""
    start, state = market.positions(), market.state
    worth = np.einsum("aps,ps->ap", start, state.stocks.price)
    equity = state.funds.equity.sum(axis=1)
    try:
        record = market.run(1)
    except InputError as refused:  # lenders have lost all of the crowd's equity once more: told, and no result
        if "of its equity, and more than it held: losses have left the range" not in str(refused):
            raise
        return
    assert np.isfinite(record.nav).all()
    assert record.ledger_residual.max() < 1e-12
    held, cash = market.positions(), state.ledger.cash
    np.testing.assert_allclose(held.sum(axis=0), start.sum(axis=0), atol=1e-12)
    gained = cash.T + np.einsum("aps,ps->ap", held, state.stocks.price) - worth
    outside = np.einsum("ps,ps->p", start.sum(axis=0), state.stocks.price - 1)
    np.testing.assert_allclose(gained.sum(axis=0), outside, atol=1e-11)
    np.testing.assert_allclose(gained[Party.CROWD], state.funds.equity.sum(axis=1) - equity, atol=1e-12)
    own = state.opportunists.equity - market.settings.opportunists.capital
    np.testing.assert_allclose(gained[Party.OPPORTUNISTS], own, atol=1e-12)
    assert (state.funds.equity >= 0).all()  # below 0 it is a lender's loss
    assert (state.funds.book <= state.funds.cut.start * (1 + 1e-12)).all()
    assert (state.funds.book >= -1e-12).all()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds(), seed=draw.integers(0, 10_000))
def test_in_any_market_of_stocks_every_share_and_every_cent_is_somebodys(small, world, seed):
    assert_books_balance(Market(small(**world), seed=seed, paths=2))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds(), kind=draw.sampled_from(WHOLE_CROWD), seed=draw.integers(0, 10_000))
@example(world=TWICE_BOUGHT, kind={"long_short": 0.5, "futures": 0.5}, seed=0)
def test_in_any_market_with_futures_too(hedged, world, kind, seed):
    world = {**world, "funds": {**world["funds"], "kind": kind}}
    market = Market(hedged(**world), seed=seed, paths=2)
    assert_books_balance(market)
    np.testing.assert_allclose(market.futures_positions().sum(axis=0), 0, atol=1e-12)
    hedgers = market.state.futures_funds
    equity = market.futures_crowd.equity()
    np.testing.assert_allclose(equity[hedgers.cut.closed == 1], 0, atol=1e-15)
    assert (hedgers.held <= 1 + 1e-12).all()
