"""What `breakpoint` tells: where the chance reaches its level, all that was tried, and a sentence for a committee."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.table import Table

from cqkit.plain import counted
from crowdquake.console.base import points, span, stdout, tell
from scenarios import Breakpoint

OUTCOMES = {
    "found": "",
    "never": "below the level at every value tried",
    "always": "at the level at every value tried",
    "not monotone": "does not go one way",
}


@tell.register(Breakpoint)
def tell_breakpoint(found: Breakpoint, out: Path | None = None) -> None:
    """Tell every market tried, the frontier if there is one, and the finding last."""
    stdout().print(f"{found.scenario.title}  ({counted(found.paths, 'path')} at every value, seed {found.seed})")
    stdout().print(_frontier(found) if found.other is not None else _tried(found))
    stdout().print(found.finding)
    if out is not None:
        stdout().print(f"Tables and chart: {out}")


def _tried(found: Breakpoint) -> Table:
    stdout().print(f"Chance of {found.event}, %, over {found.dial.domain}:")
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in (found.dial.key, "chance", "95 % interval", ""):
        table.add_column(name, justify="right" if name else "left")
    for row in found.evaluations.to_dict("records"):
        mark = "as it is" if row["value"] == found.dial.own else ""
        table.add_row(found.dial.told(row["value"]), points(row["probability"]), span(row["low"], row["high"]), mark)
    return table


def _frontier(found: Breakpoint) -> Table:
    other = found.dials[1]
    stdout().print(f"Where the chance of {found.event} reaches {100 * found.level:g} %:")
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in (other.key, found.dial.key, "95 % interval", ""):
        table.add_column(name, justify="right" if name else "left")
    for _, row in found.answers.iterrows():
        value = "" if math.isnan(row["value"]) else found.dial.measured(row["value"])
        table.add_row(other.measured(row["other"]), value, _interval(found, row), OUTCOMES[row["outcome"]])
    return table


def _interval(found: Breakpoint, row: pd.Series[Any]) -> str:
    ends = ("" if math.isinf(end) else found.dial.number(end) for end in (row["low"], row["high"]))
    return "" if math.isnan(row["low"]) else "..".join(ends)
