"""A margin call asks for new money only (2008 report's account, said more exactly)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedging import IF, make_policy, replay

BOOK = 23_475_000.0


def hedged(path, **terms):
    prices = np.array([path], dtype=float)
    return replay(make_policy("full"), prices, prices / prices[:, :1], start_value=BOOK, contract=IF, **terms)


def test_a_need_that_was_met_is_not_called_again():
    """The index rises by 15 % in a day and stays there: one call in life."""
    found = hedged([4000.0, 4600.0, *[4600.0] * 8], reserve=0.15)
    need = 0.10 * 1.15 + 0.15
    assert found.margin_call_days.tolist() == [1]
    assert found.first_call_day.tolist() == [1]
    assert found.called[0, 1] == pytest.approx((need - 0.15) * BOOK)
    assert (found.shortfall[0, 1:] > 0).all()  # what is open stays told


def test_only_what_comes_on_top_is_called_for():
    found = hedged([4000.0, 4400.0, 4200.0, 4400.0, 4500.0], reserve=0.15)
    rises = [0.10 * rise + rise - 1 for rise in (1.10, 1.125)]
    expected = np.array([0, rises[0] - 0.15, 0, 0, rises[1] - rises[0]]) * BOOK
    np.testing.assert_allclose(found.called[0], expected, atol=1e-6)
    assert found.summary()["called_money"] == pytest.approx((rises[1] - 0.15) * BOOK)


@given(path=st.lists(st.floats(500, 9000), min_size=2, max_size=12), reserve=st.floats(0, 2))
def test_all_calls_together_are_the_largest_shortfall(path, reserve):
    found = hedged(path, reserve=reserve)
    np.testing.assert_allclose(found.called.sum(axis=1), found.shortfall.max(axis=1), atol=2e-9 * len(path) * BOOK)
    assert (found.called >= 0).all()


@given(start=st.floats(100, 9000), book=st.floats(1e3, 1e12))
def test_a_reserve_of_just_the_margin_is_not_called_by_rounding(start, book):
    prices = np.array([[start, start * 0.99, start]])
    policy = make_policy("full")
    found = replay(policy, prices, prices / start, start_value=book, contract=IF, reserve=IF.initial_margin)
    assert found.margin_call_days.tolist() == [0]


def test_after_a_wipe_out_there_is_a_debt_and_no_further_call():
    """Both legs are cut to nothing on the day that the index trebles while the stocks are worth nothing."""
    index = np.array([[4000.0, 12000.0, 12500.0, 13000.0]])
    spot = np.array([[1.0, 0.01, 0.01, 0.01]])
    terms = {"reserve": 0.15, "when_exhausted": "reduce"}
    found = replay(make_policy("full"), index, spot, start_value=BOOK, contract=IF, **terms)
    assert found.contracts[0, 1:].tolist() == [0, 0, 0]
    assert found.margin_call_days.tolist() == [1]
    assert found.shortfall[0, -1] > 0
    assert found.called[0, 2:].tolist() == [0, 0]
