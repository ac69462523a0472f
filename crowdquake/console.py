"""What the commands show: progress on stderr, tables on stdout."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from abm import is_warm, warm_up
from crowdquake.console_credit import ablation_table, credit_table
from crowdquake.plain import percent
from crowdquake.replays import Comparison
from crowdquake.reserves import ReserveStudy
from hedging import CERTAINTIES, FearGauge, FuturesContract, Replication
from scenarios import Explanation, RunResult
from scenarios.cliff import Cliff
from scenarios.targets import as_json

# No markup: names, titles and files are the user's, and may hold brackets.
_stderr = Console(stderr=True, highlight=False, markup=False, emoji=False)
_stdout = Console(highlight=False, markup=False, emoji=False)
if not _stdout.is_terminal:  # a file or a pipe has no width of its own
    _stdout = Console(highlight=False, markup=False, emoji=False, width=130)

_WIDE = 125
_NARROW = 66
_FIGURES = {
    "fund_trough": ("Median fund, lowest NAV change, first {days} days", 100, "%"),
    "swap_fund_trough": ("Median swap-financed fund, the same", 100, "%"),
    "cash_fund_trough": ("Median fund that owns its stocks, the same", 100, "%"),
    "long_short_fund_trough": ("Median long-short fund, the same", 100, "%"),
    "crowd_stocks": ("Futures funds' stocks, of their book, first {days} days", 100, "%"),
    "crowd_futures": ("Their short futures, of their book, first {days} days", 100, "%"),
    "basis_peak": ("Basis, highest, first {days} days", 100, "%"),
    "fund_end": ("Median fund, NAV change, last day", 100, "%"),
    "crowded_book_trough": ("Crowded book, lowest value, first {days} days", 100, "%"),
    "forced_share": ("Forced sales, of the crowd's book, whole run", 100, "%"),
    "funds_called": ("Margin calls on funds, since the eve", 1, ""),
    "index_trough": ("Index, lowest, first {days} days", 100, "%"),
    "desk_hedge_loss": ("Desk: hedge loss, of its book, first {days} days", 100, "%"),
    "desk_reserve_used": ("Desk: reserve used, largest, whole run", 100, "%"),
    "desk_shortfall": ("Desk: shortfall, of its book, whole run", 100, "%"),
}


def stdout() -> Console:
    """The console that tables go to."""
    return _stdout


def compile_kernels(law: str) -> None:
    """Compile ahead of a run if need be, and say so."""
    if not is_warm(law):
        _stderr.print("Compiling the market's kernels; this takes about half a minute and is done once ...")
        warm_up(law)


@contextmanager
def progress(what: str) -> Iterator[Callable[[float], None]]:
    """Show a bar on stderr; yields a function that is told the share done."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_stderr, transient=True, disable=not _stderr.is_terminal) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda share: bar.update(task, completed=share)


def drawing(draw: Callable[[], Any]) -> None:
    """Draw charts, saying so where somebody is watching."""
    if _stderr.is_terminal:
        with _stderr.status("Drawing charts"):
            draw()
    else:
        draw()


def run_json(result: RunResult) -> dict[str, Any]:
    """What `run --json` prints."""
    manifest = result.manifest
    return {
        "scenario": manifest["scenario"],
        "title": result.scenario.title,
        "paths": manifest["paths"],
        "seed": manifest["seed"],
        "targets": [as_json(target) for target in result.targets],
        "summary": result.summary()["figures"],
        "counterfactual": result.counterfactual(),
        "manifest": manifest,
    }


def print_run(result: RunResult, out: Path | None) -> None:
    """Tell a run: targets, key figures beside the twin's, counterfactuals."""
    manifest = result.manifest
    paths = f"  ({manifest['paths']} paths, seed {manifest['seed']})"
    _stdout.print(Text.assemble((result.scenario.title, "bold"), paths))
    if result.scenario.caution:
        _stdout.print(f"\n{result.scenario.caution}", style="dim")
    if result.targets:
        _stdout.print(_target_table(result))
    _stdout.print(_figure_table(result))
    if result.scenario.large_fund.book > 0:
        _stdout.print(credit_table(result))
        _stdout.print(ablation_table(result))
    elif len(result.counterfactual()) > 1:
        _stdout.print(_counterfactual_table(result))
    met = sum(target.met for target in result.targets)
    if result.targets:
        _stdout.print(f"{met} of {len(result.targets)} targets met in {manifest['seconds']:.0f} s.")
    if out is not None:
        _stdout.print(f"Results and charts: {out}")


