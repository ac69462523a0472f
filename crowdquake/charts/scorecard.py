"""A scenario's targets: what was measured, how sure it is, and how it moves when impact does."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from crowdquake.charts import style
from crowdquake.charts.base import chart
from scenarios import RunResult, TargetResult


@chart(RunResult, "targets", when=lambda run: bool(run.targets), place=9)
def targets(run: RunResult) -> Figure:
    """Each target on a scale where its admissible range is 0..1."""
    figure, (axes,) = style.new_figure()
    shown = [target for target in run.targets if target.measured is not None and target.high > target.low]
    figure.set_size_inches(11, 2.6 + 0.36 * len(shown))
    axes.axvspan(0, 1, color="#DDEBF7", lw=0, label="Admissible range")
    for row, target in enumerate(shown):
        span = target.high - target.low

        def place(value: float, low: float = target.low, span: float = span) -> float:
            return float(np.clip((value - low) / span, -0.45, 1.45))

        colour = style.SIMULATED if target.met else style.FORCED
        if target.interval is not None:
            axes.plot([place(end) for end in target.interval], [row, row], color=colour, lw=5, alpha=0.5)
        axes.plot(place(target.measured or 0.0), row, "o", color=colour, ms=8)
        for moved in target.sensitivity.values():
            axes.plot(place(moved), row, "|", color="#000000", ms=11, mew=1.6)
        if target.history is not None:
            axes.plot(place(target.history), row, "D", color=style.HISTORY, mfc="white", ms=7)
        axes.annotate(_numbers(target), (1.02, row), xycoords=("axes fraction", "data"), va="center", fontsize=9.5)
    axes.annotate("simulated (history)", (1.02, 1), xycoords="axes fraction", va="bottom", fontsize=9.5)
    axes.set_yticks(range(len(shown)))
    axes.set_yticklabels([f"{_words(target.name)}  [{target.kind}]" for target in shown], fontsize=9.5)
    axes.invert_yaxis()
    axes.grid(visible=False)
    axes.set_xlim(-0.5, 1.5)
    axes.set_xticks([0, 1])
    axes.set_xticklabels(["lowest allowed", "highest allowed"])
    foot = [
        "Dot: measured (orange: missed; at the edge: further off); bar: 95 % sampling interval over paths; "
        + (f"ticks: {', '.join(_moves(run))}; " if _moves(run) else "")
        + "diamond: history. History is documented; held-out too, and no fit has looked at it; input was put in; "
        "design is our own requirement; context is shown only.",
        _left_out(run, len(shown)) + style.provenance(run, twin=False),
    ]
    return style.finish(figure, _finding(run), foot)


def _words(name: str) -> str:
    """A target's name in words: what it is of, and what of that."""
    what, _, rest = name.partition(".")
    return f"{what.replace('_', ' ')}{': ' * bool(rest)}{rest.replace('_', ' ')}"


def _numbers(target: TargetResult) -> str:
    told = "none" if target.measured is None else f"{target.measured:.3g}"
    return told if target.history is None else f"{told} ({target.history:g})"


def _finding(run: RunResult) -> str:
    met = sum(target.met for target in run.targets)
    found = f"{met} of {len(run.targets)} targets are met"
    for move in _moves(run):
        lost = [
            target.name
            for target in run.targets
            if target.met and not target.low <= target.sensitivity.get(move, target.low) <= target.high
        ]
        if lost:
            found += f"; {move} would miss {len(lost)}" + (f" ({lost[0]})" if len(lost) == 1 else "")
    return found


def _moves(run: RunResult) -> list[str]:
    """Sensitivities that were run."""
    made = {name for target in run.targets for name in target.sensitivity}
    return [variant.name for variant in run.scenario.sensitivity if variant.name in made]


def _left_out(run: RunResult, shown: int) -> str:
    missing = len(run.targets) - shown
    return f"Not drawn: {missing} that must hit one number, or could not be measured. " if missing else ""
