"""The reserve's two frontiers: against the chance of a margin call, and against the return that it leaves."""

from __future__ import annotations

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from crowdquake.charts import style
from crowdquake.charts.base import chart
from hedging import ReserveStudy


@chart(ReserveStudy, "frontier")
def frontier(study: ReserveStudy) -> Figure:
    """Chance of a call and diluted return as the reserve grows, with bands."""
    with rc_context(style.STYLE):
        # A perfect hedge earns nothing whatever its reserve: there is nothing to draw of it.
        earns = study.dilution[["q05", "q95"]].abs().to_numpy().max() >= 1e-4
        figure = Figure(figsize=(11, 7.4 if earns else 5.4), layout="constrained")
        FigureCanvasAgg(figure)
        panels = list(figure.subplots(2 if earns else 1, 1, sharex=True, squeeze=False)[:, 0])
    calls = panels[0]
    _draw_calls(calls, study)
    if earns:
        _draw_returns(panels[1], study)
    panels[-1].set_xlabel("Reserve, % of the book")
    for place, reserve in enumerate(study.table["reserve"].unique()):
        for axes in panels:
            axes.axvline(100 * reserve, color="#999999", lw=1, ls=":")
        alike = study.table.loc[study.table["reserve"] == reserve, "confidence"]
        label = ", ".join(f"{100 * confidence:g}" for confidence in alike)
        calls.annotate(f" {label} %", (100 * reserve, (60, 32, 17)[place % 3]), fontsize=10, color="#444444")
    foot = [
        f"Policy {study.policy}, model {study.model}, {study.days} days, {study.paths:,} paths, seed {study.seed}, "
        f"margin {100 * study.margin:g} %. Calls beyond the reserve are met from outside.",
        "Dotted: reserves that are enough with that probability. Bands: 95 % sampling intervals; quantiles of returns.",
    ]
    return style.finish(figure, _finding(study), foot)


def _draw_calls(axes: Axes, study: ReserveStudy) -> None:
    chance = 100 * study.calls
    axes.fill_between(chance["reserve"], chance["low"], chance["high"], color=style.SIMULATED, alpha=0.3, lw=0)
    axes.plot(chance["reserve"], chance["probability"], color=style.SIMULATED, lw=2.2, label="simulated, 95 % band")
    if chance["tail"].notna().any():
        axes.plot(chance["reserve"], chance["tail"], color=style.FORCED, ls="--", lw=1.8, label="fitted tail")
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_ylim(max(30 / study.paths, 1e-3), 110)
    axes.set_ylabel("Chance of a margin call,\n%, log scale")
    style.legend(axes, 2)


def _draw_returns(axes: Axes, study: ReserveStudy) -> None:
    left = 100 * study.dilution.select_dtypes("number")
    for low, high, alpha in (("q05", "q95", 0.18), ("q25", "q75", 0.35)):
        label = f"{int(low[1:])}-{high[1:]} %"
        axes.fill_between(left["reserve"], left[low], left[high], color=style.SIMULATED, alpha=alpha, lw=0, label=label)
    axes.plot(left["reserve"], left["q50"], color=style.SIMULATED, lw=2.2, label="median")
    axes.axhline(0, color="#333333", lw=1)
    axes.set_ylabel("Return on book and reserve,\n%")
    style.legend(axes, 3)


def _finding(study: ReserveStudy) -> str:
    need = {row["confidence"]: row["reserve"] for row in study.table.to_dict("records")}
    if need[0.99] == 0:
        return f"Policy {study.policy} needs no reserve in 99 cases of 100"
    kept = 100 / (1 + need[0.99])
    return (
        f"Policy {study.policy}: {100 * need[0.95]:.0f} % of the book is enough in 95 cases of 100, "
        f"{100 * need[0.99]:.0f} % in 99; holding that leaves {kept:.0f} % of the return"
    )
