"""Crossing of two moving averages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cqkit.arrays import BoolArray
from cqkit.plugins import out_of_range
from hedging.indicators.base import Indicator, keep, register_indicator
from hedging.series.prices import Prices


@register_indicator("ma_cross")
@dataclass(frozen=True)
class MaCross(Indicator):
    """On when the mean of the last `fast` closes is below that of the last `n`, off when above.

    Both are means of what there is while fewer closes are known.
    """

    fast: int = 5
    n: int = 20

    def faults(self) -> list[str]:
        longer = [] if self.fast < self.n else [f"fast = {self.fast}: must be less than n = {self.n}"]
        return [*out_of_range(self, "fast", 1), *longer]

    def step(self, prices: Prices, memory: dict[str, Any]) -> BoolArray:
        known, close = prices.days, prices.close
        means = []
        for length in (self.fast, self.n):
            total = memory.get(f"sum {length}", 0.0) + close[:, -1]
            total = total if known <= length else total - close[:, -length - 1]
            memory[f"sum {length}"] = total
            means.append(total / min(length, known))
        quick, slow = means
        # Equal means may differ in their last digit.
        hair = 1e-12 * np.abs(slow)
        return keep(memory, on=quick < slow - hair, off=quick > slow + hair)
