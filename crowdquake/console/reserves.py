"""What `reserve` tells: the reserve needed, the calls at the one held, what is sold, and the sentence."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from cqkit.plain import percent
from crowdquake.console.base import points, span, stdout, tell
from scenarios import Reserves
from scenarios.reserves.sentence import money
from scenarios.reserves.steering import STEERED

MOST_STOCKS = 10  # of a sale that are shown


@tell.register(Reserves)
def tell_reserves(found: Reserves, out: Path | None = None) -> None:
    """Tell policies and sources side by side, and the answer in one sentence."""
    stdout().print(
        f"Reserve held {percent(found.reserve)} of the book, margin {percent(found.margin)}, gains fund margin, "
        "calls are met from outside"
    )
    stdout().print(_needed(found))
    for line in _steered(found):
        stdout().print(line)
    stdout().print(_calls(found))
    stdout().print(_amounts(found))
    for table in (_sold(found), _crowding(found)):
        if table is not None:
            stdout().print(table)
    for note in found.notes:
        stdout().print(f"note: {note}")
    stdout().print(found.sentence)
    if out is not None:
        stdout().print(f"Tables and chart: {out}")


def _table(title: str, left: Sequence[str], right: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in left:
        table.add_column(name)
    for name in right:
        table.add_column(name, justify="right")
    return table


def _needed(found: Reserves) -> Table:
    confidences = sorted(dict.fromkeys(found.reserves["confidence"]))
    heads = [word for value in confidences for word in (f"{100 * value:g} %", "interval")]
    table = _table("Reserve needed, % of the book, by how surely it is enough", ["policy", "source"], ["paths", *heads])
    for (policy, source), rows in found.reserves.groupby(["policy", "source"], sort=False):
        cells = [cell for row in rows.to_dict("records") for cell in _quantile(row)]
        table.add_row(str(policy), str(source), f"{rows['paths'].iloc[0]:,}", *cells)
    return table


def _steered(found: Reserves) -> Iterator[str]:
    """What steered paths are worth; and where plain ones are too few, what would help."""
    told = found.reserves
    for row in told[told["sampling"] == STEERED].to_dict("records"):
        half = percent((row["high"] - row["low"]) / 2 / row["reserve"])
        yield (
            f"{100 * row['confidence']:g} %, {row['policy']} in {row['source']}: {row['paths']:,} paths steered there "
            f"tell it to +-{half}, as {row['plain_paths']:,.0f} plain ones would: {row['factor']:.3g} times as many as "
            "all that it took"
        )
    for one in found.answers:
        if one.tail is not None and not one.tail.told:
            yield (
                f"{100 * one.tail.level:g} %, {one.policy} in {one.source}: {one.tail.paths:,} steered paths say too "
                "little: more of them may (--tail-paths)"
            )
    few = told[told["reserve"].isna() & (told["paths"] > 1)]
    steered_to = {(one.source, one.level) for one in found.answers}
    for confidence, rows in few.groupby("confidence"):
        sources, level = list(dict.fromkeys(rows["source"])), float(str(confidence))
        steerable = {one.source for one in found.answers if one.has_crowd and (one.source, level) not in steered_to}
        way = "--level steers paths there" if steerable.issuperset(sources) else "--paths gives more"
        yield (
            f"{100 * level:g} % is not told for {', '.join(sources)}: fewer than {rows['paths_needed'].iloc[0]:,.0f} "
            f"plain paths cannot bound it; {way}"
        )


def _quantile(row: Mapping[Any, Any]) -> tuple[str, str]:
    if math.isnan(row["reserve"]):
        return "", f"needs {row['paths_needed']:,.0f} paths"
    return points(row["reserve"]), span(row["low"], row["high"])


def _calls(found: Reserves) -> Table:
    twin = ["no liquidator"] if found.calls["probability_without_liquidator"].notna().any() else []
    heads = ["chance, %", "interval", *twin, "first most often", "10 %", "50 %", "90 %", "calls"]
    table = _table(f"Margin calls at a reserve of {percent(found.reserve)}, and when", ["policy", "source"], heads)
    for row in found.calls.to_dict("records"):
        chance = [points(row["probability"]), span(row["low"], row["high"])]
        chance += [points(row["probability_without_liquidator"])] if twin else []
        dates = [str(row[f"first_{name}"]) for name in ("most_frequent", "q10", "q50", "q90")]
        number = f"{row['calls_mean']:.1f}" if row["calls_most"] else ""
        table.add_row(row["policy"], row["source"], *chance, *dates, number)
    return table


def _amounts(found: Reserves) -> Table:
    heads = ["book", "first call", "new money", "worst", "expected", "return left, %"]
    title = "How much: first call (median) and new money (mean) where there is a call; expected over all paths"
    table = _table(title, ["policy", "source", ""], heads)
    for row in found.calls.to_dict("records"):
        names = ("first_call", "new_money_mean", "new_money_most", "shortfall_expected")
        told = [f"{_amount(row[f'{name}_money'])}, {points(row[name])} %" for name in names]
        whose = (row["policy"], row["source"], row["currency"], _amount(row["book_money"]))
        table.add_row(*whose, *told, f"{100 * row['kept']:.0f}")
    return table


def _amount(value: float) -> str:
    """Money in a row that names the currency."""
    return money(value, "").strip()


def _sold(found: Reserves) -> Table | None:
    """What is sold for the calls that the sentence is about: by stock where a book is given."""
    if not len(found.sales):
        return None
    policy, source = found.told
    sales = found.sales[(found.sales["policy"] == policy) & (found.sales["source"] == source)]
    heads = ["sold", "of the position, %", "days of its volume", "cost", "of what is sold, %", "cost, stressed"]
    table = _table(f"What has to be sold, cheapest first: {policy} in {source}", ["call", "stock"], heads)
    for case, rows in sales.groupby("case", sort=False):
        for row in rows.head(MOST_STOCKS).to_dict("records"):
            table.add_row(str(case), row["ticker"] or row["title"], *_sale_cells(row))
        rest = rows.iloc[MOST_STOCKS:]
        if len(rest):
            summed = {name: rest[name].sum() for name in ("sold", "cost", "cost_stressed")}
            summed["currency"] = rows["currency"].iloc[0]
            unknown = {"of_position": math.nan, "days_of_volume": math.nan}
            table.add_row(str(case), f"{len(rest)} more", *_sale_cells({**summed, **unknown}))
        table.add_section()
    return table


def _sale_cells(row: Mapping[Any, Any]) -> tuple[str, ...]:
    known = math.isfinite(row["cost"])
    return (
        money(row["sold"], row["currency"]),
        points(row["of_position"]),
        f"{row['days_of_volume']:.3g}" if math.isfinite(row["days_of_volume"]) else "",
        money(row["cost"], row["currency"]) if known else "not known",
        f"{100 * row['cost'] / row['sold']:.2f}" if known and row["sold"] else "",
        money(row["cost_stressed"], row["currency"]) if math.isfinite(row["cost_stressed"]) else "",
    )


def _crowding(found: Reserves) -> Table | None:
    if not len(found.crowding):
        return None
    heads = [
        "crowding",
        "at 95 %",
        "at 99 %",
        "chance",
        "interval",
        "first most often",
        "new money",
        "worst",
        "expected",
    ]
    table = _table(
        "With the crowd less or more alike: reserve needed and calls, % of the book", ["policy", "source"], heads
    )
    before = ("", "")
    for row in found.crowding.to_dict("records"):
        whose = (row["policy"], row["source"])
        amounts = [points(row[name]) for name in ("new_money_mean", "new_money_most", "shortfall_expected")]
        chance = (points(row["probability"]), span(row["low"], row["high"]), row["first_most_frequent"])
        needed = (points(row["reserve_95"]), points(row["reserve_99"]))
        table.add_row(*(("", "") if whose == before else whose), f"{row['crowding']:g}", *needed, *chance, *amounts)
        before = whose
    return table
