"""A hedge policy: the hedge grows with the volatility of the index.

$ crowdquake hedge --plugin examples/volatility_policy.py --policy volatility:full_at=0.4 ...
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cqkit.arrays import FloatArray
from cqkit.plugins import out_of_range
from hedging import HedgePolicy, HedgeView, register

DAYS_A_YEAR = 252


@register
@dataclass(frozen=True)
class VolatilityHedge(HedgePolicy):
    """Short a share of the stock: the index's volatility over the last `days` days over `full_at`, at most 1."""

    name: ClassVar[str] = "volatility"
    days: int = 20
    full_at: float = 0.30

    def faults(self) -> list[str]:
        """Say which parameters are out of range."""
        yearly = out_of_range(self, "full_at", 0.01, 5, "a ratio a year, not percent")
        return [*out_of_range(self, "days", 2), *yearly]

    def contracts(self, view: HedgeView) -> FloatArray:
        """Contracts to be short over the next day, shape (paths,)."""
        returns = np.diff(np.log(view.prices.close[:, -self.days - 1 :]), axis=1)
        if returns.shape[1] < 2:  # too few closes to tell: hedge in full
            return view.stock_contracts
        volatility = returns.std(axis=1) * np.sqrt(DAYS_A_YEAR)
        return np.minimum(volatility / self.full_at, 1.0) * view.stock_contracts
