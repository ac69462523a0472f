"""Verdicts on the points of a box: what failed where, and how surely (scenarios/soundness.py says what is asked)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from cqkit.arrays import FloatArray
from cqkit.plain import percent
from cqkit.statistics import holm, rises_by_chance
from scenarios.domain import Axis
from scenarios.grid import Point
from scenarios.soundness import (
    BOOKED,
    EQUAL,
    LEDGER,
    LEVEL,
    REQUIREMENTS,
    UNCAUSED,
    Seen,
    is_finite,
    runs_away,
    uncaused,
)
from scenarios.twins import has_seller

Reading: TypeAlias = Seen | str  # of a market that has left its range: how


@dataclass
class Judged:
    """A point, what was seen of it, of its twin and of the market in which nothing happens, and what failed there."""

    point: Point
    own: Reading
    twin: Reading
    quiet: Reading
    failed: dict[str, str] = field(default_factory=dict)  # why, by requirement

    @property
    def pair(self) -> tuple[Seen, Seen] | None:
        """What was seen of it and of its twin; None if one of them is not finite."""
        if isinstance(self.own, str) or isinstance(self.twin, str):
            return None
        return (self.own, self.twin) if is_finite(self.own) and is_finite(self.twin) else None


class Step(NamedTuple):
    """Two points on a line, from less to more of what hurts."""

    less: Judged
    more: Judged
    axis: Axis
    figure: str  # trough or final

    @property
    def change(self) -> tuple[Seen, Seen] | None:
        """What was seen of both; None if one is not finite."""
        if self.less.pair is None or self.more.pair is None:
            return None
        return self.less.pair[0], self.more.pair[0]


def judge(points: Sequence[Judged]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Judge all points of a box; return tables of points, of steps and of verdicts."""
    counts = dict.fromkeys(REQUIREMENTS, 0)
    for one in points:
        _judge_alone(one)
    judged = [one for one in points if one.pair is not None]
    counts |= {"finite": len(points), "booked": len(judged), "ledger": len(judged)}
    counts["runaway"] = sum(has_seller(one.point.settings) for one in judged)
    counts["no_gain"] = _judge_gains(judged)
    counts["cause"], overall = _judge_causes(points)
    steps = _judge_steps(points)
    counts["monotone"] = len(steps)
    table = pd.DataFrame([_row(one) for one in points])
    return table, steps, _verdicts(points, counts, steps, overall)


def _judge_alone(one: Judged) -> None:
    """What a point shows by itself and beside its twin."""
    for reading in (one.own, one.twin, one.quiet):
        if isinstance(reading, str):
            one.failed["finite"] = reading
        elif not is_finite(reading):
            one.failed["finite"] = "a figure is no number"
    if one.pair is None:
        return
    own, twin = one.pair
    above = runs_away(own, twin)
    if above > 0:
        one.failed["runaway"] = f"the crowded book stands {percent(above, 1)} above its twin's while a sale goes on"
    owed = max(float(own.unbooked.max()), float(twin.unbooked.max()))
    if owed > BOOKED:
        one.failed["booked"] = f"{percent(owed, 2)} of the crowd's equity at the start is owed to nobody"
    off = max(float(own.residual.max()), float(twin.residual.max()))
    if not off <= LEDGER:
        one.failed["ledger"] = f"a bar's ledger is {off:.2g} away from closing"


def _judge_gains(judged: Sequence[Judged]) -> int:
    """Where crowding and a seller meet, the crowd's profit less its twin's is not above 0."""
    asked: dict[Any, list[Judged]] = defaultdict(list)
    for one in judged:
        settings = one.point.settings
        if has_seller(settings) and settings.funds.crowding > 0 and settings.funds.capital > 0:
            asked[settings].append(one)
    pairs = [ones[0].pair for ones in asked.values()]
    chances = _chances([pair[0].final - pair[1].final for pair in pairs if pair is not None])
    for ones, chance in zip(asked.values(), chances, strict=True):
        for one in ones if chance < LEVEL else ():
            gain, _ = _less_twin(one)
            one.failed["no_gain"] = f"the crowd ends {percent(gain, 2)} of its equity above its twin"
    return len(asked)


def _judge_causes(points: Sequence[Judged]) -> tuple[int, float]:
    """Without seller and dated news nobody is forced; return the number of markets, and the share of their paths."""
    quiet: dict[int, list[Judged]] = defaultdict(list)
    for one in points:
        if not isinstance(one.quiet, str):
            quiet[id(one.quiet)].append(one)
    seen = [ones[0].quiet for ones in quiet.values()]
    shares = [float((one.forced > 0).mean()) for one in seen if not isinstance(one, str)]
    chances = holm([uncaused(one) for one in seen if not isinstance(one, str)])
    for ones, chance, share in zip(quiet.values(), chances, shares, strict=True):
        for one in ones if chance < LEVEL else ():
            one.failed["cause"] = f"{percent(share, 0)} of paths have a forced sale though nothing has happened"
    return len(shares), float(np.mean(shares)) if shares else 0.0


