"""What a verdict is, whatever the numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validation.figures import VERDICTS, Figure, claim, exact, worst

numbers = st.floats(-1e6, 1e6)


@given(measured=numbers, published=numbers, room=st.floats(0, 1e6))
def test_a_closed_form_is_reproduced_within_its_tolerance_and_missed_beyond(measured, published, room):
    found = exact("", measured, published, room).verdict
    near = published - room <= measured <= published + room
    assert found == "missed" if not near else found in {"reproduced", "within range"}


@pytest.mark.parametrize("measured", [None, math.nan, math.inf])
def test_what_has_no_value_is_missed(measured):
    assert Figure("", measured, low=-10, high=10, published=0.0).verdict == "missed"


def test_a_number_is_reproduced_where_it_lies_in_our_interval_and_within_range_where_it_does_not():
    assert Figure("", 5.0, 4.0, 7.0, 5.92, 0.0, (4.5, 6.0)).verdict == "reproduced"
    assert Figure("", 5.0, 4.0, 7.0, 5.92, 0.0, (4.5, 5.5)).verdict == "within range"
    assert Figure("", 5.0, 4.0, 7.0, 5.004, 0.005).verdict == "reproduced"
    assert Figure("", 3.9, 4.0, 7.0, 5.92, 0.0, (3.0, 6.0)).verdict == "missed"


def test_a_sign_is_reproduced_only_where_all_of_our_interval_has_it():
    assert claim("", 0.5, low=0.0, interval=(0.1, 0.9)).verdict == "reproduced"
    assert claim("", 0.5, low=0.0, interval=(-0.1, 0.9)).verdict == "within range"
    assert claim("", -0.5, low=0.0, interval=(-0.9, 0.9)).verdict == "missed"


@given(st.lists(st.sampled_from(VERDICTS), max_size=6))
def test_a_rows_verdict_is_that_on_its_worst_figure(verdicts):
    found = worst(verdicts)
    assert found == ("missed" if not verdicts or "missed" in verdicts else found)
    assert all(VERDICTS.index(found) <= VERDICTS.index(one) for one in verdicts)
