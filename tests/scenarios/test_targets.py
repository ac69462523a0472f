"""Measures on a record that one can work out by hand, and targets on those."""

import ast
import warnings
from datetime import date
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from scipy import stats

from abm import DailyRecord, Flow
from abm.settings import Settings
from abm.state import FundKind
from cqkit.statistics import RESAMPLES
from scenarios import load_scenario, measures, scenario_names
from scenarios.measures import Outcome, redrawn
from scenarios.measures.daily import CalmDeviation
from scenarios.schema import Kind, Scenario
from scenarios.targets import FITTED, Runs, evaluate_targets, fitted_targets, for_fitting

DAYS, EVENT = 7, 3  # Monday 30 July to Tuesday 7 August; the event is Thursday 2 August
LONG_SHORT = np.full(3, int(FundKind.LONG_SHORT))
NAV = np.array(
    [
        [
            [1.0, 1.0, 1.0],
            [1.0, 1.0, 1.0],
            [2.0, 1.0, 1.0],
            [1.8, 0.9, 1.0],
            [1.6, 0.7, 0.8],
            [1.9, 0.8, 1.1],
            [2, 1, 1],
        ],
        [
            [1.0, 1.0, 1.0],
            [1.0, 1.0, 1.0],
            [1.0, 1.0, 1.0],
            [1.1, 1.2, 1.0],
            [1.2, 1.2, 1.2],
            [1.3, 1.3, 1.3],
            [1, 1, 1],
        ],
    ]
)


@pytest.fixture
def settings():
    clock = {"start": "2007-07-30", "days": DAYS, "bars": 1, "event": "2007-08-02"}
    return Settings.model_validate({"clock": clock, "funds": {"count": 3}})


@pytest.fixture
def outcome(settings):
    record = DailyRecord.empty(settings, 2, LONG_SHORT)
    record.nav[:] = NAV
    record.book[:] = [2.0, 4.0]
    record.flows[:, :, Flow.FORCED] = 0
    record.flows[0, 4, Flow.FORCED] = -0.5
    record.flows[0, 5, Flow.FORCED] = -0.25
    for column in record.daily.values():
        column[:] = 0.0
    record["index"][:] = [[0.01, 0.02, 0.03, -0.01, -0.02, 0.04, 0.0], [0.0, 0.0, 0.0, -0.01, 0.02, 0.04, 0.01]]
    record["khandani_lo"][:] = 0.01 * np.arange(2 * DAYS).reshape(2, DAYS)
    record["khandani_lo"][:, 0] = np.nan
    record["margin_calls"][:] = [[0, 1, 0, 0, 1, 0, 0], [0, 0, 0, 0, 1, 0, 0]]
    record.note_events([0, 0, 1], [1, 4, 4], [2, 0, 1], "margin_call", [0.1, 0.2, 0.3])
    record.note_events([0], [1], [1], "forced_sale", [0.5])
    return Outcome(settings, record, None)


def measured(outcome, name, **parameters):
    measure = measures.parse_measure({"name": name, **parameters})
    assert measure.faults(outcome.settings) == []
    return measure.values(outcome)


def test_a_day_s_value_is_read_off_that_day(outcome):
    assert measured(outcome, "daily", column="index", on=date(2007, 8, 3)).tolist() == [-0.02, 0.02]


def test_a_change_is_against_the_close_before_over_the_weekend_too(outcome):
    assert measured(outcome, "change", column="index", on=date(2007, 8, 6)) == pytest.approx([0.06, 0.02])


def test_signs_must_all_be_right_from_their_first_day_on(outcome):
    signs = {"column": "index", "from": date(2007, 8, 2), "signs": [-1, -1, 1]}
    assert measured(outcome, "signs", **signs).tolist() == [1, 0]
    assert measured(outcome, "signs", **signs | {"signs": [-1]}).tolist() == [1, 1]


