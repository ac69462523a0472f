"""A chart: the index's worst day on each path. It is written wherever a run is saved.

$ crowdquake run quake-2007 --plugin examples/worst_day_chart.py --out outputs/quake-2007
"""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from crowdquake.charts import chart, style
from scenarios import RunResult


@chart(RunResult, name="worst-day")
def worst_day(run: RunResult) -> Figure:
    """Distribution over paths of the index's worst day, with and without the liquidator."""
    figure, (axes,) = style.new_figure()
    worst = 100 * run.daily.groupby(["run", "path"], observed=True)["index"].min()
    edges = np.histogram_bin_edges(worst, bins=20).tolist()
    for name, colour, label in style.runs_shown(run):
        axes.hist(worst[name], bins=edges, color=colour, alpha=0.6, label=label)
    axes.set_xlabel("Worst day of the index, %")
    axes.set_ylabel("Paths")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend()
    found = f"In the median path the index's worst day is {worst['main'].median():.1f} %"
    return style.finish(figure, found, [style.provenance(run)])
