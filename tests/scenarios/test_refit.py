"""A fit that asks for what it has to know comes to the least squares, within its bounds, and can be replayed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.refit import refit

places = st.floats(-2.5, 2.5)


def fitted(residuals, axes, steps=12):
    known = {}
    for _ in range(steps + 2):
        at = refit(known, axes, steps)
        if not at.wanted:
            return at.best, known
        assert not set(at.wanted) & set(known)  # nothing is asked for twice
        known |= {place: np.asarray(residuals(np.array(place))) for place in at.wanted}
    raise AssertionError("does not end")


@given(st.lists(places, min_size=1, max_size=4))
def test_it_comes_to_the_bottom_of_a_bowl(bottom):
    best, _ = fitted(lambda x: x - bottom, len(bottom))
    assert best == pytest.approx(bottom, abs=0.02)


def test_it_finds_what_residuals_of_another_shape_have_in_common():
    best, _ = fitted(lambda x: [np.exp2(x[0]) - 3, np.exp2(x[1]) * np.exp2(x[0]) - 1, 0.1 * x[1]], 2)
    assert np.exp2(best[0]) == pytest.approx(3, rel=0.1)


def test_it_stays_within_its_bounds():
    best, known = fitted(lambda x: x - 10, 2)
    assert best == pytest.approx((3, 3), abs=0.2)
    assert all(max(map(abs, place)) <= 3 for place in known)


def test_without_anything_free_it_asks_for_one_place():
    best, known = fitted(lambda _: [1.0], 0)
    assert best == ()
    assert list(known) == [()]
