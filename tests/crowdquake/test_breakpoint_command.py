"""`crowdquake breakpoint`: one JSON object, tables and a chart, one sentence last, and faults in a line."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import crowdquake as cq
from crowdquake import charts

ASKED = ("--vary", "desk.reserve", "--paths", "6", "--seed", "4")


def test_json_is_one_object_and_the_folder_holds_tables_and_a_chart(command, small_file, tmp_path):
    answer = command("breakpoint", small_file, *ASKED, "--json", "--out", tmp_path / "found")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert found["vary"] == ["desk.reserve"]
    assert found["own"] == [0.12]
    assert found["level"] == 0.5
    assert found["finding"].startswith("small: the chance of a call of the desk reaches 50 %")
    assert found["breakpoints"][0]["outcome"] == "found"
    written = pd.read_csv(tmp_path / "found" / "evaluations.csv")
    assert written["probability"].tolist() == [row["probability"] for row in found["evaluations"]]
    assert {"breakpoint.png", "breakpoint.svg", "breakpoints.csv", "manifest.json"} <= {
        file.name for file in (tmp_path / "found").iterdir()
    }


def test_people_are_told_what_was_tried_and_one_sentence_last(command, small_file):
    answer = command("breakpoint", small_file, *ASKED)
    assert answer.code == 0, answer.err
    told = answer.out.split("note:")[0]
    assert told.count("as it is") == 1
    last = " ".join(told.strip().splitlines()[-2:])
    assert "reaches 50 % once the desk's reserve falls to" in last
    assert last.endswith(".")


def test_a_frontier_has_a_row_a_value_and_a_chart_of_its_own(command, small_file, tmp_path):
    words = ("--vary", "funds.leverage", "--range", "0.5,4", "--vary", "liquidator.size", "--range", "0,0.9")
    loss = ("--loss", "0.5", "--of", "crowd", "--points", "3", "--paths", "6")
    answer = command("breakpoint", small_file, *words, *loss, "--out", tmp_path / "found")
    assert answer.code == 0, answer.err
    assert answer.out.count("below the level at every value tried") >= 1  # nobody sells
    assert (tmp_path / "found" / "breakpoint-frontier.png").exists()
    assert len(pd.read_csv(tmp_path / "found" / "breakpoints.csv")) == 3


@pytest.fixture(scope="module")
def found(small):
    return cq.breakpoint(small, "desk.reserve", paths=6, seed=4)


@pytest.mark.parametrize("outcome", ["found", "never", "always", "not monotone"])
def test_every_outcome_is_drawn_under_its_headline(found, outcome):
    open_ends = {"never": (-np.inf, np.nan), "always": (np.nan, np.inf)}.get(outcome, (np.nan, np.nan))
    answers = found.answers.copy()
    if outcome != "found":
        answers = answers.assign(outcome=outcome, value=np.nan, low=open_ends[0], high=open_ends[1])
    shown = type(found)(**{**vars(found), "answers": answers})
    figure = charts.breakpoint_curve(shown)
    title = " ".join(figure.get_suptitle().replace("\u00a0", " ").split())
    assert title == shown.headline[0].upper() + shown.headline[1:]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "--vary"),
        (("--vary", "desk.reserv"), "did you mean reserve"),
        (("--vary", "desk.policy"), "unknown number"),
        (("--vary", "desk.reserve", "--range", "0.1"), "two numbers"),
        (("--vary", "desk.reserve", "--range", "0.1,x"), "two numbers"),
        (("--vary", "desk.reserve", "--range", "0,9"), "desk.reserve = 9: must lie in 0..5"),
        (("--vary", "desk.reserve", "--range", "0,1", "--range", "0,1"), "one a key"),
        (("--vary", "shock", "--range", "-2,0.1"), "shock must lie in"),
        (("--vary", "desk.reserve", "--paths", "1"), "must be at least 6"),
        (("--vary", "desk.reserve", "--level", "50"), "not percent"),
        (("--vary", "desk.reserve", "--policy", "fulll"), "fulll"),
        (("--vary", "desk.reserve", "--policy", "full", "--set", "desk.policy=full"), "set more than once"),
    ],
)
def test_bad_words_are_one_line_and_exit_code_2(command, small_file, words, told):
    answer = command("breakpoint", small_file, *words)
    assert answer.code == 2
    assert told in " ".join(answer.err.split())
    assert answer.out == ""
