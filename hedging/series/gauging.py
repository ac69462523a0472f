"""A volatility index on the index's dates: as old as it is, and no earlier than it was known."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd

from cqkit.arrays import FloatArray
from cqkit.errors import InputError
from cqkit.plain import first_few
from hedging.series.naming import file_of, listed
from hedging.series.weekdays import MONDAY, THURSDAY, nth_weekday

# Calendar days: the longest holidays are shorter.
OLDEST = 15

# Days on which exchanges of the United States are closed and hardly any other is, and since when.
_AMERICAN: tuple[tuple[int, Callable[[int], date]], ...] = (
    (1998, lambda year: nth_weekday(year, 1, 3, MONDAY)),
    (1971, lambda year: nth_weekday(year, 2, 3, MONDAY)),
    (1950, lambda year: nth_weekday(year, 9, 1, MONDAY)),
    (1950, lambda year: date(year, 7, 4)),
    (1950, lambda year: nth_weekday(year, 11, 4, THURSDAY)),
)
_AMERICAN_NAME = re.compile(r"(?<![a-z])(vix(cls)?|vxo(cls)?|vxn(cls)?|cboe)(?![a-z])")
_AS_KNOWN = re.compile(r"known|lag|shift|prev|as[-_ ]?of")


def gauge_on_dates(
    gauge: pd.Series[float], dates: pd.DatetimeIndex, first: int, last: int, lag: int
) -> tuple[FloatArray, list[str]]:
    """Take the volatility index on the index's dates, the last one known where it has none.

    Parameters
    ----------
    gauge : Series
        Values by date.
    dates : DatetimeIndex
        The index's, with those before the window.
    first, last : int
        The window's first and last position among them.
    lag : int
        Calendar days after its date on which a value is known.

    Raises
    ------
    InputError
        When a date of the window has no value, or none but one older than `OLDEST` days.
    """
    file, window = file_of(gauge, "gauge"), dates[first : last + 1]
    known = pd.DatetimeIndex(gauge.index) + pd.Timedelta(days=lag)
    position = known.searchsorted(dates, side="right") - 1
    values = np.array(gauge, dtype=np.float64)
    level = np.where(position >= 0, values[np.maximum(position, 0)], np.nan)
    if position[first] < 0:
        raise InputError(
            f"{file}: no value up to {window[0]:%Y-%m-%d}: must begin no later than the first day of the window"
            + (f", {lag} calendar days before it" if lag else "")
        )
    used = pd.DatetimeIndex(gauge.index)[np.maximum(position, 0)]
    age = (dates - used).days.to_numpy() - lag
    # What is too old counts for nothing before the window, and must not be taken for today's within it.
    level[age > OLDEST] = np.nan
    old = window[age[first : last + 1] > OLDEST]
    if len(old):
        day = first + int(np.argmax(age[first : last + 1] > OLDEST))
        raise InputError(
            f"{file}: {old[0]:%Y-%m-%d}: the last value is that of {listed(used[day : day + 1], gauge)}, {age[day]} "
            f"days before: must be within {OLDEST} days: add the missing rows or choose another window"
            + (f" ({len(old)} dates of it are as bare)" if len(old) > 1 else "")
        )
    # With a lag, every date takes an earlier value: those are stale that wait for longer.
    stale = np.flatnonzero(age[first : last + 1] > (0 if lag == 0 else 3)) + first
    if not len(stale):
        return level, []
    named = first_few(
        stale.tolist(), 5, lambda day: f"{dates[day]:%Y-%m-%d} that of {listed(used[day : day + 1], gauge)}"
    )
    return level, [
        f"{file}: {len(stale)} dates have no value and take the last one: {named}"
        f" (the oldest is {age[first : last + 1].max()} days old)"
    ]


def lag_of(
    gauge: pd.Series[float], index: pd.DatetimeIndex, asked: int | None, at_next_open: bool
) -> tuple[int, list[str]]:
    """Calendar days after its date on which the gauge is known at the index's close, and why.

    Parameters
    ----------
    gauge : Series
        Values by date.
    index : DatetimeIndex
        The index's dates.
    asked : int, optional
        What the user says.
    at_next_open : bool
        Whether all that it is read for is traded at the next open, by which any of the day's closes is known.
    """
    file = file_of(gauge, "gauge")
    if asked is not None:
        return asked, [f"{file}: a value is known {asked} calendar days after its date, as asked for"] if asked else []
    name = f"{file} {gauge.name}".lower()
    own_days = closed_as_america(pd.DatetimeIndex(gauge.index))
    named = bool(_AMERICAN_NAME.search(name)) and not _AS_KNOWN.search(name)
    if not (named or own_days is True) or closed_as_america(index) is not False:
        return 0, []
    why = f"{file}: an American volatility index, which closes after the index does"
    if at_next_open:
        return 0, [f"{why}: used at the next open, by which it is known"]
    return 1, [f"{why}: a date takes the value of the day before (--gauge-lag 0 for that of the same date)"]


def closed_as_america(dates: pd.DatetimeIndex) -> bool | None:
    """Whether the dates leave out the holidays of the United States; None where too few of them tell."""
    if not len(dates):
        return None
    first, last = dates[0].date(), dates[-1].date()
    holidays = [
        day(year)
        for year in range(first.year, last.year + 1)
        for since, day in _AMERICAN
        if year >= since and first <= day(year) <= last and day(year).weekday() < 5
    ]
    if not holidays:
        return None
    there = int(pd.DatetimeIndex(holidays).isin(dates).sum())
    if not there:
        # One holiday may be a hole.
        return True if len(holidays) > 1 else None
    return False if there > len(holidays) / 2 else None
