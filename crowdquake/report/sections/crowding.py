"""How crowded the books are, whose sales cost whom, and what crowding does to the reserve."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from crowdquake.report.making import Pack
from crowdquake.report.parts import Part, Table, Text
from crowdquake.report.register import section
from crowdquake.report.results import ResultFolder

MOST_FUNDS = 10
MONEY = ("gross", "equity", "own_gross")
SHARES = ("direct_loss", "aggregate_vulnerability", "own_loss", "contagion_share", "cushion")
FUND_COLUMNS = ("leverage", "overlap", "days_most", "systemicness", "vulnerability", "own_overlap")
FUND_SHARES = ("systemicness", "vulnerability")


@section("crowding", place=90)
def crowding(pack: Pack) -> Sequence[Part]:
    """Measures of `crowding`, the funds that matter most, and the realised overlap of runs."""
    parts: list[Part] = []
    results = pack.of("CrowdingResult")
    if results:
        parts.append(_measures(pack, results))
    for result in results:
        parts.append(_funds(pack, result))
    runs = [result for result in pack.of("RunResult") if result.manifest.get("realised_overlap") is not None]
    if runs:
        rows = [
            (
                result.label,
                pack.numbers.plain(result.manifest["realised_overlap"], 2),
                pack.numbers.plain(result.run.scenario.funds.crowding, 2),
                pack.numbers.plain(result.run.scenario.funds.leverage, 2),
                pack.numbers.count(result.run.scenario.funds.count),
            )
            for result in runs
        ]
        heads = [pack.words(f"crowding.runs.{name}") for name in ("run", "overlap", "crowding", "leverage", "funds")]
        parts.append(Table.of(pack.words("crowding.runs.title"), heads, rows))
    return [*parts, Text(pack.words("crowding.note"), small=True)] if parts else []


def _measures(pack: Pack, results: Sequence[ResultFolder]) -> Table:
    """A row a measure, a column a result."""
    tables = [{str(row["measure"]): row for row in result.table("measures").to_dict("records")} for result in results]
    rows = []
    for name in dict.fromkeys(name for table in tables for name in table):
        meaning = next(table[name]["meaning"] for table in tables if name in table)
        told = pack.words.either(f"measures.{name}", f"{name.replace('_', ' ')}: {meaning}")
        cells = [
            _measure(pack, name, float(table[name]["value"]), str(table[name]["unit"])) if name in table else ""
            for table in tables
        ]
        rows.append((told, *cells))
    return Table.of(pack.words("crowding.table"), [pack.words("crowding.measure"), *(r.label for r in results)], rows)


def _measure(pack: Pack, name: str, value: float, unit: str) -> str:
    if name in MONEY:
        return pack.numbers.money(value, unit)
    if name in SHARES:
        return pack.numbers.percent(value)
    return pack.numbers.plain(value)


def _funds(pack: Pack, result: ResultFolder) -> Table:
    frame: pd.DataFrame = result.table("by_fund")
    by = "systemicness" if "systemicness" in frame else "overlap"
    columns = [name for name in FUND_COLUMNS if name in frame and frame[name].notna().any()]
    rows = [
        (str(row["fund"]), *(_fund_cell(pack, name, row[name]) for name in columns))
        for row in frame.sort_values(by, ascending=False, kind="stable").head(MOST_FUNDS).to_dict("records")
    ]
    heads = [pack.words("crowding.fund"), *(pack.words(f"crowding.columns.{name}") for name in columns)]
    return Table.of(pack.words("crowding.funds", label=result.label, most=str(len(rows))), heads, rows)


def _fund_cell(pack: Pack, name: str, value: float) -> str:
    if isinstance(value, float) and math.isnan(value):
        return ""
    return pack.numbers.percent(value, 2) if name in FUND_SHARES else pack.numbers.plain(value)
