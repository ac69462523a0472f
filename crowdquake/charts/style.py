"""How all charts look: the title says the finding, bands are named, sources and paths stand at the foot."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import rc_context, rc_params_from_file
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from cqkit.results import Result
from crowdquake.charts.language import fonts_for, say, say_all, spoken, wide
from scenarios import RunResult
from scenarios.result import QUANTILES

# Okabe and Ito's palette: told apart by colour-blind readers, and by lightness in print.
SIMULATED = "#0072B2"
TWIN = "#9A9A9A"
TWIN_LINE = "#6E6E6E"  # where it is a line beside a band
HISTORY = "#000000"
FORCED = "#D55E00"
REENTRY = "#56B4E9"
LIQUIDATOR = "#000000"
SECTOR = "#E69F00"
LIMIT = "#D55E00"

STYLE: dict[Any, Any] = dict(rc_params_from_file(str(Path(__file__).with_name("crowdquake.mplstyle")), False, False))
DAYS_BEFORE, DAYS_AFTER = 4, 11
SYNTHETIC = "Synthetic: the index path that the market follows is made up, not a historical one."
MOST_BARS = 25  # days
LONGEST_TITLE = 92  # characters in a line
TITLE_ROOM = 114.0  # characters x points in an inch of a line of bold type
MOST_OUTSIDE = 4  # numbers outside the tested box that a foot names
MOST_DATES = 18  # that an axis has room for; of more, every so many that 12 are left


def new_figure(rows: int = 1) -> tuple[Figure, list[Axes]]:
    """Make a figure with `rows` panels above each other, on its own canvas: no global state."""
    with rc_context(STYLE):
        figure = Figure(figsize=(11, 6.6 if rows == 1 else 8.2), layout="constrained")
        FigureCanvasAgg(figure)
        made = figure.subplots(rows, 1, sharex=True, squeeze=False)
    return figure, list(made[:, 0])


def finish(figure: Figure, title: str, foot: Sequence[str]) -> Figure:
    """Put the finding on top, in one line, and the sources at the foot.

    Of a finding that is longer than a line what follows a semicolon is told first at the foot.
    """
    head, more = headline(title)
    head, more = say(head), say(more)
    say_all(figure)
    size = min(16.0, TITLE_ROOM * figure.get_figwidth() / max(wide(head), 1))
    head = head.replace(" %", "\u00a0%")  # a number keeps its unit
    figure.suptitle(head, x=0.012, ha="left", fontsize=size, fontweight="bold")
    end = "." if spoken() == "en" else "。"
    lines = [f"{more[0].upper()}{more[1:]}{end}"] if more else []
    lines += [say(line) for line in foot]
    _write_foot(figure, "\n".join(_wrapped(line, round(12.7 * figure.get_figwidth())) for line in lines))
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            vars(axis.get_major_formatter())["fix_minus"] = str  # one sign, in notebooks too
    for text in figure.findobj(Text):
        text.set_parse_math(False)  # a user's names may hold dollar signs
    return figure


def _wrapped(line: str, letters: int) -> str:
    """A line of the foot, broken where it is longer than the figure is wide."""
    if wide(line) == len(line):
        return fill(line, letters)
    told, room = "", float(letters)
    for piece in re.findall(r"[!-~]+ ?|.", line):  # between Chinese signs a line may break anywhere
        if wide(piece) > room and piece not in "。，；）":
            told, room = f"{told}\n", float(letters)
        told, room = told + piece, room - wide(piece)
    return told


def headline(title: str) -> tuple[str, str]:
    """A finding in one line, and what of it has no room there: what stands after the last semicolon that fits."""
    parts = " ".join(title.split()).split("; ")
    kept = max((count for count in range(1, len(parts)) if len("; ".join(parts[:count])) <= LONGEST_TITLE), default=1)
    if len("; ".join(parts)) <= LONGEST_TITLE:
        kept = len(parts)
    return "; ".join(parts[:kept]), "; ".join(parts[kept:])


def _write_foot(figure: Figure, text: str) -> None:
    figure.supxlabel(text, x=0.012, ha="left", fontsize=9.5, color="#444444")


def call_synthetic(figure: Figure, found: object) -> None:
    """Say at the foot of a chart that its market follows a made-up index, if it does; all charts are held to this."""
    if is_synthetic(found):
        foot, told = figure.get_supxlabel(), say(SYNTHETIC)
        _write_foot(figure, f"{foot}\n{told}" if foot else told)


def is_synthetic(found: object) -> bool:
    """Whether the market of a result, or one of several, follows a made-up index."""
    return any(one.get("synthetic_index") for one in _manifests(found))


def call_outside(figure: Figure, found: object) -> None:
    """Say at the foot of a chart that its run lies outside the tested box, if it does; all charts are held to this."""
    manifests = _manifests(found)
    outside = list(dict.fromkeys(line for one in manifests for line in one.get("outside_tested", [])))
    if outside:
        foot = figure.get_supxlabel()
        told = ", ".join(outside[:MOST_OUTSIDE]) + (
            f" and {len(outside) - MOST_OUTSIDE} more" if len(outside) > MOST_OUTSIDE else ""
        )
        line = fill(f"Outside the tested box, where targets were met: {told}.", round(12.7 * figure.get_figwidth()))
        _write_foot(figure, f"{foot}\n{line}" if foot else line)


def _manifests(found: object) -> list[dict[str, Any]]:
    """How a result came about, and how its parts did."""
    made = getattr(found, "manifest", {})
    return [made, *(part for part in made.values() if isinstance(part, dict))]


def save(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write PNG and SVG, laid out once: both show the same."""
    paths = [folder / f"{name}.png", folder / f"{name}.svg"]
    with rc_context({**STYLE, **fonts_for(figure)}):
        for path in paths:
            figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
            figure.set_layout_engine(None)
    return paths


