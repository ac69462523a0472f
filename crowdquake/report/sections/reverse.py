"""Reverse stress: what it takes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crowdquake.report import drawing
from crowdquake.report.making import Pack
from crowdquake.report.parts import Chart, Part, Table, Text
from crowdquake.report.register import section
from crowdquake.report.results import ResultFolder


@section("reverse", place=60)
def reverse(pack: Pack) -> Sequence[Part]:
    """The value of a key at which the chance of an event reaches a level."""
    parts: list[Part] = []
    for result in pack.of("Breakpoint"):
        content = result.content
        parts += [Text(content["finding"]), _answers(pack, result)]
        if len(content["vary"]) == 1:
            parts.append(_chart(pack, result))
    return [*parts, Text(pack.words("reverse.note"), small=True)] if parts else []


def _answers(pack: Pack, result: ResultFolder) -> Table:
    words, numbers = pack.words, pack.numbers
    content, frame = result.content, result.table("breakpoints")
    key = content["vary"][0]
    frontier = len(content["vary"]) > 1
    heads = [*([content["vary"][1]] if frontier else []), key, words("limits.interval"), words("reverse.outcome")]
    rows = [
        (
            *([numbers.plain(row["other"])] if frontier else []),
            numbers.plain(row["value"]),
            numbers.between(numbers.plain(row["low"]), numbers.plain(row["high"])) if row["outcome"] == "found" else "",
            words(f"reverse.outcomes.{str(row['outcome']).replace(' ', '_')}"),
        )
        for row in frame.to_dict("records")
    ]
    level = numbers.percent(content["level"], 0)
    title = words("reverse.table", key=key, event=content["event"], level=level, own=numbers.plain(content["own"][0]))
    return Table.of(title, heads, rows, left=0)


def _chart(pack: Pack, result: ResultFolder) -> Chart:
    words = pack.words
    content = result.content
    frame: pd.DataFrame = result.table("evaluations").sort_values("value")
    figure, (axes,) = pack.drawing.figure(height=2.6)
    x = frame["value"].to_numpy(dtype=float)
    axes.fill_between(x, 100 * frame["low"], 100 * frame["high"], color=drawing.BLUE, alpha=0.2, lw=0)
    axes.plot(x, 100 * frame["probability"], "o-", color=drawing.BLUE, ms=3.5, lw=1.6)
    axes.axhline(100 * content["level"], color=drawing.ORANGE, lw=1.4, ls="--")
    own = content["own"][0]
    if own is not None:
        drawing.mark(axes, own, words("reverse.here"))
    axes.set_ylim(0, 104)
    axes.set_xlim(np.nanmin(x), np.nanmax(x))
    axes.set_xlabel(content["vary"][0])
    axes.set_ylabel(words("reverse.axis"))
    return pack.chart(words("reverse.chart", key=content["vary"][0], event=content["event"]), figure)
