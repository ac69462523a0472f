"""`crowdquake cliff`: one JSON object, tables and a chart, and faults in one line."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from abm.stocks import draw_stocks, outside_shares
from crowdquake import charts
from scenarios import cliff, run

POINTS = ("--reserve", "0.02,0.3", "--policy", "full-rebalanced", "--paths", "4", "--vary", "funds.crowding=0")


def test_json_is_one_object_and_the_folder_holds_tables_and_a_chart(command, futures_file, tmp_path):
    answer = command("cliff", futures_file, *POINTS, "--json", "--out", tmp_path / "cliff")
    assert answer.code == 0
    found = json.loads(answer.out)
    assert [point["series"] for point in found["points"]] == ["full-rebalanced"] * 2 + ["funds.crowding = 0"] * 2
    assert {row["series"] for row in found["halves"]} == {"full-rebalanced", "funds.crowding = 0"}
    written = pd.read_csv(tmp_path / "cliff" / "points.csv")
    assert written["systemic"].tolist() == [point["systemic"] for point in found["points"]]
    assert {file.name for file in (tmp_path / "cliff").iterdir()} >= {"cliff.png", "cliff.svg", "manifest.json"}


def test_the_table_names_every_crowd_once(command, futures_file):
    answer = command("cliff", futures_file, *POINTS)
    assert answer.code == 0
    assert answer.out.count("funds.crowding = 0") == 2  # in the table, and where an even chance is
    assert "an even chance" in answer.out


@pytest.mark.parametrize(
    "words",
    [
        ("--reserve", "2 %"),
        ("--reserve", "0.02"),
        ("--policy", "fulll"),
        ("--vary", "funds.crowding"),
        ("--vary", "funds.crowding=2"),
        ("--alpha", "8"),
        ("--paths", "0"),
        ("--set", "funds.count=0"),
    ],
)
def test_bad_words_are_one_line_and_exit_code_2(command, futures_file, words):
    answer = command("cliff", futures_file, *words)
    assert answer.code == 2
    assert len(answer.err.strip().splitlines()) == 1
    assert answer.out == ""


def test_a_scenario_of_long_short_funds_is_refused(command, small_file):
    answer = command("cliff", small_file)
    assert answer.code == 2
    assert "no swap-financed futures funds" in answer.err


def test_a_sale_of_a_hedged_book_is_no_study_of_unwinding(command, futures_file):
    answer = command("unwind", futures_file, "--days", "1,5", "--paths", "2")
    assert answer.code == 2
    assert "must be of long-short funds" in answer.err


def test_a_rescue_of_long_short_funds_needs_some(command, futures_file):
    words = ("rescue.injection=0.05", "rescue.receiver=funds", "rescue.date=2024-01-31")
    answer = command("run", futures_file, "--paths", "2", *(part for word in words for part in ("--set", word)))
    assert answer.code == 2
    assert "rescue.receiver = 'funds'" in answer.err


def test_a_run_tells_all_small_stocks_beside_those_of_the_crowd(futures_file):
    found = run(futures_file, paths=2, counterfactuals=False)
    assert {"small_caps", "common_stocks"} <= set(found.daily.columns)
    assert not np.allclose(found.daily["small_caps"], found.daily["common_stocks"])
    stocks = draw_stocks(found.scenario.market, 1, 0, 2)
    portfolio = outside_shares(found.scenario.market, 1, 0, 2)
    assert (portfolio[stocks.index_shares > 0] == 0).all()
    np.testing.assert_allclose(portfolio.sum(axis=1), 1)


def test_the_chart_of_a_made_up_index_says_so(futures_file):
    points = {"reserves": (0.02, 0.3), "policies": ("full-rebalanced",), "paths": 2}
    dates = {"clock.start": "2007-07-23", "clock.event": "2007-07-30", "news": []}
    made_up = cliff(futures_file, **points, overrides={**dates, "market.index_path": "example"})
    assert made_up.manifest["synthetic_index"]
    assert charts.style.SYNTHETIC in charts.cliff(made_up).get_supxlabel()
    assert charts.style.SYNTHETIC not in charts.cliff(cliff(futures_file, **points)).get_supxlabel()
