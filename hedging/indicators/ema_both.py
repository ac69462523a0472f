"""Both averages fall: a reconstruction of the 2008 report's indicator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cqkit.arrays import BoolArray
from cqkit.plugins import out_of_range
from hedging.indicators.base import Indicator, ema, keep, register_indicator
from hedging.series.prices import Prices


@register_indicator("ema_both")
@dataclass(frozen=True)
class EmaBoth(Indicator):
    """On when the moving averages of highs and lows both fall, off when both rise, else as before.

    A reconstruction: the report names its indicator LHEM and describes it in a document that is not at hand.
    """

    n: int = 20

    def faults(self) -> list[str]:
        return out_of_range(self, "n", 1)

    def step(self, prices: Prices, memory: dict[str, Any]) -> BoolArray:
        high, low = prices.high[:, -1], prices.low[:, -1]
        last_high, last_low = memory.get("high", high), memory.get("low", low)
        high, low = ema(memory, "high", high, self.n), ema(memory, "low", low, self.n)
        return keep(memory, on=(high < last_high) & (low < last_low), off=(high > last_high) & (low > last_low))
