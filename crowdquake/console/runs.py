"""What a run tells: targets, key figures beside the twin's, counterfactuals."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from cqkit.plain import counted
from crowdquake.console.base import WIDE, stdout, tell
from crowdquake.console.credit import ablation_table, credit_table
from crowdquake.console.desk import tell_desk
from scenarios import RunResult
from scenarios.schema import Kind

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


@tell.register(RunResult)
def tell_run(result: RunResult, out: Path | None = None) -> None:
    """Tell a run: targets, key figures beside the twin's, counterfactuals."""
    manifest = result.manifest
    paths = f"  ({counted(manifest['paths'], 'path')}, seed {manifest['seed']})"
    stdout().print(Text.assemble((result.scenario.title, "bold"), paths))
    if result.scenario.caution:
        stdout().print(f"\n{result.scenario.caution}", style="dim")
    if result.targets:
        stdout().print(_target_table(result))
    stdout().print(_figure_table(result))
    if "desk" in result.manifest:
        tell_desk(result)
    if result.scenario.large_fund.book > 0:
        stdout().print(credit_table(result))
        stdout().print(ablation_table(result))
    elif len(result.counterfactual()) > 1:
        stdout().print(_counterfactual_table(result))
    if result.targets:
        stdout().print(f"{_targets_met(result)} in {manifest['seconds']:.0f} s.")
    if out is not None:
        stdout().print(f"Results and charts: {out}")


def _targets_met(result: RunResult) -> str:
    """How many targets are met, and how many of each kind: what was put in or asked for proves less than history."""
    kinds = [(kind, [item.met for item in result.targets if item.kind == kind]) for kind in get_args(Kind)]
    told = ", ".join(f"{kind} {sum(met)} of {len(met)}" for kind, met in kinds if met)
    return f"{sum(item.met for item in result.targets)} of {len(result.targets)} targets met ({told})"


def _target_table(result: RunResult) -> Table:
    wide = stdout().width >= WIDE  # a narrow window shows the essential columns
    moves = [variant.name for variant in result.scenario.sensitivity] if wide else []
    table = Table(title="Targets", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in (
        "target",
        "kind",
        "history",
        "allowed",
        "measured",
        *(["95 % interval"] if wide else []),
        *moves,
        "met",
    ):
        wraps = name == "target"
        left = wraps or name == "kind"
        table.add_column(name, justify="left" if left else "right", no_wrap=not wraps, overflow="fold")
    for target in result.targets:
        low, high = target.interval or (None, None)
        table.add_row(
            target.name,
            target.kind,
            "" if target.history is None else f"{target.history:g}",
            f"{target.low:g}..{target.high:g}",
            _number(target.measured),
            *(["" if low is None else f"{_number(low)}..{_number(high)}"] if wide else []),
            *(_number(target.sensitivity[name]) if name in target.sensitivity else "" for name in moves),
            "yes" if target.met else Text("NO", "bold"),
        )
    return table


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}"


def _scaled(value: float | None, scale: float) -> str:
    return "none" if value is None else f"{scale * value:.1f}"


def _figure_table(result: RunResult) -> Table:
    title = "Key figures, counted from the eve of the event; differences path by path"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    names = ("figure", "median", "10 % .. 90 %", result.scenario.twin_title.lower(), "difference")
    for name in names[: 3 if _alone(result) else 5]:
        table.add_column(name, justify="left" if name == "figure" else "right")
    figures = result.summary()["figures"]
    for key, (label, scale, unit) in _FIGURES.items():
        if key in figures and figures[key]["median"] is not None:
            item = figures[key]
            shown = {what: _scaled(item[what], scale) for what in ("median", "p10", "p90", "twin", "difference")}
            cells = (
                label.format(days=result.scenario.clock.horizon),
                f"{shown['median']} {unit}",
                f"{shown['p10']} .. {shown['p90']}",
                f"{shown['twin']} {unit}",
                f"{shown['difference']} {unit}",
            )
            table.add_row(*cells[: len(table.columns)])
    for key, label in (
        ("desk_margin_call", "Desk: margin called, whole run"),
        ("desk_margin_call_after_eve", "Desk: margin called after the eve"),
    ):
        if key in figures:
            item = figures[key]
            low, high = item["interval"]
            cells = (
                label,
                f"{100 * item['share']:.0f} % of paths",
                f"{100 * low:.0f} .. {100 * high:.0f} (95 %)",
                f"{100 * item['twin']:.0f} %",
                f"{100 * item['difference']:.0f} points",
            )
            table.add_row(*cells[: len(table.columns)])
    return table


def _alone(result: RunResult) -> bool:
    """Whether nobody has to liquidate, so that the twin is the same run."""
    return result.scenario.liquidator.size == 0 and result.scenario.large_fund.book == 0


def _counterfactual_table(result: RunResult) -> Table:
    table = Table(title="Counterfactuals, on the same noise", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in ("run", "paths", "fund trough", "forced sales", "desk's hedge loss"):
        table.add_column(name, justify="left" if name == "run" else "right")
    for name, entry in result.counterfactual().items():
        if name == "twin" and _alone(result):
            continue
        figures = entry["figures"]
        cells = []
        for key in ("fund_trough", "forced_share", "desk_hedge_loss"):
            item = figures.get(key)
            cells.append("" if item is None or item["median"] is None else f"{100 * item['median']:.1f} %")
        table.add_row(entry["title"], str(entry["paths"]), *cells)
    return table
