"""What `plugins` tells: a table a kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from crowdquake.console.base import stdout


def print_plugins(found: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
    """List what goes by name: by kind, each with its parameters and what it is for."""
    for kind, items in found.items():
        table = Table(title=kind, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
        table.add_column("name", no_wrap=True)
        for name in ("parameters", "what it is", "from"):
            table.add_column(name)
        for name, item in items.items():
            parameters = ", ".join(_told(key, value) for key, value in item["parameters"].items())
            table.add_row(name, parameters, item["about"], item["from"])
        stdout().print(table)


def _told(key: str, value: Any) -> str:
    """A parameter and its default, if it has one."""
    if value is None or (value is False and key.startswith("--")):
        return key
    if isinstance(value, bool):
        return f"{key}={'on' if value else 'off'}"
    return f"{key}={value:.10g}" if isinstance(value, float) else f"{key}={value}"
