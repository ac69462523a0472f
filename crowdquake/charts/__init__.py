"""Charts for a risk committee: each a function from a result to a matplotlib figure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from matplotlib.figure import Figure

from crowdquake.charts.both_legs import both_legs
from crowdquake.charts.cascade import cascade
from crowdquake.charts.cliff import cliff
from crowdquake.charts.explain import explain
from crowdquake.charts.frontier import frontier
from crowdquake.charts.fund_nav import fund_nav
from crowdquake.charts.hedge_desk import hedge_desk
from crowdquake.charts.khandani_lo import khandani_lo
from crowdquake.charts.large_fund import large_fund
from crowdquake.charts.margin_calls import margin_calls
from crowdquake.charts.replay import policies_chart, replay_chart
from crowdquake.charts.spread_legs import spread_legs
from crowdquake.charts.style import save
from crowdquake.charts.targets import targets
from crowdquake.charts.unwinding import unwinding
from scenarios import RunResult

__all__ = [
    "both_legs",
    "cascade",
    "cliff",
    "explain",
    "frontier",
    "fund_nav",
    "hedge_desk",
    "khandani_lo",
    "large_fund",
    "margin_calls",
    "policies_chart",
    "replay_chart",
    "save",
    "save_all",
    "spread_legs",
    "targets",
    "unwinding",
]


def save_all(run: RunResult, folder: str | Path) -> list[Path]:
    """Write all charts of a run as PNG and SVG; those without data are left out."""
    folder = Path(folder)
    charts: dict[str, Callable[[RunResult], Figure]] = {"fund-nav": fund_nav, "cascade": cascade}
    if run.scenario.settings.futures_fund_count < run.scenario.funds.count:
        charts["khandani-lo"] = khandani_lo
    if (run.events["kind"] == "margin_call").any():
        charts["margin-calls"] = margin_calls
    if "basis" in run.daily and run.daily["crowd_futures_gain"].abs().max() > 0:
        charts["both-legs"] = both_legs
    if run.scenario.large_fund.book > 0:  # a crisis of months, not of a week
        charts = {"large-fund": large_fund, "spread-legs": spread_legs}
    if not run.hedges.empty:
        charts["hedge-desk"] = hedge_desk
    if run.targets:
        charts["targets"] = targets
    return [path for name, chart in charts.items() for path in save(chart(run), folder, name)]
