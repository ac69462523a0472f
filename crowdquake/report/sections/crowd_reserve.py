"""The whole crowd's reserve and policy against the chance of a systemic unwind."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from crowdquake.report import drawing
from crowdquake.report.making import Pack
from crowdquake.report.parts import Chart, Part, Table, Text
from crowdquake.report.register import section
from crowdquake.report.results import ResultFolder


@section("crowd_reserve", place=100)
def crowd_reserve(pack: Pack) -> Sequence[Part]:
    """What `cliff` found: how the chance falls with the reserve, and where it is one half."""
    parts: list[Part] = []
    for result in pack.of("Cliff"):
        parts += [_chart(pack, result), _halves(pack, result)]
    return [*parts, Text(pack.words("crowd_reserve.note"), small=True)] if parts else []


def _chart(pack: Pack, result: ResultFolder) -> Chart:
    words, numbers = pack.words, pack.numbers
    points: pd.DataFrame = result.table("points")
    shown = points[points["family"] == "policy"]
    figure, (axes,) = pack.drawing.figure()
    for (name, rows), colour, dash in zip(
        shown.groupby("series", sort=False), drawing.SERIES, drawing.DASHES, strict=False
    ):
        x = 100 * rows["reserve"]
        axes.fill_between(x, 100 * rows["low"], 100 * rows["high"], color=colour, alpha=0.15, lw=0)
        axes.plot(x, 100 * rows["systemic"], color=colour, ls=dash, lw=1.8, marker="o", ms=3, label=str(name))
    axes.set_ylim(0, 104)
    axes.set_xlim(left=0)
    axes.set_xlabel(words("crowd_reserve.x"))
    axes.set_ylabel(words("crowd_reserve.y"))
    axes.legend(frameon=False, fontsize=8.5)
    own = result.content["policy"]
    half = next((row["half"] for row in result.table("halves").to_dict("records") if row["series"] == own), None)
    told = numbers.percent(half)
    key = "crowd_reserve.chart" if told else "crowd_reserve.chart_not_crossed"
    return pack.chart(words(key, policy=own, half=told), figure)


def _halves(pack: Pack, result: ResultFolder) -> Table:
    words, numbers = pack.words, pack.numbers
    rows = [
        (
            str(row["series"]),
            numbers.percent(row["half"]) or words("crowd_reserve.not_crossed"),
            numbers.span(row["low"], row["high"]),
        )
        for row in result.table("halves").to_dict("records")
    ]
    heads = [words("crowd_reserve.series"), words("crowd_reserve.half"), words("limits.interval")]
    return Table.of(words("crowd_reserve.table", scenario=result.content["scenario"]), heads, rows)
