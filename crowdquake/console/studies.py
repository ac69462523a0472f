"""What the studies tell: where a hedge loss came from, and the reserve cliff."""

from __future__ import annotations

import math
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from cqkit.plain import counted, percent
from crowdquake.console.base import NARROW, points, span, stdout, tell
from scenarios import Cliff, Explanation


@tell.register(Explanation)
def tell_explanation(found: Explanation, out: Path | None = None) -> None:
    """Tell where a hedge loss came from, a line a mechanism."""
    stdout().print(Text.assemble((found.title, "bold"), f"  ({counted(found.paths, 'path')}, seed {found.seed})"))
    stdout().print(
        f"The hedged book's P&L from {found.eve:%Y-%m-%d} to {found.last:%Y-%m-%d} ({found.window} days): "
        f"{percent(found.pnl, 2)} of the book, {percent(found.pnl_off, 2)} with everything below switched off."
    )
    wide = stdout().width >= NARROW
    table = Table(title="What added to it, % of the book", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in ("mechanism", "part", "95 % interval", *(("first in", "last in") if wide else ())):
        table.add_column(name, justify="left" if name == "mechanism" else "right", no_wrap=name != "mechanism")
    for name, part in found.parts.items():
        if name in found.off:
            continue
        alone = (_hundredths(part.first_in), _hundredths(part.last_in)) if wide else ()
        table.add_row(part.title, _hundredths(part.value), _interval(part.low, part.high), *alone)
    table.add_section()
    interval = _interval(found.total_low, found.total_high)
    table.add_row(Text("total", "bold"), _hundredths(found.total), interval)
    stdout().print(table)
    orders = "all orders" if found.orders is None else f"{found.orders} orders, drawn at random,"
    stdout().print(
        f"Part: mean over {orders} in which mechanisms are switched on; first in: alone; last in: after all."
    )
    if found.off:
        stdout().print("Off in this scenario: " + ", ".join(found.parts[name].title for name in found.off) + ".")
    if out is not None:
        stdout().print(f"Tables and chart: {out}")


def _interval(low: float, high: float) -> str:
    return "" if math.isnan(low) else f"{_hundredths(low)}..{_hundredths(high)}"


def _hundredths(ratio: float) -> str:
    """Percent with two decimals in a column whose head names the unit."""
    return f"{round(100 * ratio, 2) + 0.0:.2f}"


@tell.register(Cliff)
def tell_cliff(study: Cliff, out: Path | None = None) -> None:
    """Tell how the chance of a systemic unwind falls with the whole crowd's reserve."""
    stdout().print(f"Scenario {study.scenario}, {counted(study.paths, 'path')} a point, seed {study.seed}")
    table = Table(title="All in %", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("crowd")
    for name in ("reserve", "chance of a systemic unwind", "95 % interval", "calm year", "year with the slump"):
        table.add_column(name, justify="right")
    before = ""
    for row in study.points.to_dict("records"):
        chance = (points(row["systemic"]), span(row["low"], row["high"]))
        label = "" if row["series"] == before else row["series"]
        before = row["series"]
        table.add_row(label, f"{100 * row['reserve']:g}", *chance, points(row["carry"]), points(row["with_slump"]))
    stdout().print(table)
    for row in study.halves.to_dict("records"):
        found = not math.isnan(row["half"])
        where = f"at {points(row['half'])} % ({span(row['low'], row['high'])})" if found else "at none of these"
        stdout().print(f"{row['series']}: an even chance {where}.")
    stdout().print(
        f"Returns: the swap-financed funds', on an assumed {100 * study.alpha:g} % a year on the stock book."
    )
    if out is not None:
        stdout().print(f"Tables and chart: {out}")