def legend(axes: Axes, ncols: int) -> None:
    """Put the legend above the panel, where it covers no data whatever the run."""
    if axes.get_legend_handles_labels()[0]:  # nobody may have traded
        place: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.2}
        axes.legend(ncols=ncols, fontsize=10.5, frameon=False, **place)


def _changes(overrides: dict[str, Any]) -> str:
    return "".join(f", {key} = {value}" for key, value in overrides.items())


def provenance(found: Result, twin: bool = True) -> str:
    """Say what was simulated, and what is grey in a chart of a run that shows the `twin`."""
    made = found.manifest
    said = (
        f"Simulated: scenario {made['scenario']} ({made['digest'][:8]}){_changes(made['overrides'])}, "
        f"{made['paths']:,} paths, seed {made['seed']}, "
        f"crowdquake {made['versions']['crowdquake']}."
    )
    if not (twin and isinstance(found, RunResult) and has_liquidator(found)):
        return said
    nobody = "without the liquidator"
    if has_large_fund(found):
        nobody = "with nobody liquidating: no early seller, and the large fund holds its book"
    return f"{said} Grey: the same paths and noise {nobody}."


def cite(run: RunResult, source: str) -> str:
    """Spell the scenario's short names of sources out, also those that a source's own text uses."""
    known = run.scenario.sources
    names = "|".join(re.escape(name) for name in sorted(known, key=len, reverse=True))
    return re.sub(rf"\b(?:{names})\b", lambda found: known[found[0]], source) if known else source


def has_large_fund(run: RunResult) -> bool:
    """Whether the run is about a large fund on credit: a crisis of months, not of a week, with charts of its own."""
    return run.scenario.large_fund.book > 0


def has_liquidator(run: RunResult) -> bool:
    """Whether anybody has to liquidate, so that there is a twin to compare with."""
    return run.scenario.liquidator.size > 0 or has_large_fund(run)


def runs_shown(run: RunResult, label: str = "Simulated") -> list[tuple[str, str, str]]:
    """Name, colour and label of the runs that a chart shows, the twin first; it is left out where it is the same."""
    shown = [("twin", TWIN, run.scenario.twin_title), ("main", SIMULATED, label)]
    return shown if has_liquidator(run) else shown[1:]


def days_after(run: RunResult) -> int:
    """Days from the event on that a chart of bars shows: the whole window, up to what has room."""
    return min(max(DAYS_AFTER, run.scenario.clock.horizon), MOST_BARS)


def band(run: RunResult, column: str, name: str = "main", days_after: int = DAYS_AFTER) -> pd.DataFrame:
    """Quantiles of a daily column over the charted days, with the day's distance to the event."""
    bands = run.bands
    chosen = bands[(bands["run"] == name) & (bands["column"] == column)]
    event = run.scenario.clock.event_day
    chosen = chosen[chosen["day"].between(event - DAYS_BEFORE, event + days_after - 1)]
    return chosen.reset_index(drop=True)


def daily_quantiles(frame: pd.DataFrame, values: pd.Series[float], by: str = "day") -> pd.DataFrame:
    """Quantiles of a column over paths, day by day; columns named as in `bands`."""
    grouped = values.groupby(frame[by])
    return pd.DataFrame({f"q{round(100 * level):02d}": grouped.quantile(level) for level in QUANTILES}).reset_index()


def fan(axes: Axes, x: np.ndarray, table: pd.DataFrame, colour: str, label: str, outer: str = "10-90 %") -> None:
    """Draw a median with an inner (25-75 %) and an outer (10-90 %) band; the twin, which is grey, as lines alone.

    Lines and bands are told apart without colour.
    """
    if colour == TWIN:
        for level, name in (("q10", f"{label}, {outer}"), ("q90", None)):
            axes.plot(x, table[level], color=TWIN_LINE, lw=1.2, ls=":", label=name)
        axes.plot(x, table["q50"], color=TWIN_LINE, lw=2.0, ls="--", label=f"{label}, median", zorder=3)
        return
    axes.fill_between(x, table["q10"], table["q90"], color=colour, alpha=0.18, lw=0, label=f"{label}, {outer}")
    axes.fill_between(x, table["q25"], table["q75"], color=colour, alpha=0.35, lw=0, label=f"{label}, 25-75 %")
    axes.plot(x, table["q50"], color=colour, lw=2.4, label=f"{label}, median")


def date_axis(axes: Axes, dates: Sequence[pd.Timestamp]) -> None:
    """Label trading days, which are drawn at equal distances; of very many, some."""
    apart = 1 if len(dates) <= MOST_DATES else -(-len(dates) // 12)
    places = np.arange(len(dates))[::apart]
    shown = [dates[place] for place in places]
    months = [apart > 1 or place == 0 or day.day_of_week == 0 for place, day in zip(places, shown, strict=True)]
    labels = [
        f"{day:%a}\n{day.day} {day:%b}" if month else f"{day:%a}\n{day.day}"
        for day, month in zip(shown, months, strict=True)
    ]
    axes.set_xticks(places)
    axes.set_xticklabels(labels, fontsize=10.5)
    axes.tick_params(axis="x", length=0)
