"""What a liquidation costs whom, by how long it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from crowdquake.report import drawing
from crowdquake.report.making import Pack
from crowdquake.report.parts import Chart, Part, Table, Text
from crowdquake.report.register import section

PARTIES = ("liquidator", "crowd", "hedge_desk")


@section("speed", place=85)
def speed(pack: Pack) -> Sequence[Part]:
    """Costs by speed that `unwind` found, with and without a rescue."""
    parts: list[Part] = []
    for result in pack.of("Unwinding", "Unwindings"):
        table = result.table("unwinding")
        for study in result.content.get("studies") or [result.content]:
            rows = table[table["scenario"] == study["scenario"]]
            parts += [_chart(pack, study, rows), _table(pack, study, rows)]
    return [*parts, Text(pack.words("speed.note"), small=True)] if parts else []


def _without_rescue(table: pd.DataFrame, party: str) -> pd.DataFrame:
    return table[(table["party"] == party) & ~table["rescue"].astype(bool)].sort_values("days")


def _chart(pack: Pack, study: Mapping[str, Any], table: pd.DataFrame) -> Chart:
    words = pack.words
    figure, panels = pack.drawing.figure(height=2.7, columns=len(PARTIES))
    for axes, party in zip(panels, PARTIES, strict=True):
        rows = _without_rescue(table, party)
        axes.fill_between(rows["days"], rows["q10"], rows["q90"], color=drawing.BLUE, alpha=0.2, lw=0)
        axes.plot(rows["days"], rows["q50"], "o-", color=drawing.BLUE, ms=3, lw=1.6)
        axes.axhline(0, color="#333333", lw=0.8)
        axes.set_xscale("log")
        ticks = [days for days in (1, 5, 20, 125, 500) if rows["days"].min() <= days <= rows["days"].max()]
        axes.set_xticks(ticks, [f"{days:g}" for days in ticks])
        axes.minorticks_off()
        axes.set_title(words(f"speed.parties.{party}"), loc="left", fontsize=9)
        axes.set_xlabel(words("speed.days"))
    panels[0].set_ylabel("%")
    crowd = sorted(_without_rescue(table, "crowd").to_dict("records"), key=lambda row: float(row["q50"]))
    best, worst = crowd[0], crowd[-1]
    title = words(
        "speed.chart",
        scenario=study["scenario"],
        best=f"{best['days']:g}",
        low=f"{best['q50']:.1f}",
        worst=f"{worst['days']:g}",
        high=f"{worst['q50']:.1f}",
    )
    return pack.chart(title, figure, words("speed.chart_foot"))


def _table(pack: Pack, study: Mapping[str, Any], table: pd.DataFrame) -> Table:
    words = pack.words
    ways = [way for way in (False, True) if (table["rescue"].astype(bool) == way).any()]
    heads = [words("speed.days")]
    heads += [
        f"{words(f'speed.parties.{party}')}, {words('speed.rescue' if way else 'speed.no_rescue')}"
        for party in PARTIES
        for way in ways
    ]
    rows = [(f"{days:g}", *_cells(pack, table, days, ways)) for days in sorted(table["days"].unique())]
    title = words("speed.table", scenario=study["scenario"], paths=pack.numbers.count(study["paths"]))
    return Table.of(title, heads, rows)


def _cells(pack: Pack, table: pd.DataFrame, days: float, ways: Sequence[bool]) -> Iterator[str]:
    for party in PARTIES:
        for way in ways:
            chosen = table[(table["party"] == party) & (table["days"] == days) & (table["rescue"].astype(bool) == way)]
            for row in chosen.head(1).to_dict("records"):
                low, middle, high = (f"{round(row[name], 1) + 0.0:.1f}" for name in ("q10", "q50", "q90"))
                yield f"{middle} ({pack.numbers.between(low, high)})"
