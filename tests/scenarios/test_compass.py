"""The compass search comes to the bottom of a bowl, within its bounds, and can be replayed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.compass import search

places = st.floats(-2.9, 2.9)


def found(worth, axes, rounds):
    known = {}
    for _ in range(10 * rounds + 2):
        at = search(known, axes, rounds)
        if not at.wanted:
            return at.best, known
        known |= {place: worth(place) for place in at.wanted}
    raise AssertionError("does not end")


@given(st.lists(places, min_size=1, max_size=3))
def test_it_comes_to_the_bottom_of_a_bowl(bottom):
    best, _ = found(lambda place: sum((a - b) ** 2 for a, b in zip(place, bottom, strict=True)), len(bottom), 30)
    assert best == pytest.approx(bottom, abs=0.1)


def test_it_stays_within_its_bounds_and_asks_for_nothing_twice():
    best, known = found(lambda place: -place[0] - place[1], 2, 12)
    assert best == (3.0, 3.0)
    assert all(max(map(abs, place)) <= 3 for place in known)


def test_without_anything_free_it_asks_for_one_place():
    assert found(lambda _: 1.0, 0, 5) == ((), {(): 1.0})
