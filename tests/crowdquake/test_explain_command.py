import csv
import json
from dataclasses import replace

import duckdb
import pytest
from rich.console import Console

import crowdquake
from crowdquake import charts, console
from crowdquake.console import base
from scenarios.attribution.mechanisms import mechanisms

NAMES = [item.name for item in mechanisms()]
TWO = ("funds.forced_sales=false", "index_sector.holding=0", "impact.half_spread=0")
SETS = [word for one in TWO for word in ("--set", one)]
FEW = ("--paths", 3, "--seed", 7, *SETS)
OVERRIDES = {"funds.forced_sales": False, "index_sector.holding": 0, "impact.half_spread": 0}


@pytest.fixture(scope="module")
def found(small):
    return crowdquake.explain(small, paths=3, seed=7, overrides=OVERRIDES)


@pytest.fixture
def refused(refused, monkeypatch):
    """As elsewhere, having seen that nothing is simulated here either."""

    def simulated(*_):
        raise AssertionError("this fault should have been found before the simulation")

    monkeypatch.setattr("scenarios.studies.base.simulate", simulated)
    return refused


def title(figure):
    return figure.get_suptitle().replace("\n", " ").replace("\u00a0", " ")


def test_json_has_what_the_design_promises(answer, small_file, found):
    told = answer("explain", small_file, *FEW, "--json")
    assert {"scenario", "paths", "seed", "window", "unit", "total", "total_low", "total_high", "parts"} <= set(told)
    assert (told["scenario"], told["paths"], told["seed"], told["window"]) == ("small", 3, 7, 7)
    assert list(told["parts"]) == NAMES
    for part in told["parts"].values():
        assert set(part) == {"value", "low", "high", "first_in", "last_in", "title"}
    assert sum(part["value"] for part in told["parts"].values()) == pytest.approx(told["total"], abs=1e-9)
    assert told["total"] == found.total
    assert told["parts"]["liquidator"]["value"] == found.parts["liquidator"].value
    assert told["manifest"]["overrides"] == OVERRIDES


def test_a_single_path_has_no_interval_and_drawn_orders_are_told(answer, small_file):
    told = answer("explain", small_file, "--paths", 1, *SETS, "--orders", 4, "--json")
    assert (told["total_low"], told["parts"]["liquidator"]["high"], told["orders"]) == (None, None, 4)


def test_people_get_a_table_and_a_folder_with_tables_and_a_chart(command, small_file, found, tmp_path):
    told = command("explain", small_file, *FEW, "--out", tmp_path / "result")
    assert told.code == 0, told.err
    for word in (
        "A small market",
        "Fundamentals and news",
        "The liquidator's own sales",
        "total",
        "first in",
        "Off in",
    ):
        assert word in told.out
    folder = tmp_path / "result"
    names = {"by-path.parquet", "explain.csv", "explain.parquet", "explain.png", "explain.svg", "manifest.json"}
    assert {path.name for path in folder.iterdir()} == names
    assert (folder / "explain.png").stat().st_size > 5_000
    rows = list(csv.DictReader((folder / "explain.csv").open(encoding="utf-8")))
    assert [row["mechanism"] for row in rows] == NAMES
    assert float(rows[1]["value"]) == found.parts["liquidator"].value
    stored = duckdb.read_parquet(str(folder / "explain.parquet")).df()
    assert stored.equals(found.frame())
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["total"] == found.total


@pytest.mark.parametrize("width", [40, 60, 130])
def test_the_table_fits_a_terminal_of_any_width(found, monkeypatch, capsys, width):
    monkeypatch.setattr(base, "_stdout", Console(width=width, highlight=False, markup=False))
    console.tell(found)
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in lines) <= width
    assert "…" not in "".join(lines)


