"""How far a scenario's numbers may go: what is turned, where something breaks, and what a run outside says."""

from __future__ import annotations

import json

import pytest

from cqkit.errors import InputError
from crowdquake.charts.base import figures
from scenarios import conduct, load_scenario, run
from scenarios.domain import value_of
from scenarios.studies.walk import WalkStudy
from scenarios.sweeping import parse_turned
from scenarios.walking import middle, parameters_of, settings_at

DOMAIN = """
[domain.plausible]
"funds.cut" = [0.5, 1.0]
[domain.tested]
"impact.strength" = [1.0, 1.2]
"funds.tolerance" = [0.001, 0.9]
[[domain.axis]]
key = "funds.leverage"
values = [1, 2, 12]
role = "hurts"
"""
PATHS, SEED = 8, 3


@pytest.fixture(scope="module")
def crisis(small_text):
    """The small market, in which history says how deep the crowd falls."""
    return small_text.replace(
        '{ name = "daily", column = "khandani_lo", on = 2007-08-07 }', '{ name = "crowd_trough" }'
    )


@pytest.fixture(scope="module")
def tested(small_text, tmp_path_factory):
    path = tmp_path_factory.mktemp("walk") / "tested.toml"
    path.write_text(small_text + DOMAIN, encoding="utf-8")
    return load_scenario(path)


def measured(scenario, **overrides):
    """What the target of history comes to."""
    found = run(scenario, paths=PATHS, seed=SEED, overrides=overrides, counterfactuals=False)
    return next(target.measured for target in found.targets if target.name == "tuesday")


@pytest.fixture(scope="module")
def narrow(crisis, tmp_path_factory):
    """The same with a target whose range is three tenths about what it comes to."""
    path = tmp_path_factory.mktemp("walk") / "narrow.toml"
    path.write_text(crisis, encoding="utf-8")
    is_now = measured(load_scenario(path))
    low, high = sorted((0.7 * is_now, 1.3 * is_now))
    text = crisis.replace("low = -5\nhigh = 5\n", f"low = {low}\nhigh = {high}\n")
    path.write_text(text.replace("history = -1.0\n", f"history = {is_now}\n"), encoding="utf-8")
    return load_scenario(path)


@pytest.fixture(scope="module")
def walked(narrow):
    keys = parse_turned(["impact.strength", "funds.tolerance", "futures.decay"])
    return conduct(WalkStudy(vary=keys, finer=2), narrow, paths=PATHS, seed=SEED)


def test_numbers_are_turned_across_what_is_plausible(tested):
    found = {one.key: one for one in parameters_of(tested)}
    strength, cut = found["impact.strength"], found["funds.cut"]
    assert (strength.low, strength.high) == (strength.own / 2, strength.own * 2)
    assert (cut.low, cut.high) == (0.5, 1.0)  # as the scenario says
    assert (found["funds.leverage"].low, found["funds.leverage"].high) == (1, 12)  # its axis reaches further
    assert found["funds.reentry_share"].high == 1.0  # no share is above 1
    assert found["funds.leverage"].role == "hurts"
    left_out = ("funds.count", "clock.days", "desk.reserve", "market.price_limit")  # whole, no law's, 0
    assert not set(left_out) & set(found)


def test_a_range_over_funds_is_turned_as_a_whole(small):
    low, high = small.funds.tolerance
    turned = settings_at(small, (("funds.tolerance", low + high),)).funds.tolerance
    assert turned == pytest.approx((2 * low, 2 * high))
    assert value_of(small.settings, "funds.tolerance") == pytest.approx((low + high) / 2)
    assert middle(1, 4) == 2
    assert middle(0, 4) == 2


def test_it_looks_beyond_the_box_in_which_a_run_refuses(tested):
    wide = parse_turned(["funds.leverage=1:30"])
    assert conduct(WalkStudy(vary=wide, finer=0), tested, paths=2).points["value"].max() == 30
    with pytest.raises(InputError, match=r"must lie in 1\.\.12"):
        run(tested, paths=1, overrides={"funds.leverage": 30})


def test_within_the_tested_box_a_target_is_met_and_beyond_it_is_lost(walked, narrow):
    assert walked.held == ("tuesday",)
    (target,) = (target for target in narrow.target if target.name == "tuesday")
    rows = walked.parameters.set_index("key")
    row = rows.loc["impact.strength"]
    assert row["low"] < row["tested_low"] < row["own"] < row["tested_high"] < row["high"]
    for end in (row["tested_low"], row["tested_high"]):
        assert target.low <= measured(narrow, **{"impact.strength": float(end)}) <= target.high
    points = walked.points[walked.points["key"] == "impact.strength"]
    beyond = points[points["value"] > row["tested_high"] * 1.001].iloc[0]
    assert beyond["broke"] == "target"
    lost = measured(narrow, **{"impact.strength": float(beyond["value"])})
    assert not target.low <= lost <= target.high
    assert row["above"] == f"at {beyond['value']:.4g}: lost: tuesday ({lost:.3g})"