def test_calm_days_are_those_before_the_event(outcome):
    assert measured(outcome, "calm", column="index").tolist() == [[0.01, 0.02, 0.03], [0, 0, 0]]
    assert measured(outcome, "calm_sd", column="index") == pytest.approx([0.01, 0])
    # The first day has no contrarian return: two days are left.
    assert measured(outcome, "calm_sd", column="khandani_lo") == pytest.approx(2 * [0.01 / np.sqrt(2)])


def test_a_trough_is_the_lowest_nav_against_the_eve_s(outcome):
    assert measured(outcome, "fund_trough") == pytest.approx(np.array([[-0.2, -0.3, -0.2], [0, 0, 0]]))
    assert measured(outcome, "fund_trough", days=1) == pytest.approx(np.array([[-0.1, -0.1, 0], [0.1, 0.2, 0]]))
    assert measured(outcome, "crowd_trough") == pytest.approx([-0.2, 0])
    assert measured(outcome, "crowd_trough", days=1) == pytest.approx([-0.1, 0.1])


def test_what_is_recovered_is_a_share_of_the_median_fund_s_trough(outcome):
    # Median fund of path 0: -10 %, -20 %, -5 %; path 1 has no trough.
    assert measured(outcome, "recovered_share", days=2) == pytest.approx([0.75, np.nan], nan_ok=True)


def test_the_crowd_s_profit_is_that_of_all_its_equity_since_the_eve(outcome):
    outcome.record["crowd_profit"][:] = [[0.0, 0.1, 0.2, 0.1, -0.1, -0.2, -0.1], [0.0, 0.0, 0.1, 0.1, 0.2, 0.3, 0.4]]
    assert measured(outcome, "crowd_profit") == pytest.approx([-0.3, 0.3])
    assert measured(outcome, "crowd_profit", days=2) == pytest.approx([-0.3, 0.1])


def test_calls_are_counted_by_day(outcome):
    assert measured(outcome, "margin_calls_before_event").tolist() == [1, 0]
    assert measured(outcome, "daily", column="margin_calls", on=date(2007, 8, 3)).tolist() == [1, 1]


def test_forced_sales_are_a_share_of_the_starting_book(outcome):
    assert measured(outcome, "forced_share").tolist() == [0.375, 0]


def test_a_fund_without_equity_on_the_eve_has_no_trough_and_the_others_keep_theirs(outcome):
    outcome.record.nav[0, :, 1] = 0.0
    assert measured(outcome, "fund_trough")[0] == pytest.approx([-0.2, np.nan, -0.2], nan_ok=True)
    assert measured(outcome, "crowd_trough")[0] == pytest.approx(-0.2)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("daily", {"column": "khandani_lo", "on": date(2007, 7, 30)}),
        ("change", {"column": "index", "on": date(2007, 7, 30)}),
        ("change", {"column": "khandani_lo", "on": date(2007, 7, 31)}),
        ("signs", {"column": "index", "from": date(2007, 8, 6), "signs": [1, 1, 1]}),
        ("fund_trough", {"days": 5}),
        ("crowd_trough", {"days": 5}),
        ("crowd_profit", {"days": 5}),
        ("recovered_share", {"days": 4}),
    ],
)
def test_what_a_run_does_not_have_is_a_fault_before_it_runs(settings, name, parameters):
    assert len(measures.parse_measure({"name": name, **parameters}).faults(settings)) == 1


def test_a_deviation_needs_two_calm_days():
    clock = {"start": "2007-07-30", "days": 4, "event": "2007-08-01"}
    settings = Settings.model_validate({"clock": clock})
    assert CalmDeviation(column="index").faults(settings) == []
    assert len(CalmDeviation(column="khandani_lo").faults(settings)) == 1


# -- targets -----------------------------------------------------------------------------------------------------------


