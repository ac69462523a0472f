"""What trading and rolling futures costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from cqkit.errors import raise_faults


@dataclass(frozen=True)
class TradingCosts:
    """Costs of a futures position, none by default.

    Parameters
    ----------
    transaction : float
        Fees and half the quoted spread, as a share of the notional traded, in 0..0.1: of the change of the
        position at every trade, of the whole when it is opened and closed, and of twice what is kept at a roll.
    roll_days : sequence of int
        Days at whose close the position moves to the next contract, in 1..T-1, as `roll_schedule` gives them.
    roll_spread : float, or sequence of one per roll day
        What a short position pays at a roll, as a share of the notional kept: the near contract's price less
        the next one's. Positive where later contracts are cheaper (a discount to the index), and then a long
        position receives it.

    Notes
    -----
    With the index for the futures price, the roll spread stands for the basis that a hedge pays. A futures series
    that is spliced without adjustment jumps at its rolls, which is nobody's gain or loss: adjust it first.

    Raises
    ------
    InputError
        When a number lies outside its range, or roll days are unsorted or not as many as spreads.
    """

    transaction: float = 0.0
    roll_days: Sequence[int] = ()
    roll_spread: float | Sequence[float] = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "roll_days", tuple(np.asarray(self.roll_days).ravel().tolist()))
        if np.ndim(self.roll_spread):
            object.__setattr__(self, "roll_spread", tuple(np.asarray(self.roll_spread).ravel().tolist()))
        faults = []
        if not (isinstance(self.transaction, int | float) and 0 <= self.transaction <= 0.1):
            faults.append(f"transaction = {self.transaction}: must lie in 0..0.1 (a share of notional, not percent)")
        spreads = self.roll_spread if isinstance(self.roll_spread, tuple) else (self.roll_spread,)
        faults += [
            f"roll_spread = {spread}: must lie in -0.5..0.5 (a share of notional, not percent)"
            for spread in spreads
            if not (isinstance(spread, int | float) and -0.5 <= spread <= 0.5)
        ]
        days = self.roll_days
        faults += [
            f"roll_days: {day}: must be whole numbers from 1 on"
            for day in days
            if not (isinstance(day, int) and day >= 1)
        ]
        if not faults and any(later <= day for day, later in pairwise(days)):
            faults.append(f"roll_days: {', '.join(map(str, days[:10]))}: must rise")
        if isinstance(self.roll_spread, tuple) and len(spreads) != len(days):
            faults.append(f"roll_spread: {len(spreads)} of them: must be {len(days)}, one for each roll day")
        raise_faults(faults)

    def faults(self, days: int) -> list[str]:
        """Say which rolls do not fit into a replay of so many days, one line each."""
        return [
            f"roll_days: {day}: must lie in 1..{days - 1}: on day 0 the position is opened, on day {days} closed"
            for day in self.roll_days
            if day >= days
        ]

    def spread_on(self, day: int) -> float | None:
        """Roll spread of a day as a share of notional; None when there is no roll."""
        if day not in self.roll_days:
            return None
        if isinstance(self.roll_spread, Sequence):
            return float(self.roll_spread[self.roll_days.index(day)])
        return self.roll_spread
