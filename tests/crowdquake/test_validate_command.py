"""`validate`: the board on the command line."""

from __future__ import annotations

import json

from validation import ROWS, claim, row


def test_the_rows_of_a_paper_are_told_as_text_as_json_and_as_a_page(command, tmp_path):
    told = command("validate", "--paper", "whaley", "--page", tmp_path / "board.md")
    assert told.code == 0
    assert "vxo_weights" in told.out
    assert "### Whaley 1993: reproduced" in (tmp_path / "board.md").read_text()
    found = json.loads(command("validate", "--paper", "Whaley 1993", "--json", "--fast").out)
    assert found["counts"]["closed form"]["reproduced"] == 1
    assert found["rows"][0]["certainty"] == "secondary"


def test_what_cannot_be_run_is_refused_in_one_line(command, tmp_path):
    assert command("validate", "--paper", "nobody").code == 2
    assert "must be part of one of" in command("validate", "--paper", "nobody").err
    assert command("validate", "--paper", "whaley", "--set", "impact.nothing=1").code == 2
    assert command("validate", "--paper", "whaley", "--page", tmp_path / "no" / "board.md").code == 2


def test_a_closed_form_that_is_missed_ends_with_1(command):
    terms = {"place": "", "states": "", "certainty": "computed", "run": "", "tolerance": ""}
    with ROWS.scratch():

        @row(paper="Nobody 1900", kind="closed form", **terms)
        def wrong(trial):
            """One is two."""
            yield claim("one", 1.0, low=2.0)

        assert command("validate", "--paper", "nobody").code == 1
