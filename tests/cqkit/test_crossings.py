"""Where a chance reaches a level: the interval holds the truth as often as it says, whatever the response."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, strategies
from scipy import stats

from cqkit.crossings import Crossing, crossing, fewest_paths, next_values, order_numbers, stretches

GRID = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)


def searched(event, level, grid=GRID) -> tuple[Crossing, int]:
    """The answer of a search, and how many values it tried; `event(value)` says on which paths it happens."""
    hits = {}
    while asked := [value for value in grid if value not in hits] if not hits else next_values(hits, level, grid):
        hits |= {value: event(value) for value in asked}
    return crossing(hits, level), len(hits)


def holding(found, truth, of) -> float:
    """How often the interval holds the truth, over `of` repetitions."""
    inside = [one.low <= truth <= one.high for one in (found(np.random.default_rng(seed)) for seed in range(of))]
    return float(np.mean(inside))


@pytest.mark.parametrize(("level", "paths"), [(0.5, 40), (0.5, 7), (0.1, 100), (0.9, 60)])
def test_the_interval_holds_the_truth_where_every_path_has_a_threshold_of_its_own(level, paths):
    thresholds = stats.lognorm(s=0.6, scale=1.1)

    def once(generator):
        own = thresholds.rvs(paths, random_state=generator)
        return searched(lambda value: own <= value, level)[0]

    assert holding(once, thresholds.ppf(level), 200) >= 0.94


@pytest.mark.parametrize("level", [0.3, 0.5])
def test_and_where_paths_go_back_and_forth_by_chance(level):
    """A third of the paths answer at random at every value: the chance rises, a path need not."""

    def once(generator):
        own, noise = generator.normal(1.5, 0.7, 60), np.random.default_rng(generator.integers(2**32))
        restless = np.arange(60) % 3 == 0

        def event(value):
            return np.where(restless, noise.random(60) < stats.norm.cdf((value - 1.5) / 0.7), own <= value)

        return searched(event, level)[0]

    assert holding(once, stats.norm(1.5, 0.7).ppf(level), 200) >= 0.94


@given(
    thresholds=strategies.lists(strategies.floats(-1, 5), min_size=8, max_size=40),
    level=strategies.sampled_from([0.3, 0.5, 0.7]),
)
def test_the_answer_brackets_the_order_statistics_of_the_thresholds(thresholds, level):
    own = np.sort(thresholds)
    if own.size < fewest_paths(level):
        return
    found, _ = searched(lambda value: own <= value, level)
    first, middle, last = (float(own[number - 1]) for number in order_numbers(own.size, level))
    assert found.low < first or found.low == -math.inf
    assert found.high >= last or last > GRID[-1]
    assert (found.outcome == "found") == (GRID[0] < middle <= GRID[-1])
    if found.outcome == "found":
        assert found.low <= found.value <= found.high
        assert abs(found.value - middle) <= 1.0


@given(thresholds=strategies.lists(strategies.floats(0.1, 3.9), min_size=8, max_size=30))
def test_a_response_that_falls_is_one_that_rises_turned_over(thresholds):
    own = np.array(thresholds)
    rises, tried = searched(lambda value: own <= value, 0.5)
    turned = tuple(-value for value in reversed(GRID))
    falls, as_many = searched(lambda value: own <= -value, 0.5, turned)
    assert (falls.low, falls.high, falls.outcome, as_many) == (-rises.high, -rises.low, rises.outcome, tried)
    assert falls.rises is False
    np.testing.assert_equal(falls.value, -rises.value)


def test_the_numbers_of_paths_are_those_of_the_binomial():
    first, middle, last = order_numbers(100, 0.5)
    assert (first, middle, last) == (40, 50, 61)  # the textbook's interval of a median: the 40th and the 61st of 100
    assert stats.binom.cdf(first - 1, 100, 0.5) <= 0.025
    assert stats.binom.sf(last - 1, 100, 0.5) <= 0.025


@pytest.mark.parametrize("level", [0.05, 0.5, 0.9])
def test_fewer_paths_give_no_interval(level):
    least = fewest_paths(level)
    first, _, last = order_numbers(least, level)
    assert 1 <= first < last <= least
    first, _, last = order_numbers(least - 1, level)
    assert first < 1 or last > least - 1
    assert fewest_paths(0.5) == 6


def test_never_and_always_are_answers():
    paths = np.arange(20)
    never, _ = searched(lambda value: paths < 0 * value, 0.5)
    assert never == pytest.approx(("never", math.nan, 4.0, math.inf, True), nan_ok=True)
    always, _ = searched(lambda value: paths >= 0 * value, 0.5)
    assert always == pytest.approx(("always", math.nan, -math.inf, 0.0, True), nan_ok=True)
    few, _ = searched(lambda value: paths < 2 * value, 0.5)  # 8 of 20 at most: the level may be reached beyond
    assert few.outcome == "never"
    assert (few.low, few.high) == (2.5, math.inf)


def test_a_response_with_a_hump_is_called_one():
    paths = np.arange(60)
    found, tried = searched(lambda value: paths < 60 - 25 * abs(value - 2), 0.5)
    assert (found.outcome, tried) == ("not monotone", len(GRID))
    assert stretches(GRID, [abs(value - 2) <= 1.2 for value in GRID]) == [(1.0, 3.0)]
    assert stretches(GRID, [value != 2 for value in GRID]) == [(0.0, 1.5), (3.0, 4.0)]


def test_the_search_stops_where_a_finer_bracket_adds_nothing():
    own = np.linspace(0.2, 3.8, 40)
    wide, tried = searched(lambda value: own <= value, 0.5)
    steep, more = searched(lambda value: (own > 0) & (value >= 1.7), 0.5)
    assert more == len(GRID) + 4  # all three brackets are one, halved as often as may be
    assert steep.high - steep.low == 0.5 / 2**4
    assert tried < len(GRID) + 3 * 3  # of three brackets, each a tenth of the interval wide or less
    assert wide.high - wide.low > 1
