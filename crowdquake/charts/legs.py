"""Both legs of the funds that hedge with futures: what stocks and futures gave since the eve, and the basis."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crowdquake.charts import style
from crowdquake.charts.base import chart
from scenarios import RunResult
from scenarios.measures import LEGS as MEASURED
from scenarios.measures import both_lose
from scenarios.measures.futures import WORST

LEGS = {
    "crowd_stock_gain": ("stocks", style.SIMULATED, "-"),
    "crowd_futures_gain": ("short futures", style.FORCED, "-."),
}


def _has_futures(run: RunResult) -> bool:
    traded = "basis" in run.daily and run.daily["crowd_futures_gain"].abs().max() > 0
    return bool(traded) and not style.has_large_fund(run)


@chart(RunResult, "both-legs", when=_has_futures, place=5)
def both_legs(run: RunResult) -> Figure:
    """Cumulative gains of stocks and of short futures over the crowd's starting stock book, and the futures' basis."""
    figure, (gains, basis) = style.new_figure(rows=2)
    days = style.band(run, "basis", days_after=run.scenario.clock.horizon)
    x = np.arange(len(days))
    together = _since_eve(run, list(LEGS), "main")
    for column, (label, colour, line) in LEGS.items():
        table = _on(days, _since_eve(run, [column], "main"))
        gains.fill_between(x, table["q10"], table["q90"], color=colour, alpha=0.18, lw=0)
        gains.plot(x, table["q50"], color=colour, ls=line, lw=2.4, label=label)
    gains.plot(x, _on(days, together)["q50"], color=style.HISTORY, lw=2, ls="--", label="both together")
    if style.has_liquidator(run):
        twin = _on(days, _since_eve(run, list(LEGS), "twin"))
        gains.plot(x, twin["q50"], color=style.TWIN, lw=2, ls="--", label="both, without the liquidator")
    gains.axhline(0, color="#333333", lw=1)
    gains.set_ylabel("Since the eve, % of the\ncrowd's stock book")
    style.legend(gains, ncols=4)
    _draw_basis(basis, run, days, x)
    style.date_axis(basis, list(days["date"]))
    foot = [
        style.provenance(run),
        "Lines: medians over paths; shaded: 10-90 %. All futures funds together, after spread and financing. The basis "
        "is the futures over the index, less 1.",
    ]
    return style.finish(figure, _finding(run), foot)


def _draw_basis(axes: Axes, run: RunResult, days: pd.DataFrame, x: np.ndarray) -> None:
    table = 100 * days.filter(like="q")
    axes.fill_between(x, table["q10"], table["q90"], color=style.SIMULATED, alpha=0.18, lw=0, label="10-90 %")
    axes.plot(x, table["q50"], color=style.SIMULATED, lw=2.4, label="median")
    if style.has_liquidator(run):
        twin = 100 * style.band(run, "basis", "twin", run.scenario.clock.horizon)["q50"]
        axes.plot(x, twin, color=style.TWIN, lw=2, label="without the liquidator")
    axes.axhline(0, color="#333333", lw=1)
    axes.set_ylabel("Basis, % of the index")
    style.legend(axes, ncols=3)


def _since_eve(run: RunResult, columns: list[str], name: str) -> pd.DataFrame:
    """Quantiles over paths of the columns' sum, added up from the event day on, in %; `day` and q10, q50, ..."""
    daily = run.daily[run.daily["run"] == name]
    after = daily[daily["day"] >= run.scenario.clock.event_day]
    total = (100 * after[columns].sum(axis=1)).groupby(after["path"]).cumsum()
    return style.daily_quantiles(after, total)


def _on(days: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Put a table on the charted days: nothing is gained before the event."""
    return days[["day"]].merge(table, on="day", how="left").fillna(0.0)


def both_legs_share(run: RunResult) -> float:
    """Share of paths in which both legs lose over their worst days, as the measure `both_legs_lose` has it."""
    event, days = run.scenario.clock.event_day, run.scenario.clock.horizon
    daily = run.daily[(run.daily["run"] == "main") & run.daily["day"].between(event, event + days - 1)]
    stocks, futures = (
        daily.pivot_table(index="path", columns="day", values=leg).to_numpy(dtype=np.float64)
        for leg in MEASURED["both"]
    )
    return float(both_lose(stocks, futures).mean())


def _finding(run: RunResult) -> str:
    figures, days = run.summary()["figures"], run.scenario.clock.horizon
    stocks, futures = (100 * figures[name]["median"] for name in ("crowd_stocks", "crowd_futures"))
    peak = 100 * figures["basis_peak"]["median"]
    return (
        f"Over their {WORST} worst days both legs lose in {100 * both_legs_share(run):.0f} % of paths; "
        f"in {days} days stocks make {stocks:+.1f} % and the short futures {futures:+.1f} % of the book (medians), and "
        f"the basis rises to {peak:+.2f} %"
    )
