"""Detection against false alarms: closed forms, and intervals that hold them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from scenarios.roc import Warnings, area, detection, false_alarms, interval


def test_a_perfect_warning_has_an_area_of_1_and_no_false_alarm():
    before, other = np.array([3.0, 4.0, 5.0]), np.array([0.0, 1.0, 2.0])
    assert area(before, other) == 1
    assert area(other, before) == 0
    assert false_alarms(before, other) == 0
    assert detection(before, other, np.array([0.0, 0.5, 1.0])) == pytest.approx([1, 1, 1])


def test_scores_that_say_nothing_detect_as_often_as_they_alarm():
    random = np.random.default_rng(1)
    before, other = random.random(20_000), random.random(20_000)
    assert area(before, other) == pytest.approx(0.5, abs=0.01)
    assert detection(before, other, np.array([0.1, 0.5])) == pytest.approx([0.1, 0.5], abs=0.02)
    assert false_alarms(before, other) == pytest.approx(200, abs=4)


def test_two_normals_a_deviation_apart_have_the_closed_form():
    random = np.random.default_rng(2)
    before, other = 1 + random.standard_normal(50_000), random.standard_normal(50_000)
    assert area(before, other) == pytest.approx(norm.cdf(1 / math.sqrt(2)), abs=0.005)
    assert false_alarms(before, other) == pytest.approx(250 * norm.sf(1 + norm.ppf(0.2)), abs=4)


def test_the_interval_holds_the_area_and_counts_whole_markets():
    random = np.random.default_rng(3)
    shape = (40, 4, 20)
    came = np.broadcast_to((random.random((40, 1, 1)) < 0.5), shape)
    score = came + random.standard_normal((40, 1, 1)) + 0.1 * random.standard_normal(shape)
    warnings = Warnings(score, came, np.ones(shape, dtype=bool))
    low, high = interval(warnings, area)
    assert low < norm.cdf(1 / math.sqrt(2)) < high
    assert high - low > 0.1  # forty markets say little, however many days they have


def test_days_that_are_not_asked_or_not_known_do_not_count():
    score = np.array([[[1.0, np.nan, 5.0]]])
    warnings = Warnings(score, np.array([[[True, True, False]]]), np.array([[[True, True, False]]]))
    before, other = warnings.split()
    assert before.tolist() == [1.0]
    assert other.size == 0
    assert math.isnan(area(before, other))
