"""How far a scenario's numbers may go: the tested box of the strongest, and what breaks beyond it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from crowdquake.charts import style
from crowdquake.charts.base import chart
from scenarios.studies.walk import Walk

MOST = 24  # numbers
SHORTEST = 0.004  # of the scale: a box that is but a point is still seen
LONGEST = 46  # characters of what breaks
BROKEN = "#9C4400"  # red that can be read


@chart(Walk, "walk", when=lambda found: len(found.parameters) > 0)
def walk(found: Walk) -> Figure:
    """A line a number, the strongest first: its plausible range, where nothing breaks, and what breaks beyond."""
    rows = found.parameters.head(MOST).to_dict("records")
    with rc_context(style.STYLE):
        figure = Figure(figsize=(13, 2.2 + 0.36 * len(rows)), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots()
    for place, row in enumerate(rows):
        low, high = _ratio(row["low"], row), _ratio(row["high"], row)
        first, last = _ratio(row["tested_low"], row), _ratio(row["tested_high"], row)
        axes.plot([low, high], [place, place], color=style.TWIN, lw=2, solid_capstyle="butt", zorder=1)
        width = max(last - first, SHORTEST * 2 * _widest(rows))
        axes.barh(place, width, left=(first + last - width) / 2, height=0.5, color=style.SIMULATED, zorder=2)
        for end, side, word in ((low, "right", row["below"]), (high, "left", row["above"])):
            if word:
                text = f" {_short(word)} "
                axes.text(end, place, text, ha=side, va="center", fontsize=7.5, color=BROKEN)
    axes.axvline(0, color="#333333", lw=1, ls=":")
    axes.set_yticks(range(len(rows)), labels=[f"{row['key']} = {row['own']:.4g}" for row in rows], fontsize=9)
    axes.invert_yaxis()
    reach = _widest(rows)
    axes.set_xlim(-2.1 * reach, 2.1 * reach)
    ticks = [tick for tick in (-4, -3, -2, -1, 0, 1, 2, 3, 4) if abs(tick) <= reach]
    axes.set_xticks(ticks, labels=[f"x {2.0**tick:g}" for tick in ticks])
    axes.set_xlabel("Times the scenario's own number", fontsize=10)
    corners = found.pairs[found.pairs["corner_of"] == "tested"]
    foot = [
        "Blue: the tested box, each number alone: nothing absurd happens, and every target of history, put "
        f"in or held out, that is met as the scenario stands ({len(found.held)}) stays met. Grey: its plausible range. "
        "Red: what breaks first beyond the box.",
    ]
    if len(corners):
        broken = int((corners["broke"] != "").sum())
        foot.append(f"Pairs of the strongest: at {broken} of {len(corners)} corners of the box something breaks.")
    foot.append(style.provenance(found, twin=False))
    return style.finish(figure, _finding(found), foot)


def _finding(found: Walk) -> str:
    free = ((found.parameters["below"] == "") & (found.parameters["above"] == "")).sum()
    most = found.parameters.iloc[0]
    return f"{free} of {len(found.parameters)} numbers may take any plausible value alone; {most['key']} decides most"


def _ratio(value: float, row: Mapping[Any, Any]) -> float:
    """Where a value lies beside the scenario's own, in doublings; a value of 0 or across it at the edge."""
    ratio = value / row["own"]
    return max(math.log2(ratio), -4.0) if ratio > 0 else -4.0


def _widest(rows: Sequence[Mapping[Any, Any]]) -> float:
    return max(1.0, *(abs(_ratio(row[name], row)) for row in rows for name in ("low", "high")))


def _short(word: str) -> str:
    word = word.replace("lost: ", "")
    return word if len(word) <= LONGEST else f"{word[: LONGEST - 1]}…"
