"""Breakouts from the range of past days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cqkit.arrays import BoolArray
from cqkit.plugins import out_of_range
from hedging.indicators.base import Indicator, keep, register_indicator
from hedging.series.prices import Prices


@register_indicator("donchian")
@dataclass(frozen=True)
class Donchian(Indicator):
    """On when the close is below the lowest low of the `n` days before, off when above their highest high."""

    n: int = 20

    def faults(self) -> list[str]:
        return out_of_range(self, "n", 1)

    def step(self, prices: Prices, memory: dict[str, Any]) -> BoolArray:
        close, first = prices.close[:, -1], max(prices.days - 1 - self.n, 0)
        bottom = prices.low[:, first:-1].min(axis=1, initial=np.inf)
        top = prices.high[:, first:-1].max(axis=1, initial=-np.inf)
        # On the first day of all there is no range to break out of.
        known = prices.days > 1
        return keep(memory, on=known & (close < bottom), off=known & (close > top))
