"""Net asset values of the crowd's funds since the eve of the event."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crowdquake.charts import style
from crowdquake.charts.base import chart
from scenarios import RunResult

KINDS = {"swap": "Swap-financed funds", "cash": "Funds that own their stocks", "long_short": "Long-short funds"}
SMALL, WHOLE, LITTLE = 2.0, 0.995, 0.1  # a loss in %, and shares of it regained
COLOURS = (style.FORCED, style.SIMULATED, style.SECTOR)
LINES = ("-", "-.", "--")


@chart(RunResult, "fund-nav", when=lambda run: not style.has_large_fund(run), place=1)
def fund_nav(run: RunResult) -> Figure:
    """Fan over funds and paths, the twin in grey; a crowd of several kinds kind by kind."""
    main = _since_eve(run, "nav", "main")
    figure, (axes,) = style.new_figure()
    x = np.arange(len(main))
    percent = [column for column in main.columns if column.startswith("q")]
    kinds = [kind for kind in KINDS if (run.bands["column"] == f"nav_{kind}").any()]
    for kind, colour, line in zip(kinds, COLOURS, LINES, strict=False):
        own, other = (100 * _since_eve(run, f"nav_{kind}", name)[percent] for name in ("main", "twin"))
        axes.fill_between(x, own["q10"], own["q90"], color=colour, alpha=0.2, lw=0)
        axes.plot(x, own["q50"], color=colour, ls=line, lw=2.4, label=f"{KINDS[kind]}, median and 10-90 %")
        if style.has_liquidator(run):
            axes.plot(x, other["q50"], color=colour, lw=1.8, ls=":", label="the same without the liquidator")
    for name, colour, label in style.runs_shown(run, "Funds") if not kinds else ():
        style.fan(axes, x, 100 * _since_eve(run, "nav", name)[percent], colour, label)
    _draw_history(axes, run, x)
    axes.axhline(0, color="#333333", lw=1)
    axes.set_ylabel("Change of net asset value since the eve, %")
    style.date_axis(axes, list(main["date"]))
    style.legend(axes, ncols=2)
    foot = ["Bands: over all funds and paths. " + style.provenance(run, twin=not kinds)]
    foot += [
        f"History: {fact.text} ({style.cite(run, fact.source)})"
        for fact in run.scenario.fact
        if fact.chart == "fund-nav"
    ]
    return style.finish(figure, _finding(run), foot)


def _draw_history(axes: Axes, run: RunResult, x: np.ndarray) -> None:
    """The range that history has of the median fund's lowest, as a bar at the edge."""
    for target in run.scenario.target:
        if target.measure.name == "crowd_trough" and target.kind == "history" and target.run == "main":
            place = x[-1] + 0.6
            axes.plot([place, place], [target.low, target.high], color=style.HISTORY, lw=4, solid_capstyle="butt")
            if target.history is not None:
                axes.plot(place, target.history, "D", color=style.HISTORY, mfc="white", ms=7)
            axes.annotate(
                "history:\nlowest",
                (place, target.high),
                xytext=(0, 4),
                textcoords="offset points",
                ha="center",
                fontsize=9.5,
            )
            return


def _since_eve(run: RunResult, column: str, name: str) -> pd.DataFrame:
    table = style.band(run, column, name, max(style.DAYS_AFTER, run.scenario.clock.horizon))
    return table[table["day"] >= run.scenario.clock.event_day - 1].reset_index(drop=True)


def _worst(run: RunResult, name: str, kind: str = "") -> float:
    """The key figure `fund_trough`, or that of a kind of funds, in %, 0 or below."""
    figure = run.summary()["figures"][f"{kind}_fund_trough" if kind else "fund_trough"]
    return min(100 * float(figure["median" if name == "main" else "twin"] or 0.0), 0.0)


def _finding(run: RunResult) -> str:
    kinds = [kind for kind in KINDS if (run.bands["column"] == f"nav_{kind}").any()]
    if kinds:
        return _finding_by_kind(run, kinds)
    if run.summary()["figures"]["fund_trough"]["median"] is None:
        return "The median fund has no equity left on the eve"
    worst, drawn = _worst(run, "main"), _since_eve(run, "nav", "main")
    lost = f"The median fund is down {-worst:.1f} % at worst"
    if style.has_liquidator(run):
        lost += f", {-_worst(run, 'twin'):.1f} % without the liquidator"
    if worst > -SMALL:
        return lost
    last, end = drawn["date"].iloc[-1], 100 * float(drawn["q50"].iloc[-1])
    regained, by = 1 - end / worst, f"by {last.day} {last:%B}"
    if regained >= WHOLE:
        return f"{lost}; all of it is back {by}"
    if regained > LITTLE:
        return f"{lost}; {100 * regained:.0f} % of it is back {by}"
    return f"{lost}, and little of it is back {by}"


def _finding_by_kind(run: RunResult, kinds: list[str]) -> str:
    down = ", ".join(f"{KINDS[kind].lower()} {-_worst(run, 'main', kind):.1f} %" for kind in kinds)
    said = f"Down at worst: {down}"
    if not style.has_liquidator(run):
        return said
    alone = ", ".join(f"{-_worst(run, 'twin', kind):.1f} %" for kind in kinds)
    return f"{said}; medians since the eve; without the liquidator {alone}"
