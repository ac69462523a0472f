"""What `domain` tells: where the laws fail, what was asked, and what becomes of the crowd along each axis."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from cqkit.plain import counted
from crowdquake.console.base import points, span, stdout, tell
from scenarios import Soundness

MOST_FAILURES = 12  # that are told one by one


@tell.register(Soundness)
def tell_soundness(found: Soundness, out: Path | None = None) -> None:
    """Tell the failures first, then what was asked, then the crowd's losses along each axis alone."""
    stdout().print(
        Text.assemble((found.scenario.title, "bold"), f"  ({counted(found.paths, 'path')} a point, seed {found.seed})")
    )
    failures = found.failures
    if found.sound:
        stdout().print(f"Sound: the laws hold at all {len(found.points)} points of its box.\n")
    else:
        stdout().print(f"NOT SOUND: {len(failures)} of {len(found.points)} points fail.\n", style="bold")
    for row in failures.head(MOST_FAILURES).to_dict("records"):
        stdout().print(f"  {row['where']}: {row['why']}", soft_wrap=True)
    if len(failures) > MOST_FAILURES:
        stdout().print(f"  and {len(failures) - MOST_FAILURES} more (points.csv has all)")
    stdout().print(_verdicts(found))
    alone = found.points[found.points["y"].isna() & ~found.points["corner"]]
    for (law, line), rows in alone.groupby(["law", "line"], sort=False):
        stdout().print(_line(str(law), str(line), rows))
    if out is not None:
        stdout().print(f"Tables and charts: {out}")


def _verdicts(found: Soundness) -> Table:
    table = Table(title="What was asked", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in ("requirement", "judged", "failed", "met"):
        table.add_column(name, justify="left" if name == "requirement" else "right")
    for row in found.verdicts.to_dict("records"):
        met = "yes" if row["met"] else Text("NO", "bold")
        table.add_row(row["told"], str(row["judged"]), str(row["failed"]), met)
    return table


def _line(law: str, line: str, rows: pd.DataFrame) -> Table:
    title = f"{line}, {law}: the crowd's P&L, % of its equity at the start"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    heads = (line.rpartition(".")[2], "trough", "10 % .. 90 %", "final", "10 % .. 90 %", "less its twin", "forced", "")
    for name in heads:
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows.to_dict("records"):
        twin = "" if math.isnan(row["less_twin"]) else f"{points(row['less_twin'])} ± {points(row['less_twin_error'])}"
        table.add_row(
            f"{row['x']:.4g}",
            _points(row["trough"]),
            span(row["trough_low"], row["trough_high"]),
            _points(row["final"]),
            span(row["final_low"], row["final_high"]),
            twin,
            _points(row["forced"]),
            Text(row["failed"], "bold"),
        )
    return table


def _points(value: float) -> str:
    return "" if math.isnan(value) else points(value)
