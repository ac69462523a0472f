"""Unwinding studies as tables on the screen and as files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.table import Table

from cqkit.errors import InputError
from cqkit.folders import MANIFEST, write_folder
from cqkit.plain import to_json
from crowdquake.charts import save, unwinding
from crowdquake.console import stdout
from scenarios.unwinding import PARTIES, UnwindStudy


def parse_days(text: str) -> list[float]:
    """Read a list of numbers of days, as 1,5,20."""
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"--days {text}: must be numbers of trading days with commas between, as 1,5,20") from None


def print_unwind(studies: Sequence[UnwindStudy], out: Path | None) -> None:
    """Tell each study: a row a speed, a column a party, with and without rescue."""
    for study in studies:
        stdout().print(f"{study.scenario.title}  ({study.paths} paths, seed {study.seed}; rescue: {study.rescue})")
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


def save_unwind(studies: Sequence[UnwindStudy], folder: Path) -> None:
    """Write the studies to a folder, replacing an earlier result there in one step.

    Raises
    ------
    InputError
        If the folder holds something else, or cannot be written.
    """

    def write(beside: Path) -> None:
        tables = [study.table.assign(scenario=study.scenario.name) for study in studies]
        pd.concat(tables, ignore_index=True).to_csv(beside / "unwinding.csv", index=False)
        content = {"studies": [study.as_json() for study in studies]}
        (beside / MANIFEST).write_text(to_json(content) + "\n", encoding="utf-8")
        save(unwinding(studies), beside, "unwinding")

    write_folder(folder, write)


def _cells(rows: pd.DataFrame) -> tuple[str, str, str]:
    row = rows.iloc[0]
    mark = "*" if row["best"] else "~" if row["as_good"] else ""
    return f"{row['q50']:.2f}", f"{row['q10']:.2f} .. {row['q90']:.2f}", mark
