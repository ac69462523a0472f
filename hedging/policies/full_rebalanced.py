"""The full hedge of the day's stock value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cqkit.arrays import FloatArray
from hedging.policies.base import HedgePolicy, HedgeView, register


@register
@dataclass(frozen=True)
class FullRebalancedHedge(HedgePolicy):
    """Short the day's stock value at every close, as a fund does that keeps its beta at zero."""

    name: ClassVar[str] = "full-rebalanced"

    def contracts(self, view: HedgeView) -> FloatArray:
        return view.stock_contracts
