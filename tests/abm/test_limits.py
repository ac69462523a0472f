"""A market says where it stops to mean anything, in one line, and never runs on with prices below 0."""

import numpy as np
import pytest

from abm import Market
from abm.limits import range_fault
from cqkit.errors import InputError

ONE = np.ones(2)


def test_prices_and_equity_in_their_range_are_no_fault():
    assert range_fault({"the futures price": 0.01 * ONE}, -0.9 * ONE, ONE, 2 * ONE) is None
    assert range_fault({}, 0 * ONE, 0 * ONE, 0 * ONE) is None  # nobody is in the crowd


@pytest.mark.parametrize("price", [0.0, -1.0, np.nan, np.inf])
def test_a_price_that_is_none_is_told_with_its_path(price):
    path, said = range_fault({"a stock's price": np.array([1.0, price])}, ONE, ONE, 2 * ONE)
    assert path == 1
    assert said.startswith(f"a stock's price is {price:.3g} of its start: prices have left the range")


@pytest.mark.parametrize("equity", [-1.5, -19.0, np.nan])
def test_a_crowd_that_loses_more_than_it_held_is_told(equity):
    path, said = range_fault({}, np.array([1.0, equity]), ONE, 2 * ONE)
    assert path == 1
    assert said.startswith(
        f"the crowd has lost {100 - 100 * equity:,.0f} % of its equity, and more than it held: losses have left"
    )


@pytest.mark.parametrize(
    ("seed", "changes", "fault"),
    [
        (
            1,
            {"impact": {"strength": 50}, "funds": {"leverage": 40, "capital": 5}},
            "away from closing; prices have left",
        ),
        (
            4,
            {"impact": {"strength": 10}, "funds": {"leverage": 6, "capital": 3}, "liquidator": {"size": 10}},
            "more than it held: losses have left",
        ),
    ],
)
def test_markets_stop_where_they_mean_nothing(small, seed, changes, fault):
    stops(Market(small(**changes), seed=seed, paths=2), fault)


def test_a_futures_market_stops_where_its_price_means_nothing(hedged):
    stops(Market(hedged(desk={"size": 1000, "price_taker": False}), seed=1, paths=2), "the futures price is -")


def stops(market: Market, fault: str) -> None:
    with np.errstate(all="ignore"), pytest.raises(InputError) as caught:
        market.run(1)
    (line,) = caught.value.faults
    assert line.startswith("day ")
    assert fault in line
