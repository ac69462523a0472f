"""Reverse stress: the chance by the value of a key, and where it reaches its level; of two keys, the frontier."""

from __future__ import annotations

import math
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crowdquake.charts import style
from crowdquake.charts.base import chart
from scenarios import Breakpoint

BEYOND = 0.04  # of the axis: how far an arrow points beyond what was tried


@chart(Breakpoint, "breakpoint", when=lambda found: found.other is None)
def breakpoint_curve(found: Breakpoint) -> Figure:
    """Draw the chance by the value of the key, with intervals, its level, and where it is reached."""
    figure, (axes,) = style.new_figure()
    dial, tried = found.dial, found.evaluations
    scale = _scale(found)
    x, shown = scale * tried["value"], 100 * tried[["probability", "low", "high"]]
    answer = found.answers.iloc[0]
    if not math.isnan(answer["low"]):
        ends = np.clip([answer["low"], answer["high"]], dial.values[0], dial.values[-1])
        span: dict[str, Any] = {
            "facecolor": style.SECTOR,
            "alpha": 0.25,
            "edgecolor": style.HISTORY,
            "hatch": "//",
            "lw": 0,
        }
        axes.axvspan(*(scale * ends), label="95 % interval of the breakpoint", **span)
    axes.fill_between(
        x,
        shown["low"],
        shown["high"],
        color=style.SIMULATED,
        alpha=0.18,
        lw=0,
        label="95 % interval of the chance (Wilson)",
    )
    axes.plot(x, shown["probability"], color=style.SIMULATED, lw=2, marker="o", ms=5, label="Chance")
    axes.axhline(100 * found.level, color=style.HISTORY, lw=1.2, ls="--", label=f"Level, {100 * found.level:g} %")
    if answer["outcome"] == "found":
        place = (scale * answer["value"], 100 * found.level)
        axes.plot(*place, color=style.FORCED, marker="D", ms=11, ls="", zorder=5, label="Breakpoint")
    if dial.own is not None and dial.values[0] <= dial.own <= dial.values[-1]:
        axes.axvline(scale * dial.own, color=style.TWIN, lw=1.4, ls=":", label="Where the scenario stands")
    axes.set_ylim(-3, 103)
    axes.set_xlabel(_label(found, 0))
    axes.set_ylabel(f"Chance of {found.event}, %")
    style.legend(axes, 3)
    return style.finish(figure, _title(found), _foot(found))


@chart(Breakpoint, "breakpoint-frontier", when=lambda found: found.other is not None)
def breakpoint_frontier(found: Breakpoint) -> Figure:
    """Draw where the chance reaches its level by the value of the second key, with intervals; arrows: not within."""
    figure, (axes,) = style.new_figure()
    rows = found.answers
    across, up = _scale(found, 1), _scale(found)
    low, high = (up * found.dial.values[end] for end in (0, -1))
    inside = rows[rows["outcome"] == "found"]
    if not inside.empty:
        least, most = (up * inside[end].clip(found.dial.values[0], found.dial.values[-1]) for end in ("low", "high"))
        x, value = across * inside["other"], up * inside["value"]
        axes.fill_between(x, least, most, color=style.SECTOR, alpha=0.25, lw=0, label="95 % interval")
        bars = [value - least, most - value]
        axes.errorbar(x, value, bars, color=style.FORCED, capsize=4, lw=2, marker="D", ms=8, label="Breakpoint")
        if len(inside) == len(rows):
            high = min(high, 1.15 * max(float(most.max()), up * (found.dial.own or 0.0)))
    _draw_beyond(axes, rows, across, low, high)
    for dial, scale, line in ((found.dials[1], across, axes.axvline), (found.dial, up, axes.axhline)):
        if dial.own is not None and dial.values[0] <= dial.own <= dial.values[-1]:
            line(scale * dial.own, color=style.TWIN, lw=1.4, ls=":")
    axes.set_ylim(low - 0.07 * (high - low), high + 0.07 * (high - low))
    first, last = across * rows["other"].min(), across * rows["other"].max()
    axes.set_xlim(first - 0.04 * (last - first), last + 0.04 * (last - first))
    side = "above" if inside["rises"].any() else "below"
    axes.set_xlabel(_label(found, 1))
    axes.set_ylabel(fill(_label(found, 0), 40))
    style.legend(axes, 2)
    chance = f"the chance of {found.event} is {100 * found.level:g} % or more"
    told = (
        f"{side.capitalize()} the line {chance}. Dotted: where the scenario stands. Arrows: the breakpoint lies beyond "
        "what was tried; a cross: the chance does not go one way."
    )
    return style.finish(figure, _title(found), [*_foot(found), told])


def _draw_beyond(axes: Axes, rows: pd.DataFrame, scale: float, low: float, high: float) -> None:
    """An arrow out of the range where the frontier lies beyond it, and a cross where there is none."""
    for _, row in rows[rows["outcome"] != "found"].iterrows():
        x = scale * row["other"]
        if row["outcome"] == "not monotone":
            axes.plot(x, (low + high) / 2, color=style.HISTORY, marker="x", ms=11, mew=2.5, ls="")
            continue
        up = (row["outcome"] == "never") == bool(row["rises"])
        edge, way = (high, 1) if up else (low, -1)
        tip = edge + way * BEYOND * (high - low)
        axes.annotate("", (x, tip), (x, edge - way * BEYOND * (high - low)), arrowprops={"arrowstyle": "-|>", "lw": 2})


def _scale(found: Breakpoint, which: int = 0) -> float:
    return 100.0 if found.dials[which].in_percent else 1.0


def _label(found: Breakpoint, which: int) -> str:
    dial = found.dials[which]
    word = dial.word[0].upper() + dial.word[1:]
    told = word if word == dial.key else f"{word} ({dial.key})"
    return told + (f", {dial.unit}" if dial.unit else "")


def _title(found: Breakpoint) -> str:
    told = found.headline
    return told[0].upper() + told[1:]


def _foot(found: Breakpoint) -> list[str]:
    return [
        style.provenance(found, twin=False),
        f"All values on the same paths, over {found.dial.domain}; intervals from the binomial at the level, exact.",
    ]
