"""What `unwind` tells: the cost of a sale by its speed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.table import Table

from cqkit.plain import counted
from crowdquake.console.base import stdout, tell
from scenarios import Unwinding, Unwindings
from scenarios.studies.unwind import PARTIES


@tell.register(Unwindings)
def tell_unwinding(found: Unwindings, out: Path | None = None) -> None:
    """Tell each study: a row a speed, a column a party, with and without rescue."""
    for study in found.studies:
        stdout().print(
            f"{study.scenario.title}  ({counted(study.paths, 'path')}, seed {study.seed}; rescue: {study.rescue})"
        )
        for party, label in PARTIES.items():
            table = Table(title=f"{label}, {study.units[party]}", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
            for name in ("days", "no rescue", "10 % .. 90 %", "", "rescue", "10 % .. 90 %", ""):
                table.add_column(name, justify="right")
            rows = study.table[study.table["party"] == party]
            for days, pair in rows.groupby("days"):
                cells = [cell for saved in (False, True) for cell in _cells(pair[pair["rescue"] == saved])]
                table.add_row(f"{days:g}", *cells)
            stdout().print(table)
    stdout().print("*: the lowest median; ~: may be as good (95 %).")
    if out is not None:
        stdout().print(f"Table and chart: {out}")


@tell.register(Unwinding)
def tell_one_unwinding(found: Unwinding, out: Path | None = None) -> None:
    """Tell a single study in the same way."""
    tell_unwinding(Unwindings((found,)), out)


def _cells(rows: pd.DataFrame) -> tuple[str, str, str]:
    row = rows.iloc[0]
    mark = "*" if row["best"] else "~" if row["as_good"] else ""
    return f"{row['q50']:.2f}", f"{row['q10']:.2f} .. {row['q90']:.2f}", mark
