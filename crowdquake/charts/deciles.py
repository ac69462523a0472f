"""The contrarian portfolio within deciles of capitalisation, against what history has of them."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.columns import DECILES, decile_column
from cqkit.arrays import FloatArray
from cqkit.statistics import quantiles
from crowdquake.charts import style
from crowdquake.charts.base import chart
from scenarios import RunResult
from scenarios.measures.credit import ColumnTotal
from scenarios.measures.daily import Daily

_COLUMNS = [decile_column(decile) for decile in range(1, DECILES + 1)]


class Window(NamedTuple):
    """Days over which a decile's returns are summed: after one close up to another, or one day alone."""

    after: date | None
    to: date

    def told(self, run: RunResult) -> str:
        """The days in words, as `7 to 9 August`."""
        days = [day.item() for day in run.scenario.clock.dates if (self.after or self.to) < day.item() <= self.to]
        first, last = (days[0], days[-1]) if days else (self.to, self.to)
        if first == last:
            return f"{last.day} {last:%B}"
        return f"{first.day}{f' {first:%B}' * (first.month != last.month)} to {last.day} {last:%B}"

    def sums(self, run: RunResult) -> FloatArray:
        """Returns summed over the window by path and decile, %, shape (paths, deciles)."""
        daily = run.daily[run.daily["run"] == "main"]
        to, after = np.datetime64(self.to), np.datetime64(self.after or self.to)
        chosen = daily["date"].eq(to) if self.after is None else daily["date"].gt(after) & daily["date"].le(to)
        return 100 * daily[chosen].groupby("path")[_COLUMNS].sum(min_count=1).to_numpy()


def _history(run: RunResult) -> dict[Window, dict[int, float]]:
    """What targets have of history, %, by window and decile."""
    found: dict[Window, dict[int, float]] = {}
    for target in run.scenario.target:
        measure = target.measure
        if target.history is None or not isinstance(measure, Daily | ColumnTotal) or measure.column not in _COLUMNS:
            continue
        window = Window(None, measure.on) if isinstance(measure, Daily) else Window(measure.after, measure.to)
        known = 100 * target.history / target.scale if target.scale else np.nan
        found.setdefault(window, {})[_COLUMNS.index(measure.column) + 1] = known
    return found


def _has_deciles(run: RunResult) -> bool:
    return bool(_history(run)) and bool(set(_COLUMNS) <= set(run.daily)) and run.scenario.market.stocks >= 2 * DECILES


@chart(RunResult, "khandani-lo-deciles", when=_has_deciles, place=3)
def khandani_lo_deciles(run: RunResult) -> Figure:
    """Median and bands within each decile of capitalisation, history as diamonds; a panel for each span of days."""
    history = _history(run)
    figure, panels = style.new_figure(rows=len(history))
    for axes, (window, known) in zip(panels, history.items(), strict=True):
        _draw(axes, window.sums(run), known)
        axes.set_ylabel(f"Contrarian portfolio,\n{window.told(run)}, %{' summed' * (window.after is not None)}")
    panels[-1].set_xticks(range(1, DECILES + 1))
    panels[-1].set_xticklabels(["1\nsmallest", *(f"{decile}\n" for decile in range(2, DECILES)), f"{DECILES}\nlargest"])
    panels[-1].set_xlabel("Decile of capitalisation at the start")
    style.legend(panels[0], ncols=4)
    sources = {target.source for target in run.scenario.target if target.measure.model_dump().get("column") in _COLUMNS}
    foot = ["Bars: quantiles over paths. " + style.provenance(run, twin=False)]
    foot += [f"History, where it is known: {style.cite(run, source)}." for source in sorted(sources) if source]
    return style.finish(figure, _finding(run, history), foot)


def _draw(axes: Axes, sums: FloatArray, known: dict[int, float]) -> None:
    low, q25, median, q75, high = quantiles(sums, [0.1, 0.25, 0.5, 0.75, 0.9])
    x = np.arange(1, DECILES + 1)
    axes.vlines(x, low, high, color=style.SIMULATED, lw=3, alpha=0.45, label="Simulated, 10-90 %")
    axes.vlines(x, q25, q75, color=style.SIMULATED, lw=9, alpha=0.6, label="Simulated, 25-75 %")
    axes.plot(x, median, "o", color="white", mec=style.SIMULATED, mew=2, ms=7, label="Simulated, median")
    axes.plot(
        [decile - 0.24 for decile in known], list(known.values()), "D", color=style.HISTORY, ms=8, label="History"
    )
    axes.axhline(0, color="#333333", lw=1)


def _finding(run: RunResult, history: dict[Window, dict[int, float]]) -> str:
    """Which decile moves most over the first window, here and in history, of those that history has."""
    window, known = next(iter(history.items()))
    medians = dict(enumerate(quantiles(window.sums(run), [0.5])[0], start=1))
    ours = max(known, key=lambda decile: abs(medians[decile]))
    theirs = max(known, key=lambda decile: abs(known[decile]))
    here = f"Decile {ours} of capitalisation moves most on {window.told(run)}, by {medians[ours]:+.1f} %"
    if ours == theirs:
        return f"{here}, as in history ({known[theirs]:+.1f} %)"
    return f"{here}; in history decile {theirs} did, by {known[theirs]:+.1f} %"
