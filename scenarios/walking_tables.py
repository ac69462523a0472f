"""Tables of a walk: how far each number may go, what was tried of it, and pairs of the strongest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cqkit.arrays import FloatArray
from cqkit.statistics import rises_by_chance
from scenarios.misfit import misfit
from scenarios.schema import Scenario, Target
from scenarios.soundness import EQUAL, LEVEL
from scenarios.walking import Kind, Parameter, Point, Walked

Points = Mapping[Point, tuple[Walked | str, Mapping[Kind, str]]]  # what was read at each, and what breaks there
FIGURES = ("trough", "final")
PARAMETER_COLUMNS = (
    *("key", "own", "low", "high", "tested_low", "tested_high", "below", "above", "strength", "turns"),
    *("stored_low", "stored_high"),
)


class _Step(NamedTuple):
    """From one value of a number to the next one."""

    parameter: Parameter
    less: float
    more: float
    figure: str
    change: FloatArray  # of the crowd's profit, path by path


def parameter_rows(
    scenario: Scenario, points: Mapping[Parameter, Sequence[float]], walked: Points, targets: Sequence[Target]
) -> pd.DataFrame:
    """A row a number, the strongest first."""
    turns = _turns(points, walked)
    rows: list[dict[str, Any]] = []
    for one, values in points.items():
        stops = turns.get(one.key, {})
        low, below = _edge(one, [v for v in values if v < one.own][::-1], walked, stops)
        high, above = _edge(one, [v for v in values if v > one.own], walked, stops)
        stored = scenario.domain.tested.get(one.key, (np.nan, np.nan))
        row: dict[str, Any] = {
            "key": one.key,
            "own": one.own,
            "low": one.low,
            "high": one.high,
            "tested_low": low,
            "tested_high": high,
        }
        row |= {"below": below, "above": above, "strength": _strength(one, values, walked, targets)}
        row |= {"turns": "; ".join(stops.values()), "stored_low": stored[0], "stored_high": stored[1]}
        rows.append(row)
    rows.sort(key=lambda row: (-row["strength"], row["key"]))
    return pd.DataFrame(rows, columns=list(PARAMETER_COLUMNS))


def point_rows(points: Mapping[Parameter, Sequence[float]], walked: Points, targets: Sequence[Target]) -> pd.DataFrame:
    """A row a value tried."""
    rows = [
        {"key": one.key, "value": value, **_figures(walked[_place(one, value)], targets)}
        for one, values in points.items()
        for value in values
    ]
    names = ("key", "value", "trough", "final", "misfit", "broke", "why")
    return pd.DataFrame(rows, columns=list(names))


def corner_rows(corners: Iterable[tuple[str, Point]], walked: Points, targets: Sequence[Target]) -> pd.DataFrame:
    """A row a corner of a pair."""
    rows = []
    for corner_of, point in corners:
        (first, one), (second, other) = point
        row = {"corner_of": corner_of, "first": first, "second": second, "x": one, "y": other}
        rows.append({**row, **_figures(walked[point], targets)})
    names = ("corner_of", "first", "second", "x", "y", "trough", "final", "misfit", "broke", "why")
    return pd.DataFrame(rows, columns=list(names))


def _place(one: Parameter, value: float) -> Point:
    return () if value == one.own else ((one.key, value),)


def _figures(found: tuple[Walked | str, Mapping[Kind, str]], targets: Sequence[Target]) -> dict[str, Any]:
    own, broke = found
    figures = {"trough": np.nan, "final": np.nan, "misfit": np.nan}
    if isinstance(own, Walked):
        figures = {name: float(np.median(getattr(own.seen, name))) for name in FIGURES}
        figures["misfit"] = misfit(targets, own.values(targets))
    return {**figures, "broke": " ".join(broke), "why": "; ".join(broke.values())}


def _edge(one: Parameter, outward: Sequence[float], walked: Points, stops: Mapping[float, str]) -> tuple[float, str]:
    """The last value of one side, from the number's own outward, at which all holds, and what breaks at the next."""
    last = one.own
    for value in (one.own, *outward):
        _, broke = walked[_place(one, value)]
        if broke:
            return _rounded(last, one.own), f"at {value:.4g}: {'; '.join(broke.values())}"
        if value in stops and one.role != "shown":
            return _rounded(last, one.own), stops[value]
        last = value
    return _rounded(last, one.own), ""


def _rounded(value: float, own: float) -> float:
    return value if value == own else float(f"{value:.6g}")


def _strength(one: Parameter, values: Sequence[float], walked: Points, targets: Sequence[Target]) -> float:
    """How far it moves the misfit with history, or without history the crowd's median trough."""
    figure = "misfit" if targets else "trough"
    found = [_figures(walked[_place(one, value)], targets)[figure] for value in values]
    own = _figures(walked[()], targets)[figure]
    return float(np.nanmax(np.abs(np.array(found) - own), initial=0.0))


def _turns(points: Mapping[Parameter, Sequence[float]], walked: Points) -> dict[str, dict[float, str]]:
    """Where more of a number turns what the crowd loses, beyond chance, against its role or against itself."""
    steps = list(_steps(points, walked))
    if not steps:
        return {}
    changes = np.array([step.change for step in steps])
    both = rises_by_chance(np.concatenate([changes, -changes]), EQUAL) < LEVEL
    rises, falls = both[: len(steps)], both[len(steps) :]
    found: dict[str, dict[float, str]] = {}
    for one in points:
        for figure in FIGURES:
            places = [n for n, step in enumerate(steps) if step.parameter == one and step.figure == figure]
            known = {"hurts": -1, "helps": 1}.get(one.role, 0)  # the way that the crowd's profit goes
            for place in places:
                way = int(rises[place]) - int(falls[place])
                if way and known and way != known:
                    loss = "trough" if figure == "trough" else "final loss"
                    less, more = steps[place].less, steps[place].more
                    told = f"the {loss} gets {'smaller' if way > 0 else 'larger'} from {less:.4g} to {more:.4g}"
                    found.setdefault(one.key, {})[less if more <= one.own else more] = told
                known = known or way
    return found


def _steps(points: Mapping[Parameter, Sequence[float]], walked: Points) -> Iterable[_Step]:
    for one, values in points.items():
        for less, more in pairwise(values):
            before, after = walked[_place(one, less)][0], walked[_place(one, more)][0]
            if isinstance(before, str) or isinstance(after, str):
                continue
            for figure in FIGURES:
                change = getattr(after.seen, figure) - getattr(before.seen, figure)
                if np.isfinite(change).all():
                    yield _Step(one, less, more, figure, change)
