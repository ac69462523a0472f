"""Moving average convergence and divergence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cqkit.arrays import BoolArray
from cqkit.plugins import out_of_range
from hedging.indicators.base import Indicator, ema, keep, register_indicator
from hedging.series.prices import Prices


@register_indicator("macd")
@dataclass(frozen=True)
class Macd(Indicator):
    """On when the averages' difference, EMA(fast) - EMA(slow), is below its own average, off when above (Appel)."""

    fast: int = 12
    slow: int = 26
    signal: int = 9

    def faults(self) -> list[str]:
        longer = [] if self.fast < self.slow else [f"fast = {self.fast}: must be less than slow = {self.slow}"]
        return [*out_of_range(self, "fast", 1), *out_of_range(self, "signal", 1), *longer]

    def step(self, prices: Prices, memory: dict[str, Any]) -> BoolArray:
        close = prices.close[:, -1]
        gap = ema(memory, "fast", close, self.fast) - ema(memory, "slow", close, self.slow)
        line = ema(memory, "line", gap, self.signal)
        # Equal lines may differ in the last digit of the prices.
        hair = 1e-12 * np.abs(close)
        return keep(memory, on=gap < line - hair, off=gap > line + hair)
