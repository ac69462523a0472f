"""No hedge: a yardstick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cqkit.arrays import FloatArray
from hedging.policies.base import HedgePolicy, HedgeView, register


@register
@dataclass(frozen=True)
class NoHedge(HedgePolicy):
    """Short nothing, ever."""

    name: ClassVar[str] = "none"

    def contracts(self, view: HedgeView) -> FloatArray:
        return np.zeros(len(view.start_price))
