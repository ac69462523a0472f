"""A channel between the moving averages of highs and lows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cqkit.arrays import BoolArray
from cqkit.plugins import out_of_range
from hedging.indicators.base import Indicator, ema, keep, register_indicator
from hedging.series.prices import Prices


@register_indicator("ema_channel")
@dataclass(frozen=True)
class EmaChannel(Indicator):
    """On when the close is below the moving average of lows, off when above that of highs, else as before."""

    n: int = 20

    def faults(self) -> list[str]:
        return out_of_range(self, "n", 1)

    def step(self, prices: Prices, memory: dict[str, Any]) -> BoolArray:
        close = prices.close[:, -1]
        top = ema(memory, "high", prices.high[:, -1], self.n)
        bottom = ema(memory, "low", prices.low[:, -1], self.n)
        return keep(memory, on=close < bottom, off=close > top)
