"""`crowdquake cliff`: one JSON object, tables and a chart, and faults in one line."""

from __future__ import annotations

import json

import pandas as pd
import pytest

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
