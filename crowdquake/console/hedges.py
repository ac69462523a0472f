"""What the hedging commands tell: replays, contracts, reserves, the report's table, the fear gauge."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from cqkit.plain import percent
from crowdquake.console.base import points, span, stdout
from crowdquake.replays import Comparison
from crowdquake.reserves import ReserveStudy
from hedging import CERTAINTIES, FearGauge, FuturesContract, Replication


def print_hedge(comparison: Comparison, out: Path | None) -> None:
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
        ("days with a margin call", lambda item: str(item["margin_call_days"])),
        ("first margin call", lambda item: item["first_margin_call"] or "none"),
        ("largest shortfall", lambda item: f"{item['currency']} {item['shortfall_max_money']:,.0f}"),
        ("most contracts", lambda item: f"{item['contracts_max']:.2f}"),
    ]
    for label, tell in rows:
        table.add_row(label, *(tell(item) for item in content.values()))
    stdout().print(table)
    if out is not None:
        stdout().print(f"Accounts and chart: {out}")


def contract_json(contract: FuturesContract) -> dict[str, Any]:
    """Tell a contract's terms in plain values."""
    terms = asdict(contract) | {"launched": _day(contract.launched)}
    return terms | {"rules": [asdict(rule) | {"start": _day(rule.start)} for rule in contract.rules]}


def _day(day: date | None) -> str | None:
    return None if day is None else f"{day:%Y-%m-%d}"


def print_contracts(contracts: list[FuturesContract]) -> None:
    """List contracts, a line each."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("contract", "title", "money a point", "terms are", "initial margin", "margin is"):
        table.add_column(name, no_wrap=name == "contract")
    for item in contracts:
        table.add_row(
            item.name,
            item.title,
            f"{item.currency} {item.multiplier:g}",
            CERTAINTIES.get(item.certainty, ""),
            f"{100 * item.initial_margin:g} %",
            CERTAINTIES.get(item.margin_certainty, ""),
        )
    stdout().print(table)


def print_contract(contract: FuturesContract) -> None:
    """Tell one contract's terms by date, each with its source and how sure it is."""
    print_contracts([contract])
    for what, source in (("Terms", contract.source), ("Initial margin", contract.margin_source)):
        if source:
            stdout().print(f"{what}: {source}.")
    if not contract.rules:
        return
    table = Table(title="Rules by date", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in ("from", "margin", "hedgers'", "note", "certainty", "source"):
        table.add_column(name)
    for rule in contract.rules:
        rates = [("" if rate is None else f"{100 * rate:g} %") for rate in (rule.initial_margin, rule.hedging_margin)]
        table.add_row(
            f"{rule.start:%Y-%m-%d}",
            *rates,
            rule.note,
            CERTAINTIES.get(rule.certainty, ""),
            rule.source,
        )
    stdout().print(table)


def print_reserve(study: ReserveStudy, out: Path | None) -> None:
    """Tell what a hedge may need in advance."""
    stdout().print(
        f"Policy {study.policy}, model {study.model}, {study.days} days, {study.paths:,} paths, seed {study.seed}"
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


def print_replication(found: Replication, out: Path | None) -> None:
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


def fear_gauge_json(found: FearGauge) -> dict[str, Any]:
    """Tell the index by date, and the options behind it, in plain values."""
    return {
        "notes": list(found.notes),
        "daily": _records(found.daily.reset_index(names="date")),
        "options": _records(found.options),
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain values; dates as YYYY-MM-DD, None where there is none."""

    def plain(value: Any) -> Any:
        if isinstance(value, pd.Timestamp):
            return f"{value:%Y-%m-%d}"
        return None if value is pd.NaT else value

    return [{str(key): plain(value) for key, value in row.items()} for row in frame.to_dict("records")]


def print_fear_gauge(found: FearGauge) -> None:
    """Tell the index by date."""
    for note in found.notes:
        stdout().print(f"note: {note}")
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("date", "index", "near month", "next month", "weights", "reason for no value"):
        table.add_column(name, justify="left" if name in ("date", "reason for no value") else "right")
    for row in found.daily.reset_index(names="date").to_dict("records"):
        known = math.isfinite(row["index"])
        table.add_row(
            f"{row['date']:%Y-%m-%d}",
            f"{row['index']:.2f}" if known else "",
            f"{100 * row['near']:.2f} %" if math.isfinite(row["near"]) else "",
            f"{100 * row['following']:.2f} %" if math.isfinite(row["following"]) else "",
            f"{row['near_weight']:.3f}, {row['following_weight']:.3f}" if known else "",
            row["reason"],
        )
    stdout().print(table)
