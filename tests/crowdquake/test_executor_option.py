"""`--executor` on the commands that put a study to a scenario: whoever does the work, the answer is the same."""

from __future__ import annotations

import json

import pytest
from chart_makers import BOX

ASKED = {
    "run": ("--paths", "3", "--no-counterfactuals"),
    "crowding": ("--paths", "3"),
    "reserve": ("--paths", "100", "--crowding", "none", "--level", "0.9", "--tail-paths", "100"),
    "domain": ("--paths", "2"),
}


@pytest.mark.parametrize("name", ASKED)
def test_other_processes_give_the_same_answer(command, small_text, tmp_path, name):
    small = tmp_path / "small.toml"
    small.write_text(small_text + (BOX if name == "domain" else ""), encoding="utf-8")
    found = []
    for executor in ("threads", "processes"):
        answer = command(name, small, *ASKED[name], "--workers", "2", "--executor", executor, "--json")
        assert answer.code == 0 or (name, answer.code) == ("domain", 1), answer.err  # 1: the small market is not sound
        told = json.loads(answer.out)
        told.pop("manifest")
        found.append(told)
    assert found[0] == found[1]


def test_another_name_is_refused_in_a_line(command, small_file):
    answer = command("run", small_file, "--paths", "2", "--executor", "nobody")
    assert answer.code == 2
    assert answer.err.count("\n") == 1
    assert "executor nobody: must be threads, processes, dask or dask:ADDRESS" in answer.err
