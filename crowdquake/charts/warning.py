"""Early warning: detection against false alarms, a curve a measure."""

from __future__ import annotations

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from crowdquake.charts import style
from crowdquake.charts.base import chart
from scenarios.early_warnings import VIEWS, EarlyWarning
from scenarios.studies.early_warning import MEASURES

COLUMNS = 4


@chart(EarlyWarning, "early-warning")
def early_warning(found: EarlyWarning) -> Figure:
    """A panel a measure, the best first: share of unwinds warned of by share of quiet days with an alarm, with 95 %."""
    whole = found.table[found.table["view"] == VIEWS[0]].sort_values("area", ascending=False)
    rows = -(-len(MEASURES) // COLUMNS)
    with rc_context(style.STYLE):
        figure = Figure(figsize=(13, 1.8 + 3.3 * rows), layout="constrained")
        FigureCanvasAgg(figure)
        grid = figure.subplots(rows, COLUMNS, squeeze=False, sharex=True, sharey=True).ravel()
    for axes, best in zip(grid, whole.to_dict("records"), strict=False):
        curve = found.curves[found.curves["measure"] == best["measure"]]
        axes.fill_between(
            100 * curve["alarms"], 100 * curve["low"], 100 * curve["high"], color=style.SIMULATED, alpha=0.2, lw=0
        )
        axes.plot(100 * curve["alarms"], 100 * curve["detected"], color=style.SIMULATED, lw=2)
        axes.plot([0, 100], [0, 100], color=style.TWIN, lw=1)
        axes.set_title(f"{best['measure']}: {best['area']:.2f}", fontsize=11.5, loc="left")
    for axes in grid[len(whole) :]:
        axes.set_visible(False)
    for axes in grid[::COLUMNS]:
        axes.set_ylabel("Days before an unwind\nwith an alarm, %", fontsize=10)
    for axes in grid:
        axes.set_xlabel("Other days with an alarm, %", fontsize=10)
    first = whole.iloc[0]
    title = (
        f"{str(first['measure']).capitalize()} warns best of a forced unwind within ten days; "
        f"{first['false_alarms']:.0f} days a year have a false alarm at 80 % detection"
    )
    foot = [
        f"{len(found.draws)} markets, {found.paths} paths each; bands: 95 %, "
        "whole markets and paths resampled; grey: chance.",
        style.provenance(found),
    ]
    return style.finish(figure, title, foot)