def _target_table(result: RunResult) -> Table:
    wide = _stdout.width >= _WIDE  # a narrow window shows the essential columns
    moves = [variant.name for variant in result.scenario.sensitivity] if wide else []
    table = Table(title="Targets", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in (
        "target",
        *(["kind"] if wide else []),
        "history",
        "allowed",
        "measured",
        "95 % interval",
        *moves,
        "met",
    ):
        table.add_column(name, justify="left" if name in ("target", "kind") else "right", no_wrap=name != "target")
    for target in result.targets:
        low, high = target.interval or (None, None)
        table.add_row(
            target.name,
            *([target.kind] if wide else []),
            "" if target.history is None else f"{target.history:g}",
            f"{target.low:g}..{target.high:g}",
            _number(target.measured),
            "" if low is None else f"{_number(low)}..{_number(high)}",
            *(_number(target.sensitivity[name]) if name in target.sensitivity else "" for name in moves),
            "yes" if target.met else Text("NO", "bold"),
        )
    return table


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}"


def _scaled(value: float | None, scale: float) -> str:
    return "none" if value is None else f"{scale * value:.1f}"


def _figure_table(result: RunResult) -> Table:
    table = Table(
        title="Key figures, counted from the eve of the event", title_justify="left", box=SIMPLE_HEAD, pad_edge=False
    )
    for name in ("figure", "median", "10 % .. 90 %", result.scenario.twin_title.lower(), "difference"):
        table.add_column(name, justify="left" if name == "figure" else "right")
    figures = result.summary()["figures"]
    for key, (label, scale, unit) in _FIGURES.items():
        if key in figures and figures[key]["median"] is not None:
            item = figures[key]
            shown = {what: _scaled(item[what], scale) for what in ("median", "p10", "p90", "twin", "difference")}
            table.add_row(
                label.format(days=result.scenario.clock.window),
                f"{shown['median']} {unit}",
                f"{shown['p10']} .. {shown['p90']}",
                f"{shown['twin']} {unit}",
                f"{shown['difference']} {unit}",
            )
    for key, label in (
        ("desk_margin_call", "Desk: margin called, whole run"),
        ("desk_margin_call_after_eve", "Desk: margin called after the eve"),
    ):
        if key in figures:
            item = figures[key]
            low, high = item["interval"]
            table.add_row(
                label,
                f"{100 * item['share']:.0f} % of paths",
                f"{100 * low:.0f} .. {100 * high:.0f} (95 %)",
                f"{100 * item['twin']:.0f} %",
                f"{100 * item['difference']:.0f} points",
            )
    return table


