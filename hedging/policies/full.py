"""The full hedge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cqkit.arrays import FloatArray
from hedging.policies.base import HedgePolicy, HedgeView, register


@register
@dataclass(frozen=True)
class FullHedge(HedgePolicy):
    """Short the whole book's notional from the first day and keep it (2008 report, section 2)."""

    name: ClassVar[str] = "full"

    def contracts(self, view: HedgeView) -> FloatArray:
        """Contracts to be short over the next day, shape (paths,); `view` ends at today's close."""
        return view.start_contracts
