"""What `domain --parameters` tells: how far each number may go, what breaks at which value, and pairs."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from cqkit.plain import counted
from crowdquake.console.base import stdout, tell
from scenarios.studies.walk import Walk

MOST_PARAMETERS = 20
MOST_PAIRS = 12


@tell.register(Walk)
def tell_walk(found: Walk, out: Path | None = None) -> None:
    """Tell the numbers that move most, each with its tested range and what breaks beyond; then pairs; then the box."""
    console = stdout()
    console.print(
        Text.assemble((found.scenario.title, "bold"), f"  ({counted(found.paths, 'path')} a point, seed {found.seed})")
    )
    moving, count = len(found.parameters), len(found.held)
    console.print(
        f"{moving} numbers move anything, {len(found.unmoved)} do not. Targets of history, put in or held out, that it "
        f"meets as it stands, on these paths: {count}.\n"
    )
    console.print(_parameters(found))
    if moving > MOST_PARAMETERS:
        console.print(f"and {moving - MOST_PARAMETERS} more (parameters.csv has all)")
    for row in found.parameters.head(MOST_PARAMETERS).to_dict("records"):
        for side, why in (("below", row["below"]), ("above", row["above"]), ("turns", row["turns"])):
            if why:
                console.print(f"  {row['key']}, {side}: {why}", soft_wrap=True)
    if len(found.pairs):
        console.print(_pairs(found.pairs))
    changed = _changed(found.parameters)
    if changed:
        console.print(f"Stored box differs: {', '.join(changed)}.")
    if out is not None:
        console.print(f"Tables, charts and tested.toml, lines for the scenario's file: {out}")


def _parameters(found: Walk) -> Table:
    table = Table(title="Where nothing breaks", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in ("number", "own", "plausible", "tested box", "moves"):
        table.add_column(name, justify="left" if name == "number" else "right", no_wrap=True)
    for row in found.parameters.head(MOST_PARAMETERS).to_dict("records"):
        ranges = (f"{row[f'{kind}low']:.4g}..{row[f'{kind}high']:.4g}" for kind in ("", "tested_"))
        table.add_row(row["key"], f"{row['own']:.4g}", *ranges, f"{row['strength']:.3g}")
    return table


def _pairs(pairs: pd.DataFrame) -> Table:
    title = "Pairs of the strongest, at corners"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in ("corner of", "where", "misfit", "breaks"):
        table.add_column(name, justify="right" if name == "misfit" else "left")
    tested = pairs.sort_values(["corner_of", "misfit"], ascending=[False, False], kind="stable")
    for row in tested.head(MOST_PAIRS).to_dict("records"):
        where = f"{row['first']} = {row['x']:.4g}, {row['second']} = {row['y']:.4g}"
        misfit = "" if math.isnan(row["misfit"]) else f"{row['misfit']:.2f}"
        table.add_row(row["corner_of"], where, misfit, row["broke"] or "nothing")
    if len(pairs) > MOST_PAIRS:
        table.caption = f"and {len(pairs) - MOST_PAIRS} more (pairs.csv has all)"
    return table


def _changed(parameters: pd.DataFrame) -> list[str]:
    """Numbers whose stored range reaches farther than what was found."""
    return [
        f"{row['key']} ({row['stored_low']:.4g}..{row['stored_high']:.4g} stored)"
        for row in parameters.to_dict("records")
        if row["stored_low"] < row["tested_low"] - 1e-9 or row["stored_high"] > row["tested_high"] + 1e-9
    ]
