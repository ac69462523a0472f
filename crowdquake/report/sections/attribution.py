"""Where the loss came from: mechanism by mechanism, the parts adding up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from crowdquake.report import drawing
from crowdquake.report.making import Pack
from crowdquake.report.parts import Chart, Part, Table, Text
from crowdquake.report.register import section
from crowdquake.report.results import ResultFolder

SMALL = 5e-5  # of the book: parts below count as nothing


@section("attribution", place=80)
def attribution(pack: Pack) -> Sequence[Part]:
    """The desk's hedged P&L taken apart by `explain`."""
    parts: list[Part] = []
    for result in pack.of("Explanation"):
        frame = result.table("explain")
        shown = frame[~frame["mechanism"].isin(result.content["off"])]
        parts += [_chart(pack, result, shown), _table(pack, result, shown)]
    return [*parts, Text(pack.words("attribution.note"), small=True)] if parts else []


def mechanism_name(pack: Pack, row: Mapping[Any, Any]) -> str:
    """A mechanism in words; one of the user's own goes by its title."""
    return pack.words.either(f"mechanisms.{row['mechanism']}", str(row["title"]))


def _chart(pack: Pack, result: ResultFolder, frame: pd.DataFrame) -> Chart:
    words, numbers = pack.words, pack.numbers
    shown = frame[frame["value"].abs() >= SMALL].to_dict("records")
    figure, (axes,) = pack.drawing.figure(height=1.0 + 0.27 * (len(shown) + 1))
    reached = 0.0
    names = []
    for place, row in enumerate(shown):
        value = 100 * row["value"]
        colour = drawing.ORANGE if value < 0 else drawing.SKY
        axes.barh(-place, value, 0.66, left=reached, color=colour)
        axes.plot([reached + value] * 2, [-place - 0.33, -place - 1 + 0.33], color="#777777", lw=0.7)
        reached += value
        axes.annotate(
            f"{value:+.2f}",
            (max(reached, reached - value), -place),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
        names.append(mechanism_name(pack, row))
    total = 100 * result.content["total"]
    axes.barh(-len(shown), total, 0.66, color=drawing.BLUE)
    axes.annotate(
        f"{total:+.2f}",
        (max(total, 0), -len(shown)),
        xytext=(3, 0),
        textcoords="offset points",
        va="center",
        fontsize=8,
    )
    axes.set_yticks([-place for place in range(len(shown) + 1)], [*names, words("attribution.total")])
    axes.axvline(0, color="#333333", lw=0.8)
    axes.grid(visible=False)
    axes.margins(x=0.08)
    axes.set_xlabel(words("attribution.axis"))
    worst = min(shown, key=lambda row: row["value"], default=None)
    title = words(
        "attribution.chart",
        total=numbers.percent(result.content["total"], sign="+"),
        who="" if worst is None else mechanism_name(pack, worst),
        part="" if worst is None else numbers.percent(worst["value"], sign="+"),
    )
    return pack.chart(title, figure)


def _table(pack: Pack, result: ResultFolder, frame: pd.DataFrame) -> Table:
    words, numbers = pack.words, pack.numbers
    content = result.content

    def told(value: float) -> str:
        return numbers.percent(value, 2, sign="+")

    rows = [
        (
            mechanism_name(pack, row),
            told(row["value"]),
            numbers.span(row["low"], row["high"], 2),
            told(row["first_in"]),
            told(row["last_in"]),
        )
        for row in frame.to_dict("records")
    ]
    interval = numbers.span(content["total_low"], content["total_high"], 2)
    rows.append((words("attribution.total"), told(content["total"]), interval, "", ""))
    heads = [words(f"attribution.heads.{name}") for name in ("mechanism", "value", "interval", "first", "last")]
    title = words(
        "attribution.table",
        scenario=content["scenario"],
        eve=content["eve"],
        last=content["last"],
        paths=numbers.count(content["paths"]),
    )
    return Table.of(title, heads, rows, marked=[len(rows) - 1])
