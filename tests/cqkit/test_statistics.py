"""Statistics that everybody uses, against what is known of them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from cqkit.statistics import Ordered, bootstrap, mean_interval, paired_medians, quantiles, resampled, wilson


def test_wilsons_interval_is_the_textbooks():
    share = wilson(3, 20)
    z, n, p = stats.norm.ppf(0.975), 20, 0.15
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert share == pytest.approx((p, centre - half, centre + half))
    assert wilson(0, 10).low == 0
    assert wilson(10, 10).high == 1


def test_students_interval_covers_the_mean_as_often_as_it_says():
    generator = np.random.default_rng(3)
    draws = generator.standard_normal((2000, 12)) + 5
    found = [mean_interval(row) for row in draws]
    covered = np.mean([item.low <= 5 <= item.high for item in found])
    assert covered == pytest.approx(0.95, abs=0.015)
    alone = mean_interval(np.array([2.0]))
    assert alone.value == 2
    assert np.isnan([alone.low, alone.high]).all()


def test_further_variance_widens_an_interval():
    values = np.arange(10.0)
    assert mean_interval(values, 0.5).high > mean_interval(values).high


def test_a_bootstrap_draws_whole_paths_and_covers_the_median():
    generator = np.random.default_rng(5)
    covered = []
    for _ in range(150):
        values = generator.exponential(size=80)
        low, high = bootstrap(lambda chosen, values=values: float(np.median(values[chosen])), 80, resamples=200)
        covered.append(low <= np.log(2) <= high)
    assert 0.88 < np.mean(covered) <= 1
    assert all(chosen.shape == (7,) and chosen.max() < 7 for chosen in resampled(7, resamples=5))


@pytest.mark.parametrize("shape", [(1,), (2,), (40,), (30, 7)])
@pytest.mark.parametrize("unknown", [0.0, 0.3])
def test_a_quantile_of_paths_drawn_is_numpy_s_of_their_values(shape, unknown):
    generator = np.random.default_rng(len(shape))
    values = np.round(generator.standard_normal(shape) ** 3, 1) + 0.1 / 3  # with ties
    values[generator.random(shape) < unknown] = np.nan
    values.reshape(-1)[0] = 1.0
    ordered = Ordered(values)
    for chosen in resampled(len(values), resamples=50):
        drawn = values[chosen]
        if np.isnan(drawn).all():
            assert np.isnan(ordered.quantile(chosen, 0.5))
            continue
        assert ordered.quantile(chosen, 0.5) == np.nanmedian(drawn)
        for level in (0.0, 0.1, 0.9, 1.0):
            assert ordered.quantile(chosen, level) == np.nanquantile(drawn, level)


def test_resamples_without_a_value_are_left_out_and_too_few_give_nothing():
    assert bootstrap(lambda _: None, 5) == pytest.approx((np.nan, np.nan), nan_ok=True)
    assert bootstrap(lambda chosen: 1.0 if chosen[0] else None, 2) == (1.0, 1.0)
    few = bootstrap(lambda chosen: 1.0 if chosen[0] else None, 2, resamples=10, least=11)
    assert np.isnan(few).all()


def test_a_paired_difference_knows_that_both_have_the_same_paths():
    noise = np.random.default_rng(1).standard_normal(200)
    low, high = paired_medians(noise + 0.01, noise)
    assert (low, high) == pytest.approx((0.01, 0.01))


def test_quantiles_leave_out_what_is_not_known_and_are_numpys_to_the_last_digit():
    values = np.random.default_rng(4).standard_normal((9, 5))
    values[:3, 1] = np.nan
    values[:, 3] = np.nan
    levels = (0.1, 0.25, 0.5, 0.9)
    found = quantiles(values, levels)
    np.testing.assert_array_equal(found[:, [0, 1, 2, 4]], np.nanquantile(values[:, [0, 1, 2, 4]], levels, axis=0))
    assert np.isnan(found[:, 3]).all()
