"""The rows of the board: found by folder, held to what they say, and red when a law is changed."""

from __future__ import annotations

import ast
import inspect
import re
from collections import Counter
from pathlib import Path

import pytest

import validation
from cqkit.errors import InputError
from scenarios import load_scenario
from validation import ROWS, Trial, claim, row
from validation.board import Board, judge
from validation.page import page
from validation.row import CERTAINTIES, EVIDENCE

FOLDER = Path(validation.__file__).parent / "rows"
FORMS = [item for _, item in ROWS.items() if item.kind == "closed form"]
LAW = ("sato_kanazawa_exponent", "square_root_strength", "bucci_crossover", "critical_leverage", "kyle_obizhaeva_cost")
LAWLESS = ("almgren_chriss_example", "greenwood_landier_thesmar", "cont_schaanning_index", "vxo_weights")


@pytest.fixture(scope="module")
def trial():
    return Trial(fast=True)


def verdicts(trial, names):
    return {name: judge(ROWS[name], trial).verdict for name in names}


def test_there_are_thirty_rows_from_fifteen_papers_and_each_is_a_file():
    names = ROWS.names()
    assert sorted(names) == sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")
    assert len(names) >= 30
    assert len({item.paper for _, item in ROWS.items()}) >= 15
    assert set(Counter(item.kind for _, item in ROWS.items())) == {"closed form", "in sample", "out of sample"}
    assert {item.certainty for _, item in ROWS.items()} <= set(CERTAINTIES)


def test_the_page_of_the_docs_has_every_row():
    text = (FOLDER.parents[1] / "docs" / "validation.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"`validation/rows/(\w+)\.py`", text)) == sorted(ROWS.names())


def test_no_row_is_given_its_verdict():
    for path in FOLDER.glob("*.py"):
        words = {node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)}
        assert not words & {"reproduced", "within range", "missed"}, path.stem


@pytest.mark.parametrize("item", FORMS, ids=lambda item: item.name)
def test_every_closed_form_holds_and_is_worked_by_hand(trial, item):
    found = judge(item, trial)
    assert found.verdict in {"reproduced", "within range"}, [f for f in found.figures if f.verdict == "missed"]
    assert item.worked


@pytest.mark.parametrize(
    "item", [item for _, item in ROWS.items() if item.targets and item.targets[1]], ids=lambda item: item.name
)
def test_a_scenario_s_row_names_targets_that_are_evidence_of_its_kind(item):
    name, targets = item.targets
    known = {target.name: target for target in load_scenario(name).target}
    assert {EVIDENCE.get(known[target].kind) for target in targets} == {item.kind}


def test_what_a_scenario_asks_of_itself_is_no_evidence(trial):
    with pytest.raises(InputError, match="is of kind design: no figure in sample"):
        trial.figures("quake-2007", ["funds.forced_sales_share"], "in sample")
    with pytest.raises(InputError, match="there is none of that name"):
        trial.figures("quake-2007", ["nothing"], "in sample")


def test_another_memory_of_the_law_turns_the_rows_of_the_law_red_and_no_other():
    changed = Trial(fast=True, overrides={"impact.rates": [0.5], "impact.weights": [1.0]})
    before, after = (verdicts(one, (*LAW, *LAWLESS)) for one in (Trial(fast=True), changed))
    assert before["critical_leverage"] == "reproduced"
    assert after["critical_leverage"] == "missed"  # it no longer grows as the root of what is sold
    assert {name: after[name] for name in LAWLESS} == {name: before[name] for name in LAWLESS}


def test_a_stronger_law_moves_strength_and_cost_and_leaves_the_exponent():
    stronger = verdicts(Trial(fast=True, overrides={"impact.strength": 3.0}), LAW)
    assert stronger["square_root_strength"] == stronger["kyle_obizhaeva_cost"] == "missed"
    assert stronger["sato_kanazawa_exponent"] != "missed"
    assert stronger["critical_leverage"] == "reproduced"


def test_a_linear_law_has_another_exponent():
    linear = verdicts(Trial(fast=True, overrides={"impact.law": "linear"}), LAW)
    assert linear["sato_kanazawa_exponent"] == linear["bucci_crossover"] == "missed"


def test_real_series_that_are_not_here_are_told_and_no_miss(trial, monkeypatch, tmp_path):
    monkeypatch.setenv("CROWDQUAKE_DATA", str(tmp_path))
    found = judge(ROWS["report_2008_replicated"], trial)
    assert found.verdict == "not run"
    assert "csi300_ohlc.csv" in found.why


def test_on_the_real_series_the_report_of_2008_is_held_figure_by_figure(trial, monkeypatch, real_data):
    monkeypatch.setenv("CROWDQUAKE_DATA", str(real_data))
    found = {figure.name: figure.verdict for figure in judge(ROWS["report_2008_replicated"], trial).figures}
    assert found["trading days, 2007-08, days"] == "reproduced"
    assert found["timing hedge: return, 2007-08, %"] == "missed"


def test_that_something_cannot_be_expressed_is_found_out(trial, monkeypatch):
    item = ROWS["summer_2025"]
    assert judge(item, trial).verdict == "cannot be expressed"
    monkeypatch.setattr(inspect.getmodule(item.compute), "scenario_names", lambda: ["summer-2025"])
    assert judge(item, trial).verdict == "not run"


def test_misses_are_told_first(trial):
    terms = {"place": "", "states": "", "kind": "out of sample", "certainty": "computed", "run": "", "tolerance": ""}
    with ROWS.scratch():

        @row(paper="A", **terms)
        def held(trial):
            """A row that holds."""
            yield claim("above 0", 1.0, low=0.0)

        @row(paper="B", **terms)
        def lost(trial):
            """A row that does not."""
            yield claim("above 0", -1.0, low=0.0)

        board = Board(tuple(judge(item, trial) for item in (held, lost)), {"paths": 1, "seed": 1, "fast": True})
    assert [item.row.name for item in board.of("out of sample")] == ["lost", "held"]
    assert board.holds  # no closed form is missed
    told = page(board)
    assert told.index("## Misses") < told.index("above 0: -1, allowed at least 0") < told.index("### B: missed")
    assert told.index("### B: missed") < told.index("### A: reproduced")
    assert board.as_json()["rows"][0]["figures"][0]["measured"] == -1.0
