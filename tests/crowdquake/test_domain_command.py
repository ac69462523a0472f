"""`crowdquake domain`: failures first, one JSON object, tables and charts, and an exit code that says if all holds."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from chart_makers import BOX

from scenarios.soundness import REQUIREMENTS


@pytest.fixture
def boxed(small_text, tmp_path):
    path = tmp_path / "boxed.toml"
    path.write_text(small_text + BOX, encoding="utf-8")
    return path


@pytest.fixture
def verdict(monkeypatch):
    """Have all points pass, or one fail."""

    def fail(which):
        def alone(one):
            if one.point.values == which:
                one.failed["ledger"] = "a bar's ledger is 1 away from closing"

        monkeypatch.setattr("scenarios.judging._judge_alone", alone)
        monkeypatch.setattr("scenarios.judging._judge_gains", len)
        monkeypatch.setattr("scenarios.judging._judge_causes", lambda points: (len(points), 0.0))

    return fail


def test_a_sound_box_ends_with_0(command, boxed, verdict):
    verdict(None)
    found = command("domain", boxed, "--paths", "3")
    assert found.code == 0, found.out + found.err
    assert "Sound: the laws hold at all 19 points of its box." in found.out
    assert all(told in " ".join(found.out.split()) for told in REQUIREMENTS.values())
    assert "too few to find" in found.out


def test_failures_come_first_and_end_with_1(command, boxed, verdict, tmp_path):
    verdict((0.0, 0.2))
    found = command("domain", boxed, "--paths", "3", "--out", tmp_path / "box")
    assert found.code == 1
    lines = [line.strip() for line in found.out.splitlines() if line.strip()]
    assert lines[1].startswith("NOT SOUND: 3 of 19 points fail.")
    assert lines[2].startswith(
        "funds.crowding = 0, liquidator.size = 0.2 (square_root, 3 bars): a bar's ledger is 1 away"
    )
    files = {file.name for file in (tmp_path / "box").iterdir()}
    assert files >= {
        "points.csv",
        "steps.csv",
        "verdicts.csv",
        "domain-square_root.png",
        "domain-square_root.svg",
        "manifest.json",
    }
    points = pd.read_csv(tmp_path / "box" / "points.csv", keep_default_na=False)
    assert (points["failed"] == "ledger").sum() == 3
    assert (
        "fails at 3 of 19 points of the box: ledger open 3" in (tmp_path / "box" / "domain-square_root.svg").read_text()
    )


def test_json_is_one_object(command, boxed):
    found = command("domain", boxed, "--paths", "2", "--json", "--workers", "1")
    told = json.loads(found.out)
    assert found.code == (0 if told["sound"] else 1)
    assert len(told["points"]) == told["manifest"]["points"] == 19
    assert {row["requirement"] for row in told["verdicts"]} == set(REQUIREMENTS)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--set", "funds.crowding=0.9"), "funds.crowding = 0.9: must lie in 0..0.83"),
        (("--set", "domain.axis=[]", "--set", "domain.bars=[]"), "has no box to test"),
        (("--paths", "0"), "paths = 0"),
    ],
)
def test_bad_words_are_one_line_and_exit_code_2(command, boxed, words, told):
    found = command("domain", boxed, *words)
    assert found.code == 2
    assert found.out == ""
    assert len(found.err.strip().splitlines()) == 1
    assert told in found.err


def test_a_run_says_that_its_scenario_was_not_tested(command, small_file, boxed):
    assert "note: no [domain]" in command("run", small_file, "--paths", "1", "--no-counterfactuals").out
    assert "note:" not in command("run", boxed, "--paths", "1", "--no-counterfactuals").out


def test_the_help_says_what_the_exit_code_means(command):
    assert "exit code 0" in " ".join(command("domain", "--help").out.split())
