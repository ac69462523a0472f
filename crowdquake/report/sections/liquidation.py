"""What has to be sold, how long that takes and what it costs, in ordinary and in stressed markets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from crowdquake.report.hedges import RESERVES, RUN
from crowdquake.report.making import Pack
from crowdquake.report.parts import Part, Table, Text
from crowdquake.report.register import section
from crowdquake.report.results import ResultFolder

MOST_STOCKS = 15
PARTICIPATION = 0.1  # of the day's volume that one may trade in ordinary markets
STRESSED_VOLUME = 0.5  # of the ordinary volume that is left under stress


@section("liquidation", place=40)
def liquidation(pack: Pack) -> Sequence[Part]:
    """Time and cost to liquidate, and what is sold, by stock."""
    parts: list[Part] = []
    for result in pack.of(RUN, RESERVES):
        sales = _sales(result)
        for whose, rows in sales:
            parts.append(_table(pack, whose, rows))
    if not parts:
        return []
    words, numbers = pack.words, pack.numbers
    told = words(
        "liquidation.note", share=numbers.percent(PARTICIPATION, 0), stressed=numbers.percent(STRESSED_VOLUME, 0)
    )
    return [*parts, Text(told, small=True)]


def _sales(result: ResultFolder) -> list[tuple[str, pd.DataFrame]]:
    """Tables of sales by whose they are: the average and the worst case of each."""
    if result.study == RUN:
        frame = result.run.desk_sales
        frame = frame[frame["run"] == "main"] if len(frame) else frame
        groups = [(result.run.scenario.desk.policy, frame)] if len(frame) else []
    else:
        frame = result.table("sales") if result.has("sales") else pd.DataFrame()
        groups = (
            [
                (f"{policy} / {source}", rows)
                for (policy, source), rows in frame.groupby(["policy", "source"], sort=False)
            ]
            if len(frame)
            else []
        )
    return [(f"{result.label}: {name}", rows) for name, rows in groups]


def _table(pack: Pack, whose: str, frame: pd.DataFrame) -> Table:
    """The average sale by stock, the largest first, with the worst case beside it; the sum last."""
    words, numbers = pack.words, pack.numbers
    cases = {str(case): rows for case, rows in frame.groupby("case", sort=False)}
    currency = str(frame["currency"].iloc[0])
    average = cases.get("average", frame)
    worst = cases.get("worst", average).set_index("title" if frame["ticker"].isna().all() else "ticker")
    rows = []
    for row in average.head(MOST_STOCKS).to_dict("records"):
        key = row["ticker"] if isinstance(row["ticker"], str) and row["ticker"] else row["title"]
        at_worst = float(worst["sold"].get(key, math.nan))
        days = row["days_of_volume"]
        rows.append(
            (
                _name(pack, row),
                numbers.money(row["sold"], currency),
                numbers.percent(row["of_position"]),
                numbers.plain(days / PARTICIPATION, 2),
                numbers.plain(days / PARTICIPATION / STRESSED_VOLUME, 2),
                numbers.money(row["cost"], currency),
                numbers.money(at_worst, currency),
            )
        )
    longest = float(average["days_of_volume"].max())
    rows.append(
        (
            words("liquidation.all", stocks=numbers.count(len(average))),
            numbers.money(float(average["sold"].sum()), currency),
            "",
            numbers.plain(longest / PARTICIPATION, 2),
            numbers.plain(longest / PARTICIPATION / STRESSED_VOLUME, 2),
            numbers.money(float(average["cost"].sum()), currency),
            numbers.money(float(worst["sold"].sum()), currency),
        )
    )
    heads = [
        words(f"liquidation.heads.{name}")
        for name in ("stock", "sold", "of_position", "days", "days_stressed", "cost", "worst")
    ]
    return Table.of(words("liquidation.table", whose=whose), heads, rows, marked=[len(rows) - 1])


def _name(pack: Pack, row: Mapping[Any, Any]) -> str:
    ticker, title = (value if isinstance(value, str) else "" for value in (row["ticker"], row["title"]))
    if not ticker:
        return pack.words("liquidation.whole") if title == "in all" else title
    return f"{ticker} {title}".strip()
