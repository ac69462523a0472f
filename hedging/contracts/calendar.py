"""Expiries of index futures, and when a hedge moves from one contract to the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from cqkit.arrays import IntArray
from cqkit.errors import InputError
from hedging.contracts.expiry import expiry_day
from hedging.contracts.specification import IF, FuturesContract
from hedging.series.weekdays import FRIDAY, nth_weekday

_QUARTERS = (3, 6, 9, 12)


@dataclass(frozen=True, eq=False)
class RollSchedule:
    """Which contract a hedge holds when.

    Attributes
    ----------
    dates : DatetimeIndex, length days + 1
        Trading days, that of the base close first.
    held : DatetimeIndex, length days + 1
        Expiry of the contract held from each close to the next; on the last day, of the one closed there.
    days : tuple of int
        Numbers of the days at whose close the hedge moves to the next contract, in 1..T-1: on day 0 it is
        opened, on day T closed, and neither is a roll.
    """

    dates: pd.DatetimeIndex
    held: pd.DatetimeIndex
    days: tuple[int, ...]

    @property
    def rolls(self) -> pd.DatetimeIndex:
        """Dates of the rolls."""
        return self.dates[list(self.days)]

    def frame(self) -> pd.DataFrame:
        """One row a roll: `date`, the expiry rolled `from`, and the one rolled `to`."""
        days = np.array(self.days, dtype=np.int64)
        return pd.DataFrame({"date": self.dates[days], "from": self.held[days - 1], "to": self.held[days]})


def third_friday(year: int, month: int) -> date:
    """Third Friday of a month."""
    return nth_weekday(year, month, 3, FRIDAY)


def expiries(contract: FuturesContract, trading_days: pd.DatetimeIndex, months: int = 3) -> pd.DatetimeIndex:
    """Expiries that a hedge passes through: of each month, or of each quarter month if no others are listed.

    Parameters
    ----------
    contract : FuturesContract
        Its `months_listed` and `expiry` count.
    trading_days : DatetimeIndex
        Days on which the exchange was open, in order.
    months : int
        How many months beyond the last of them to go on.

    Returns
    -------
    DatetimeIndex
        From the first expiry that is not before the first trading day.
    """
    first, last = trading_days[0], trading_days[-1]
    days = [
        pd.Timestamp(expiry_day(year, month, trading_days, contract.expiry))
        for year, month in traded_months(contract, first, last, months)
    ]
    return pd.DatetimeIndex([day for day in days if day >= first])


def traded_months(contract: FuturesContract, first: date, last: date, beyond: int = 0) -> list[tuple[int, int]]:
    """Years and months of the contracts that a hedge passes through, and so many months beyond the last day."""
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month + beyond)
    return [
        (number // 12, number % 12 + 1)
        for number in numbers
        if contract.months_listed > 0 or number % 12 + 1 in _QUARTERS
    ]


def listed_expiries(
    contract: FuturesContract, day: date, trading_days: pd.DatetimeIndex | None = None
) -> pd.DatetimeIndex:
    """Expiries listed on a day: the nearest months, then the quarter months after them.

    On an expiry day its contract still counts. `trading_days` serves to find holidays, as in `expiry_day`.
    """
    months: list[date] = []
    quarters: list[date] = []
    number = day.year * 12 + day.month - 1
    while len(months) < contract.months_listed or len(quarters) < contract.quarters_listed:
        expiry = expiry_day(number // 12, number % 12 + 1, trading_days, contract.expiry)
        if expiry >= day:
            if len(months) < contract.months_listed:
                months.append(expiry)
            elif number % 12 + 1 in _QUARTERS:
                quarters.append(expiry)
        number += 1
    return pd.DatetimeIndex([*months, *quarters])


def roll_schedule(
    trading_days: pd.DatetimeIndex, contract: FuturesContract = IF, *, days_before_expiry: int = 0
) -> RollSchedule:
    """Plan the rolls of a hedge that always holds the nearest contract.

    Parameters
    ----------
    trading_days : DatetimeIndex, length days + 1
        Days of the replay, that of the base close first. A weekday missing among them is a holiday; after
        the last of them every weekday is taken for a trading day.
    contract : FuturesContract
        Monthly or quarterly, with its rule for holidays.
    days_before_expiry : int
        Trading days before the expiry at whose close the hedge moves on, in 0..15; 0 is the expiry itself.

    Raises
    ------
    InputError
        When the days are fewer than two or do not rise, or `days_before_expiry` lies outside its range.
    """
    if len(trading_days) < 2 or not (trading_days.is_monotonic_increasing and trading_days.is_unique):
        raise InputError(f"trading days: {len(trading_days)} of them: must be at least 2, each later than the last")
    if not 0 <= days_before_expiry <= 15:
        raise InputError(f"days_before_expiry = {days_before_expiry}: must lie in 0..15 (trading days)")
    ends = expiries(contract, trading_days, months=6)
    position = held_contracts(trading_days, ends, days_before_expiry)
    rolled = tuple(np.flatnonzero(np.diff(position, prepend=position[0])).tolist())
    return RollSchedule(dates=trading_days, held=ends[position], days=rolled)


def held_contracts(trading_days: pd.DatetimeIndex, ends: pd.DatetimeIndex, days_before_expiry: int = 0) -> IntArray:
    """Number of the contract held from each close to the next, shape (days + 1,); on the last day, of the one closed.

    `ends` are the contracts' expiries, in order; a number beyond the last of them means that there is none left.
    """
    inside = ends[ends <= trading_days[-1]]
    # Days of the replay on which a contract is left; beyond the last day, weekdays are counted on.
    after = ends[len(inside) :].to_numpy().astype("datetime64[D]")
    one_day = np.timedelta64(1, "D")
    last = np.datetime64(trading_days[-1].date(), "D")
    beyond = len(trading_days) - 1 + np.busday_count(last + one_day, after + one_day)
    left = np.concatenate([trading_days.searchsorted(inside), beyond]) - days_before_expiry
    numbers = np.arange(len(trading_days))
    # A position opened or rolled at a close is in the first contract that is left later.
    position: IntArray = np.searchsorted(left, numbers, side="right")
    position[-1] = position[-2]
    return position
