"""Quantiles of weighted samples: intervals that cover a known truth, and a variance that is what it says."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from cqkit.errors import InputError
from hedging.reserves.tails import sample_quantile
from hedging.reserves.weighted import LEAST_EVIDENCE, WeightedSample

LEVEL = 0.999
TRUTH = norm.ppf(LEVEL)


def drawn(seed, strata, correlation):
    """Standard normal values whose score is drawn about where they are large, two to each of so many strata."""
    generator = np.random.default_rng(seed)
    middle = 3 * correlation**2 - 0.3
    share = (np.repeat(np.arange(strata), 2) + generator.random(2 * strata)) / strata
    scores = norm.ppf(share, middle, 1.2)
    weights = norm.pdf(scores) / norm.pdf(scores, middle, 1.2)
    noise = generator.standard_normal(2 * strata)
    return WeightedSample(correlation * scores + np.sqrt(1 - correlation**2) * noise, weights)


def test_by_hand():
    """Four draws of two strata; of the second both exceed 1, of the first one does."""
    sample = WeightedSample(np.array([3.0, 0.0, 1.5, 2.0]), np.array([0.4, 0.8, 1.2, 1.6]))
    values, probability, variance, freedom = sample.exceedance()
    np.testing.assert_allclose(values, [0.0, 1.5, 2.0, 3.0])
    np.testing.assert_allclose(probability, [0.8, 0.5, 0.1, 0.0], atol=1e-15)
    first, second = 0.1**2, np.array([0.1, 0.4]) ** 2  # differences of the strata's draws, over four
    np.testing.assert_allclose(variance, [first + second[0], first + second[1], first, 0.0], atol=1e-15)
    np.testing.assert_allclose(freedom[1], (first + second[1]) ** 2 / (first**2 + second[1] ** 2))


def test_what_is_alike_is_exceeded_together():
    sample = WeightedSample(np.array([1.0, 1.0, 1.0, 2.0]), np.ones(4))
    _, probability, variance, _ = sample.exceedance()
    np.testing.assert_allclose(probability, [0.25, 0.25, 0.25, 0.0])
    np.testing.assert_allclose(variance, [1 / 16, 1 / 16, 1 / 16, 0.0])


@pytest.mark.parametrize(("strata", "correlation", "least"), [(200, 0.95, 0.6), (400, 0.95, 0.85), (2000, 0.7, 0.6)])
def test_the_interval_covers_a_far_quantile_in_small_samples(strata, correlation, least):
    """Of 400 samples at least 90 % cover it, and most say something."""
    found = [drawn(seed, strata, correlation).quantile(LEVEL) for seed in range(400)]
    told = [one for one in found if np.isfinite(one.value)]
    assert len(told) >= least * len(found)
    assert np.mean([one.low <= TRUTH <= one.high for one in told]) >= 0.90
    assert np.median([one.high - one.low for one in told]) < 1.0  # it says something


def test_the_variance_is_that_of_many_samples():
    """Of the probability of more than the truth: the mean told over 400 samples is what they vary by."""
    found = [at(drawn(seed, 400, 0.9), TRUTH) for seed in range(400)]
    above, told = np.array(found).T
    assert above.mean() == pytest.approx(1 - LEVEL, rel=0.02)
    assert above.var() == pytest.approx(told.mean(), rel=0.25)
    # Draws that are put where they matter are worth many times more than as many plain ones.
    assert LEVEL * (1 - LEVEL) / told.mean() > 20 * 800


def at(sample, value):
    """Probability of more than a value, and its variance."""
    values, probability, variance, _ = sample.exceedance()
    place = np.searchsorted(values, value) - 1
    return probability[place], variance[place]


def test_plain_draws_are_worth_themselves():
    generator = np.random.default_rng(1)
    sample = WeightedSample(generator.standard_normal(20_000), np.ones(20_000))
    found = sample.quantile(0.9)
    assert found.plain_draws(0.9) == pytest.approx(20_000, rel=0.1)
    plain = sample_quantile(sample.values, 0.9)
    np.testing.assert_allclose([found.value, found.low, found.high], [plain.value, plain.low, plain.high], atol=2e-3)


@pytest.mark.parametrize("values", [np.zeros(100), np.arange(100.0)])
def test_a_sample_that_says_too_little_says_nothing(values):
    found = WeightedSample(values, np.ones(100)).quantile(LEVEL)
    assert np.isnan([found.value, found.low, found.high, found.plain_draws(LEVEL)]).all()
    assert found.evidence < LEAST_EVIDENCE


def test_a_wrong_sample_or_level_is_refused():
    with pytest.raises(InputError, match="two of each stratum"):
        WeightedSample(np.ones(3), np.ones(3))
    with pytest.raises(InputError, match="not percent"):
        WeightedSample(np.ones(4), np.ones(4)).quantile(99.9)
