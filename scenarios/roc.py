"""How well a figure warns: detection against false alarms, with intervals over whole markets."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy

from cqkit.arrays import BoolArray, FloatArray, IntArray

DAYS_A_YEAR = 250
RESAMPLES = 200


class Warnings(NamedTuple):
    """What was seen and what came, arrays of one shape (markets, paths, days).

    Attributes
    ----------
    score
        Higher is more dangerous; NaN where it is not known.
    came
        Whether what is warned of came within the horizon.
    asked
        Whether the day counts: nothing of it has come yet, and the horizon is within the run.
    """

    score: FloatArray
    came: BoolArray
    asked: BoolArray

    def split(self, markets: IntArray | None = None, paths: IntArray | None = None) -> tuple[FloatArray, FloatArray]:
        """Scores of days before it came, and of others, on all or on chosen markets and paths."""
        arrays = (self.score, self.came, self.asked & np.isfinite(self.score))
        if markets is not None and paths is not None:
            arrays = tuple(array[np.ix_(markets, paths)] for array in arrays)  # type: ignore[assignment]
        score, came, asked = arrays
        return score[asked & came], score[asked & ~came]


def area(before: FloatArray, other: FloatArray) -> float:
    """Chance that a day before it came has the higher score (Hanley and McNeil 1982); NaN without either kind."""
    if not (before.size and other.size):
        return float("nan")
    ranks = scipy.stats.rankdata(np.concatenate([before, other]))[: before.size]
    return float((ranks.sum() - before.size * (before.size + 1) / 2) / (before.size * other.size))


def detection(before: FloatArray, other: FloatArray, alarms: FloatArray) -> FloatArray:
    """Share of days before it came that are warned of, by the share of other days that are, shape of `alarms`."""
    if not (before.size and other.size):
        return np.full_like(alarms, np.nan)
    threshold = np.quantile(other, 1 - alarms)
    found: FloatArray = (before[:, None] > threshold).mean(axis=0)
    return np.where(alarms >= 1, 1.0, found)


def false_alarms(before: FloatArray, other: FloatArray, detected: float = 0.8) -> float:
    """Days a year with a false alarm, where a share `detected` of the days before it came are warned of."""
    if not (before.size and other.size):
        return float("nan")
    return float(DAYS_A_YEAR * (other >= np.quantile(before, 1 - detected)).mean())


def interval(
    warnings: Warnings, statistic: Callable[[FloatArray, FloatArray], FloatArray | float], seed: int = 0
) -> tuple[FloatArray, FloatArray]:
    """95 % percentile interval of a statistic of both kinds of days; whole markets and whole paths are resampled.

    Paths share their noise across markets, so both are drawn with replacement.
    """
    random, (markets, paths) = np.random.default_rng(seed), warnings.score.shape[:2]
    drawn = [
        statistic(*warnings.split(*(random.integers(count, size=(count,)) for count in (markets, paths))))
        for _ in range(RESAMPLES)
    ]
    known = np.array([value for value in drawn if not np.isnan(value).any()])
    if not known.size:
        return np.asarray(np.nan), np.asarray(np.nan)
    low, high = np.percentile(known, [2.5, 97.5], axis=0)
    return low, high
