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
from scenarios.stressed import STRESSED_MOVES, STRESSED_VOLUME

MOST_STOCKS = 15
PARTICIPATION = 0.1  # of the day's volume that one may trade in ordinary markets


@section("liquidation", place=40)
def liquidation(pack: Pack) -> Sequence[Part]:
    """Time and cost to liquidate, and what is sold, by stock."""
    parts: list[Part] = []
    for result in pack.of(RUN, RESERVES):
        sales = _sales(result)
        for whose, rows in sales:
            parts.append(_table(pack, whose, rows))
            if result.study == RUN and rows["ticker"].astype(bool).any():
                parts.append(_paid(pack, whose, result))
    if not parts:
        return []
    words, numbers = pack.words, pack.numbers
    share, stressed = numbers.percent(PARTICIPATION, 0), numbers.percent(STRESSED_VOLUME, 0)
    told = words("liquidation.note", share=share, stressed=stressed, times=numbers.plain(STRESSED_MOVES))
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


def _paid(pack: Pack, whose: str, result: ResultFolder) -> Text:
    """What selling came to in the run itself, beside what the law says of the average sale, stock by stock."""
    desk, numbers = result.run.manifest["desk"]["main"], pack.numbers
    sold, cost = (numbers.money(desk[f"{name}_mean_money"], desk["currency"]) for name in ("sold", "sale_cost"))
    told = pack.words("liquidation.paid", whose=whose, sold=sold, cost=cost, paths=numbers.count(desk["paths_selling"]))
    return Text(told, small=True)


def _table(pack: Pack, whose: str, frame: pd.DataFrame) -> Table:
    """The average sale by stock, the largest first, with the worst case beside it; the sums of both last."""
    words, numbers = pack.words, pack.numbers
    cases = {str(case): rows for case, rows in frame.groupby("case", sort=False)}
    currency = str(frame["currency"].iloc[0])
    average = cases.get("average", frame)
    worst = cases.get("worst", average)
    by_stock = worst.set_index("ticker" if frame["ticker"].astype(bool).any() else "title")["sold"]
    rows = []
    for row in average.head(MOST_STOCKS).to_dict("records"):
        key = row["ticker"] or row["title"]
        at_worst = numbers.money(float(by_stock.get(key, math.nan)), currency)
        rows.append((_name(pack, row), numbers.percent(row["of_position"]), *_told(pack, row, currency), at_worst))
    for key, table in (("all", average), ("all_worst", worst)):
        summed = {name: table[name].sum(min_count=1) for name in ("sold", "cost", "cost_stressed") if name in table}
        summed["days_of_volume"] = float(table["days_of_volume"].max())
        name = words(f"liquidation.{key}", stocks=numbers.count(len(table)))
        rows.append((name, "", *_told(pack, summed, currency), ""))
    names = ("stock", "of_position", "sold", "days", "days_stressed", "cost", "cost_stressed", "worst")
    heads = [words(f"liquidation.heads.{name}") for name in names]
    return Table.of(words("liquidation.table", whose=whose), heads, rows, marked=[len(rows) - 2, len(rows) - 1])


def _told(pack: Pack, row: Mapping[Any, Any], currency: str) -> tuple[str, ...]:
    """What is sold, how long that takes and what it costs; what a result does not have is left open."""
    numbers, days = pack.numbers, row["days_of_volume"] / PARTICIPATION
    return (
        numbers.money(row["sold"], currency),
        numbers.plain(days, 2),
        numbers.plain(days / STRESSED_VOLUME, 2),
        numbers.money(row["cost"], currency),
        numbers.money(row.get("cost_stressed"), currency),
    )


def _name(pack: Pack, row: Mapping[Any, Any]) -> str:
    if not row["ticker"]:
        return pack.words("liquidation.whole") if row["title"] == "in all" else row["title"]
    return f"{row['ticker']} {row['title']}".strip()
