"""Statistics of ensembles, once: shares with Wilson's interval, bootstraps over whole paths, paired differences.

Sources: Wilson 1927, Probable inference; Efron 1979, Bootstrap methods (percentile interval); Student 1908; Holm
1979, A simple sequentially rejective multiple test procedure; Westfall and Young 1993, Resampling-Based Multiple
Testing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy

from cqkit.arrays import FloatArray, IntArray

RESAMPLES = 400
CONFIDENCE = 0.95


class Interval(NamedTuple):
    """An estimate and its interval; NaN at the ends where there is none."""

    value: float
    low: float
    high: float


def wilson(successes: int, trials: int, confidence: float = CONFIDENCE) -> Interval:
    """Share of successes and its Wilson interval."""
    share = successes / trials
    low, high = wilson_interval(share, trials, confidence)
    return Interval(share, float(low), float(high))


def wilson_interval(
    share: npt.ArrayLike, count: float, confidence: float = CONFIDENCE
) -> tuple[FloatArray, FloatArray]:
    """Interval of a probability of which `share` was seen in `count` draws, which need be no whole number."""
    seen = np.asarray(share, dtype=np.float64)
    z = standard_errors(confidence)
    whole = 2 * (count + z**2)
    middle = (2 * count * seen + z**2) / whole
    half = z / whole * np.sqrt(4 * count * seen * (1 - seen) + z**2)
    return np.where(seen <= 0, 0.0, middle - half), np.where(seen >= 1, 1.0, middle + half)


def standard_errors(confidence: float = CONFIDENCE) -> float:
    """How many of them, of a normal mean, an interval reaches to either side: 1.96 at 95 %."""
    return float(scipy.special.ndtri(0.5 + 0.5 * confidence))


def resampled(paths: int, seed: int = 0, resamples: int = RESAMPLES) -> Iterator[IntArray]:
    """Numbers of paths drawn with replacement, shape (paths,), again and again: whole paths are resampled."""
    generator = np.random.default_rng(seed)
    for _ in range(resamples):
        yield generator.integers(paths, size=paths)


def bootstrap(
    statistic: Callable[[IntArray], float | None],
    paths: int,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
    confidence: float = CONFIDENCE,
    least: int = 1,
) -> tuple[float, float]:
    """Percentile interval of a statistic of paths.

    Parameters
    ----------
    statistic
        Given the numbers of the paths drawn, shape (paths,); None or NaN where there is none.
    paths
        How many there are.
    least
        Resamples that must have given a number; with fewer both ends are NaN.
    """
    drawn = [statistic(chosen) for chosen in resampled(paths, seed, resamples)]
    known = [value for value in drawn if value is not None and not np.isnan(value)]
    if len(known) < least:
        return float("nan"), float("nan")
    tail = 50 * (1 - confidence)
    low, high = np.percentile(known, [tail, 100 - tail])
    return float(low), float(high)


class Ordered:
    """Values of paths, put in order once, so that quantiles of paths drawn from them need no order of their own."""

    def __init__(self, values: FloatArray) -> None:
        """Order `values` (paths, ...); those that are NaN count as unknown."""
        self._paths = len(values)
        each = values.size // self._paths
        known = np.flatnonzero(~np.isnan(values.reshape(-1)))
        order = known[np.argsort(values.reshape(-1)[known], kind="stable")]
        self._values, self._owners = values.reshape(-1)[order], order // each

    def quantile(self, chosen: IntArray, level: float) -> float:
        """That of all values of the paths drawn (their numbers, (draws,)): what `numpy.nanquantile` gives; NaN of none.

        The median is the mean of the two in the middle, as `numpy.nanmedian` has it.
        """
        upto = np.cumsum(np.bincount(chosen, minlength=self._paths)[self._owners])
        if not upto.size or upto[-1] == 0:
            return float("nan")
        place = (upto[-1] - 1) * level
        first = math.floor(place)
        low, high = self._values[np.searchsorted(upto, [first, math.ceil(place)], side="right")]
        if level == 0.5:
            return float(0.5 * (low + high))
        part = place - first
        return float(low + (high - low) * part if part < 0.5 else high - (high - low) * (1 - part))


def quantiles(values: FloatArray, levels: Sequence[float]) -> FloatArray:
    """Quantiles of each column of values (draws, columns) over those of its draws that are known; NaN where none is.

    Returns shape (levels, columns), the same numbers as `numpy.nanquantile`, which takes the columns one by one.
    """
    found = np.full((len(levels), values.shape[1]), np.nan)
    unknown = np.isnan(values)
    whole, partly = ~unknown.any(axis=0), unknown.any(axis=0) & ~unknown.all(axis=0)
    found[:, whole] = np.quantile(values[:, whole], levels, axis=0)
    if partly.any():
        found[:, partly] = np.nanquantile(values[:, partly], levels, axis=0)
    return found


def paired_medians(values: FloatArray, other: FloatArray, resamples: int = RESAMPLES) -> tuple[float, float]:
    """95 % interval of the difference of medians of two statistics of the same paths, shape (paths,) each."""
    own, others = Ordered(values), Ordered(other)
    return bootstrap(
        lambda chosen: own.quantile(chosen, 0.5) - others.quantile(chosen, 0.5), values.size, resamples=resamples
    )


def mean_interval(values: FloatArray, further_variance: float = 0.0, confidence: float = CONFIDENCE) -> Interval:
    """Mean over paths, shape (paths,), and its interval by Student's t; NaN at the ends on a single path.

    `further_variance` of the mean is added to that over paths.
    """
    mean = float(values.mean())
    if values.size < 2:
        return Interval(mean, float("nan"), float("nan"))
    variance = values.var(ddof=1) / values.size + further_variance
    half = float(scipy.special.stdtrit(values.size - 1, 0.5 + confidence / 2) * np.sqrt(variance))
    return Interval(mean, mean - half, mean + half)


def rises_by_chance(differences: FloatArray, smallest: float = 0.0, draws: int = 65_536) -> FloatArray:
    """Chance of each mean difference as far above 0, were none of them to rise; all hold together at any one level.

    The signs of whole paths are turned at random, in all ways if there are few paths, which leaves the differences as
    dependent as they are; each is held against the largest of all (Westfall and Young 1993, single step, max T).

    Parameters
    ----------
    differences
        Of many pairs of statistics on the same paths, shape (pairs, paths).
    smallest
        What does not differ by more is taken for equal.
    draws
        How many ways of turning signs; with n paths no chance is below 2^-n, nor below 1 / draws.
    """
    moved = np.where(np.abs(differences) > smallest, differences, 0.0)
    pairs, paths = moved.shape
    size = np.sqrt((moved**2).sum(axis=1, keepdims=True))
    scaled = np.divide(moved, size, out=np.zeros_like(moved), where=size > 0)  # its sum is one to one with Student's t
    turned = _turned_signs(paths, draws)
    largest = np.concatenate([(scaled @ (1.0 - 2.0 * part.T)).max(axis=0, initial=0.0) for part in turned])
    found = scaled.sum(axis=1)
    above = largest.size - np.searchsorted(np.sort(largest), found - 1e-12)
    return np.where(found > 0, above / largest.size, 1.0) if pairs else np.zeros(0)


def _turned_signs(paths: int, draws: int, most: int = 1024) -> Iterator[IntArray]:
    """Which paths' signs are turned, 1 or 0, shape (up to `most`, paths) at a time; the first leave all as found."""
    every = paths < 63 and 2**paths <= draws
    count, generator = 2**paths if every else draws, np.random.default_rng(0)
    for first in range(0, count, most):
        last = min(first + most, count)
        if every:
            yield np.arange(first, last)[:, None] >> np.arange(paths) & 1
            continue
        turned = generator.integers(0, 2, size=(last - first, paths))
        if first == 0:
            turned[0] = 0
        yield turned


def holm(chances: Sequence[float]) -> FloatArray:
    """Chances of many tests, adjusted so that those below a level hold together at that level (Holm 1979)."""
    found = np.asarray(chances, dtype=np.float64)
    order = np.argsort(found, kind="stable")
    raised = np.maximum.accumulate(found[order] * (found.size - np.arange(found.size)))
    adjusted = np.empty_like(found)
    adjusted[order] = np.minimum(raised, 1.0)
    return adjusted
