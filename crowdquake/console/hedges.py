"""What the hedging commands tell: replays, reserves, the report's table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from cqkit.plain import counted, percent
from crowdquake.console.base import points, span, stdout, tell
from hedging import Comparison, Replication, ReserveStudy


@tell.register(Comparison)
def tell_comparison(comparison: Comparison, out: Path | None = None) -> None:
    """Tell a replay, a column a policy."""
    dates = comparison.series.dates
    content = comparison.as_json()["policies"]
    what = (
        f", book {comparison.spot_name or 'the index itself'}, {dates[0]:%Y-%m-%d} to {dates[-1]:%Y-%m-%d}, "
        f"{len(dates) - 1} days"
    )
    stdout().print(Text.assemble((comparison.index_name, "bold"), what))
    for note in comparison.series.notes:
        stdout().print(f"note: {note}")
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for name in content:
        table.add_column(name, justify="right")
    rows: list[tuple[str, Callable[[dict[str, Any]], str]]] = [
        ("return after the reserve", lambda item: percent(item["return"], 3)),
        ("return on the book alone", lambda item: percent(item["undiluted_return"], 3)),
        ("reserve", lambda item: percent(item["reserve"], 3)),
        ("reserve, money", lambda item: f"{item['currency']} {item['reserve_money']:,.0f}"),
        ("largest hedge loss", lambda item: percent(item["hedge_loss"], 3)),
        ("drawdown from the peak", lambda item: percent(item["drawdown"], 3)),
        ("days with a margin call", lambda item: str(item["margin_call_days"])),
        ("margin called in all", lambda item: f"{item['currency']} {item['called_money']:,.0f}"),
        ("first margin call", lambda item: item["first_margin_call"] or "none"),
        ("largest shortfall", lambda item: f"{item['currency']} {item['shortfall_max_money']:,.0f}"),
        ("most contracts", lambda item: f"{item['contracts_max']:.2f}"),
    ]
    for label, form in rows:
        table.add_row(label, *(form(item) for item in content.values()))
    stdout().print(table)
    if out is not None:
        stdout().print(f"Accounts and chart: {out}")


@tell.register(ReserveStudy)
def tell_reserve(study: ReserveStudy, out: Path | None = None) -> None:
    """Tell what a hedge may need in advance."""
    stdout().print(
        f"Policy {study.policy}, model {study.model}, {study.days} days, {counted(study.paths, 'path')}, "
        f"seed {study.seed}"
    )
    table = Table(title="Reserve that suffices, % of the book", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in ("confidence", "simulated", "95 % interval", "fitted tail", "95 % interval", "by reflection"):
        table.add_column(name, justify="right")
    for row in study.table.to_dict("records"):
        closed = study.reflection.get(row["confidence"])
        table.add_row(
            f"{100 * row['confidence']:g} %",
            points(row["reserve"]),
            span(row["low"], row["high"]),
            points(row["tail"]),
            span(row["tail_low"], row["tail_high"]),
            "" if closed is None else points(closed),
        )
    stdout().print(table)
    if study.reserve is not None and study.call_probability is not None:
        chance, low, high = (100 * value for value in study.call_probability)
        stdout().print(
            f"A reserve of {100 * study.reserve:g} % is called in {chance:.1f} % of paths ({low:.1f}..{high:.1f} %)."
        )
    for note in study.notes:
        stdout().print(f"note: {note}")
    if out is not None:
        stdout().print(f"Tables and chart: {out}")


@tell.register(Replication)
def tell_replication(found: Replication, out: Path | None = None) -> None:
    """Tell the report's numbers beside the engine's, row by row."""
    for note in found.notes:
        stdout().print(f"note: {note}")
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("window", "figure", "report", "engine", "verdict", "why"):
        table.add_column(name, justify="right" if name in ("report", "engine") else "left", no_wrap=name == "verdict")
    for row in found.rows:
        table.add_row(row.window, row.item, *row.texts(), row.verdict, row.explanation)
    stdout().print(table)
    stdout().print(", ".join(f"{count} {verdict}" for verdict, count in found.counts().items()))
    if out is not None:
        stdout().print(f"Table and figures: {out}")
