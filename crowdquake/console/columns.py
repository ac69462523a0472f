"""What `columns` tells: a row a daily column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from crowdquake.console.base import markdown_table, stdout

Columns = Mapping[str, Mapping[str, Any]]

HEADS = ("column", "unit", "meaning", "needs")


def print_columns(found: Columns) -> None:
    """List the columns: unit, meaning, and what a scenario needs to have them."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for head in HEADS:
        table.add_column(head, no_wrap=head == "column")
    for row in _rows(found):
        table.add_row(*row)
    stdout().print(table)


def as_markdown(found: Columns) -> str:
    """The same as a table in Markdown."""
    return markdown_table(HEADS, [(f"`{name}`", *rest) for name, *rest in _rows(found)])


def _rows(found: Columns) -> list[tuple[str, str, str, str]]:
    return [
        (name, item["unit"], item["meaning"] + _from(item["first_day"]), item["needs"]) for name, item in found.items()
    ]


def _from(first_day: int) -> str:
    return f" (from day {first_day} on)" if first_day else ""
