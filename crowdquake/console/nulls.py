"""What `nulls` tells: misfits by explanation, and what the history cannot tell apart."""

from __future__ import annotations

import math
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from crowdquake.console.base import stdout, tell
from scenarios.studies.nulls import Nulls


@tell.register(Nulls)
def tell_nulls(found: Nulls, out: Path | None = None) -> None:
    """Tell the sentence, then a line an explanation."""
    half = found.paths - (found.paths + 1) // 2
    unseen = f"  ({half} paths that no fit has seen, seed {found.seed})"
    stdout().print(Text.assemble((found.scenario.title, "bold"), unseen))
    title = "Misfit: 0 at history, 1 at a range's end"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in ("explanation", "free", "history", "95 % interval", "met", "put in", "held out", "refitted"):
        table.add_column(name, justify="left" if name in {"explanation", "refitted"} else "right")
    for row in found.table.to_dict("records"):
        table.add_row(
            row["explanation"],
            str(row["free"]),
            _number(row["misfit_history"]),
            f"{_number(row['misfit_history_low'])}..{_number(row['misfit_history_high'])}",
            f"{row['met_history']}/{row['of_history']}",
            _number(row["misfit_input"]),
            _number(row["misfit_held_out"]),
            row["refitted"],
        )
    stdout().print(table)
    stdout().print(found.sentence)
    if out is not None:
        stdout().print(f"Tables: {out}")


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.2f}"
