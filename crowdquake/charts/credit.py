"""The large fund: its equity beside history's, and who sells what it holds."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crowdquake.charts import style
from crowdquake.charts.base import chart
from scenarios import RunResult

_SELLERS = (  # who, what it has sold since the start, colour, line
    ("Early seller", "flow_liquidator", style.LIQUIDATOR, ":"),
    ("Other desks, forced", "flow_forced", style.FORCED, "-"),
    ("Predators, short", "predators_book", style.SECTOR, "--"),
    ("The large fund", "large_fund_sold", style.SIMULATED, "-"),
)
_NEWS, _NEWS_COLOUR = "news_alone", "#009E73"  # the counterfactual in which nobody reacts


@chart(RunResult, "large-fund", when=style.has_large_fund, place=6)
def large_fund(run: RunResult) -> Figure:
    """Equity by day against documented values; books sold since the start, medians with 10-90 %."""
    figure, (equity, sold) = style.new_figure(rows=2)
    money = run.scenario.market.daily_value / 1e9
    dates = run_dates(run)
    x = np.arange(len(dates))
    for name, colour, label in (("twin", style.TWIN, run.scenario.twin_title), ("main", style.SIMULATED, "Simulated")):
        style.fan(equity, x, money * whole_band(run, "large_fund_equity", name), colour, label)
    if _NEWS in run.counterfactual():
        alone = money * whole_band(run, "large_fund_equity", _NEWS)["q50"]
        equity.plot(x, alone, color=_NEWS_COLOUR, ls="--", lw=2, label="News alone, nobody reacts: median")
    _draw_history(equity, run, dates)
    equity.axhline(0, color="#333333", lw=1)
    equity.set_ylabel(f"The large fund's equity,\n{run.scenario.market.currency} bn")
    for label, column, colour, line in _SELLERS:
        table = money * _sold(run, column)
        sold.fill_between(x, table["q10"], table["q90"], color=colour, alpha=0.13, lw=0)
        sold.plot(x, table["q50"], color=colour, ls=line, lw=2.2, label=label)
    sold.set_ylabel(f"Sold since the start,\n{run.scenario.market.currency} bn")
    month_axis(sold, dates)
    style.legend(equity, ncols=3)
    style.legend(sold, ncols=4)
    foot = [
        "Lines: medians over paths; bands: 10-90 %. The calendar of news is put in; so are the early seller's dates."
    ]
    rescue, history = run.scenario.rescue, run.scenario.history_of("large_fund_equity")
    if rescue.injection > 0 and rescue.receiver == "large_fund":
        foot[0] += f" The jump on {rescue.date} is the rescue's new money."
    if history is not None:
        foot.append(f"History: {style.cite(run, history.source)}.")
    foot.append(style.provenance(run))
    return style.finish(figure, _finding(run), foot)


def run_dates(run: RunResult) -> list[pd.Timestamp]:
    """All trading days of a run."""
    return [pd.Timestamp(str(day)) for day in run.scenario.clock.dates]


def whole_band(run: RunResult, column: str, name: str = "main") -> pd.DataFrame:
    """Quantiles of a daily column over the whole run."""
    bands = run.bands
    chosen = bands[(bands["run"] == name) & (bands["column"] == column)]
    return chosen[[item for item in chosen.columns if item.startswith("q")]].reset_index(drop=True)


def month_axis(axes: Axes, dates: list[pd.Timestamp]) -> None:
    """Label the first trading day of each month."""
    firsts = [i for i, day in enumerate(dates) if i == 0 or day.month != dates[i - 1].month]
    firsts = firsts[:: 1 + len(firsts) // 14]
    axes.set_xticks(firsts)
    axes.set_xticklabels([f"{dates[i].day} {dates[i]:%b %Y}" for i in firsts], fontsize=10.5)


def cumulated(run: RunResult, column: str, name: str = "main") -> pd.DataFrame:
    """Quantiles over paths of a daily column's running sum."""
    frame = run.daily[run.daily["run"] == name]
    return style.daily_quantiles(frame, frame.groupby("path")[column].cumsum()).drop(columns="day")


def _sold(run: RunResult, column: str) -> pd.DataFrame:
    if column == "predators_book":  # a level, in the large fund's book
        band = -run.scenario.large_fund.book * whole_band(run, column)
        return band.rename(columns={"q10": "q90", "q90": "q10"})
    total = cumulated(run, column)
    return total if column == "large_fund_sold" else -total.rename(columns={"q10": "q90", "q90": "q10"})


def _draw_history(axes: Axes, run: RunResult, dates: list[pd.Timestamp]) -> None:
    history = run.scenario.history_of("large_fund_equity")
    if history is None:
        return
    places = {day: place for place, day in enumerate(dates)}
    known = {places[pd.Timestamp(day)]: value for day, value in history.values.items() if pd.Timestamp(day) in places}
    axes.plot(list(known), list(known.values()), "D", color=style.HISTORY, ms=7, label="History", zorder=5)


def _finding(run: RunResult) -> str:
    figures = run.summary()["figures"]
    currency, money = run.scenario.market.currency, figures["large_fund_equity"]
    last = run_dates(run)[min(run.scenario.clock.event_day + run.scenario.clock.horizon, run.scenario.clock.days) - 1]
    start = run.scenario.large_fund.equity * run.scenario.market.daily_value / 1e9
    when = f"by {last.day} {last:%B}"
    left = f"Of {currency} {start:.1f} bn the fund has {money['median'] / 1e9:.1f} bn left {when}"
    others = run.counterfactual()
    if _NEWS in others:
        alone = others[_NEWS]["figures"]["large_fund_equity"]["median"] / 1e9
        return f"{left}; news alone would have left {alone:.1f} bn; nobody reacts there"
    return f"{left}; {money['twin'] / 1e9:.1f} bn had it and the early seller held on"