def target(outcome, low=-1.0, high=1.0, twin=None, sensitivity=None, **more):
    """Evaluate one target on the outcome."""
    wanted = {"name": "t", "kind": "design", "low": low, "high": high, "statistic": "s"}
    wanted |= {"measure": {"name": "forced_share"}} | more
    content = outcome.settings.model_dump() | {"title": "t", "target": [wanted]}
    runs = Runs({"main": outcome, "twin": twin or outcome}, {}, {"moved": sensitivity} if sensitivity else {})
    (result,) = evaluate_targets(Scenario.model_validate(content), runs)
    return result


def with_forced_sales(outcome, sold):
    """The same ensemble on as many paths as there are shares sold."""
    record = DailyRecord.empty(outcome.settings, len(sold), LONG_SHORT)
    record.book[:] = 1.0
    record.flows[:, 4, Flow.FORCED] = -np.array(sold)
    return Outcome(outcome.settings, record, None)


@pytest.mark.parametrize(
    ("reduce", "value"), [("median", 0.25), ("mean", 0.275), ("sum", 1.1), ("p10", 0.13), ("p90", 0.44)]
)
def test_a_target_reduces_over_paths_and_scales(outcome, reduce, value):
    found = target(with_forced_sales(outcome, [0.1, 0.2, 0.3, 0.5]), reduce=reduce, scale=100.0, high=200.0)
    assert found.measured == pytest.approx(100 * value)
    assert found.paths == 4


@pytest.mark.parametrize(("low", "high", "met"), [(0.25, 1, True), (0, 0.25, True), (0.26, 1, False), (0, 0.24, False)])
def test_a_target_is_met_from_edge_to_edge(outcome, low, high, met):
    found = target(with_forced_sales(outcome, [0.125, 0.25, 0.5]), low, high)
    assert found.measured == 0.25
    assert found.met is met


def test_a_target_less_its_twin_is_taken_path_by_path(outcome):
    main, twin = with_forced_sales(outcome, [0.5, 0.75, 1.0]), with_forced_sales(outcome, [0.5, 0.0, 0.25])
    # Differences 0, 0.75, 0.75: their median is not the difference of medians.
    assert target(main, twin=twin, minus_twin=True).measured == 0.75


def test_a_share_comes_with_wilson_s_interval(outcome):
    signs = {"name": "signs", "column": "index", "from": "2007-08-02", "signs": [-1, -1, 1]}
    found = target(outcome, measure=signs, reduce="share", scale=100.0)
    expected = stats.binomtest(1, 2).proportion_ci(method="wilson")
    assert found.measured == 50.0
    assert found.interval == pytest.approx((100 * expected.low, 100 * expected.high))


def test_a_mean_s_interval_is_about_two_standard_errors_either_side(outcome):
    sold = np.random.default_rng(3).uniform(0, 1, 400)
    found = target(with_forced_sales(outcome, sold), reduce="mean")
    error = 1.96 * sold.std() / 20
    assert RESAMPLES >= 200
    assert found.interval == pytest.approx((sold.mean() - error, sold.mean() + error), abs=0.25 * error)


def test_an_interval_rises_even_where_the_scale_turns_it_round(outcome):
    low, high = target(with_forced_sales(outcome, [0.1, 0.2, 0.3, 0.5]), scale=-100.0).interval
    assert low < high < 0


def test_one_path_and_a_sum_have_no_interval(outcome):
    assert target(with_forced_sales(outcome, [0.5])).interval is None
    assert target(with_forced_sales(outcome, [0.5, 0.5]), reduce="sum").interval is None


def test_nothing_measured_is_not_met_and_has_no_interval(outcome):
    outcome.record.nav[0] = outcome.record.nav[1]
    found = target(outcome, measure={"name": "recovered_share", "days": 2})
    assert (found.measured, found.interval, found.met) == (None, None, False)


def test_an_interval_stands_on_the_paths_that_have_a_value(outcome):
    found = target(outcome, measure={"name": "recovered_share", "days": 2})
    assert found.measured == pytest.approx(0.75)
    assert found.interval == pytest.approx((0.75, 0.75))


