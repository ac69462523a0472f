"""`crowdquake unwind`, and what a run of a large fund shows."""

from __future__ import annotations

import json

import pytest

import crowdquake
from crowdquake import charts, console

CREDIT_CHARTS = ("large_fund", "spread_legs")


@pytest.fixture
def crisis(small_credit_text, tmp_path):
    path = tmp_path / "crisis.toml"
    path.write_text(small_credit_text, encoding="utf-8")
    return path


def test_unwind_gives_one_object_and_a_folder(answer, crisis, tmp_path):
    out = tmp_path / "found"
    found = answer("unwind", crisis, "--days", "1,8", "--paths", "3", "--out", out, "--json")
    (study,) = found["studies"]
    assert study["scenario"] == "crisis"
    assert set(study["best"]) == {"liquidator", "crowd", "crowd_end", "hedge_desk"}
    assert {row["days"] for row in study["table"]} == {1, 8}
    assert {path.name for path in out.iterdir()} == {
        "unwinding.csv",
        "unwinding.png",
        "unwinding.svg",
        "manifest.json",
    }
    assert json.loads((out / "manifest.json").read_text(encoding="utf-8"))["studies"] == found["studies"]


def test_unwind_sets_keys_and_says_so(answer, crisis, tmp_path):
    options = ("--days", "1,8", "--paths", "3", "--json")
    usual = answer("unwind", crisis, *options)["studies"][0]
    found = answer("unwind", crisis, *options, "--set", "impact.strength=1.5")["studies"][0]
    assert found["table"] != usual["table"]
    assert found["manifest"]["overrides"] == {"impact.strength": 1.5}
    assert usual["manifest"]["overrides"] == {}
    assert {"digest", "versions", "seconds"} <= set(found["manifest"])


def test_a_single_study_is_saved_and_told_as_several_are(crisis, tmp_path, command, capsys):
    found = crowdquake.unwind(crisis, days=(1, 8), paths=3)
    folder = crowdquake.save(found, tmp_path / "one")
    assert {path.name for path in folder.iterdir()} == {
        "unwinding.csv",
        "unwinding.png",
        "unwinding.svg",
        "manifest.json",
    }
    console.tell(found)
    assert "may be as good" in capsys.readouterr().out


def test_unwind_tells_its_tables(command, crisis):
    told = command("unwind", crisis, "--days", "1,8", "--paths", "3").out
    assert "A small crisis" in told
    assert "may be as good" in told


def test_a_run_of_a_large_fund_tells_it_and_every_ablation(command, crisis):
    told = command("run", crisis, "--paths", "3").out
    for words in ("The large fund; window", "Predators: profit", "Nobody reacts", "Each mechanism"):
        assert words in told


@pytest.mark.parametrize("name", CREDIT_CHARTS)
def test_every_chart_of_a_large_fund_says_its_finding(small_credit_run, name):
    figure = getattr(charts, name)(small_credit_run)
    assert len(figure.get_suptitle()) > 20
    assert "scenario crisis" in figure.get_supxlabel().replace("\n", " ")


def test_a_large_fund_has_charts_of_its_own(small_credit_run, tmp_path):
    stems = {path.stem for path in charts.save_all(small_credit_run, tmp_path)}
    assert stems == {"large-fund", "spread-legs", "targets"}


WRONG = {
    "words for days": (["--days", "soon"], "--days soon", "as 1,5,20"),
    "days twice": (["--days", "5,5"], "--days", "once"),
    "no time": (["--days", "0"], "--days 0", "0.1..1000"),
    "no paths": (["--paths", "0"], "paths = 0", "1..1000000"),
    "no rescue": (["--injection", "0"], "--injection 0", "above 0"),
    "a rescue on a Sunday": (["--on", "2007-08-12"], "--on 2007-08-12", "a trading day"),
    "a rescue in words": (["--on", "soon"], "'--on'", "soon: must be a date, YYYY-MM-DD"),
    "out is a file": (["--out", "good.toml"], "good.toml: is a file", "choose a folder"),
}


@pytest.mark.parametrize(("options", "found", "allowed"), WRONG.values(), ids=WRONG)
def test_a_wrong_study_is_named_with_what_is_allowed(refused, options, found, allowed):
    line = refused("unwind", "good.toml", *options)
    assert found in line
    assert allowed in line


WRONG_CREDIT = {
    "negative book": ("[large_fund]", "[large_fund]\nbook = -1", "large_fund.book = -1", "0..10000"),
    "haircut in percent": ("[rescue]", "[brokers]\nhaircut = 1.2\n[rescue]", "brokers.haircut = 1.2", "0.0001..1"),
    "unknown key": ("unwind_days = 5", "unwind_day = 5", "large_fund.unwind_day", "did you mean unwind_days?"),
    "no prey": ("[large_fund]", "[large_fund]\nbook = 0", "predators.size = 0.9", "needs a large fund"),
    "a thin fund": ("[large_fund]", "[large_fund]\nequity = 0.1", "large_fund.equity = 0.1", "cover the haircut"),
    "threshold": ("threshold = 0.1", "threshold = 1.5", "predators.threshold = 1.5", "0..1"),
    "rescue on a Sunday": ("date = 1998-08-28", "date = 1998-08-30", "rescue.date = 1998-08-30", "a trading day"),
    "receiver": ("date = 1998-08-28", 'date = 1998-08-28\nreceiver = "me"', "rescue.receiver = 'me'", "large_fund"),
    "makers": ("[rescue]", "[makers]\nfloor = 0\n[rescue]", "makers.floor = 0", "0.01..1"),
    "early seller": ("begins = 1998-08-12", "begins = 1998-01-12", "liquidator.begins = 1998-01-12", "a trading day"),
    "instruments": ("stocks = 6", 'stocks = 6\ninstruments = "bonds"', "market.instruments = 'bonds'", "'spreads'"),
    "styles": ("styles = 3", "styles = 6", "funds.styles = 6", "below 6"),
    "news scale": ("stocks = 6", "stocks = 6\nnews_scale = 99", "market.news_scale = 99", "-10..10"),
    "a wait": ("styles = 3", "styles = 3\nreentry_wait = [3, 1]", "reentry_wait = [3, 1]", "lowest <= highest <= 250"),
    "an old name": ("styles = 3", 'styles = 3\ncut_from = "limit"', "funds.cut_from", "unknown key"),
}


@pytest.mark.parametrize(("old", "new", "found", "allowed"), WRONG_CREDIT.values(), ids=WRONG_CREDIT)
def test_a_wrong_value_of_credit_is_named(refused, small_credit_text, tmp_path, old, new, found, allowed):
    assert small_credit_text.count(old) >= 1
    (tmp_path / "my.toml").write_text(small_credit_text.replace(old, new, 1), encoding="utf-8")
    line = refused("run", "my.toml", "--out", "earlier")
    assert line.startswith("my.toml: ")
    assert found in line
    assert allowed in line
