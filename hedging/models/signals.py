"""What indicators and volatilities share: a number or a state at every close, from what is known by then."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from cqkit.errors import InputError
from cqkit.plugins import Plugin
from hedging.series.prices import Prices

Value = TypeVar("Value", bound=np.generic)


@dataclass(frozen=True)
class Signal(Plugin, ABC, Generic[Value]):
    """A causal function of prices.

    A subclass says in `step` how the signal moves on by one close; state that it needs for the next step goes
    into `memory`, so that no day costs more than the one before, and one step serves all paths at once.
    """

    @abstractmethod
    def step(self, prices: Prices, memory: dict[str, Any]) -> npt.NDArray[Value]:
        """The signal at the last close of `prices`, shape (paths,).

        Parameters
        ----------
        prices : Prices, shape (paths, t + 1)
            All that is known. `step` is called for t = 0, 1, 2, ... without gaps, from the first price of the
            history on.
        memory : dict
            The signal's own, empty at t = 0.
        """

    def latest(self, prices: Prices, memory: dict[str, Any]) -> npt.NDArray[Value]:
        """The signal at the last close of `prices`, shape (paths,), stepping over closes not seen before.

        Parameters
        ----------
        prices : Prices, shape (paths, n)
            All that is known; never fewer closes than at the last call with this memory.
        memory : dict
            Empty at the first call, kept by the caller from call to call.

        Raises
        ------
        InputError
            When there is nothing new to step over.
        """
        state = memory.setdefault("state", {})
        seen = memory.get("seen", 0)
        if prices.days <= seen:
            raise InputError(f"{self.kind} {self.name}: {prices.days} closes: must be more than the {seen} seen before")
        for days in range(seen + 1, prices.days + 1):
            value = self.step(prices.upto(days), state)
        memory["seen"] = prices.days
        return value

    def path(self, prices: Prices) -> npt.NDArray[Value]:
        """The signal at every close, shape (paths, n)."""
        memory: dict[str, Any] = {}
        return np.stack([self.latest(prices.upto(days), memory) for days in range(1, prices.days + 1)]).T
