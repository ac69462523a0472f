"""Where the chance of an event reaches a level as one value varies: a search on common random numbers.

Whether the event happens is looked at on the same paths at every value, so that the share of paths on which it does
hardly jumps about from value to value, and the search is a bisection. Its interval rests on nothing but that the
chance rises (or falls): at the value looked for, the number of paths with the event is binomial with the level as its
chance, whatever the response. So the value lies, but for 5 %, where that number is one that such a binomial is likely
to give. On paths that each have a threshold of their own this is the order-statistic interval of a quantile
(Thompson 1936, On confidence ranges for the median; Conover 1999, Practical Nonparametric Statistics, section 3.2).
It is exact, not asymptotic, and never too narrow; the ends of brackets of the search are added to it.

Sources: the above; Glasserman 2003, Monte Carlo Methods in Financial Engineering, section 7.1 (common random numbers);
Barlow, Bartholomew, Bremner and Brunk 1972 (isotonic regression, for the estimate between two values that were tried).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import combinations, pairwise
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import scipy

from cqkit.arrays import BoolArray, FloatArray
from cqkit.statistics import CONFIDENCE, rises_by_chance

Hits: TypeAlias = Mapping[float, BoolArray]  # by value, whether the event happens, (paths,): the same paths throughout
Outcome = Literal["found", "never", "always", "not monotone"]

HALVINGS = 4  # of the distance of two values tried first
FINE = 0.1  # of the interval's width: a bracket that is no wider adds nothing
BY_CHANCE = 0.01  # of a monotone response being called another, however many values are tried
DRAWS = 8192


class Crossing(NamedTuple):
    """Where a chance reaches a level.

    Attributes
    ----------
    outcome
        found; never: below the level at every value tried; always: at or above it at every value; not monotone: it both
        rises and falls by more than chance.
    value
        NaN unless found.
    low, high
        The interval; infinite where it goes on beyond what was tried, NaN if the response is not monotone.
    rises
        Whether the chance rises with the value.
    """

    outcome: Outcome
    value: float
    low: float
    high: float
    rises: bool


class _Curve(NamedTuple):
    """Values so turned that the chance rises along them, and the number of paths with the event."""

    values: FloatArray
    counts: FloatArray  # as seen
    smooth: FloatArray  # the nearest that never falls
    rises: bool

    def bracket(self, holds: BoolArray, *, for_good: bool = False) -> tuple[float, float]:
        """Values tried between which a condition begins to hold, for the first time or for good."""
        place = int(np.argmax(holds)) if holds.any() else len(holds)
        if for_good:
            place = len(holds) - (len(holds) if holds.all() else int(np.argmin(holds[::-1])))
        padded = [-math.inf, *self.values.tolist(), math.inf]
        return padded[place], padded[place + 1]


@cache
def order_numbers(paths: int, level: float, confidence: float = CONFIDENCE) -> tuple[int, int, int]:
    """Numbers of paths with the event that bound the interval, and that of the estimate between them.

    The chance that a binomial of the level is below the first, or not below the last, is at most half of what the
    confidence leaves, each.
    """
    tail = (1 - confidence) / 2
    first, last = (int(scipy.stats.binom.ppf(chance, paths, level)) for chance in (tail, 1 - tail))
    return first, math.ceil(level * paths - 1e-9), last + 1


def fewest_paths(level: float, confidence: float = CONFIDENCE) -> int:
    """The fewest paths on which an interval at that level has two ends."""
    return math.ceil(math.log((1 - confidence) / 2) / math.log(max(level, 1 - level)))


def crossing(hits: Hits, level: float) -> Crossing:
    """Say where the chance of the event reaches a level.

    Parameters
    ----------
    hits
        Of two values or more.
    level
        Strictly between 0 and 1.
    """
    curve = _curve(hits)
    if not is_monotone(hits):
        return Crossing("not monotone", math.nan, math.nan, math.nan, curve.rises)
    first, middle, last = _brackets(curve, hits, level)
    low, high = first[0], last[1]
    value = _between(curve, middle, level * _paths(hits))
    outcome: Outcome = "never" if math.isinf(middle[1]) else "always" if math.isinf(middle[0]) else "found"
    if not curve.rises:
        low, high, value = -high, -low, -value
    return Crossing(outcome, value, low, high, curve.rises)


def next_values(hits: Hits, level: float, first: Sequence[float], halvings: int = HALVINGS) -> list[float]:
    """Values to try next; none once the answer is as fine as it is to be.

    Parameters
    ----------
    hits
        Of all values of `first`, and of all that were asked for since.
    first
        The values tried first, rising: the search goes from their first to their last.
    halvings
        How often the distance between two of them is halved at most.
    """
    if not is_monotone(hits):
        return []
    curve = _curve(hits)
    ends = _brackets(curve, hits, level)
    width = ends[2][1] - ends[0][0]
    cells = np.sort(first if curve.rises else -np.asarray(first))
    asked = set()
    for low, high in ends:
        if math.isinf(low) or math.isinf(high):
            continue
        cell = int(np.searchsorted(cells, low, side="right"))
        coarse = high - low > 1.001 * (cells[cell] - cells[cell - 1]) / 2**halvings
        if coarse and (math.isinf(width) or high - low > FINE * width):
            asked.add((low + high) / 2)
    return sorted(value if curve.rises else -value for value in asked)


def is_monotone(hits: Hits) -> bool:
    """Whether the chance goes one way only, as far as chance can tell: every two values are compared, path by path."""
    values = sorted(hits) if _rises(hits) else sorted(hits, reverse=True)
    falls = np.array([hits[less].astype(float) - hits[more] for less, more in combinations(values, 2)])
    moved = np.abs(falls).sum(axis=1)
    alone = scipy.stats.binom.sf((moved + falls.sum(axis=1)) / 2 - 1, moved, 0.5)
    if alone.min() >= BY_CHANCE:  # a chance that is held against all others' too is larger still
        return True
    return bool(rises_by_chance(falls, draws=DRAWS).min() >= BY_CHANCE)


def stretches(values: Sequence[float], reached: Sequence[bool]) -> list[tuple[float, float]]:
    """From where to where, among values that rise, something holds without a break."""
    edges = [0, *(place for place in range(1, len(values)) if reached[place] != reached[place - 1]), len(values)]
    return [(values[start], values[end - 1]) for start, end in pairwise(edges) if reached[start]]


def _paths(hits: Hits) -> int:
    return next(iter(hits.values())).size


def _rises(hits: Hits) -> bool:
    return bool(hits[max(hits)].sum() >= hits[min(hits)].sum())


def _curve(hits: Hits) -> _Curve:
    rises = _rises(hits)
    values = np.array(sorted(hits) if rises else sorted(hits, reverse=True))
    counts = np.array([hits[value].sum() for value in values], dtype=np.float64)
    smooth = np.asarray(scipy.optimize.isotonic_regression(counts).x)
    return _Curve(values if rises else -values, counts, smooth, rises)


def _brackets(curve: _Curve, hits: Hits, level: float) -> tuple[tuple[float, float], ...]:
    """Between which values tried each of the three numbers is reached: low end, estimate, high end."""
    first, middle, last = order_numbers(_paths(hits), level)
    return (
        curve.bracket(curve.counts >= first),
        curve.bracket(curve.smooth >= middle - 1e-9),
        curve.bracket(curve.counts >= last, for_good=True),
    )


def _between(curve: _Curve, bracket: tuple[float, float], wanted: float) -> float:
    """On a line between the two values of the bracket; NaN if it is not inside what was tried."""
    low, high = bracket
    if math.isinf(low) or math.isinf(high):
        return math.nan
    return float(np.interp(wanted, curve.smooth[np.isin(curve.values, bracket)], bracket))