def _judge_steps(points: Sequence[Judged]) -> pd.DataFrame:
    """Along what hurts neither trough nor final loss shrinks, from any value to any further one; judged together."""
    steps: dict[Any, Step] = {}
    for step in _steps(points):
        key = (step.less.point.settings, step.more.point.settings, step.figure)
        if step.change is not None:
            steps.setdefault(key, step)
    rows, changes = [], []
    for step in steps.values():
        less, more = step.change or (None, None)
        if less is None or more is None:
            continue
        changes.append(getattr(more, step.figure) - getattr(less, step.figure))
        rows.append({**_told(step), "change": float(np.median(changes[-1]))})
    for step, row, chance in zip(steps.values(), rows, _chances(changes), strict=True):
        row |= {"chance": float(chance), "shrinks": bool(chance < LEVEL)}
        if row["shrinks"]:
            loss = "trough" if step.figure == "trough" else "final loss"
            step.more.failed["monotone"] = (
                f"the {loss} is {percent(row['change'], 2)} smaller than at {step.axis.key} = {row['from']:g}"
            )
    names = ("law", "bars", "line", "key", "from", "to", "other", "figure", "change", "chance", "shrinks")
    return pd.DataFrame(rows, columns=list(names))


def _steps(points: Sequence[Judged]) -> Iterator[Step]:
    """Every two points along an axis that hurts or helps, all else being equal, from less to more harm."""
    lines: dict[Any, list[Judged]] = defaultdict(list)
    for one in points:
        for place, axis in enumerate(one.point.axes):
            rest = tuple(value for other, value in enumerate(one.point.values) if other != place)
            if axis.role != "shown" and not one.point.corner:
                lines[one.point.law, one.point.line, place, rest].append(one)
    for (_, _, place, _), line in lines.items():
        axis = line[0].point.axes[place]
        ordered = line if axis.role == "hurts" else line[::-1]
        for less, more in combinations(ordered, 2):
            yield from (Step(less, more, axis, figure) for figure in ("trough", "final"))


def _chances(changes: Sequence[FloatArray]) -> FloatArray:
    """Chances that profits rise as they do on all paths, were none of them to; (paths,) each, all judged together."""
    return rises_by_chance(np.array(changes), EQUAL) if changes else np.zeros(0)


def _told(step: Step) -> dict[str, Any]:
    less, more = step.less.point, step.more.point
    place = less.axes.index(step.axis)
    others = [value for other, value in enumerate(less.values) if other != place]
    return {
        "law": less.law,
        "bars": less.bars,
        "line": less.line,
        "key": step.axis.key,
        "from": less.values[place],
        "to": more.values[place],
        "other": others[0] if others else float("nan"),
        "figure": step.figure,
    }


def _row(one: Judged) -> dict[str, Any]:
    point = one.point
    x, y = (*point.values, float("nan"))[:2]
    row: dict[str, Any] = {"law": point.law, "bars": point.bars, "corner": point.corner, "line": point.line}
    row |= {"x": x, "y": y, "where": point.told}
    names = ("trough", "trough_low", "trough_high", "final", "final_low", "final_high", "less_twin", "less_twin_error")
    figures = dict.fromkeys((*names, "forced", "lenders"), float("nan"))
    if one.pair is not None:
        own = one.pair[0]
        for name, values in (("trough", own.trough), ("final", own.final)):
            low, middle, high = np.percentile(values, [10, 50, 90])
            figures |= {f"{name}_low": float(low), name: float(middle), f"{name}_high": float(high)}
        figures["less_twin"], figures["less_twin_error"] = _less_twin(one)
        figures["forced"], figures["lenders"] = float(np.median(own.forced)), float(np.median(own.lenders))
    share = float("nan") if isinstance(one.quiet, str) else float((one.quiet.forced > 0).mean())
    why = "; ".join(one.failed[name] for name in REQUIREMENTS if name in one.failed)
    return {
        **row,
        **figures,
        "uncaused": share,
        "failed": " ".join(n for n in REQUIREMENTS if n in one.failed),
        "why": why,
    }


def _less_twin(one: Judged) -> tuple[float, float]:
    """Mean of the crowd's final profit less its twin's, and its standard error."""
    if one.pair is None:
        return float("nan"), float("nan")
    difference = one.pair[0].final - one.pair[1].final
    error = difference.std(ddof=1) / np.sqrt(difference.size) if difference.size > 1 else float("nan")
    return float(difference.mean()), float(error)


def _verdicts(points: Sequence[Judged], counts: dict[str, int], steps: pd.DataFrame, overall: float) -> pd.DataFrame:
    rows = []
    for name, told in REQUIREMENTS.items():
        failing = [one for one in points if name in one.failed]
        failed = int(steps["shrinks"].sum()) if name == "monotone" else len(failing)
        often = name == "cause" and overall > UNCAUSED
        first = f"{failing[0].point.told}: {failing[0].failed[name]}" if failing else ""
        if often and not first:
            first = f"{percent(overall, 1)} of all paths have a forced sale though nothing has happened"
        row = {"requirement": name, "told": told, "judged": counts[name], "failed": failed}
        rows.append({**row, "met": not failing and not often, "first": first})
    return pd.DataFrame(rows)
