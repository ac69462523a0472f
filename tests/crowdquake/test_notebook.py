"""Results where they are printed, in a notebook, and beside each other."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import crowdquake as cq
from cqkit.errors import InputError


@pytest.fixture(scope="module")
def hedged(tmp_path_factory):
    path = tmp_path_factory.mktemp("series") / "prices.csv"
    path.write_text("date,close\n2007-01-02,100\n2007-01-03,110\n2007-01-04,150\n", encoding="utf-8")
    return cq.hedge(path, policies=["full", "none"], start="2007-01-02", end="2007-01-04", reserve=0.3)


def test_a_result_is_told_in_five_lines(small_run, small_file, hedged):
    for found in (small_run, hedged, cq.sweep(small_file, ["funds.crowding=0,0.5"], paths=2)):
        lines = repr(found).splitlines()
        assert 3 <= len(lines) <= 5
        assert all(len(line) <= 110 for line in lines)
    assert repr(small_run).startswith("RunResult small, 5 paths, seed 13\n")
    assert "full needs 65.0 %" in repr(hedged)


def test_a_notebook_shows_lines_table_and_picture_and_escapes_what_authors_wrote(small_run, hedged):
    told = small_run._repr_html_()
    assert told.startswith("<pre>RunResult small")
    assert "fund_trough" in told
    assert "<svg" in told
    scenario = small_run.scenario.model_copy(update={"title": "<script>alert(1)</script>"})
    made = {**small_run.manifest, "scenario": "<script>"}
    assert "<script" not in replace(small_run, scenario=scenario, manifest=made)._repr_html_()
    assert "accounts" in hedged._repr_html_()


def test_what_there_is_is_listed():
    assert set(dir(cq)) == {*cq.__all__, "__doc__", "__version__"}
    assert {"unwind", "reserve", "compare", "pack", "sweep"} <= set(dir(cq))


def test_two_runs_are_compared_figure_by_figure(small_run):
    table = cq.compare(small_run, small_run)
    assert table.loc["fund_trough", "one"] == small_run.summary()["figures"]["fund_trough"]["median"]
    assert (table["change"].dropna() == 0).all()
    assert table.loc["desk_margin_call", "unit"] == "share of paths, whole run"
    with pytest.raises(InputError, match="must be two runs, or two reserve studies"):
        cq.compare(small_run, 3)


def test_two_reserve_studies_are_compared_policy_by_policy():
    one, other = (cq.reserve("gbm:volatility=0.3", policies=["full"], reserve=held, paths=80) for held in (0.1, 0.2))
    table = cq.compare(one, other)
    assert table.loc[("full", "gbm:volatility=0.3", "call_probability"), "change"] > 0
    assert table.loc[("full", "gbm:volatility=0.3", "reserve_95"), "change"] == 0


def test_a_hedge_gives_a_frame_a_row_a_policy(hedged):
    frame = hedged.frame()
    assert frame["policy"].tolist() == ["full", "none"]
    assert frame.loc[0, "required_reserve"] == pytest.approx(0.65)
    assert frame.loc[0, "first_margin_call"] == "2007-01-04"


def test_a_hedge_takes_frames(hedged):
    days = pd.to_datetime(["2007-01-02", "2007-01-03", "2007-01-04"])
    closes = pd.DataFrame({"close": [100.0, 110.0, 150.0]}, index=days)
    found = cq.hedge(closes, policies=["full"], start="2007-01-02", end="2007-01-04", reserve=0.3)
    assert found.frame().loc[0, "required_reserve"] == hedged.frame().loc[0, "required_reserve"]


def test_daily_columns_say_what_they_are(small_run):
    told = small_run.daily.attrs["columns"]
    assert told["index"] == "simple return of the index (ratio)"
    assert set(small_run.daily) - set(told) == {"run", "path", "day", "date"}


def test_a_pack_is_made_of_folders(small_run, tmp_path):
    folder = cq.save(small_run, tmp_path / "run")
    file = cq.pack(folder, tmp_path / "pack.html", limits={"call_probability": 0.05})
    assert "chance of a margin call" in file.read_text(encoding="utf-8")
    with pytest.raises(InputError, match="must end in"):
        cq.pack(folder, tmp_path / "pack.txt")