def test_the_edge_is_looked_for_by_halves(walked):
    values = walked.points[walked.points["key"] == "impact.strength"]["value"].to_numpy()
    row = walked.parameters.set_index("key").loc["impact.strength"]
    above = values[values > row["tested_high"] * 1.001].min()
    assert above / row["tested_high"] <= 2 ** (1 / 8) * 1.001  # twice, by halves of halves, on each side


def test_what_moves_nothing_is_told_apart(walked):
    assert walked.unmoved == ("futures.decay",)  # nobody trades futures here
    assert "futures.decay" not in walked.box


def test_pairs_are_tried_at_corners_of_the_box_and_of_the_ranges(walked):
    assert set(walked.pairs["corner_of"]) <= {"tested", "plausible"}
    corners = walked.pairs[walked.pairs["corner_of"] == "plausible"]
    rows = walked.parameters.set_index("key")
    assert len(corners) == 4
    for first in corners["first"]:
        assert set(corners["x"]) == {rows.loc[first, "low"], rows.loc[first, "high"]}


def test_its_lines_make_the_box_of_a_scenario(walked, narrow, small_text, tmp_path):
    (tmp_path / "mine.toml").write_text(small_text + walked.lines, encoding="utf-8")
    mine = load_scenario(tmp_path / "mine.toml")
    assert mine.domain.tested == walked.box
    assert mine.domain.outside_tested(mine.settings) == []
    assert {"parameters", "points", "pairs"} == set(walked.tables())
    assert json.dumps(walked.as_json(), default=str)
    assert dict(figures(walked)).keys() == {"walk"}


def test_a_walk_does_not_depend_on_threads(walked, narrow):
    keys = parse_turned(["impact.strength", "funds.tolerance", "futures.decay"])
    again = conduct(WalkStudy(vary=keys, finer=2), narrow, paths=PATHS, seed=SEED, workers=1)
    assert again.points.equals(walked.points)


def test_a_run_outside_the_tested_box_says_so_and_is_not_refused(tested):
    inside = run(tested, paths=2, counterfactuals=False, overrides={"impact.strength": 1.1})
    assert "outside_tested" not in inside.manifest
    found = run(tested, paths=2, counterfactuals=False, overrides={"impact.strength": 1.5})
    assert found.manifest["outside_tested"] == ["impact.strength = 1.5 (1..1.2)"]
    assert any("outside the tested box" in note for note in found.manifest["notes"])
    for _, figure in figures(found):
        assert "Outside the tested box" in " ".join(figure.get_supxlabel().split())
    for _, figure in figures(inside):
        assert "Outside the tested box" not in " ".join(figure.get_supxlabel().split())


def test_how_far_numbers_were_tested_is_no_part_of_what_a_scenario_is(tested):
    bare = tested.model_copy(update={"domain": tested.domain.model_copy(update={"tested": {}, "plausible": {}})})
    assert bare.digest == tested.digest


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        ('"impact.strength"', '"impact.strenght"', "unknown number of [impact]; did you mean strength?"),
        ("[1.0, 1.2]", "[1.2, 1.0]", "the lower one first"),
        ('"funds.cut"', '"funds.kind"', "unknown number of [funds]"),
    ],
)
def test_a_fault_in_a_tested_box_is_a_line(small_text, tmp_path, wrong, right, told):
    (tmp_path / "my.toml").write_text(small_text + DOMAIN.replace(wrong, right), encoding="utf-8")
    with pytest.raises(InputError) as found:
        load_scenario(tmp_path / "my.toml")
    (line,) = found.value.faults
    assert line.startswith("my.toml: ")
    assert told in line


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("funds.count", "whole number"),
        ("funds.leverages", "did you mean leverage"),
        ("impact.strength=1,2", "bare values"),
        ("market.price_limit", "is 0"),
    ],
)
def test_what_cannot_be_turned_is_refused(small, key, told):
    with pytest.raises(InputError, match=told):
        conduct(WalkStudy(vary=parse_turned([key])), small, paths=2)


def test_the_command_walks(command, small_file, tmp_path):
    words = ("--parameters", "--vary", "impact.strength", "--paths", "4", "--out", tmp_path / "walk")
    found = command("domain", small_file, *words)
    assert found.code == 0, found.err
    assert "impact.strength" in found.out
    assert (tmp_path / "walk" / "tested.toml").read_text().startswith("[domain.tested]\n")
    assert {"walk.png", "parameters.csv", "points.csv"} <= {file.name for file in (tmp_path / "walk").iterdir()}


def test_numbers_alone_are_not_walked_without_asking(command, small_file):
    found = command("domain", small_file, "--vary", "impact.strength")
    assert found.code == 2
    assert "must stand beside --parameters" in found.err
