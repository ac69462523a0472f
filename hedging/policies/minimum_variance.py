"""The minimum-variance hedge: a yardstick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from cqkit.arrays import FloatArray
from cqkit.plugins import out_of_range
from hedging.policies.base import HedgePolicy, HedgeView, register


@register
@dataclass(frozen=True)
class MinimumVarianceHedge(HedgePolicy):
    """Short the day's stock value times its beta (Ederington 1979, Journal of Finance 34, 157).

    Beta is the slope of an ordinary least-squares regression of the stock book's daily returns on the index's
    over the last `window` days of the hedge; the stock book has no history before day 0. While fewer than
    `least` returns are known, and where the index has not moved at all, beta is 1.
    """

    name: ClassVar[str] = "minimum-variance"

    window: int = 60
    least: int = 20

    def faults(self) -> list[str]:
        more = [] if self.least <= self.window else [f"least = {self.least}: must not exceed window = {self.window}"]
        return [*out_of_range(self, "least", 3), *more]

    def contracts(self, view: HedgeView) -> FloatArray:
        return self._beta(view, view.memory) * view.stock_contracts

    def _beta(self, view: HedgeView, memory: dict[str, Any]) -> FloatArray:
        """Move the sums on by a day; beta, shape (paths,)."""
        index, spot, day = view.index, view.spot, view.day
        one = np.ones(len(index))
        if not day:
            memory["returns"] = np.zeros((2, self.window, len(index)))
            memory["sums"] = np.zeros((4, len(index)))
            return one
        leaving = memory["returns"][:, (day - 1) % self.window]
        x, y = index[:, -1] / index[:, -2] - 1.0, spot[:, -1] / spot[:, -2] - 1.0
        memory["sums"] += _products(x, y) - _products(*leaving)
        leaving[0], leaving[1] = x, y
        count = min(day, self.window)
        if count < self.least:
            return one
        sum_x, sum_y, sum_xx, sum_xy = memory["sums"]
        variance = sum_xx - sum_x * sum_x / count
        covariance = sum_xy - sum_x * sum_y / count
        # Below a daily deviation of a millionth the sums hold nothing but rounding.
        return np.divide(covariance, variance, out=one, where=variance > 1e-12 * count)


def _products(x: FloatArray, y: FloatArray) -> FloatArray:
    return np.stack([x, y, x * x, x * y])
