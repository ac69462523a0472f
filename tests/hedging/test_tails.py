import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, genpareto

from cqkit.errors import InputError
from cqkit.statistics import wilson_interval
from hedging.reserves.tails import fit_tail, sample_quantile


@pytest.mark.parametrize("shape", [-0.2, 0.0, 0.25, 0.5])
def test_a_known_pareto_tail_is_found_again(shape):
    truth = genpareto.ppf(0.999, shape, scale=2.0)
    close = covered = shapes = 0
    for seed in range(40):
        tail = fit_tail(genpareto.rvs(shape, scale=2.0, size=6000, random_state=seed), 0.1)
        far = tail.quantile(0.999)
        covered += far.low <= truth <= far.high
        shapes += abs(tail.shape - shape) < 2 * tail.shape_error
        close += abs(far.value / truth - 1) < 0.5
        # What exceeds a threshold is Pareto again, with a scale that grows by the shape.
        assert tail.scale == pytest.approx(2.0 + shape * tail.threshold, abs=5 * tail.scale_error)
    assert close == 40
    # 95 % intervals: of 40, fewer than 33 holding has a chance below one in a thousand.
    assert min(covered, shapes) >= 33


def test_a_tails_probability_undoes_its_quantile():
    tail = fit_tail(np.random.default_rng(1).exponential(size=5000))
    for confidence in (0.96, 0.99, 0.9999):
        far = tail.quantile(confidence)
        assert tail.exceedance_probability(far.value) == pytest.approx(1 - confidence, rel=1e-9)
        assert far.low < far.value < far.high
    assert np.isnan(tail.exceedance_probability(tail.threshold - 1e-9))
    assert tail.exceedance_probability(tail.threshold) == pytest.approx(tail.share)
    assert np.isnan(tail.quantile(0.9).value)


def test_a_higher_confidence_never_lowers_a_quantile():
    sample = np.random.default_rng(2).standard_t(3, 4000) ** 2
    tail = fit_tail(sample)
    levels = [0.951, 0.97, 0.99, 0.999, 0.9999]
    assert np.all(np.diff([tail.quantile(level).value for level in levels]) > 0)
    assert np.all(np.diff([sample_quantile(sample, level).value for level in levels]) >= 0)


def test_few_exceedances_are_said():
    sample = np.random.default_rng(3).exponential(size=1000)
    assert fit_tail(sample, 0.2).notes == ()
    assert "50 draws exceed the threshold: fewer than 100" in fit_tail(sample, 0.05).notes[0]
    none = fit_tail(sample, 0.01)
    assert np.isnan(none.shape)
    assert "no tail was fitted" in none.notes[0]


def test_a_tail_with_an_end_has_no_error_and_says_so():
    tail = fit_tail(np.random.default_rng(4).uniform(size=4000), 0.2)
    assert tail.shape < -0.5
    assert np.isnan(tail.shape_error)
    assert any("left out" in note for note in tail.notes)
    assert tail.quantile(0.999).value == pytest.approx(0.999, abs=2e-3)


def test_draws_all_alike_have_no_tail_but_quantiles():
    sample = np.full(1000, 0.1)
    assert np.isnan(fit_tail(sample).quantile(0.99).value)
    assert sample_quantile(sample, 0.99) == sample_quantile(sample, 0.5)


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.99])
def test_order_statistics_hold_the_true_quantile_as_often_as_they_say(confidence):
    rng = np.random.default_rng(5)
    found = [sample_quantile(rng.uniform(size=800), confidence) for _ in range(1500)]
    held = sum(one.low <= confidence <= one.high for one in found)
    # They hold at least 95 %, and not much more.
    assert 0.935 < held / 1500 < 0.99


def test_a_sample_too_small_for_its_quantile_has_no_upper_end():
    assert sample_quantile(np.arange(1000.0), 0.999).high == np.inf
    assert sample_quantile(np.arange(10_000.0), 0.999).high < np.inf
    assert sample_quantile(np.arange(10.0), 0.05).low == 0


def test_draws_in_pairs_alike_widen_the_interval():
    sample = np.sort(np.random.default_rng(6).uniform(size=2000))
    alone, pairs = sample_quantile(sample, 0.95), sample_quantile(sample, 0.95, inflation=2.0)
    assert pairs.value == alone.value
    assert (pairs.high - pairs.low) / (alone.high - alone.low) == pytest.approx(np.sqrt(2), rel=0.2)


@given(count=st.integers(1, 5000), data=st.data())
def test_wilsons_interval_is_scipys(count, data):
    hits = data.draw(st.integers(0, count))
    expected = binomtest(hits, count).proportion_ci(0.95, method="wilson")
    np.testing.assert_allclose(wilson_interval(hits / count, count), (expected.low, expected.high), atol=1e-9)


@pytest.mark.parametrize("share", [0, 0.6, np.nan])
def test_a_tail_of_the_wrong_size_is_refused(share):
    with pytest.raises(InputError, match=r"share = .*: must lie above 0 and at most 0.5"):
        fit_tail(np.arange(100.0), share)
