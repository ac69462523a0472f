"""Tables about a large fund on credit: what became of it, and what each mechanism contributes."""

from __future__ import annotations

from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from scenarios import RunResult

_BN, _PERCENT, _BP = ("bn", 1e-9, 2), ("%", 100.0, 1), ("bp", 1e4, 0)
_FIGURES = {
    "large_fund_month": ("Return in the event's month", _PERCENT),
    "large_fund_equity": ("Equity at the end of the window", _BN),
    "large_fund_assets": ("Assets at the end of the window", _BN),
    "large_fund_haircut": ("Haircut at the end of the window", ("%", 100.0, 2)),
    "large_fund_long_leg_loss": ("Long, illiquid legs: loss in the window", _BN),
    "large_fund_short_leg_loss": ("Short, liquid legs: loss in the window", _BN),
    "large_fund_long_leg_calls": ("Long legs: margin called in the window", _BN),
    "large_fund_short_leg_calls": ("Short legs: margin called in the window", _BN),
    "predators_profit": ("Predators: profit in the window", _BN),
    "spread_trough": ("Average spread, furthest from value", _BP),
}
_ABLATIONS = ("large_fund_month", "large_fund_equity", "large_fund_assets", "spread_trough", "forced_share")


def credit_table(result: RunResult) -> Table:
    """The large fund's figures beside the twin's."""
    scenario = result.scenario
    table = _table(f"The large fund; window of {scenario.clock.horizon} days from {scenario.clock.event}")
    for name in ("figure", "median", "10 % .. 90 %", scenario.twin_title.lower()):
        table.add_column(name, justify="left" if name == "figure" else "right")
    figures = result.summary()["figures"]
    for key, (label, unit) in _FIGURES.items():
        item = figures[key]
        shown = [_told(item[what], unit) for what in ("median", "p10", "p90", "twin")]
        table.add_row(label, f"{shown[0]} {unit[0]}", f"{shown[1]} .. {shown[2]}", f"{shown[3]} {unit[0]}")
    return table


def ablation_table(result: RunResult) -> Table:
    """What is left with each mechanism turned off, as the scenario's counterfactuals do."""
    table = _table("Each mechanism turned off, on the same noise: medians, and the share of paths ruined")
    for name in ("run", "month, %", "equity, bn", "assets, bn", "trough, bp", "desks' sales, %", "ruined, %"):
        table.add_column(name, justify="left" if name == "run" else "right")
    main = {"title": "As it is", "figures": result.summary()["figures"]}
    for entry in (main, *result.counterfactual().values()):
        figures = entry["figures"]
        units = (_PERCENT, _BN, _BN, _BP, ("%", 100.0, 0))
        cells = [_told(figures[key]["median"], unit) for key, unit in zip(_ABLATIONS, units, strict=True)]
        table.add_row(entry["title"], *cells, f"{100 * figures['large_fund_ruined']['share']:.0f}")
    return table


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)


def _told(value: Any, unit: tuple[str, float, int]) -> str:
    return "" if value is None else f"{unit[1] * value:.{unit[2]}f}"
