"""`crowdquake crowding`."""

from __future__ import annotations

import json


def test_the_sample_crowd_gives_one_object(answer):
    found = answer("crowding", "example-crowd", "--leverage", "5", "--desk", "example", "--json")
    assert {"title", "finding", "measures", "by_fund", "by_pair", "by_stock", "own_book", "loop", "manifest"} <= set(
        found
    )
    assert len(found["by_fund"]) == 10
    assert len(found["by_pair"]) == 45
    assert 0 < found["measures"]["loop_gain"] < 1
    assert found["finding"].startswith("10 funds hold what ")


def test_the_finding_and_the_funds_are_told(command):
    told = command("crowding", "example-crowd", "--leverage", "5")
    assert told.code == 0
    for words in ("10 funds hold what", "loop gain", "Ironwood Small Caps", "systemicness", "Loop gain by the flow"):
        assert words in " ".join(told.out.split())


def test_a_scenario_is_told_day_by_day_and_saved(answer, small_file, tmp_path):
    out = tmp_path / "found"
    found = answer("crowding", small_file, "--paths", "2", "--set", "funds.crowding=0.4", "--out", out, "--json")
    assert {row["measure"] for row in found["daily"]} >= {"overlap", "loop_gain", "days_most", "comomentum"}
    assert found["manifest"]["overrides"] == {"funds.crowding": 0.4}
    names = {path.name for path in out.iterdir()}
    assert {"daily.csv", "by_fund.csv", "fund-fund.graphml", "who-endangers-whom.png", "crowding-by-day.png"} <= names
    assert "daily" not in json.loads((out / "manifest.json").read_text(encoding="utf-8"))


def test_faults_are_one_line(refused, tmp_path):
    (tmp_path / "bad.csv").write_text("ticker,market value\nA,ten\n")
    assert "bad.csv: row 2: market value = ten" in refused("crowding", "bad.csv")
    assert refused("crowding", "example", "--set", "funds.count=3").startswith("--set: is for scenarios")
    assert "funds.capital = 0" in refused("crowding", "good.toml", "--set", "funds.capital=0")
    assert "folder.toml" in refused("crowding", "folder.toml")
