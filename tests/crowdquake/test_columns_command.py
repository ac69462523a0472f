"""`crowdquake columns`: every daily column with its unit and meaning, and the page of the docs that is made from it."""

from __future__ import annotations

from pathlib import Path

from abm.columns import COLUMNS, declare

PAGE = Path(__file__).parent.parent.parent / "docs" / "columns.md"


def test_all_columns_of_a_run_are_told(answer, small_run):
    found = answer("columns", "--json")
    assert set(small_run.daily.columns) - {"run", "path", "day", "date"} <= set(found)
    for told in found.values():
        assert set(told) == {"unit", "meaning", "needs", "first_day"}
        assert told["unit"]
        assert told["meaning"]


def test_a_column_says_what_it_needs(answer, small_run):
    found = answer("columns", "--json")
    assert {name for name, told in found.items() if not told["needs"]} == {*small_run.daily.columns[4:]}
    assert found["basis"]["needs"] == "futures.volume must be above 0"
    assert 'as funds.kind = "futures"' in found["crowd_hedge"]["needs"]
    assert found["predators_book"]["needs"] == "large_fund.book must be above 0"
    assert (found["khandani_lo"]["first_day"], found["index"]["first_day"]) == (1, 0)


def test_people_get_a_table(command):
    told = command("columns").out
    assert all(word in told for word in ("column", "needs", "khandani_lo", "makers_capacity", "the crowd's haircuts"))


def test_the_page_of_the_docs_is_made_by_the_command(command):
    table = command("columns", "--markdown").out
    assert PAGE.read_text(encoding="utf-8").endswith(table)
    assert all(f"`{name}`" in table for name in COLUMNS.names())


def test_a_column_of_one_s_own_is_listed(answer):
    with COLUMNS.scratch():
        declare("widest_gap", "ratio", "largest displacement", read=lambda market: market.record["index"][:, -1])
        assert answer("columns", "--json")["widest_gap"]["needs"] == ""
    assert "widest_gap" not in answer("columns", "--json")
