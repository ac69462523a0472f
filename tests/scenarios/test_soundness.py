"""Whether laws hold in a box: which points are tried, what counts as a fault, what becomes of a market that fails."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from abm import Market
from cqkit.errors import InputError
from cqkit.statistics import holm, rises_by_chance
from scenarios import Case, load_scenario, scenario_names, simulate, soundness
from scenarios.grid import points_of, tried
from scenarios.judging import Judged, judge
from scenarios.soundness import BOOKED, REQUIREMENTS, Seen, runs_away, see
from scenarios.studies import cases_of
from scenarios.studies.domain import DomainStudy
from scenarios.twins import has_seller, without_cause, without_liquidator

BOX = """
[domain]
laws = ["square_root", "linear"]
bars = [2, 4]
[[domain.axis]]
key = "funds.crowding"
values = [0, 0.5, 1]
role = "hurts"
beside = ["liquidator.size"]
[[domain.axis]]
key = "liquidator.size"
values = [0, 0.1, 0.3]
of = "crowd_book"
role = "hurts"
[[domain.axis]]
key = "liquidator.days"
values = [1, 6]
"""


@pytest.fixture(scope="module")
def boxed(small_text, tmp_path_factory):
    path = tmp_path_factory.mktemp("box") / "boxed.toml"
    path.write_text(small_text + BOX, encoding="utf-8")
    return load_scenario(path)


@pytest.fixture(scope="module")
def study(boxed):
    return soundness(boxed, paths=4, seed=3)


# -- the grid ----------------------------------------------------------------------------------------------------------


def test_each_axis_is_tried_alone_with_the_scenario_s_own_value(boxed):
    points = [point for point in points_of(boxed) if point.line == "funds.crowding" and point.law == "square_root"]
    assert [point.values for point in points] == [(0.0,), (0.5,), (0.83,), (1.0,)]
    own = points[2].settings
    assert own == boxed.settings
    assert [point.settings.funds.crowding for point in points] == [0, 0.5, 0.83, 1]


def test_pairs_are_tried_at_every_two_values_under_every_law(boxed):
    points = [point for point in points_of(boxed) if len(point.axes) == 2 and not point.corner]
    assert len(points) == 2 * 4 * 4
    assert {point.bars for point in points} == {3}


def test_corners_are_tried_at_fewest_and_at_most_bars(boxed):
    corners = [point for point in points_of(boxed) if point.corner and point.law == "linear"]
    assert {(point.bars, *point.values) for point in corners} == {
        (bars, crowding, size) for bars in (2, 4) for crowding in (0, 1) for size in (0, 0.3)
    }
    assert all(point.settings.clock.bars == point.bars for point in corners)


def test_a_longer_sale_has_as_many_days_after_it(boxed):
    points = {point.values[0]: point.settings for point in points_of(boxed) if point.line == "liquidator.days"}
    assert {days: settings.clock.days for days, settings in points.items()} == {1: 12, 2: 12, 6: 16}


def test_a_book_that_is_measured_by_the_crowd_s_grows_with_it(boxed):
    axis = boxed.domain.axis[1]
    for point in points_of(boxed):
        if axis in point.axes:
            value = point.values[point.axes.index(axis)]
            assert point.settings.liquidator.size == pytest.approx(value * boxed.funds.capital * boxed.funds.leverage)
    assert tried(axis, boxed)[2] == pytest.approx(boxed.liquidator.size / (boxed.funds.capital * boxed.funds.leverage))


@pytest.mark.parametrize("name", scenario_names())
def test_the_points_of_every_library_scenario_lie_in_its_box(name):
    scenario = load_scenario(name)
    assert len(cases_of(DomainStudy(), scenario, 16, 1)) > 10


def test_a_twin_differs_in_its_seller_alone(boxed):
    twin, quiet = without_liquidator(boxed.settings), without_cause(boxed.settings)
    assert has_seller(boxed.settings)
    assert not has_seller(twin)
    assert twin.model_copy(update={"liquidator": boxed.liquidator}) == boxed.settings
    assert quiet.news == ()
    assert without_cause(load_scenario("report-2007").settings).market.index_path is None


# -- what is asked -----------------------------------------------------------------------------------------------------


def seen(paths=16, days=4, **changed):
    """A market in which nothing happens to anybody."""
    nothing = np.zeros(paths)
    usual = dict.fromkeys(Seen._fields, nothing)
    usual |= {"value": np.zeros((paths, days)), "selling": np.ones((paths, days), dtype=bool)}
    return Seen(**(usual | changed))


def judged(boxed, **own):
    """Points along the axis of crowding, of which the last shows something."""
    points = [point for point in points_of(boxed) if point.line == "funds.crowding" and point.law == "square_root"]
    return [Judged(point, seen(**(own if point is points[-1] else {})), seen(), seen()) for point in points]


def faults(points):
    table, steps, verdicts = judge(points)
    assert (verdicts.set_index("requirement").loc[[*REQUIREMENTS]].index == [*REQUIREMENTS]).all()
    return table["failed"].tolist(), set(verdicts.loc[~verdicts["met"], "requirement"]), steps


def test_a_market_in_which_nothing_happens_is_sound(boxed):
    failed, unmet, steps = faults(judged(boxed))
    assert failed == [""] * 4
    assert unmet == set()
    assert (steps["chance"] == 1).all()


@pytest.mark.parametrize(
    ("own", "fault"),
    [
        ({"final": np.full(16, np.nan)}, "finite"),
        ({"value": np.full((16, 4), 0.01)}, "runaway"),
        ({"unbooked": np.full(16, 0.01)}, "booked"),
        ({"residual": np.full(16, 1e-11)}, "ledger"),
        ({"final": np.linspace(0.01, 0.02, 16)}, "no_gain"),
    ],
)
def test_each_fault_is_found_where_it_is(boxed, own, fault):
    failed, unmet, _ = faults(judged(boxed, **own))
    assert [fault in found for found in failed] == [False, False, False, True]
    assert fault in unmet


@pytest.mark.parametrize("futures", [False, True])
def test_what_lenders_have_booked_for_one_fund_covers_no_other(small, futures_file, futures):
    hard = {"funds.leverage": 9.0, "funds.severity": [0.0, 0.0], "funds.crowding": 1.0}
    scenario = load_scenario(futures_file if futures else small, hard | {"liquidator.size": 0.6})
    market = Market(scenario.settings, 3, 4)
    market.run(1)
    found = see(market)
    assert found.lenders.max() > 0.01
    assert found.unbooked.max() == pytest.approx(0, abs=1e-12)
    path = int(found.lenders.argmax())
    standing = int(market.record.nav[path, -1].argmax())
    market.record.nav[path, -1, standing] = -1e-3  # far less than was booked for others
    assert BOOKED < see(market).unbooked[path] < found.lenders[path]


def test_a_market_that_left_its_range_says_how(boxed):
    points = judged(boxed)
    points[1].own = "day 3, path 0: prices have left the range"
    table, steps, _ = judge(points)
    assert table["failed"].tolist() == ["", "finite", "", ""]
    assert "prices have left the range" in table["why"][1]
    assert np.isnan(table["trough"][1])
    assert len(steps) == 6  # of twelve, those that do not touch it


def test_no_rise_is_a_runaway_when_nobody_sells_or_when_it_may_be_chance():
    rise = np.full((16, 4), 0.01)
    assert runs_away(seen(value=rise), seen()) == pytest.approx(0.01)
    assert runs_away(seen(value=rise, selling=np.zeros((16, 4), dtype=bool)), seen()) == 0
    noise = np.random.default_rng(1).standard_normal((16, 4))
    assert runs_away(seen(value=noise), seen(value=-noise)) == 0
    assert runs_away(seen(value=-rise), seen()) == 0


def test_a_loss_that_shrinks_on_all_paths_is_a_fault_and_one_that_shrinks_on_half_is_not(boxed):
    losses = -np.linspace(0.1, 0.4, 16)
    for own, less in ((losses, 0.9), (losses, 1.1), (losses, np.where(np.arange(16) % 2, 0.9, 1.1))):
        points = judged(boxed)
        points[2].own, points[3].own = seen(trough=own), seen(trough=own * less)
        points[1].own = points[0].own = seen(trough=own)
        failed, unmet, _ = faults(points)
        shrinks = np.all(np.asarray(less) < 1)
        assert (failed[3] == "monotone") == shrinks
        assert ("monotone" in unmet) == shrinks


def test_sales_without_cause_are_counted_over_paths(boxed):
    forced = np.zeros(100)
    points = judged(boxed)
    for many, unmet in ((1, set()), (2, {"cause"})):
        quiet = seen(paths=100, forced=np.where(np.arange(100) < many, 0.1, forced))
        for point in points:
            point.quiet, point.failed = quiet, {}
        assert faults(points)[1] == unmet


def test_many_tests_are_held_to_one_level():
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03]), [0.03, 0.06, 0.06])
    assert holm([]).size == 0


def test_what_rises_on_all_paths_has_the_chance_of_one_way_in_two_to_the_paths():
    rise = np.linspace(0.1, 1, 12)
    np.testing.assert_array_equal(rises_by_chance(np.array([rise])), [2.0**-12])
    found = rises_by_chance(np.array([rise, -rise, 0 * rise, np.where(np.arange(12) % 2, rise, -rise)]))
    assert found[0] == 3 * 2.0**-12  # the first, the second turned, the last turned in its own way
    assert (found[1:3] == 1).all()
    assert found[3] > 0.5
    assert rises_by_chance(np.full((1, 40), 0.1))[0] == 1 / 65_536
    assert rises_by_chance(np.zeros((0, 16))).size == 0


def test_of_many_sound_changes_hardly_ever_one_is_called_a_rise():
    noise = np.random.default_rng(5).standard_normal((200, 30, 10))  # studies, changes, paths
    false = [(rises_by_chance(one) < 0.05).any() for one in noise]
    assert 0.01 < np.mean(false) < 0.10


# -- the study ---------------------------------------------------------------------------------------------------------


def test_what_is_read_is_the_record_s(boxed):
    market = Market(boxed.settings, seed=3, paths=4)
    market.run(1)
    found = see(market)
    profit = market.record["crowd_profit"]
    np.testing.assert_array_equal(found.final, profit[:, -1])
    np.testing.assert_array_equal(found.trough, np.minimum(profit.min(axis=1), 0))
    assert found.selling.any(axis=0).sum() == 3  # from Monday noon, two days
    assert (found.forced >= 0).all()


def test_the_study_tells_every_point(study, boxed):
    assert len(study.points) == len(points_of(boxed)) == study.manifest["points"]
    assert set(study.tables()) == {"verdicts", "points", "steps"}
    assert list(study.verdicts["requirement"]) == [*REQUIREMENTS]
    assert study.sound == study.verdicts["met"].all()
    assert (study.points["failed"] != "").sum() == len(study.failures)
    own = study.points[(study.points["line"] == "funds.crowding") & (study.points["x"] == 0.83)]
    assert own["trough"].notna().all()
    assert study.as_json()["sound"] == study.sound


def test_the_twin_of_a_market_without_a_seller_is_itself(study):
    nobody = study.points[(study.points["line"] == "liquidator.size") & (study.points["x"] == 0)]
    assert (nobody["less_twin"] == 0).all()
    assert not nobody["failed"].str.contains("no_gain|runaway").any()


def test_with_few_paths_it_says_that_nothing_can_be_found(study):
    assert any("4 paths a point are too few" in note for note in study.manifest["notes"])


def test_a_larger_liquidator_goes_deeper(study):
    rows = study.points[(study.points["line"] == "liquidator.size") & (study.points["law"] == "square_root")]
    assert all(more <= less + 1e-12 for less, more in pairwise(rows.sort_values("x")["trough"]))


def test_the_study_does_not_depend_on_threads(boxed, study):
    again = soundness(boxed, paths=4, seed=3, workers=1)
    pd.testing.assert_frame_equal(again.points, study.points)


def test_a_scenario_without_a_box_cannot_be_studied(small):
    with pytest.raises(InputError, match="has no box to test"):
        soundness(small, paths=2)


def test_a_market_that_fails_is_found_among_others_and_read_as_its_error(boxed):
    wild = boxed.settings.model_copy(update={"funds": boxed.funds.model_copy(update={"capital": 500.0})})
    cases = {"calm": Case(boxed.settings), "wild": Case(wild), "twin": Case(without_liquidator(boxed.settings))}
    found = simulate(cases, _name, paths=2, seed=1, keep_faults=True)
    assert found["calm"] == ["calm"]
    assert found["twin"] == ["twin"]
    assert isinstance(found["wild"][0], InputError)
    assert "range" in str(found["wild"][0])
    with pytest.raises(InputError, match="range"):
        simulate(cases, _name, paths=2, seed=1)


def _name(key, market):
    return key


@pytest.mark.slow
def test_the_laws_hold_in_all_of_the_box_of_quake_2007():
    found = soundness("quake-2007")
    unmet = found.verdicts[~found.verdicts["met"]]
    assert found.sound, "\n".join(
        f"{row.told}: {row.failed} of {row.judged}; {row.first}" for row in unmet.itertuples()
    )