def test_an_interrupted_chart_leaves_the_earlier_result(command, small_file, tmp_path, monkeypatch):
    command("explain", small_file, *FEW, "--out", tmp_path / "result")
    before = sorted((path.name, path.read_bytes()) for path in (tmp_path / "result").iterdir())

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("crowdquake.charts.save_all", interrupt)
    told = command("explain", small_file, *FEW, "--out", tmp_path / "result")
    assert (told.code, told.out, told.err) == (130, "", "interrupted; nothing was written\n")
    assert sorted((path.name, path.read_bytes()) for path in (tmp_path / "result").iterdir()) == before
    assert [path.name for path in tmp_path.iterdir()] == ["result"]


def test_the_chart_says_its_finding_and_where_it_comes_from(found, tmp_path):
    figure = charts.explain(found)
    loss = 100 * abs(found.total)
    assert f"{loss:.1f}" in title(figure)
    assert "the liquidator's own sales" in title(figure)
    foot = figure.get_supxlabel().replace("\n", " ")
    for word in (
        "scenario small",
        "3 paths, seed 7",
        "Shapley",
        "Off in this scenario: the crowd's ordinary",
        "= False",
    ):
        assert word in foot
    first, second = (charts.save(charts.explain(found), tmp_path, "explain")[1].read_bytes() for _ in range(2))
    assert first == second


def test_the_chart_stands_where_nothing_acts_on_a_single_path_and_with_drawn_orders(small, tmp_path):
    nothing = {**OVERRIDES, "market.fundamentals": False, "liquidator.size": 0}
    calm = charts.explain(crowdquake.explain(small, paths=1, overrides=nothing))
    assert title(calm).endswith("no mechanism adds anything")
    drawn = crowdquake.explain(small, paths=1, overrides=OVERRIDES, orders=4)
    assert "4 orders drawn at random" in charts.explain(drawn).get_supxlabel().replace("\n", " ")
    charts.save(calm, tmp_path, "calm")


def test_what_the_book_loses_anyway_is_not_laid_to_the_mechanisms(found):
    assert title(charts.explain(replace(found, pnl_off=0.0))).startswith("The hedged book loses")
    assert title(charts.explain(replace(found, pnl_off=-0.02))).startswith("What is switched on here costs")


def test_a_made_up_index_is_called_so(small):
    dates = {"clock.start": "2007-07-30", "market.index_path": "example"}
    made_up = crowdquake.explain(small, paths=1, overrides={**OVERRIDES, **dates, "target": []})
    assert "Synthetic" in charts.explain(made_up).get_supxlabel()


WRONG = {
    "no desk": (["good.toml", "--set", "desk.size=0"], "good.toml: desk.size = 0", "must be above 0"),
    "a desk after the event": (
        ["good.toml", "--set", "desk.starts=2007-08-07"],
        "desk.starts = 2007-08-07",
        "not be after 2007-08-03",
    ),
    "no scenario": ([], "scenario", "Missing argument"),
    "unknown scenario": (["quake-2008"], "quake-2008", "did you mean quake-2007?"),
    "no paths": (["good.toml", "--paths", "0"], "paths = 0", "1..1000000"),
    "negative seed": (["good.toml", "--seed", "-1"], "seed = -1", "from 0 to 2^63"),
    "no workers": (["good.toml", "--workers", "0"], "workers = 0", "1..1024"),
    "odd orders": (["good.toml", "--orders", "7"], "orders = 7", "an even number in 4..10000"),
    "orders in words": (["good.toml", "--orders", "all"], "--orders", "a valid integer"),
    "set an unknown key": (["good.toml", "--set", "desk.sise=1"], "desk.sise", "did you mean size?"),
    "out is a thesis": (["good.toml", "--out", "folder.toml"], "folder.toml", "not a result"),
}


@pytest.mark.parametrize(("options", "named", "allowed"), WRONG.values(), ids=WRONG)
def test_a_wrong_option_is_named_with_what_is_allowed(refused, options, named, allowed):
    line = refused("explain", *options)
    assert named.removeprefix("good.toml: ") in line
    assert allowed in line


def test_all_wrong_arguments_come_at_once(refused):
    refused("explain", "good.toml", "--paths", "0", "--seed", "-1", "--workers", "0", lines=3)
