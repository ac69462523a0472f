"""The fear gauge, read against the crowd."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cqkit.arrays import BoolArray
from cqkit.errors import InputError
from cqkit.plugins import out_of_range
from hedging.indicators.base import Indicator, keep, register_indicator
from hedging.series.prices import Prices


@register_indicator("contrarian")
@dataclass(frozen=True)
class Contrarian(Indicator):
    """Off when fear is extremely high, which marks bottoms; on when it is extremely low; else as before.

    Today's gauge is extreme when it stands beyond all but a share `extreme` of its own values on the `n` days
    before (of those known while there are fewer, but at least `least`): above them to switch off, below them to
    switch on. A day without a gauge changes nothing.
    """

    n: int = 250
    extreme: float = 0.05
    least: int = 60

    def faults(self) -> list[str]:
        return [
            *out_of_range(self, "n", 2),
            *out_of_range(self, "extreme", 0, 0.5, "a share of the past values"),
            *out_of_range(self, "least", 1),
        ]

    def step(self, prices: Prices, memory: dict[str, Any]) -> BoolArray:
        if prices.gauge is None:
            raise InputError(f"indicator {self.name}: no volatility index: give one with the prices (gauge)")
        today = prices.gauge[:, -1:]
        past = prices.gauge[:, max(prices.days - 1 - self.n, 0) : -1]
        lower, higher = (past < today).sum(axis=1), (past > today).sum(axis=1)
        known = (past == past).sum(axis=1)  # noqa: PLR0124  # NaN is not itself
        enough, most = known >= min(self.least, self.n), (1.0 - self.extreme) * known
        return keep(memory, on=enough & (higher >= most), off=enough & (lower >= most))