def test_a_sensitivity_shifts_by_what_it_changes_on_the_paths_that_both_have(outcome):
    main, moved = with_forced_sales(outcome, [0.2, 0.2, 0.2, 0.4, 0.6]), with_forced_sales(outcome, [0.3, 0.3, 0.3])
    found = target(main, sensitivity=moved, reduce="mean")
    assert found.measured == pytest.approx(0.32)
    assert found.sensitivity == {"moved": pytest.approx(0.32 + 0.1)}


@pytest.mark.parametrize(("take", "value"), [("ratio", 0.5 / 0.2), ("share_gone", 0.3 / 0.5)])
def test_a_comparison_is_between_reduced_figures_on_the_paths_that_both_have(outcome, take, value):
    main, twin = with_forced_sales(outcome, [0.4, 0.6, 9.0]), with_forced_sales(outcome, [0.1, 0.3])
    found = target(main, twin=twin, reduce="mean", against={"run": "twin", "take": take}, high=9.0)
    assert found.measured == pytest.approx(value)
    assert found.paths == 2
    assert found.interval is not None
    assert found.interval[0] <= value <= found.interval[1]


def test_a_comparison_with_nothing_is_not_met(outcome):
    main, twin = with_forced_sales(outcome, [0.4, 0.6]), with_forced_sales(outcome, [0.0, 0.0])
    assert target(main, twin=twin, against={"run": "twin", "take": "ratio"}).measured is None


def test_a_target_is_compared_once(outcome):
    with pytest.raises(ValueError, match="compared once"):
        target(outcome, minus_twin=True, against={"run": "twin", "take": "ratio"})


# -- what a fit may look at --------------------------------------------------------------------------------------------

BENCHMARKS = Path(__file__).parent.parent.parent / "benchmarks"


@pytest.mark.parametrize("name", scenario_names())
def test_a_fit_sees_no_target_that_is_held_out_and_none_that_proves_nothing(name):
    scenario = load_scenario(name)
    seen = for_fitting(scenario).target
    assert [item for item in scenario.target if item.kind in FITTED] == list(seen) == list(fitted_targets(scenario))
    assert {item.kind for item in seen}.isdisjoint({"held-out", "context"})
    assert {item.kind for item in fitted_targets(scenario, ["history"])} <= {"history"}


def test_august_2007_has_targets_to_hide():
    scenario = load_scenario("quake-2007")
    hidden = {item.name for item in scenario.target} - {item.name for item in fitted_targets(scenario)}
    assert {"khandani_lo.2007-08-14..17", "volatility_index.level.2007-08-08"} < hidden


@pytest.mark.parametrize("kind", sorted(set(get_args(Kind)) - set(FITTED)))
def test_a_fit_cannot_ask_for_what_is_hidden_from_it(kind):
    with pytest.raises(ValueError, match=kind):
        for_fitting(load_scenario("quake-2007"), ["history", kind])


@pytest.mark.parametrize("script", sorted(BENCHMARKS.glob("fit*.py")), ids=lambda path: path.name)
def test_a_fit_loads_scenarios_in_no_other_way(script):
    calls = [node for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    named = {id(node): getattr(node.func, "id", getattr(node.func, "attr", "")) for node in calls}
    loads = [node for node in calls if named[id(node)] == "load_scenario"]
    guarded = [node.args[0] for node in calls if named[id(node)] == "for_fitting"]
    assert bool(loads) == (script.name == "fit.py")  # what all fits share loads, the tables do not
    assert all(any(load is item for item in guarded) for load in loads)


@pytest.mark.parametrize("reduction", ["median", "mean", "p10"])
def test_paths_drawn_of_which_nothing_is_known_have_no_statistic(reduction):
    of = redrawn(reduction, np.array([1.0, np.nan, 3.0]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(of(np.array([1, 1, 1])))
        assert of(np.array([0, 1, 0])) == 1.0
