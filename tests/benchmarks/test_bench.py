"""The bench tells what has got slower from what is noise, and every workload can be found."""

from __future__ import annotations

import bench
import pytest


def found(times, noise=0.0):
    return {"workloads": {"small": {"times_the_floor": times, "noise": noise}}}


@pytest.mark.parametrize(
    ("before", "now", "noise", "verdict", "slower"),
    [
        (2.0, 2.4, 0.01, "slower", True),
        (2.0, 2.4, 0.06, "the same within noise", False),  # 20 %, and 24 % of noise
        (2.0, 2.09, 0.0, "the same within noise", False),  # never told below 5 %
        (2.0, 1.5, 0.01, "faster", False),
    ],
)
def test_a_change_is_told_where_it_is_more_than_the_noise_of_both_runs(before, now, noise, verdict, slower):
    (line,), failed = bench.compared(found(before, noise), found(now, noise))
    assert line.endswith(f": {verdict}")
    assert failed == slower


def test_workloads_of_one_run_alone_are_not_compared():
    assert bench.compared({"workloads": {}}, found(2.0)) == ([], False)


def test_workloads_are_found_by_folder():
    assert {"small", "quake", "sector", "dense", "sweep", "reserve"} <= set(bench.NAMES)


def test_the_table_goes_between_its_marks(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{bench.BEGIN}\nold\n{bench.END}\nafter\n", encoding="utf-8")
    measured = {"machine": bench.machine(), "workloads": {}}
    bench.write_table(page, measured)
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "| workload |" in text
    assert "old" not in text


def test_a_page_without_marks_is_refused(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("nothing\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="must have"):
        bench.write_table(page, {"machine": bench.machine(), "workloads": {}})
