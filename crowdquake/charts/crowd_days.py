"""How crowded a simulated market is, day by day."""

from __future__ import annotations

import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from cqkit.plain import percent
from crowdquake.charts import style
from crowdquake.charts.base import chart
from scenarios import CrowdingResult

_PANELS = {
    "loop_gain": ("Loop gain: sales of a round\nover those of the round before", 1.0),
    "aggregate_vulnerability": ("First round of sales to keep leverage,\n% of equity", 100.0),
    "days_most": ("Days in which all sell\nnine tenths of what they hold", 1.0),
    "comomentum": ("Comomentum of what the crowd\nholds and is short of", 1.0),
}


@chart(CrowdingResult, "crowding-by-day", when=lambda found: found.daily is not None)
def crowding_by_day(found: CrowdingResult) -> Figure:
    """Four measures over the scenario's days: medians with 10-90 % over paths."""
    assert found.daily is not None  # there is no chart without
    with rc_context(style.STYLE):
        figure = Figure(figsize=(13, 7.6), layout="constrained")
        FigureCanvasAgg(figure)
        panels = figure.subplots(2, 2, sharex=True).ravel()
    for axes, (name, (label, times)) in zip(panels, _PANELS.items(), strict=True):
        _draw(axes, found.daily[found.daily["measure"] == name].reset_index(drop=True), label, times)
    panels[0].axhline(1, color=style.LIMIT, lw=1.4, ls="--")
    panels[0].annotate(
        "sales feed on themselves above", (0, 1), xytext=(4, 4), textcoords="offset points", fontsize=9.5
    )
    whom = "against what the funds hold" if found.terms.shock == "crowd" else "down of all stocks"
    move = f"after a move of {percent(found.terms.move)} {whom}"
    foot = [
        f"Lines: medians over paths, measured at each close; bands: 10-90 %. First round: {move}.",
        f"Impact linear at {found.terms.flow:g} days of volume. {found.manifest.get('paths', '')} paths, "
        f"seed {found.manifest.get('seed', '')}; scenario {found.manifest.get('scenario', '')}.",
    ]
    return style.finish(figure, _finding(found.daily), foot)


def _draw(axes: Axes, table: pd.DataFrame, label: str, times: float) -> None:
    days = table.index.to_numpy()
    axes.fill_between(days, times * table["q10"], times * table["q90"], color=style.SIMULATED, alpha=0.25, lw=0)
    axes.plot(days, times * table["q50"], color=style.SIMULATED, lw=2.2)
    axes.set_title(label, fontsize=11.5, loc="left")
    axes.set_ylim(bottom=min(0.0, times * float(table["q10"].min())))
    style.date_axis(axes, list(pd.DatetimeIndex(table["date"])))


def _finding(daily: pd.DataFrame) -> str:
    gain = daily[daily["measure"] == "loop_gain"].set_index("date")["q50"].dropna()
    if gain.empty:
        return "The crowd day by day"
    low, first = gain.idxmin(), gain.iloc[0]
    return f"The crowd's loop gain is {first:.1f} at the beginning, and {gain.min():.1f} on {low:%-d %B %Y}, its lowest"
