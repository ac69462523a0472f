import numpy as np
import pytest
from hedging_worlds import BOOK
from hypothesis import given
from hypothesis import strategies as st

from cqkit.errors import InputError
from hedging import make_policy, replay
from hedging.models.paths import StockBook, make_path_model
from hedging.reserves import (
    CONFIDENCES,
    diluted_return,
    reflection_call_probability,
    reflection_reserve,
    simulate_reserve,
)

SIGMA, YEARS = 0.4488, 176 / 250


def simulated(policy="full", model="gbm", *, days=60, paths=2000, volatility=SIGMA, **options):
    parameters = {} if model == "bootstrap" else {"volatility": volatility}
    made = policy if not isinstance(policy, str) else make_policy(policy)
    return simulate_reserve(
        made, make_path_model(model, **parameters), days=days, paths=paths, start_value=BOOK, **options
    )


def test_the_reports_window_asked_for_104_percent_in_advance():
    assert reflection_reserve(SIGMA, 0.90, YEARS) == pytest.approx(1.04, abs=0.005)
    # The real path needed 71.75 %, which had a one in four chance of falling short.
    assert reflection_call_probability(0.7175, SIGMA, YEARS) == pytest.approx(0.237, abs=5e-4)


@given(
    confidence=st.floats(0.01, 0.9999),
    volatility=st.floats(0.01, 1),
    years=st.floats(0.01, 5),
    margin=st.floats(0.01, 0.5),
    bars=st.sampled_from([None, 250.0, 12_000.0]),
)
def test_the_probability_of_a_call_undoes_the_reserve(confidence, volatility, years, margin, bars):
    reserve = reflection_reserve(volatility, confidence, years, margin, bars_per_year=bars)
    found = reflection_call_probability(reserve, volatility, years, margin, bars_per_year=bars)
    if reserve > margin:
        assert found == pytest.approx(1 - confidence, rel=1e-6)


def test_less_than_the_initial_margin_is_called_at_once():
    assert reflection_call_probability([0.0, 0.0999], SIGMA, YEARS).tolist() == [1, 1]


@given(low=st.floats(0.5, 0.999), more=st.floats(0, 0.0009), volatility=st.floats(0.05, 1), years=st.floats(0.1, 2))
def test_a_surer_or_longer_or_wilder_hedge_needs_no_less(low, more, volatility, years):
    reserve = reflection_reserve(volatility, low, years)
    assert reflection_reserve(volatility, low + more, years) >= reserve
    assert reflection_reserve(volatility * 1.1, low, years) >= reserve
    assert reflection_reserve(volatility, low, years * 1.1) >= reserve
    assert reflection_reserve(volatility, low, years, bars_per_year=250) < reserve


def test_the_simulated_full_hedge_meets_the_reflection_formula_as_bars_get_short():
    gaps = []
    for bars in (11, 44, 176, 704):
        # The same volatility over the whole time, looked at more and more often.
        study = simulated(days=bars, paths=20_000, volatility=SIGMA * np.sqrt(176 / bars), seed=3, warmup=0)
        for confidence in (0.5, 0.9, 0.95):
            corrected = reflection_reserve(SIGMA, confidence, YEARS, bars_per_year=bars / YEARS)
            found = study.quantile(confidence, level=0.999)
            slack = 0.01 if bars == 11 else 0.0  # the correction is the first term of a series in sqrt(dt)
            assert found.low - slack <= corrected <= found.high + slack
        gaps.append(reflection_reserve(SIGMA, 0.9, YEARS) - study.quantile(0.9).value)
    # Who looks more rarely sees less of the peaks: the gap has one sign and halves with a quarter of the bar.
    assert np.all(np.diff(gaps) < 0)
    assert gaps[-1] > 0
    assert gaps[1] / gaps[0] == pytest.approx(0.5, abs=0.15)


@pytest.mark.parametrize("policy", ["full", "partial", "timing", "minimum-variance"])
def test_reserves_rise_with_confidence(policy):
    table = simulated(policy, paths=4000).table((0.9, 0.96, 0.99, 0.999))
    assert (table["reserve"].diff().dropna() > 0).all()
    fitted = table.dropna()
    assert len(fitted) == 3
    assert (fitted["tail"].diff().dropna() > 0).all()
    assert table["reserve"].between(table["low"], table["high"]).all()
    assert fitted["tail"].between(fitted["tail_low"], fitted["tail_high"]).all()


def test_no_hedge_needs_no_reserve():
    study = simulated("none", paths=200)
    assert not study.required.any()
    table = study.table()
    assert tuple(table["confidence"]) == CONFIDENCES
    assert not table["reserve"].any()
    assert (study.call_frontier()["probability"] == 0).all()


def test_sample_and_fitted_tail_agree_where_the_sample_is_rich():
    row = simulated(paths=20_000).table((0.99,)).iloc[0]
    assert row["tail"] == pytest.approx(row["reserve"], rel=0.03)
    assert row["tail_high"] - row["tail_low"] < row["high"] - row["low"]


def test_the_seed_decides_the_paths_and_more_of_them_leave_the_first():
    few, many = simulated(paths=1500, seed=5), simulated(paths=6500, seed=5)
    np.testing.assert_array_equal(many.required[:1500], few.required)
    np.testing.assert_array_equal(simulated(paths=1500, seed=5).undiluted, few.undiluted)
    assert (simulated(paths=1500, seed=6).required != few.required).mean() > 0.8  # some never rise


