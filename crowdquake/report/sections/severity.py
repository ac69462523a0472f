"""How severe a scenario is, against the worst moves that indices have made."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import numpy as np

from cqkit.arrays import FloatArray
from crowdquake.report.hedges import RUN
from crowdquake.report.making import Pack
from crowdquake.report.parts import Part, Table, Text
from crowdquake.report.register import section
from crowdquake.report.results import ResultFolder

SPANS = (1, 5, 10, 20)  # trading days
KNOWN = {"CNY": "CSI", "USD": "S&P"}  # whose indices a currency's scenario is held against


@section("severity", place=110)
def severity(pack: Pack) -> Sequence[Part]:
    """Worst falls and rises of the simulated index beside the worst of real ones."""
    runs = pack.of(RUN)
    if not runs:
        return []
    words, numbers = pack.words, pack.numbers
    rows: list[tuple[str, ...]] = []
    marked = []
    for result in runs:
        moves = index_moves(result)
        for way in ("falls", "rises"):
            cells = []
            for days in SPANS:
                found = moves[way].get(days)
                cells.append("" if found is None else _spread(pack, found))
            marked.append(len(rows))
            rows.append((f"{result.label}: {words(f'severity.{way}')}", *cells))
    currencies = {result.run.scenario.market.currency for result in runs}
    for index in worst_moves():
        if not any(str(index["name"]).startswith(KNOWN.get(currency, "")) for currency in currencies):
            continue
        for way in ("falls", "rises"):
            cells = [
                f"{numbers.percent(index[way][str(days)][0], sign='+')} ({index[way][str(days)][1]})" for days in SPANS
            ]
            rows.append((f"{index['name']}: {words(f'severity.{way}')}", *cells))
    heads = [words("severity.whose"), *(words("severity.days", days=str(days)) for days in SPANS)]
    return [Table.of(words("severity.table"), heads, rows, marked=marked), Text(words("severity.note"), small=True)]


def _spread(pack: Pack, values: FloatArray) -> str:
    low, middle, high = np.percentile(values, [10, 50, 90])
    numbers = pack.numbers
    return f"{numbers.percent(float(middle), sign='+')} ({numbers.span(float(low), float(high))})"


def index_moves(result: ResultFolder) -> dict[str, dict[int, FloatArray]]:
    """Worst fall and rise of the index over so many days, by path, over the whole run."""
    run = result.run
    daily = run.daily[run.daily["run"] == "main"].sort_values(["path", "day"])
    returns = daily["index"].to_numpy(dtype=np.float64).reshape(run.manifest["paths"], -1)
    level = np.cumprod(np.column_stack([np.ones(len(returns)), 1 + returns]), axis=1)
    falls, rises = {}, {}
    for days in SPANS:
        if days < level.shape[1]:
            moved = level[:, days:] / level[:, :-days] - 1
            falls[days], rises[days] = moved.min(axis=1), moved.max(axis=1)
    return {"falls": falls, "rises": rises}


def worst_moves() -> list[dict[str, Any]]:
    """Worst moves of real indices, as the package knows them."""
    text = files("crowdquake.report").joinpath("worst_moves.toml").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = tomllib.loads(text)["index"]
    return found
