"""What `parameters` tells: a table a section, a row a key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from crowdquake.console.base import markdown_table, stdout

Parameters = Mapping[str, Mapping[str, Any]]

HEADS = ("key", "meaning", "unit", "range", "default")


def print_parameters(found: Parameters) -> None:
    """List the keys of every section: meaning, unit, range and default."""
    for section in found.values():
        stdout().print(Text(section["head"], "bold"), Text(section["about"].partition("\n")[0]))
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for head in HEADS:
            table.add_column(head, no_wrap=head == "key")
        for key, told in section["keys"].items():
            table.add_row(key, *(told[head] for head in HEADS[1:]))
        stdout().print(table)


def as_markdown(found: Parameters) -> str:
    """The same as tables in Markdown, each under the name of its section."""
    parts = []
    for section in found.values():
        table = markdown_table(HEADS, [_row(key, told) for key, told in section["keys"].items()])
        parts.append(f"## `{section['head']}`\n\n{section['about']}\n\n{table}")
    return "\n\n".join(parts)


def _row(key: str, told: Mapping[str, str]) -> tuple[str, ...]:
    return (f"`{key}`", *(told[head].replace("|", "\\|") for head in HEADS[1:]))
