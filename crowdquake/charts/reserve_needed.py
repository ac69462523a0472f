"""Reserve needed by source and policy, with intervals, against the reserve that is held."""

from __future__ import annotations

import math
from textwrap import fill
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from cqkit.plain import percent
from cqkit.statistics import quantiles
from crowdquake.charts import style
from crowdquake.charts.base import chart
from scenarios import Reserves
from scenarios.reserves.answers import Answer
from scenarios.reserves.steering import STEERED

# By how surely it is enough: told apart by shape and lightness, so that grey print shows them too.
MARKS = {0.95: ("o", "#9ecae1"), 0.99: ("s", "#4292c6"), 0.999: ("D", "#08306b")}
OTHER = ("^", "#000000")
APART = 0.22  # of a row's height
WIDE = 26  # letters of a name on one line


@chart(Reserves, "needed")
def needed(found: Reserves) -> Figure:
    """Reserve needed at 95, 99 and 99.9 %, a row a policy and source, and the reserve held."""
    rows = [(answer.policy, answer.source) for answer in found.answers]
    with rc_context(style.STYLE):
        figure = Figure(figsize=(11, 3.2 + 0.75 * len(rows)), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots()
    widest = _draw(axes, found)
    held = 100 * found.reserve
    axes.axvline(held, color=style.LIMIT, lw=2, ls="--", label=f"reserve held, {held:g} %")
    axes.set_xlim(0, 1.02 * max(widest, 1.25 * held))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks(range(len(rows)), ["\n".join(fill(name, WIDE) for name in row) for row in rows], fontsize=11)
    axes.set_xlabel("Reserve needed, % of the book")
    axes.grid(axis="x", color="#E2E2E2")
    axes.grid(visible=False, axis="y")
    style.legend(axes, 4)
    for place, row in enumerate(found.calls.to_dict("records")):
        told = f"called: {percent(row['probability'])}" if row["paths"] > 1 else _history(row)
        axes.annotate(
            told, (1.01, place), xycoords=("axes fraction", "data"), va="center", fontsize=10.5, annotation_clip=False
        )
    return style.finish(figure, _finding(found), _foot(found))


def _draw(axes: Axes, found: Reserves) -> float:
    """Draw all quantiles that the paths can tell; return the largest number drawn, in %."""
    drawn = [0.0]
    named = set()
    for place, answer in enumerate(found.answers):
        if answer.needs.paths == 1:
            need = 100 * float(answer.needs.required[0])
            axes.plot(need, place, "kx", ms=9, mew=2.2, label=None if "one" in named else "needed in one history")
            named.add("one")
            drawn.append(need)
        else:
            drawn.append(
                _draw_paths(axes, answer, place, None if "paths" in named else "10-90 % of paths, and their median")
            )
            named.add("paths")
        for number, row in enumerate(answer.needed()):
            shape, colour = MARKS.get(row["confidence"], OTHER)
            if math.isnan(row["reserve"]):
                continue
            value, low, high = (100 * row[name] for name in ("reserve", "low", "high"))
            height = place + (number - 1) * APART
            label = None if shape in named else f"enough in {100 * row['confidence']:g} %"
            axes.plot([low, high], [height, height], color=colour, lw=3, solid_capstyle="butt", zorder=2)
            axes.plot(value, height, shape, color=colour, mec="#222222", ms=8.5, zorder=3, label=label, ls="none")
            named.add(shape)
            drawn.append(high)
    return max(drawn)


def _draw_paths(axes: Axes, answer: Answer, place: int, label: str | None) -> float:
    """What the paths in the middle need, however few there are; return the largest number drawn, in %."""
    low, usual, high = 100 * quantiles(answer.needs.required[:, None], [0.1, 0.5, 0.9])[:, 0]
    height = place + 0.42 * (1 - APART)
    axes.plot([low, high], [height, height], color=style.TWIN, lw=2.2, solid_capstyle="butt", zorder=2, label=label)
    axes.plot(usual, height, "|", color="#333333", ms=9, mew=2, zorder=3)
    return float(high)


def _history(row: dict[Any, Any]) -> str:
    return f"called on {row['first_most_frequent']}" if row["calls_most"] else "not called"


def _finding(found: Reserves) -> str:
    policy, source = found.told
    held, calls = f"{100 * found.reserve:g} %", found.calls
    row = calls[(calls["policy"] == policy) & (calls["source"] == source)].iloc[0]
    if row["paths"] == 1:
        verb = "is called" if row["calls_most"] else "is enough"
        return f"A reserve of {held} {verb} in {source}, policy {policy}"
    needs = found.reserves
    known = needs[(needs["policy"] == policy) & (needs["source"] == source) & needs["reserve"].notna()]
    level = found.answers[0].level or 0.99
    known = known[known["confidence"] <= level]
    chance = f"A reserve of {held} is called in {percent(row['probability'], 0)} of paths in {source}"
    if not len(known):
        return chance
    last = known.iloc[-1]
    return f"{chance}; {percent(last['reserve'])} is enough in {100 * last['confidence']:g} of 100"


def _foot(found: Reserves) -> list[str]:
    needs = {one.source: one.needs.paths for one in found.answers}
    paths = ", ".join(f"{source}: {count:,}" for source, count in needs.items())
    version = found.manifest.get("versions", {}).get("crowdquake", "")
    untold = found.reserves[found.reserves["reserve"].isna()]
    told = [
        f"Margin {percent(found.margin)}, gains fund margin, calls beyond the reserve are met from outside. "
        "Bars: 95 % order-statistic intervals.",
        f"Paths: {paths}; seed {found.manifest.get('seed', '')}, crowdquake {version}.",
    ]
    for row in found.reserves[found.reserves["sampling"] == STEERED].to_dict("records"):
        told.append(
            f"{100 * row['confidence']:g} %, {row['policy']} in {row['source']}: {row['paths']:,} paths steered there, "
            f"as good as {row['plain_paths']:,.0f} plain ones; interval from their strata."
        )
    for confidence, rows in untold.groupby("confidence"):
        sources = ", ".join(dict.fromkeys(rows["source"]))
        needed = f"{rows['paths_needed'].iloc[0]:,.0f}"
        told.append(f"{100 * float(str(confidence)):g} % needs at least {needed} paths, and is not told for {sources}.")
    return told
