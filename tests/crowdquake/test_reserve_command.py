"""`crowdquake reserve`: sources side by side, one JSON object, tables and a chart, faults in one line."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest

import crowdquake
from abm.settings import Funds
from crowdquake import charts

MODELS = ("gbm:volatility=0.25", "student_t:degrees=4")
SHORT = ("--days", "20", "--paths", "100")


def test_json_is_one_object_and_the_folder_holds_tables_and_a_chart(command, small_file, tmp_path):
    words = (small_file, MODELS[0], "--policy", "full", "--reserve", "0.103", "--paths", "80", "--crowding", "0.2")
    answer = command("reserve", *words, "--json", "--out", tmp_path / "reserve")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert [row["source"] for row in found["calls"]] == ["small", MODELS[0]]
    assert found["sentence"].startswith("With a reserve of 10.3 % of the book")
    assert [row["crowding"] for row in found["crowding"]] == [0.2, Funds().crowding]
    written = pd.read_csv(tmp_path / "reserve" / "reserves.csv")
    assert written["paths_needed"].tolist() == [72, 368, 3688] * 2
    assert {file.name for file in (tmp_path / "reserve").iterdir()} >= {"needed.png", "calls.csv", "manifest.json"}


def test_what_is_told_has_all_tables_and_ends_with_the_sentence(command, small_file):
    answer = command(
        "reserve", small_file, "--policy", "full", "--reserve", "0.103", "--paths", "20", "--crowding", "0.2"
    )
    assert answer.code == 0, answer.err
    for told in ("Reserve needed", "needs 72 paths", "Margin calls at a reserve of 10.3 %", "cheapest first", "in all"):
        assert told in answer.out
    assert "less or more alike" in answer.out
    assert answer.out.rstrip().endswith("of the return on the book.")


def test_a_book_is_told_by_stock_and_by_its_digest_only(answer):
    found = answer("reserve", MODELS[0], *SHORT, "--book", "example", "--reserve", "0.11", "--json")
    stocks = [row["ticker"] for row in found["sales"] if row["case"] == "average"]
    assert len(stocks) > 10
    assert all(ticker.startswith("SYN") for ticker in stocks)
    assert set(found["manifest"]["inputs"]["book"]) == {"sha256"}
    assert "SYN" not in json.dumps(found["manifest"]["inputs"])


def test_of_a_book_the_manifest_holds_the_hash_and_only_the_table_of_sales_the_stocks(command, tmp_path):
    words = (MODELS[0], *SHORT, "--book", "example", "--reserve", "0.11", "--out", tmp_path / "reserve")
    assert command("reserve", *words).code == 0
    files = {file.name: file.read_bytes() for file in (tmp_path / "reserve").iterdir()}
    assert {name for name, content in files.items() if b"SYN0" in content} == {"sales.csv"}
    assert json.loads(files["manifest.json"])["sentence"].startswith("With a reserve of 11.0 % of the book")


def test_a_book_is_told_to_people(command):
    answer = command("reserve", MODELS[0], *SHORT, "--book", "example", "--reserve", "0.11")
    assert answer.code == 0, answer.err
    assert "SYN" in answer.out
    assert " more" in answer.out


def test_the_old_name_goes_on_working_with_a_note(command):
    answer = command("hedge-reserve", "--days", "20", "--paths", "600", "--json")
    assert answer.code == 0
    assert "hedge-reserve is now called reserve" in answer.err
    assert json.loads(answer.out)["policy"] == "full"


@pytest.mark.parametrize(
    ("words", "found", "allowed"),
    [
        (("nowhere",), "nowhere", "or a path model"),
        (("gbm:volatility=25",), "volatility = 25", "0..5"),
        (("gbm", "--reserve", "15"), "reserve = 15", "not percent"),
        (("gbm", "--margin", "12"), "margin = 12", "not percent"),
        (("gbm", "--policy", "fulll"), "fulll", "did you mean full"),
        (("gbm", "--days", "0"), "days = 0", "1.."),
        (("gbm", "--paths", "1"), "paths = 1", "at least 2"),
        (("gbm", "--contract", "XX"), "XX", "IF"),
        (("gbm@0.5",), "gbm", "weighted alone"),
        (("bootstrap", "good.toml"), "bootstrap", "past returns"),
        (("good.toml", "no.csv"), "no.csv", "no such file"),
        (("gbm", "--index", "no.csv"), "no.csv", "no such file"),
        (("gbm", "--book", "no.csv"), "no.csv", ""),
        (("good.toml", "--crowding", "much"), "--crowding much", "numbers"),
        (("good.toml", "--crowding", "2"), "funds.crowding = 2", "0..1"),
        (("good.toml", "--set", "desk.reserve=0.2"), "desk.reserve", "all sources alike"),
        (("good.toml", "--set", "desk.size=0"), "no hedge desk", "above 0"),
    ],
)
def test_a_wrong_question_is_named_with_what_is_allowed(refused, words, found, allowed):
    line = refused("reserve", *words)
    assert found in line
    assert allowed in line


def test_a_policy_with_a_label_goes_by_it_in_all_sources(small_file):
    found = crowdquake.reserve([str(small_file), MODELS[0]], policies=["mine=full"], paths=4, crowding=())
    assert set(found.calls["policy"]) == {"mine"}


@pytest.mark.parametrize(
    ("options", "finding"),
    [
        ({"reserve": 0.15, "paths": 400}, r"A reserve of 15.% is called in \d+.% of paths in gbm:volatility=0.25$"),
        ({"reserve": 0.15, "paths": 20}, r"A reserve of 15.% is called in \d+.% of paths in gbm:volatility=0.25$"),
        ({"reserve": 3.0, "paths": 400, "policies": ["none"]}, "A reserve of 300.% is called in 0.% of paths"),
    ],
)
def test_a_chart_says_the_finding_and_what_is_not_told(tmp_path, options, finding):
    found = crowdquake.reserve(MODELS[0], days=20, **options)
    figure = charts.needed(found)
    assert re.match(finding, figure.get_suptitle().replace("\n", " "))
    assert "99.9 % needs at least 3,688 paths" in figure.get_supxlabel()
    png, _ = charts.save(figure, tmp_path, "needed")
    assert png.read_bytes().startswith(b"\x89PNG")


def test_one_history_is_drawn_as_one_mark():
    days = pd.bdate_range("2020-01-01", periods=40)
    frame = pd.DataFrame({"close": [100.0 + day for day in range(40)]}, index=days)
    figure = charts.needed(crowdquake.reserve(frame, reserve=0.2))
    assert "is called in series" in figure.get_suptitle()
    assert "needed in one history" in {text.get_text() for text in figure.axes[0].get_legend().get_texts()}


def test_a_level_is_told_with_what_steered_paths_are_worth(command, small_file, tmp_path):
    words = (small_file, "--level", "0.999", "--paths", "100", "--tail-paths", "400", "--crowding", "none")
    answer = command("reserve", *words, "--out", tmp_path / "tails")
    assert answer.code == 0, answer.err
    assert "400 paths steered there tell it to +-" in " ".join(answer.out.split())
    assert "in 99.9 cases of 100" in " ".join(answer.out.split())
    (row,) = [
        row
        for row in json.loads((tmp_path / "tails" / "manifest.json").read_text())["reserves"]
        if row["confidence"] == 0.999
    ]
    assert (row["sampling"], row["paths"]) == ("steered", 400)
    assert row["plain_paths"] == pytest.approx(500 * row["factor"])
    assert row["low"] < row["reserve"] < row["high"]


def test_a_level_that_plain_paths_cannot_tell_is_not_told(command, small_file):
    words = (small_file, "--level", "0.999", "--sampling", "plain", "--paths", "100", "--crowding", "none")
    told = " ".join(command("reserve", *words).out.split())
    assert "99.9 % is not told for small: fewer than 3,688 plain paths cannot bound it" in told
    assert "needs 3,688 paths" in told
