"""August 2007 against its targets, on the ensembles that the README shows."""

import tomllib

import pytest

from scenarios import load_scenario, run

# Shown as missed, and why.
MISSED = {
    "khandani_lo.2007-08-13": "on some seeds: the rebound is followed by too large a fall",
    **dict.fromkeys(
        (
            *(f"khandani_lo.D{decile}.2007-08-07..09" for decile in (1, 4, 5, 8)),
            *(f"khandani_lo.D{decile}.2007-08-10" for decile in (1, 4, 5)),
        ),
        "the smallest stocks are hurt most, where history hurt those in the middle",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_target_of_august_2007_is_met(seed):
    found = run("quake-2007", paths=300, seed=seed)
    assert len(found.targets) == len(found.scenario.target)
    missed = {item.name: f"{item.measured} not in {item.low}..{item.high}" for item in found.targets if not item.met}
    assert missed.keys() <= MISSED.keys(), missed


def test_the_targets_are_those_that_were_agreed(real_data):
    path = real_data.parent / "targets" / "quake-2007.toml"
    if not path.is_file():
        pytest.skip(f"the agreed targets are not here: {path}")
    agreed = tomllib.loads(path.read_text(encoding="utf-8"))["target"]
    wanted = {item["name"]: (item["low"], item["high"], item["kind"], item.get("history")) for item in agreed}
    ours = {item.name: (item.low, item.high, item.kind, item.history) for item in load_scenario("quake-2007").target}
    assert ours == wanted
