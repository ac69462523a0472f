"""The box of a scenario: what becomes of the crowd along each axis and over pairs of axes, and where the laws fail."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from crowdquake.charts import style
from crowdquake.charts.base import chart
from scenarios import Soundness

_FIGURES = (("trough", "trough", style.SIMULATED, "-", "o"), ("final", "at the end", style.FORCED, "--", "s"))
_WORDS = {
    "finite": "not finite",
    "runaway": "runaway",
    "booked": "equity below zero unbooked",
    "ledger": "ledger open",
    "monotone": "more helps",
    "no_gain": "a gain over the twin",
    "cause": "forced sales without cause",
}
MOST_COLUMNS = 4


@chart(Soundness, "domain")
def domain(found: Soundness) -> dict[str, Figure]:
    """A figure an impact law: a panel an axis, medians with 10-90 %, and a map a pair; crosses where anything fails."""
    return {f"domain-{law}": _figure(found, str(law), rows) for law, rows in found.points.groupby("law", sort=False)}


def _figure(found: Soundness, law: str, points: pd.DataFrame) -> Figure:
    inner = points[~points["corner"]]
    lines = list(inner.groupby("line", sort=False))
    alone = [(str(line), rows) for line, rows in lines if rows["y"].isna().all()]
    pairs = [(str(line), rows) for line, rows in lines if not rows["y"].isna().all()]
    columns = min(MOST_COLUMNS, max(2, math.ceil(len(alone) / math.ceil(len(alone) / MOST_COLUMNS))))
    above, below = math.ceil(len(alone) / columns), math.ceil(len(pairs) / 2)
    with rc_context(style.STYLE):
        figure = Figure(figsize=(3.6 * columns + 0.6, 1.8 + 3.2 * above + 4.4 * below), layout="constrained")
        FigureCanvasAgg(figure)
        grid = figure.add_gridspec(above + below, 2 * columns, height_ratios=[3.2] * above + [4.4] * below)
        panels = [
            figure.add_subplot(grid[place // columns, 2 * (place % columns) : 2 * (place % columns) + 2])
            for place in range(len(alone))
        ]
        maps = [
            figure.add_subplot(grid[above + place // 2, columns * (place % 2) : columns * (place % 2) + columns])
            for place in range(len(pairs))
        ]
    own = {axis.key: axis.value(found.scenario.settings) for axis in found.scenario.domain.axis}
    for axes, (line, rows) in zip(panels, alone, strict=True):
        _draw_line(axes, line, rows.sort_values("x"), own.get(line))
    panels[0].set_ylabel("The crowd's P&L, %\nof its equity at the start", fontsize=10.5)
    panels[0].legend(loc="best", fontsize=9.5, frameon=False)
    for axes, (line, rows) in zip(maps, pairs, strict=True):
        _draw_map(axes, line, rows)
    foot = [
        style.provenance(found, twin=False),
        "Lines: medians over paths, bands 10-90 %; dotted: where the scenario stands. Maps: median trough, darker is "
        f"deeper, and median at the end below it. Crosses: something fails there. {_corners(points)}",
    ]
    return style.finish(figure, _finding(law, points), foot)


def _draw_line(axes: Axes, line: str, rows: pd.DataFrame, own: float | None) -> None:
    places = np.arange(len(rows))
    for figure, label, colour, stroke, mark in _FIGURES:
        shown = 100 * rows[[figure, f"{figure}_low", f"{figure}_high"]]
        axes.fill_between(places, shown[f"{figure}_low"], shown[f"{figure}_high"], color=colour, alpha=0.16, lw=0)
        axes.plot(places, shown[figure], color=colour, ls=stroke, lw=2, marker=mark, ms=5, label=label)
    bad = (rows["failed"] != "").to_numpy()
    level = 100 * rows["trough"].fillna(0).to_numpy()
    axes.plot(
        places[bad], level[bad], ls="", marker="x", color="black", ms=11, mew=2.5, label="fails" if bad.any() else None
    )
    if own is not None:
        axes.axvline(int(np.argmin(np.abs(rows["x"].to_numpy() - own))), color="#333333", lw=1, ls=":")
    axes.axhline(0, color="#333333", lw=1)
    axes.set_xticks(places, labels=[f"{value:.3g}" for value in rows["x"]], fontsize=9)
    axes.set_title(line, fontsize=11, loc="left")


def _draw_map(axes: Axes, line: str, rows: pd.DataFrame) -> None:
    first, second = line.split(" x ")
    across, up = sorted(rows["x"].unique()), sorted(rows["y"].unique())
    cells = rows.set_index(["y", "x"]).reindex(pd.MultiIndex.from_product([up, across]))
    trough, final = (cells[name].to_numpy().reshape(len(up), len(across)) for name in ("trough", "final"))
    bad = (cells["failed"] != "").to_numpy().reshape(trough.shape)
    deepest = max(float(np.nanmax(-trough, initial=0.0)), 1e-9)
    axes.imshow(-trough, cmap="Greys", vmin=0, vmax=1.4 * deepest, aspect="auto", origin="lower")
    for (row, column), value in np.ndenumerate(trough):
        colour = "white" if -value > 0.75 * deepest else "black"
        text = "" if math.isnan(value) else f"{_points(float(value))}\n{_points(float(final[row, column]))}"
        axes.text(column, row, text, ha="center", va="center", fontsize=8.5, color=colour)
        if bad[row, column]:
            axes.plot(column + 0.33, row, marker="x", ms=8, mew=2, color=colour)
    axes.set_xticks(range(len(across)), labels=[f"{value:.3g}" for value in across], fontsize=9)
    axes.set_yticks(range(len(up)), labels=[f"{value:.3g}" for value in up], fontsize=9)
    axes.grid(visible=False)
    axes.set_xlabel(first, fontsize=10.5)
    axes.set_ylabel(second, fontsize=10.5)
    axes.set_title(f"{first.rpartition('.')[2]} and {second.rpartition('.')[2]}", fontsize=11, loc="left")


def _points(ratio: float) -> str:
    return f"{round(100 * ratio) + 0 if math.isfinite(ratio) else ratio}"


def _corners(points: pd.DataFrame) -> str:
    corners = points[points["corner"]]
    if corners.empty:
        return ""
    bars = " and ".join(f"{count}" for count in sorted(corners["bars"].unique()))
    failed = int((corners["failed"] != "").sum())
    return f"Corners at {bars} bars, not drawn: {failed} of {len(corners)} fail."


def _finding(law: str, points: pd.DataFrame) -> str:
    bad = points[points["failed"] != ""]
    if bad.empty:
        return f"The {law.replace('_', '-')} law holds at all {len(points)} points of the box"
    counts = bad["failed"].str.split().explode().value_counts()
    told = ", ".join(f"{told} {counts[name]}" for name, told in _WORDS.items() if name in counts)
    return f"The {law.replace('_', '-')} law fails at {len(bad)} of {len(points)} points of the box: {told}"
