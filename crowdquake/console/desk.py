"""What a run tells of its hedge desk: the first call by date, what was sold, by stock, and what that cost."""

from __future__ import annotations

from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from cqkit.plain import percent
from crowdquake.console.base import stdout
from scenarios import RunResult
from scenarios.desk import HOW

STOCKS = 10  # that are told; the table has all


def tell_desk(result: RunResult) -> None:
    """Tell the desk's first call, what it sold and what that cost."""
    desk = result.manifest["desk"]["main"]
    worth, currency, first = desk["book_money"], desk["currency"], desk["first_call"]
    low, high = desk["interval"]
    chance = f"{percent(desk['call_probability'], 0)} of paths ({percent(low, 0)} to {percent(high, 0)})"
    if first["first_q50"] is None:
        stdout().print(f"Desk's first margin call: none in {desk['paths']} paths (at most {percent(high)} of all).")
        return
    stdout().print(
        f"Desk's first margin call: in {chance}; median {first['first_q50']} (10 to 90 %: {first['first_q10']} to "
        f"{first['first_q90']}), most often {first['first_most_frequent']}; new money {currency} "
        f"{desk['new_money_mean_money']:,.0f} on average, {desk['new_money_most_money']:,.0f} at most."
    )
    if not desk["paths_selling"]:
        return
    sold, cost = desk["sold_mean_money"], desk["sale_cost_mean_money"]
    stdout().print(
        f"{_said(desk)}: {currency} {sold:,.0f}, {percent(sold / worth)} of the book, costing {currency} {cost:,.0f}, "
        f"means over {desk['paths_selling']} paths; {desk['sale']}."
    )
    if (result.desk_sales["ticker"] != "").any():
        stdout().print(_stocks(result, _said(desk)))


def _said(desk: dict[str, Any]) -> str:
    return "Raising it would sell" if desk["sale"] == HOW["raised"] else "Sold"


def _stocks(result: RunResult, said: str) -> Table:
    sales = result.desk_sales
    average = sales[(sales["run"] == "main") & (sales["case"] == "average")]
    more = f"{len(average) - STOCKS} more in desk_sales" if len(average) > STOCKS else None
    title = f"{said}, by stock, average"
    table = Table(title=title, caption=more, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in ("ticker", "money", "of position", "days of volume", "cost", "cost, stressed"):
        table.add_column(name, justify="left" if name == "ticker" else "right")
    for row in average.head(STOCKS).to_dict("records"):
        numbers = (f"{row['sold']:,.0f}", percent(row["of_position"]), f"{row['days_of_volume']:.3f}")
        table.add_row(str(row["ticker"]), *numbers, f"{row['cost']:,.0f}", f"{row['cost_stressed']:,.0f}")
    return table
