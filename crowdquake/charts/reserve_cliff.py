"""The reserve cliff: how the chance of a systemic unwind falls with the whole crowd's reserve, and what that costs."""

from __future__ import annotations

from itertools import cycle

import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from crowdquake.charts import style
from crowdquake.charts.base import chart
from scenarios import Cliff
from scenarios.studies.cliff import SLUMP, SYSTEMIC

COLOURS = (
    style.SIMULATED,
    style.SECTOR,
    style.FORCED,
    "#009E73",
    "#CC79A7",
    style.REENTRY,
    "#000000",
    "#B8860B",
    "#666666",
)
MARKERS = ("o", "s", "^", "D", "v", "P", "X")


@chart(Cliff, "cliff")
def cliff(study: Cliff) -> Figure:
    """Chance of a systemic unwind by reserve and policy, what it does to returns, and how the cliff moves."""
    others = study.points["family"] != "policy"
    with rc_context(style.STYLE):
        figure = Figure(figsize=(11, 9.4 if others.any() else 6.6), layout="constrained")
        FigureCanvasAgg(figure)
        if others.any():
            grid = figure.add_gridspec(2, 2)
            panels = [figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[0, 1]), figure.add_subplot(grid[1, :])]
        else:
            panels = list(figure.subplots(1, 2))
    policies = study.points[~others]
    _draw_chance(panels[0], policies, "The whole crowd's hedge policy")
    _draw_returns(panels[1], policies)
    if others.any():
        base = study.policy if (policies["series"] == study.policy).any() else ""
        own = policies[policies["series"] == base]
        _draw_chance(panels[2], pd.concat([own, study.points[others]]), "One thing changed at a time", len(own) == 0)
    made = study.manifest
    changes = "".join(f", {key} = {value}" for key, value in made["overrides"].items())
    foot = [
        f"Scenario {study.scenario} ({made['digest'][:8]}){changes}, {study.paths:,} paths a point on the same noise, "
        f"seed {study.seed}, crowdquake {made['versions']['crowdquake']}. Systemic: more than {100 * SYSTEMIC:g} % of "
        "the crowd's book is sold under compulsion. Bands: 95 % intervals (Wilson).",
        f"Reserve: cash beyond margins of the swap-financed funds. Year: an assumed {100 * study.alpha:g} % on the "
        f"stock book times book over equity, plus the mean of {study.window} days of slump, 95 % intervals.",
    ]
    return style.finish(figure, _finding(study), foot)


def _draw_chance(axes: Axes, points: pd.DataFrame, title: str, skip: bool | None = None) -> None:
    """Chance by reserve, a line a series; in the panel of changes only the baseline has a policy's colour."""
    colours = COLOURS if skip is None else COLOURS[3:] if skip else (COLOURS[0], *COLOURS[3:])
    for (label, group), colour, marker in zip(
        points.groupby("series", sort=False), cycle(colours), cycle(MARKERS), strict=False
    ):
        shown = 100 * group[["reserve", "low", "high", "systemic"]]
        axes.fill_between(shown["reserve"], shown["low"], shown["high"], color=colour, alpha=0.15, lw=0)
        axes.plot(shown["reserve"], shown["systemic"], color=colour, marker=marker, lw=2, label=_named(str(label)))
    axes.axhline(50, color="#999999", lw=1, ls=":")
    axes.set_ylim(-2, 102)
    axes.set_xlabel("Reserve, % of the stock book")
    axes.set_ylabel("Chance of a systemic unwind, %")
    axes.set_title(title, fontsize=12, loc="left")
    axes.legend(fontsize=10, frameon=False, loc="upper right")


def _draw_returns(axes: Axes, points: pd.DataFrame) -> None:
    for number, ((label, group), colour, marker) in enumerate(
        zip(points.groupby("series", sort=False), cycle(COLOURS), cycle(MARKERS), strict=False)
    ):
        shown = 100 * group[["systemic", "with_slump", "carry", "slump_low", "slump_high"]]
        half = (shown["slump_high"] - shown["slump_low"]) / 2
        axes.errorbar(shown["systemic"], shown["with_slump"], yerr=half, color=colour, lw=1.6, elinewidth=1)
        axes.scatter(shown["systemic"], shown["with_slump"], s=45, color=colour, marker=marker, label=str(label))
        ends = ((group.index[0], (6, 5)), (group.index[-1], (8, -14)))
        for end, away in ends if number == 0 else ():  # the others run from the same reserve to the same
            text = f"{100 * group.loc[end, 'reserve']:g} %"
            at = (shown.loc[end, "systemic"], shown.loc[end, "with_slump"])
            axes.annotate(text, at, xytext=away, textcoords="offset points", fontsize=10, color=colour)
    axes.axhline(0, color="#333333", lw=1)
    axes.set_xlabel("Chance of a systemic unwind, %")
    axes.set_ylabel("Return on equity in a year\nwith the slump, %")
    axes.set_title("What safety costs and saves, by reserve", fontsize=12, loc="left")


def _named(label: str) -> str:
    """Say a key's last word, and a slump's length in words."""
    if label.startswith(f"{SLUMP} = "):
        return f"news {label.removeprefix(f'{SLUMP} = ')} times as long"
    key, equals, value = label.partition(" = ")
    return f"{key.rpartition('.')[2]} {value}" if equals else label


def _finding(study: Cliff) -> str:
    known = {row["series"]: row for row in study.halves.to_dict("records") if row["family"] == "policy"}
    found = {name: row["half"] for name, row in known.items() if not pd.isna(row["half"])}
    if not found:
        return "No reserve shown takes the chance of a systemic unwind through one half"
    first, half = next(iter(found.items()))
    parts = [f"a systemic unwind is an even bet at a reserve of {100 * half:.1f} % under {first} hedges"]
    parts += [f"{100 * half:.1f} % under {name}" for name, half in list(found.items())[1:]]
    parts += [_beyond(study, name) for name in known if name not in found]
    return "; ".join([parts[0][0].upper() + parts[0][1:], *parts[1:]])


def _beyond(study: Cliff, name: str) -> str:
    last = study.points[study.points["series"] == name].iloc[-1]
    return f"{100 * last['systemic']:.0f} in 100 at {100 * last['reserve']:.0f} % under {name}"
