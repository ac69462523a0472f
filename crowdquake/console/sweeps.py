"""What `sweep` tells: the asked figure at its points, what the keys do to it, and what was not reached."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from crowdquake.console.base import MOST_ROWS, stdout, tell
from scenarios import Sweep


@tell.register(Sweep)
def tell_sweep(found: Sweep, out: Path | None = None) -> None:
    """Tell the points with the asked figure beside its baseline, the effects, and the points whose market failed."""
    paths = "1 path" if found.paths_told == "1" else f"{found.paths_told} paths"
    stdout().print(
        f"{found.scenario.title}  ({len(found.points):,} points of design {found.design}, {paths} a point, "
        f"seed {found.manifest['seed']})"
    )
    if found.failed:
        stdout().print(
            f"At {found.failed:,} of them the market left the range in which it means anything: column `fault`."
        )
    stdout().print(f"{found.figure}, {found.unit}:")
    stdout().print(_points(found))
    if len(found.effects.columns) > 1:
        stdout().print(
            "Sobol indices of its mean" if found.design == "sobol" else "Change of its mean, on the same paths"
        )
        stdout().print(_effects(found))
    if out is not None:
        stdout().print(f"Tables, every path (tasks/*.parquet) and charts: {out}")


def _points(found: Sweep) -> Table:
    shown = [
        name for name in (found.figure, f"{found.figure}_error", f"{found.figure}_baseline") if name in found.points
    ]
    heads = {
        found.figure: "mean",
        f"{found.figure}_error": "std. error",
        f"{found.figure}_baseline": "baseline (no liquidator)",
    }
    more = [name for name in ("loop_gain",) if name in found.points]
    left = len(found.points) - MOST_ROWS
    table = Table(box=SIMPLE_HEAD, pad_edge=False, caption=f"{left:,} more points" if left > 0 else None)
    for name in (*found.keys, "paths", *(heads[name] for name in shown), *more):
        table.add_column(name, justify="right")
    for row in found.points.head(MOST_ROWS).to_dict("records"):
        table.add_row(*(_told(row[name]) for name in (*found.keys, "paths", *shown, *more)))
    return table


def _effects(found: Sweep) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in found.effects.columns:
        table.add_column(str(name), justify="left" if name == "key" else "right")
    for row in found.effects.itertuples(index=False):
        table.add_row(*(_told(value) for value in row))
    return table


def _told(value: Any) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.4g}"
    return str(value)
