"""Studies that no other section tells: what they say of themselves, and their tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from crowdquake.report.making import Pack
from crowdquake.report.parts import Part, Table, Text
from crowdquake.report.register import section
from crowdquake.report.results import ResultFolder

# Types of results that have sections of their own.
TOLD = {
    *("RunResult", "Reserves", "Breakpoint", "Explanation", "Cliff", "Unwinding", "Unwindings", "CrowdingResult"),
    *("Comparison",),
}
MOST_ROWS, MOST_COLUMNS = 20, 8
OF_ONE_FIGURE = ("points", "effects")  # tables of a sweep


@section("other", place=135)
def other(pack: Pack) -> Sequence[Part]:
    """Tables of other studies, the user's own among them, cut where they are long."""
    parts: list[Part] = []
    for result in pack.results:
        if result.study not in TOLD:
            study = pack.words.either(f"studies.{result.study}", str(result.content.get("study", result.study)))
            parts.append(Text(f"{result.label}: {study}"))
            parts += [_table(pack, result, name) for name in _names(result)]
    return parts


def _names(result: ResultFolder) -> list[str]:
    return list(dict.fromkeys(file.partition(".")[0] for file in result.files))


def _table(pack: Pack, result: ResultFolder, name: str) -> Table:
    frame: pd.DataFrame = result.table(name)
    shown = frame[_columns(result, frame)].iloc[:MOST_ROWS]
    rows = [tuple(_cell(pack, value) for value in row) for row in shown.itertuples(index=False)]
    words = [not pd.api.types.is_numeric_dtype(kind) for kind in shown.dtypes]
    left = next((place for place, is_word in enumerate(words) if not is_word), len(words))
    figure = result.content.get("figure", "")  # that a sweep is about
    title = f"{result.label}: {name}{f' ({figure})' if figure and name in OF_ONE_FIGURE else ''}"
    if len(frame) > MOST_ROWS:
        title = pack.words("other.cut", title=title, shown=str(MOST_ROWS), all=pack.numbers.count(len(frame)))
    return Table.of(title, [str(column) for column in shown.columns], rows, left=left)


def _columns(result: ResultFolder, frame: pd.DataFrame) -> list[str]:
    """The columns that there is room for: of a sweep's points its keys, and the figure that was asked for."""
    figure, keys = result.content.get("figure"), result.content.get("keys", [])
    if figure not in frame:
        return list(frame.columns[:MOST_COLUMNS])
    wanted = ("sample", *keys, "paths", figure, f"{figure}_error", f"{figure}_baseline", "loop_gain", "fault")
    return [name for name in wanted if name in frame]


def _cell(pack: Pack, value: Any) -> str:
    if isinstance(value, float) and math.isnan(value):
        return ""
    is_number = isinstance(value, float | int) and not isinstance(value, bool)
    return pack.numbers.plain(float(value)) if is_number else str(value)
