"""What `crowding` tells: the finding, the measures, and the funds that matter most."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.table import Table

from crowdquake.console.base import stdout, tell
from scenarios import CrowdingResult

_SHOWN = 12  # funds
_COLUMNS = (
    *("leverage", "overlap", "days_most", "contagion_index", "sold", "systemicness", "vulnerability", "own_overlap"),
)
_PERCENT = {"contagion_index", "sold", "systemicness", "vulnerability"}


@tell.register(CrowdingResult)
def tell_crowding(found: CrowdingResult, out: Path | None = None) -> None:
    """Tell the finding, the measures with unit and meaning, and the funds whose sales cost most."""
    stdout().print(found.title)
    stdout().print(found.finding())
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("measure", "value", "unit", "meaning"):
        table.add_column(name, justify="right" if name == "value" else "left", no_wrap=name in {"measure", "value"})
    for item in found.measures:
        table.add_row(item.measure.replace("_", " "), _number(item.value), item.unit, item.meaning)
    stdout().print(table)
    _tell_funds(found)
    if found.loops:
        told = ", ".join(f"{loop.gain:.2f} at {flow:g}" for flow, loop in found.loops)
        stdout().print(f"Loop gain by the flow (days of volume) at which impact is made linear: {told}.")
    if out is not None:
        stdout().print(f"Tables, networks (GraphML) and charts: {out}")


def _tell_funds(found: CrowdingResult) -> None:
    funds = found.tables()["by_fund"]
    by = "systemicness" if "systemicness" in funds else "overlap"
    shown = funds.sort_values(by, ascending=False, kind="stable").head(_SHOWN)
    columns = [name for name in _COLUMNS if name in funds and funds[name].notna().any()]
    if not columns:
        return
    title = "Funds" if len(funds) <= _SHOWN else f"The {_SHOWN} funds of {len(funds)} with the largest {by}"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("fund", overflow="fold")
    for name in columns:
        table.add_column(name.replace("_", " ") + (", %" if name in _PERCENT else ""), justify="right")
    for _, row in shown.iterrows():
        table.add_row(str(row["fund"]), *(_cell(row[name], name) for name in columns))
    stdout().print(table)


def _cell(value: float, name: str) -> str:
    if pd.isna(value):
        return ""
    return f"{100 * value:.2f}" if name in _PERCENT else _number(value)


def _number(value: float) -> str:
    if value == float("inf"):
        return "never"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
