from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from hedging_worlds import BOOK, price_paths
from hypothesis import given
from hypothesis import strategies as st

from hedging import IF, HedgeBook, Indicator, Prices, TimingHedge, indicator_names, make_indicator, replay
from hedging.indicators.base import FunctionIndicator


def told(*days):
    """On at the closes of these days of a path of which day 0 is the first column."""

    def on(prices):
        return np.isin(np.arange(prices.days), days)[None] & np.ones_like(prices.close, dtype=bool)

    return FunctionIndicator("told", on)


INDEX = np.array([[4000.0, 4200.0, 4400.0, 4100.0, 4000.0, 4300.0]])
SPOT = np.array([[1.0, 1.1, 1.3, 1.2, 1.25, 1.4]])


def test_it_hedges_in_full_while_on_and_not_at_all_while_off():
    result = replay(TimingHedge(told(1, 2, 4)), INDEX, SPOT, start_value=BOOK)
    np.testing.assert_allclose(result.contracts[0, :-1] * 300 * 4000 / BOOK, [0, 1, 1, 0, 1])


def test_its_size_may_follow_the_stock_at_each_switch():
    result = replay(TimingHedge(told(1, 2, 4), size="spot"), INDEX, SPOT, start_value=BOOK)
    first, second = 1.1 / 4200, 1.25 / 4000
    np.testing.assert_allclose(result.contracts[0, :-1] * 300 / BOOK, [0, first, first, 0, second])


def test_a_hedge_on_from_the_start_is_the_full_hedge():
    result = replay(TimingHedge(told(0, 1, 2, 3, 4, 5), size="spot"), INDEX, SPOT, start_value=BOOK)
    np.testing.assert_allclose(result.contracts[0] * 300 * 4000 / BOOK, 1)


@given(
    index=price_paths(days=8),
    history=price_paths(paths=1, days=30),
    name=st.sampled_from(sorted({*indicator_names()} - {"contrarian"})),
    size=st.sampled_from(["fixed", "spot"]),
)
def test_close_by_close_it_is_the_replay(index, history, name, size):
    policy = TimingHedge(make_indicator(name), size)
    whole = replay(policy, index, start_value=BOOK, history=history)
    book = HedgeBook(policy, contract=IF, start_value=BOOK, days=8, start_price=index[:, 0], history=history)
    for day in range(1, 9):
        book.close(index[:, day], index[:, day] / index[:, 0])
    np.testing.assert_array_equal(book.result().contracts, whole.contracts)


def test_every_close_is_looked_at_once():
    seen = []

    @dataclass(frozen=True)
    class Counting(Indicator):
        name: ClassVar[str] = "counting"

        def step(self, prices, memory):  # noqa: ARG002
            seen.append(prices.days)
            return np.ones(prices.paths, dtype=bool)

    book = HedgeBook(
        TimingHedge(Counting()),
        contract=IF,
        start_value=BOOK,
        days=5,
        start_price=INDEX[:, 0],
        history=np.full((1, 30), 4000.0),
    )
    for day in range(1, 6):
        book.close(INDEX[:, day], SPOT[:, day])
    # Thirty-one closes up to day 0, and days 1 to 4; nothing is decided on the last day.
    assert seen == list(range(1, 36))


@pytest.mark.parametrize("before", [0, 25])
def test_the_averages_begin_with_the_first_price_of_the_history(before):
    prices = 4000 * np.exp(np.random.default_rng(1).normal(0, 0.02, 60).cumsum())
    policy = TimingHedge(make_indicator("ema_both"))
    on = policy.indicator.path(Prices(prices[25 - before :]))[0, before:]
    result = replay(policy, prices[25:], start_value=BOOK, history=prices[25 - before : 25])
    np.testing.assert_array_equal(result.contracts[0, :-1] > 0, on[:-1])
