"""A hedge replayed on one's own series: policies side by side, and the calls of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from crowdquake.report import drawing
from crowdquake.report.making import Pack
from crowdquake.report.parts import Chart, Part, Table, Text
from crowdquake.report.register import section
from crowdquake.report.results import ResultFolder

MOST_CALLS = 30


@section("replay", place=25)
def replay(pack: Pack) -> Sequence[Part]:
    """What `hedge` found: one history, so no chances and no intervals."""
    parts: list[Part] = []
    for result in pack.of("Comparison"):
        accounts = result.table("accounts")
        parts += [_chart(pack, result, accounts), _policies(pack, result)]
        parts += [table for table in (_calls(pack, result, accounts),) if table.rows]
    return [*parts, Text(pack.words("replay.note"), small=True)] if parts else []


def _policies(pack: Pack, result: ResultFolder) -> Table:
    words, numbers = pack.words, pack.numbers
    content = result.content
    rows = []
    for name, figures in content["policies"].items():
        currency = figures["currency"]
        rows.append(
            (
                name,
                numbers.percent(figures["reserve"]),
                numbers.money(figures["reserve_money"], currency),
                numbers.percent(figures["required_reserve"]),
                numbers.count(figures["margin_call_days"]),
                numbers.date(figures["first_margin_call"]),
                numbers.money(figures["called_money"], currency),
                numbers.percent(figures["hedge_loss"]),
                numbers.percent(figures["return"], sign="+"),
            )
        )
    names = ("policy", "reserve", "money", "needed", "days", "first", "called", "loss", "return")
    title = words("replay.table", index=content["index"], start=content["start"], end=content["end"])
    return Table.of(title, [words(f"replay.heads.{name}") for name in names], rows)


def _chart(pack: Pack, result: ResultFolder, accounts: pd.DataFrame) -> Chart:
    """Unencumbered cash by day, a line a policy: the reserve less the need."""
    words, numbers = pack.words, pack.numbers
    policies: Mapping[str, Any] = result.content["policies"]
    figure, (axes,) = pack.drawing.figure()
    lowest: dict[str, float] = {}
    for (name, figures), colour, dash in zip(policies.items(), drawing.SERIES, drawing.DASHES, strict=False):
        rows = accounts[accounts["policy"] == name]
        free = 100 * (figures["reserve_money"] - rows["capital_need"].to_numpy()) / figures["start_value_money"]
        axes.plot(np.arange(len(rows)), free, color=colour, ls=dash, lw=1.6, label=str(name))
        lowest[str(name)] = float(free.min()) / 100
    axes.axhline(0, color=drawing.ORANGE, lw=1.4)
    first = accounts[accounts["policy"] == next(iter(policies))]
    drawing.date_ticks(axes, list(pd.to_datetime(first["date"])))
    axes.set_ylabel(words("replay.axis"))
    axes.legend(frameon=False, fontsize=8.5)
    worst = min(lowest, key=lambda name: lowest[name])
    return pack.chart(words("replay.chart", policy=worst, lowest=numbers.percent(lowest[worst])), figure)


def _calls(pack: Pack, result: ResultFolder, accounts: pd.DataFrame) -> Table:
    words, numbers = pack.words, pack.numbers
    called = accounts[accounts["called"] > 0].head(MOST_CALLS)
    currency = next(iter(result.content["policies"].values()))["currency"]
    rows = [
        (
            str(row["policy"]),
            str(row["date"])[:10],
            *(numbers.money(row[name], currency) for name in ("margin", "variation", "capital_need", "called")),
        )
        for row in called.to_dict("records")
    ]
    names = ("initial", "variation", "need", "called")
    heads = [
        words("replay.heads.policy"),
        words("ladder.heads.date"),
        *(words(f"ladder.heads.{name}") for name in names),
    ]
    return Table.of(words("replay.calls"), heads, rows, left=2)
