"""`report` of results whose names, levels or keys are not the usual ones."""

from __future__ import annotations

import json
import re
import shutil

import pandas as pd
import pytest

import crowdquake
from crowdquake.report import make_pack
from crowdquake.report.limits import parse_limits
from crowdquake.report.making import texts
from scenarios import save

LIKE_NUMBERS = ["007=full", "NA=partial"]


def said(folder, **asked):
    return "\n".join(texts(make_pack([folder], **asked)))


@pytest.fixture(scope="module")
def reserves(tmp_path_factory):
    """A reserve study of policies named like numbers, at a level of its own, on disk."""
    asked = {"policies": LIKE_NUMBERS, "level": 0.98, "reserve": 0.11, "paths": 400, "days": 40}
    return save(crowdquake.reserve("gbm:volatility=0.3", **asked), tmp_path_factory.mktemp("results") / "reserve")


def test_a_reserve_at_any_level_is_held_against_the_reserve(reserves):
    told = said(reserves, limits=parse_limits(["reserve_98=0.5"]))
    assert told.count("reserve needed in 98 cases of 100") == 4  # two policies, the reserve held and the committee's


def test_policies_named_like_numbers_keep_their_names(reserves):
    told = said(reserves)
    assert "007 / gbm:volatility=0.3" in told
    assert "NA / gbm:volatility=0.3" in told


def test_a_replay_of_policies_named_like_numbers_is_told(tmp_path):
    days = pd.bdate_range("2024-01-02", periods=60)
    index = tmp_path / "index.csv"
    index.write_text("date,close\n" + "\n".join(f"{day:%Y-%m-%d},{3000 + 7 * n}" for n, day in enumerate(days)))
    found = crowdquake.hedge(index, policies=["1=full", "2=partial"], start="2024-02-01", end="2024-03-20")
    told = said(save(found, tmp_path / "hedge"))
    assert "hedge replayed on series" in told
    assert {"1", "2"} <= set(told.splitlines())


def test_a_key_that_the_scenario_does_not_set_has_no_line(small_file, tmp_path):
    asked = {"vary": "funds.crowding", "ranges": [(0.5, 0.9)], "loss": 0.5, "of": "crowd", "points": 2, "paths": 70}
    found = crowdquake.breakpoint(small_file, **asked)
    folder = save(found, tmp_path / "breakpoint")
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"own": [None]}))
    assert "as funds.crowding varies" in said(folder)


def test_a_mean_shortfall_has_an_interval_and_a_worst_one_no_end(reserves):
    limits = parse_limits(["expected_shortfall=0.0001", "worst_shortfall=0.9"])
    section = next(section for section in make_pack([reserves], limits=limits).sections if section.name == "limits")
    rows = section.parts[0].rows
    mean, worst = (next(row for row in rows if word in row[1]) for word in ("mean over all", "worst path"))
    value, low, high = (float(number) for cell in mean[3:5] for number in re.findall(r"[\d.]+", cell))
    assert low < value < high
    assert "∞" in worst[4]
    assert worst[5].startswith("open")


def test_a_reserve_is_not_confirmed_while_a_limit_is_broken(reserves):
    lax = ["call_probability=1"]
    assert "Confirm the reserve" in said(reserves, limits=parse_limits(lax))
    told = said(reserves, limits=parse_limits([*lax, "expected_shortfall=0.0001"]))
    assert "Confirm the reserve" not in told
    assert "but another limit is broken" in told
    assert "(broken: shortfall beyond the reserve, mean over all paths, at most" in told


def test_a_table_that_was_changed_is_a_fault_of_the_folder(reserves, tmp_path, command):
    folder = shutil.copytree(reserves, tmp_path / "changed")
    table = pd.read_csv(folder / "calls.csv")
    table.astype({"reserve": object}).assign(reserve="11%").to_csv(folder / "calls.csv", index=False)
    found = command("report", folder, "--out", tmp_path / "pack.html")
    assert found.code == 2
    (line,) = found.err.splitlines()
    assert line.startswith("error: changed: ")
    assert "write them anew with --out" in line