def _counterfactual_table(result: RunResult) -> Table:
    table = Table(title="Counterfactuals, on the same noise", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in ("run", "paths", "fund trough", "forced sales", "desk's hedge loss"):
        table.add_column(name, justify="left" if name == "run" else "right")
    for entry in result.counterfactual().values():
        figures = entry["figures"]
        cells = []
        for key in ("fund_trough", "forced_share", "desk_hedge_loss"):
            item = figures.get(key)
            cells.append("" if item is None or item["median"] is None else f"{100 * item['median']:.1f} %")
        table.add_row(entry["title"], str(entry["paths"]), *cells)
    return table


def print_hedge(comparison: Comparison, out: Path | None) -> None:
    """Tell a replay, a column a policy."""
    dates = comparison.series.dates
    content = comparison.as_json()["policies"]
    what = (
        f", book {comparison.spot_name or 'the index itself'}, {dates[0]:%Y-%m-%d} to {dates[-1]:%Y-%m-%d}, "
        f"{len(dates) - 1} days"
    )
    _stdout.print(Text.assemble((comparison.index_name, "bold"), what))
    for note in comparison.series.notes:
        _stdout.print(f"note: {note}")
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
    _stdout.print(table)
    if out is not None:
        _stdout.print(f"Accounts and chart: {out}")


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
    _stdout.print(table)


def print_contract(contract: FuturesContract) -> None:
    """Tell one contract's terms by date, each with its source and how sure it is."""
    print_contracts([contract])
    for what, source in (("Terms", contract.source), ("Initial margin", contract.margin_source)):
        if source:
            _stdout.print(f"{what}: {source}.")
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
    _stdout.print(table)


def print_reserve(study: ReserveStudy, out: Path | None) -> None:
    """Tell what a hedge may need in advance."""
    _stdout.print(
        f"Policy {study.policy}, model {study.model}, {study.days} days, {study.paths:,} paths, seed {study.seed}"
    )
    table = Table(title="Reserve that suffices, % of the book", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in ("confidence", "simulated", "95 % interval", "fitted tail", "95 % interval", "by reflection"):
        table.add_column(name, justify="right")
    for row in study.table.to_dict("records"):
        closed = study.reflection.get(row["confidence"])
        table.add_row(
            f"{100 * row['confidence']:g} %",
            _points(row["reserve"]),
            _range(row["low"], row["high"]),
            _points(row["tail"]),
            _range(row["tail_low"], row["tail_high"]),
            "" if closed is None else _points(closed),
        )
    _stdout.print(table)
    if study.reserve is not None and study.call_probability is not None:
        chance, low, high = (100 * value for value in study.call_probability)
        _stdout.print(
            f"A reserve of {100 * study.reserve:g} % is called in {chance:.1f} % of paths ({low:.1f}..{high:.1f} %)."
        )
    for note in study.notes:
        _stdout.print(f"note: {note}")
    if out is not None:
        _stdout.print(f"Tables and chart: {out}")


def print_cliff(study: Cliff, out: Path | None) -> None:
    """Tell how the chance of a systemic unwind falls with the whole crowd's reserve."""
    _stdout.print(f"Scenario {study.scenario}, {study.paths:,} paths a point, seed {study.seed}")
    table = Table(title="All in %", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("crowd")
    for name in ("reserve", "chance of a systemic unwind", "95 % interval", "calm year", "year with the slump"):
        table.add_column(name, justify="right")
    before = ""
    for row in study.points.to_dict("records"):
        chance = (_points(row["systemic"]), _range(row["low"], row["high"]))
        label = "" if row["series"] == before else row["series"]
        before = row["series"]
        table.add_row(label, f"{100 * row['reserve']:g}", *chance, _points(row["carry"]), _points(row["with_slump"]))
    _stdout.print(table)
    for row in study.halves.to_dict("records"):
        found = not math.isnan(row["half"])
        where = f"at {_points(row['half'])} % ({_range(row['low'], row['high'])})" if found else "at none of these"
        _stdout.print(f"{row['series']}: an even chance {where}.")
    _stdout.print(f"Returns: the swap-financed funds', on an assumed {100 * study.alpha:g} % a year on the stock book.")
    if out is not None:
        _stdout.print(f"Tables and chart: {out}")


def _range(low: float, high: float) -> str:
    return "" if math.isnan(low) else f"{_points(low)}..{_points(high)}"


def _points(value: float) -> str:
    """Percent in a column whose head names the unit."""
    return f"{100 * value:.1f}" if math.isfinite(value) else "unbounded" if value > 0 else ""


def print_explanation(found: Explanation, out: Path | None) -> None:
    """Tell where a hedge loss came from, a line a mechanism."""
    _stdout.print(Text.assemble((found.title, "bold"), f"  ({found.paths:,} paths, seed {found.seed})"))
    _stdout.print(
        f"The hedged book's P&L from {found.eve:%Y-%m-%d} to {found.last:%Y-%m-%d} ({found.window} days): "
        f"{percent(found.pnl, 2)} of the book, {percent(found.pnl_off, 2)} with everything below switched off."
    )
    wide = _stdout.width >= _NARROW
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
    _stdout.print(table)
    orders = "all orders" if found.orders is None else f"{found.orders} orders, drawn at random,"
    _stdout.print(f"Part: mean over {orders} in which mechanisms are switched on; first in: alone; last in: after all.")
    if found.off:
        _stdout.print("Off in this scenario: " + ", ".join(found.parts[name].title for name in found.off) + ".")
    if out is not None:
        _stdout.print(f"Tables and chart: {out}")


def _interval(low: float, high: float) -> str:
    return "" if math.isnan(low) else f"{_hundredths(low)}..{_hundredths(high)}"


def _hundredths(ratio: float) -> str:
    """Percent with two decimals in a column whose head names the unit."""
    return f"{round(100 * ratio, 2) + 0.0:.2f}"


def print_replication(found: Replication, out: Path | None) -> None:
    """Tell the report's numbers beside the engine's, row by row."""
    for note in found.notes:
        _stdout.print(f"note: {note}")
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("window", "figure", "report", "engine", "verdict", "why"):
        table.add_column(name, justify="right" if name in ("report", "engine") else "left", no_wrap=name == "verdict")
    for row in found.rows:
        table.add_row(row.window, row.item, *row.texts(), row.verdict, row.explanation)
    _stdout.print(table)
    _stdout.print(", ".join(f"{count} {verdict}" for verdict, count in found.counts().items()))
    if out is not None:
        _stdout.print(f"Table and figures: {out}")


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
        _stdout.print(f"note: {note}")
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
    _stdout.print(table)
