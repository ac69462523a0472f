"""Where the points of a sweep lie: a grid, a Latin hypercube, the samples that Sobol indices need, one key at a time.

Sources: McKay, Beckman and Conover 1979 (Latin hypercube); Sobol 1967 (low-discrepancy points), Saltelli and others
2010, Variance based sensitivity analysis (the samples A, B and A with one column of B). Points are drawn by
`scipy.stats.qmc`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import scipy

from cqkit.arrays import FloatArray
from cqkit.errors import InputError, raise_faults
from scenarios.loading import parse_overrides

MOST_POINTS = 1_000_000

Values = tuple[Any, ...]
Point = tuple[str, Values]  # its sample ("" but for Sobol indices and one key at a time), and a value a key


@dataclass(frozen=True)
class Turned:
    """A key that a sweep turns: the values that it takes, or the limits between which it is drawn.

    With neither it is drawn from the scenario's tested domain; `steps` cuts limits into so many values for a grid.
    """

    key: str
    values: Values = ()
    limits: tuple[float, float] | None = None
    steps: int | None = None


@dataclass(frozen=True)
class Axis:
    """A key with all that a design may need of it: values for a grid, the limits, where the scenario stands."""

    key: str
    values: Values
    low: float = math.nan
    high: float = math.nan
    own: float | None = None


@dataclass(frozen=True)
class Design:
    """A way to place points.

    Attributes
    ----------
    title
        What it is called.
    place
        Gives the points for axes, as many of them as asked for (a grid takes none), and a seed.
    ranges
        Whether it draws between limits, so that bare values of a key do not do.
    """

    title: str
    place: Callable[[Sequence[Axis], int, int], list[Point]]
    ranges: bool


def parse_turned(texts: Iterable[str]) -> tuple[Turned, ...]:
    """Read `KEY`, `KEY=VALUE,VALUE`, `KEY=LOW:HIGH` or `KEY=LOW:HIGH:STEPS` of a command line."""
    found: dict[str, Turned] = {}
    for text in texts:
        key, equals, given = (part.strip() for part in text.partition("="))
        if not key or (equals and not given):
            raise InputError(f"--vary {text}: must be KEY, KEY=VALUE,VALUE or KEY=LOW:HIGH, as funds.crowding=0:1")
        if key in found:
            raise InputError(f"--vary {text}: {key} is given more than once: must be given once")
        found[key] = _turned(key, given) if equals else Turned(key)
    return tuple(found.values())


def _listed(given: str) -> list[str]:
    """The values between commas; commas in brackets or quotation marks belong to a value."""
    parts, depth, quoted = [""], 0, ""
    for mark in given:
        if mark in "\"'" and quoted in ("", mark):
            quoted = "" if quoted else mark
        depth += 0 if quoted else (mark in "[{(") - (mark in "]})")
        if mark == "," and depth <= 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += mark
    return [part.strip() for part in parts]


def _settled(value: Any) -> Any:
    """A value that can be looked up by: a list as a tuple."""
    return tuple(map(_settled, value)) if isinstance(value, list) else value


def _turned(key: str, given: str) -> Turned:
    listed = _listed(given)
    if len(listed) > 1 or ":" not in given:
        values = tuple(_settled(parse_overrides([f"{key}={part}"])[key]) for part in listed)
        if len(set(map(str, values))) < len(values) or len(values) < 2:
            raise InputError(f"--vary {key}={given}: must be two or more different values")
        return Turned(key, values)
    parts = given.split(":")
    try:
        low, high = float(parts[0]), float(parts[1])
        steps = int(parts[2]) if len(parts) == 3 else None
        if len(parts) > 3 or not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise ValueError
    except ValueError:
        raise InputError(f"--vary {key}={given}: must be LOW:HIGH or LOW:HIGH:STEPS, as 0:1:5") from None
    if steps is not None and not 2 <= steps <= 1000:
        raise InputError(f"--vary {key}={given}: steps = {steps}: must lie in 2..1000")
    return Turned(key, (), (low, high), steps)


def _grid(axes: Sequence[Axis], points: int, seed: int) -> list[Point]:  # noqa: ARG001
    most = math.prod(len(axis.values) for axis in axes)
    if most > MOST_POINTS:
        raise InputError(f"grid: has {most:,} points: must be {MOST_POINTS:,} at most")
    return [("", values) for values in product(*(axis.values for axis in axes))]


def _latin_hypercube(axes: Sequence[Axis], points: int, seed: int) -> list[Point]:
    drawn = scipy.stats.qmc.LatinHypercube(len(axes), rng=np.random.default_rng(seed)).random(points)
    return _scaled("", drawn, axes)


def _sobol(axes: Sequence[Axis], points: int, seed: int) -> list[Point]:
    """A, B, and for every key A with its column of B, as `scipy.stats.sobol_indices` takes them."""
    if points & (points - 1):
        raise InputError(f"points = {points}: must be a power of 2 for Sobol indices, as 64")
    keys = len(axes)
    both = scipy.stats.qmc.Sobol(2 * keys, rng=np.random.default_rng(seed)).random(points)
    first, second = both[:, :keys], both[:, keys:]
    found = [*_scaled("A", first, axes), *_scaled("B", second, axes)]
    for place, axis in enumerate(axes):
        mixed = first.copy()
        mixed[:, place] = second[:, place]
        found += _scaled(f"A with {axis.key} of B", mixed, axes)
    return found


def _one_at_a_time(axes: Sequence[Axis], points: int, seed: int) -> list[Point]:  # noqa: ARG001
    raise_faults(
        [
            f"--vary {axis.key}: the scenario does not set it: must stand somewhere to be turned from"
            for axis in axes
            if axis.own is None
        ]
    )
    own = tuple(axis.own for axis in axes)
    found: list[Point] = [("own", own)]
    for place, axis in enumerate(axes):
        for end, value in (("low", axis.low), ("high", axis.high)):
            found.append((f"{axis.key} {end}", (*own[:place], value, *own[place + 1 :])))
    return found


def _scaled(sample: str, drawn: FloatArray, axes: Sequence[Axis]) -> list[Point]:
    low, high = np.array([axis.low for axis in axes]), np.array([axis.high for axis in axes])
    return [(sample, tuple(map(float, row))) for row in low + drawn * (high - low)]


DESIGNS = {
    "grid": Design("every combination of values", _grid, ranges=False),
    "latin-hypercube": Design("a Latin hypercube", _latin_hypercube, ranges=True),
    "sobol": Design("samples for Sobol indices", _sobol, ranges=True),
    "one-at-a-time": Design("one key at a time from where the scenario stands", _one_at_a_time, ranges=True),
}
