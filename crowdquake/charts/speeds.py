"""Long pain or short pain: what a sale costs whom by how long it takes."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from crowdquake.charts import style
from crowdquake.charts.base import chart
from scenarios import Unwinding, Unwindings

_PANELS = (
    ("liquidator", "The seller's cost"),
    ("crowd", "The crowd's deepest loss"),
    ("hedge_desk", "The hedge desk's deepest loss"),
)
_RUNS = ((False, "no rescue", style.FORCED, "-", "o"), (True, "rescue", style.SIMULATED, "--", "s"))


@chart(Unwindings, "unwinding")
def unwinding(found: Unwindings) -> Figure:
    """A row of panels a market: cost by days taken, medians with 10-90 %; filled marks where a party does best."""
    studies = found.studies
    with rc_context(style.STYLE):
        figure = Figure(figsize=(13, 1.6 + 3.9 * len(studies)), layout="constrained")
        FigureCanvasAgg(figure)
        grid = figure.subplots(len(studies), len(_PANELS), squeeze=False)
    for study, row in zip(studies, grid, strict=True):
        for (party, label), axes in zip(_PANELS, row, strict=True):
            _draw(axes, study, party)
            axes.set_title(label, fontsize=11.5, loc="left")
            axes.set_ylabel(study.units[party].replace(", ", ",\n"), fontsize=10)
        row[0].set_title(f"{study.scenario.name}: {_PANELS[0][1].lower()}", fontsize=11.5, loc="left")
    for axes in grid[-1]:
        axes.set_xlabel("Trading days that the sale takes", fontsize=10.5)
    grid[0][-1].legend(loc="upper right", fontsize=10.5, frameon=False)
    foot = [
        "Lines: medians over paths; bands: 10-90 %; filled: the best speed and those that may be as good (95 %). "
        "Losses of crowd and desk: beyond those of a market in which nobody sells, on the same noise and days.",
        *(f"{item.scenario.name}: {item.paths} paths, seed {item.seed}; rescue: {item.rescue}." for item in studies),
    ]
    return style.finish(figure, _finding(studies), foot)


@chart(Unwinding, "one-unwinding")
def one_unwinding(found: Unwinding) -> dict[str, Figure]:
    """The same of a single market."""
    return {"unwinding": unwinding(Unwindings((found,)))}


def _draw(axes: Axes, study: Unwinding, party: str) -> None:
    for rescue, label, colour, line, mark in _RUNS:
        table = study.table
        rows = table[(table["party"] == party) & (table["rescue"] == rescue)].sort_values("days")
        axes.fill_between(rows["days"], rows["q10"], rows["q90"], color=colour, alpha=0.16, lw=0)
        axes.plot(rows["days"], rows["q50"], color=colour, ls=line, lw=2, marker=mark, mfc="white", ms=6, label=label)
        good = rows[rows["as_good"]]
        axes.plot(good["days"], good["q50"], ls="", marker=mark, color=colour, ms=7)
    axes.axhline(0, color="#333333", lw=1)
    axes.set_xscale("log")
    ticks = sorted(study.table["days"].unique())
    axes.set_xticks(ticks, labels=[f"{tick:g}" for tick in ticks], fontsize=9.5)
    axes.minorticks_off()


def _finding(studies: Sequence[Unwinding]) -> str:
    told = []
    for study in studies:
        costs = _costs(study, "crowd")
        fast, slow, best = min(costs), max(costs), min(costs, key=lambda days: costs[days])
        part = f"{costs[fast]:.0f} % in {_days(fast)}, {costs[slow]:.1f} % in {_days(slow)}"
        if best not in {fast, slow}:
            part += f", least in {_days(best)} ({costs[best]:.1f} %)"
        told.append(f"{part} ({study.scenario.name})")
    return "Without a rescue, selling costs the crowd " + "; ".join(told)


def _days(count: float) -> str:
    return f"{count:g} day" if count == 1 else f"{count:g} days"


def _costs(study: Unwinding, party: str) -> dict[float, float]:
    """Median cost by days without a rescue."""
    chosen = study.table[(study.table["party"] == party) & ~study.table["rescue"]]
    return {float(days): float(cost) for days, cost in zip(chosen["days"], chosen["q50"], strict=True)}
