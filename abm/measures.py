"""Measurements on prices that do not touch the market."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from abm.compile import wide_kernel
from abm.loops import growth
from abm.sections.index import DAYS_A_YEAR, VolatilityIndex
from cqkit.arrays import FloatArray, IntArray

INDEX_HORIZON = 21  # trading days that a volatility index looks ahead
ROUNDING = 1e-12  # of returns


def khandani_lo(yesterday: FloatArray, today: FloatArray) -> FloatArray:
    """Return of the contrarian portfolio, unlevered, shape (paths,); inputs are returns shaped (paths, stocks).

    Weights are -(R_i - mean R) of the day before over half their gross (Khandani and Lo 2007, eq. 1-3). NaN where all
    returns were alike, as of stocks that all stood at their limit: what is left of them then is rounding.
    """
    return khandani_lo_within(yesterday, today, np.array([0, yesterday.shape[1]]))[:, 0]


def khandani_lo_within(yesterday: FloatArray, today: FloatArray, ends: IntArray) -> FloatArray:
    """The same within groups of stocks that lie side by side, shape (paths, groups).

    Group k are the stocks from `ends[k]` to before `ends[k + 1]`, one at least.
    """
    earned = np.empty((len(yesterday), ends.size - 1))
    earn(np.ascontiguousarray(yesterday), np.ascontiguousarray(today), ends, earned)
    return earned


@wide_kernel
def earn(yesterday: FloatArray, today: FloatArray, ends: IntArray, earned: FloatArray) -> None:
    """Fill `earned` (paths, groups) with the contrarian portfolios' returns: compiled, other threads trade on."""
    for path in range(earned.shape[0]):
        for group in range(earned.shape[1]):
            first, last = ends[group], ends[group + 1]
            earned[path, group] = contrarian(yesterday[path, first:last], today[path, first:last])


@wide_kernel
def contrarian(before: FloatArray, now: FloatArray) -> float:
    """Return of one contrarian portfolio of stocks (n,), by their returns of the day before and of this one."""
    mean, gross, gained = 0.0, 0.0, 0.0
    for i in range(before.size):
        mean += before[i]
    mean /= before.size
    for i in range(before.size):
        weight = mean - before[i]
        gross += abs(weight)
        gained += weight * now[i]
    dispersed = 0.5 * gross > ROUNDING * before.size * abs(mean)
    return gained / (0.5 * gross) if dispersed else math.nan


@wide_kernel
def pressed(shares: FloatArray, price: FloatArray, displacement: FloatArray, worth: FloatArray) -> None:
    """Fill `worth` (paths,) with what impact has made of a unit of the first of books (paths, books, stocks).

    `price` and `displacement`, the part of its logarithm that is impact, are (paths, stocks).
    """
    for path in range(worth.size):
        held, stands, x, total = shares[path, 0], price[path], displacement[path], 0.0
        for i in range(held.size):
            total -= held[i] * stands[i] * growth(-x[i])
        worth[path] = total


def levered(returns: npt.ArrayLike, leverage: float) -> FloatArray:
    """Returns of a portfolio of which long and short positions together are `leverage` times the capital.

    Unlevered returns are those of 2:1, as of `khandani_lo`: leverage / 2 times them (Khandani and Lo 2007, section 3).
    """
    return np.asarray(leverage / 2 * np.asarray(returns, dtype=np.float64))


class VolatilityGauge:
    """GJR-GARCH variance of the index, shown as the mean volatility expected over the next 21 days.

    What the day's return and yesterday's variance leave of the weight (Glosten, Jagannathan and Runkle 1993) is the
    starting variance's: an index whose variance stays as it was keeps its level.
    """

    def __init__(self, settings: VolatilityIndex, paths: int) -> None:
        self.settings = settings
        self.start = (settings.start / 100) ** 2 / DAYS_A_YEAR
        self.variance = np.full(paths, self.start)

    def update(self, log_return: FloatArray) -> FloatArray:
        """Take in a day's log returns (paths,); return the index in annualised % (paths,)."""
        rule, memory = self.settings, self.settings.memory
        weight = rule.reaction + rule.asymmetry * (log_return < 0)
        self.variance = (1 - memory) * self.start + weight * log_return**2 + rule.persistence * self.variance
        share = (1 - memory**INDEX_HORIZON) / (INDEX_HORIZON * (1 - memory))
        return 100 * np.sqrt(DAYS_A_YEAR * (self.start + (self.variance - self.start) * share))