def test_a_simulated_path_is_a_replay():
    class Recorded(type(make_policy("full"))):
        name = "recorded"
        seen: list = []  # noqa: RUF012

        def contracts(self, view):
            self.seen.append(view.index.copy())
            return super().contracts(view)

    study = simulated(Recorded(), days=10, paths=3, warmup=5)
    last = Recorded.seen[-1]
    again = replay(make_policy("full"), last, start_value=BOOK)
    assert (study.required >= again.required_reserve - 1e-12).all()
    assert last.shape == (3, 10)


def test_the_past_is_what_policies_look_back_on_and_the_bootstrap_draws_from():
    rng = np.random.default_rng(0)
    calm, wild = (1000 * np.exp(np.cumsum(rng.normal(0, sd, 200))) for sd in (0.004, 0.04))
    # On day 0 the partial hedge knows the past only: after a calm one it hedges less.
    after = [
        simulated("partial", days=5, paths=500, volatility=0.01, past=past).required.mean() for past in (calm, wild)
    ]
    assert after[0] < after[1]
    needs = [simulated(model="bootstrap", past=past).quantile(0.95).value for past in (calm, wild)]
    assert needs[0] < needs[1] / 2


def test_mirrored_pairs_keep_the_answer():
    plain = simulated(paths=10_000, seed=1)
    paired = simulated(paths=10_000, seed=2, antithetic=True)
    one, other = plain.quantile(0.95), paired.quantile(0.95)
    assert one.low <= other.high
    assert other.low <= one.high
    assert paired.call_probability(0.3).value == pytest.approx(plain.call_probability(0.3).value, abs=0.02)


def test_pairs_that_are_alike_count_as_one():
    """A hedge that needs its reserve when the index moves either way makes mirrored paths alike."""
    study = simulated(paths=4000, days=1, antithetic=True)
    alike = type(study)(np.repeat(study.required[::2], 2), study.undiluted, "p", "m", 1, 1, antithetic=True)
    independent = type(study)(np.repeat(study.required[::2], 2), study.undiluted, "p", "m", 1, 1, antithetic=False)
    wide, narrow = alike.quantile(0.9), independent.quantile(0.9)
    assert wide.high - wide.low > 1.2 * (narrow.high - narrow.low)
    assert alike.call_probability(0.11).high > independent.call_probability(0.11).high


def test_a_larger_reserve_is_called_more_rarely_and_dilutes_more():
    study = simulated(book=StockBook(alpha=0.2), paths=4000)
    calls = study.call_frontier()
    assert (calls["probability"].diff().dropna() <= 0).all()
    assert calls["probability"].between(calls["low"], calls["high"]).all()
    assert calls["probability"].iloc[0] == 1
    known = calls.dropna()
    assert known["tail"].between(known["low"] - 2e-3, known["high"] + 2e-3).all()
    dilution = study.dilution_frontier()
    assert (dilution["q50"].diff().dropna() < 0).all()
    assert (dilution["outside_money"].diff().dropna() <= 0).all()
    bands = dilution[["q05", "q25", "q50", "q75", "q95"]].to_numpy()
    assert (np.diff(bands, axis=1) >= 0).all()
    np.testing.assert_allclose(dilution["mean"], diluted_return(study.undiluted.mean(), dilution["reserve"]))
    assert dilution["outside_money"].iloc[0] == pytest.approx(study.required.mean())


def test_the_reserve_at_a_confidence_is_called_with_the_rest_of_probability():
    study = simulated(paths=5000)
    for confidence in (0.5, 0.9, 0.99):
        reserve = study.quantile(confidence).value
        assert study.call_probability(reserve).value == pytest.approx(1 - confidence, abs=1e-9)


def test_options_of_the_replay_reach_it():
    aside, funding = simulated("partial", gains_fund_margin=False), simulated("partial")
    assert (funding.required <= aside.required).all()
    assert (funding.required < aside.required).any()


def test_the_threshold_table_shows_the_tail_at_each_share():
    table = simulated(paths=5000).threshold_table((0.2, 0.1, 0.05))
    assert table["exceedances"].tolist() == [1000, 500, 250]
    assert (table["threshold"].diff().dropna() > 0).all()
    assert table["reserve_999"].std() / table["reserve_999"].mean() < 0.1


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        (lambda: reflection_reserve(44.88, 0.9, 1), r"volatility = 44.88: must lie in 0..5 \(a ratio a year"),
        (lambda: reflection_reserve(0.4, 90, 1), "confidence = 90: must lie between 0 and 1"),
        (lambda: reflection_reserve(0.4, 0.9, 0, margin=10), "years = 0: .*\nmargin = 10: "),
        (lambda: simulated(days=0, paths=1), "days = 0: must be at least 1\npaths = 1: must be at least 2"),
        (lambda: simulated(reserve=0.2), "reserve: must be left out: the simulation sets it"),
        (lambda: simulated(past=[1000.0, -1.0]), "past: path 0, column 1: -1.0: must be positive and finite"),
        (lambda: simulated(model="bootstrap"), "0 past returns: must be at least 60"),
        (lambda: simulated(paths=3, antithetic=True), "paths = 3: must be even with antithetic draws"),
        (lambda: simulated(paths=4, antithetic=True).quantile(95), "confidence = 95: must lie between 0 and 1"),
        (lambda: simulated(paths=10).call_frontier([-1.0]), "reserves: must be a list of ratios"),
    ],
)
def test_what_is_wrong_is_named(call, fault):
    with pytest.raises(InputError, match=fault):
        call()
