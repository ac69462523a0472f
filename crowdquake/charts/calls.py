"""Margin calls on the crowd over time, and the equity that they ask for."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crowdquake.charts import style
from crowdquake.charts.base import chart
from scenarios import RunResult


def _has_calls(run: RunResult) -> bool:
    return bool((run.events["kind"] == "margin_call").any()) and not style.has_large_fund(run)


@chart(RunResult, "margin-calls", when=_has_calls, place=4)
def margin_calls(run: RunResult) -> Figure:
    """Share of funds called, and equity missing, by day; the twin in grey."""
    figure, (counts, money) = style.new_figure(rows=2)
    funds, days = run.scenario.funds.count, style.days_after(run)
    shown = _days_with_calls(run, days)
    dates = list(style.band(run, "margin_calls", days_after=days)["date"].iloc[shown])
    x = np.arange(len(dates))
    for name, colour, label in style.runs_shown(run):
        table = style.band(run, "margin_calls", name, days).iloc[shown]
        _bars(counts, x, 100 * table[["q10", "q25", "q50", "q75", "q90"]] / funds, colour, label)
        _bars(money, x, _amounts(run, name).iloc[shown, 1:], colour, label)
    counts.set_ylabel("Funds called,\n% of all funds")
    money.set_ylabel(f"Equity missing,\n{run.scenario.market.currency} bn a day")
    style.date_axis(money, dates)
    for axes in (counts, money):
        top = axes.dataLim.y1
        axes.set_ylim(-0.03 * (top or 1), 1.08 * (top or 1))  # with nothing to show, from 0 to 1
    style.legend(counts, ncols=2)
    foot = [
        "Bars: quantiles over paths. Equity missing: what the funds called had to bring to keep their books.",
        style.provenance(run),
    ]
    return style.finish(figure, _finding(run), foot)


def _days_with_calls(run: RunResult, days: int) -> list[int]:
    """Places of the charted days from the day before the first calls to the day after the last; all without any."""
    tables = [style.band(run, "margin_calls", name, days)["q90"].to_numpy() for name, *_ in style.runs_shown(run)]
    some = np.flatnonzero(np.max(tables, axis=0) > 0)
    last = len(tables[0]) - 1
    return list(range(max(some[0] - 1, 0), min(some[-1] + 1, last) + 1)) if some.size else list(range(last + 1))


def _bars(axes: Axes, x: np.ndarray, table: pd.DataFrame, colour: str, label: str) -> None:
    shift = 0.13 if colour == style.TWIN else -0.13
    axes.vlines(x + shift, table["q10"], table["q90"], color=colour, lw=3, alpha=0.45, label=f"{label}, 10-90 %")
    axes.vlines(x + shift, table["q25"], table["q75"], color=colour, lw=10, alpha=0.6, label=f"{label}, 25-75 %")
    axes.plot(x + shift, table["q50"], "o", color="white", mec=colour, mew=2, ms=6, label=f"{label}, median")


def _amounts(run: RunResult, name: str) -> pd.DataFrame:
    """Quantiles over paths of the day's missing equity in bn, on the charted days."""
    event = run.scenario.clock.event_day
    days = np.arange(event - style.DAYS_BEFORE, event + style.days_after(run))
    days = days[(days >= 0) & (days < run.scenario.clock.days)]
    events = run.events[(run.events["run"] == name) & (run.events["kind"] == "margin_call")]
    grid = pd.MultiIndex.from_product([range(run.manifest["paths"]), days], names=["path", "day"])
    sums = (events.groupby(["path", "day"])["amount"].sum() / 1e9).reindex(grid, fill_value=0.0).reset_index()
    return style.daily_quantiles(sums, sums["amount"])


def _finding(run: RunResult) -> str:
    called = run.funds.assign(called=run.funds["margin_calls"] > 0)
    share = 100 * called.pivot_table(index="path", columns="run", values="called", observed=True).median()
    calls = run.bands[(run.bands["run"] == "main") & (run.bands["column"] == "margin_calls")]
    worst = calls.sort_values("q50").iloc[-1]
    if share["main"] == 0:
        somebody = 100 * called[called["run"] == "main"].groupby("path")["called"].any().mean()
        beyond = f"; somebody's is in {somebody:.0f} % of paths" if somebody > 0 else ", nor in any other"
        return "In the median path nobody's margin is called" + beyond
    when = f"{worst['date']:%A} {worst['date'].day} {worst['date']:%B}"
    found = f"{_percent(share['main'])} % of the funds are called in the median path"
    if worst["q50"] > 0:
        found += f", the most in a day on {when}"
    return found + (f"; {_percent(share['twin'])} % without the liquidator" if style.has_liquidator(run) else "")


def _percent(share: float) -> str:
    return f"{share:.0f}" if share >= 10 else f"{share:.2g}"
