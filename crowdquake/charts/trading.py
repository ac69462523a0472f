"""Who trades: the liquidator, funds under compulsion, funds coming back, opportunists."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from crowdquake.charts import style
from crowdquake.charts.base import chart
from scenarios import RunResult

OPPORTUNISTS = "#009E73"  # of the same palette

_WHO = (
    ("liquidator", "Liquidator", style.LIQUIDATOR, ""),
    ("forced", "Funds, forced", style.FORCED, "//"),
    ("rebalancing", "Funds, ordinary rebalancing", "#F0E442", ""),
    ("reentry", "Funds, coming back", style.REENTRY, ".."),
    ("opportunists", "Opportunists", OPPORTUNISTS, "xx"),
)
SMALL = 0.01  # bn: less counts as nothing
AFTER_SALE = 5  # days that are shown after the liquidator's last sale
MOST_DAYS, WEEK = 30, 5  # of more days, bars are weeks


@chart(RunResult, "cascade", when=lambda run: not style.has_large_fund(run), place=2)
def cascade(run: RunResult) -> Figure:
    """Books bought and sold by day and by who trades, means over paths, which add up; the twin as a line."""
    side = _side(run)
    figure, (axes,) = style.new_figure()
    table = _traded(run, "main", [name for name, *_ in _WHO])
    x = np.arange(len(table))
    above, below = np.zeros(len(table)), np.zeros(len(table))
    for flow, label, colour, hatch in _WHO:
        values = table[flow].to_numpy()
        if np.abs(values).max(initial=0.0) < SMALL:
            continue
        start = np.where(values >= 0, above, below)
        axes.bar(x, values, 0.74, bottom=start, label=label, color=colour, hatch=hatch, edgecolor="white", lw=0.5)
        above, below = above + np.maximum(values, 0), below + np.minimum(values, 0)
    if style.has_liquidator(run):
        twin = _traded(run, "twin", ["forced", "rebalancing", "reentry"]).sum(axis=1).to_numpy()
        axes.step(x, twin, where="mid", color="#222222", lw=1.6, ls=":", label="All funds, no liquidator")
    axes.axhline(0, color="#333333", lw=1)
    weeks = bool(len(table)) and table.attrs["weeks"]
    a_day = "a week" if weeks else "a day"
    axes.set_ylabel(f"Books bought (+) and sold (-){side},\n{run.scenario.market.currency} bn {a_day}")
    style.date_axis(axes, list(table.index))
    style.legend(axes, ncols=3)
    foot = [f"Bars: means over paths{', by week' * weeks}. The title counts the whole run. {_told(run)}"]
    if style.has_liquidator(run):
        by_volume = run.scenario.liquidator.schedule == "percent_of_volume"
        given = "size, start and share of volume" if by_volume else "dates and size"
        foot.append(f"The liquidator's {given} are put in; forced selling and its timing come out.")
    return style.finish(figure, _finding(run), foot)


def _told(run: RunResult) -> str:
    return style.provenance(run).replace("Grey: the same", "Dotted: the same")


def _traded(run: RunResult, name: str, flows: list[str]) -> pd.DataFrame:
    """Mean over paths of what each traded, in bn, by date, from before the event to the end of sale and window."""
    clock, liquidator = run.scenario.clock, run.scenario.liquidator
    sale = int(np.ceil(liquidator.starts + liquidator.days)) if liquidator.size > 0 else 0
    last = clock.event_day + max(style.DAYS_AFTER, clock.horizon, sale + AFTER_SALE) - 1
    daily = run.daily[(run.daily["run"] == name) & run.daily["day"].between(clock.event_day - style.DAYS_BEFORE, last)]
    columns = [f"flow_{flow}" for flow in flows]
    means = daily.groupby("date")[columns].mean() * run.scenario.market.daily_value / 1e9
    means.columns = pd.Index(flows)
    weeks = len(means) > MOST_DAYS
    if weeks:
        place = np.arange(len(means)) // WEEK
        sums, firsts = means.groupby(place).sum(), means.index[::WEEK]
        means = sums.set_axis(firsts)
    means.attrs["weeks"] = weeks
    return means


def _finding(run: RunResult) -> str:
    event, currency = run.scenario.clock.event_day, run.scenario.market.currency
    since = run.daily[run.daily["day"] >= event]

    def sold(name: str, flow: str) -> float:
        by_path = since[since["run"] == name].groupby("path")[flow].sum()
        return -float(by_path.mean()) * run.scenario.market.daily_value / 1e9

    one, crowd, twin = sold("main", "flow_liquidator"), sold("main", "flow_forced"), sold("twin", "flow_forced")
    if not style.has_liquidator(run):
        if crowd < SMALL:
            return "Nobody liquidates, and nobody is forced to sell"
        return f"Nobody liquidates, but funds are forced to sell {currency} {_billions(crowd)} bn"
    seller = f"One fund sells {currency} {_billions(one)} bn{_side(run)}"
    if crowd < SMALL:
        return f"{seller}, and nobody else is forced to"
    if twin < SMALL:
        return f"{seller}, and forces the crowd to sell {currency} {_billions(crowd)} bn more"
    return (
        f"{seller}, and the crowd is forced to sell {currency} {_billions(crowd)} bn; "
        f"{currency} {_billions(twin)} bn without it"
    )


def _side(run: RunResult) -> str:
    """Futures funds have one side of stocks, long-short funds two."""
    long_short = run.scenario.settings.futures_fund_count < run.scenario.funds.count
    return " per side" if long_short else ""


def _billions(amount: float) -> str:
    return f"{amount:.0f}" if amount >= 10 else f"{amount:.2g}"
