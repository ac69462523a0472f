"""The timing hedge: all or nothing, as an indicator says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from cqkit.arrays import FloatArray
from hedging.indicators import Indicator
from hedging.indicators.ema_both import EmaBoth
from hedging.policies.base import HedgePolicy, HedgeView, register
from hedging.series.prices import Prices


@register
@dataclass(frozen=True)
class TimingHedge(HedgePolicy):
    """Hedge in full while an indicator is on, not at all while it is off (2008 report, section 4).

    Parameters
    ----------
    indicator : Indicator
        Says on or off at every close. The default is a reconstruction of the report's, which is not at hand.
    size : {"fixed", "spot"}
        Contracts while on: those of day 0's stock value, or those of the stock value when it was switched on.
    """

    name: ClassVar[str] = "timing"
    waits_for_open: ClassVar[bool] = True

    indicator: Indicator = EmaBoth()  # noqa: RUF009  # it is frozen
    size: Literal["fixed", "spot"] = "fixed"

    def prepare(self, prices: Prices, first_day: int, memory: dict[str, Any]) -> None:
        memory["signal"] = self.indicator.path(prices)[:, first_day:]

    def contracts(self, view: HedgeView) -> FloatArray:
        memory = view.memory
        if "signal" in memory:
            on = memory["signal"][:, view.day]
        else:
            on = self.indicator.latest(view.prices, memory.setdefault("indicator", {}))
        if self.size == "fixed":
            size = view.start_contracts
        else:
            # While off, the size follows the stock; from the switch on it stays.
            was_on = memory.get("on", np.zeros_like(on))
            size = np.where(was_on, memory.get("size", 0.0), view.stock_contracts)
            memory["on"], memory["size"] = on, size
        return np.where(on, size, 0.0)
