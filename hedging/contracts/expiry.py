"""Rules for the last trading day of a month's contract, in words."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd

from cqkit.errors import InputError
from hedging.series.weekdays import LAST, nth_weekday

ExpiryRule: TypeAlias = str

EXPIRY_RULES: Final = ("third-friday-or-next", "third-friday-or-previous")
"""The rules of the contracts that come with the package."""
EXPIRY_WORDS: Final = (
    f"must be one of {', '.join(EXPIRY_RULES)}, or another of first, second, third, fourth, last and another weekday "
    "(second-thursday), or a business day (last-business-day, second-last-business-day), or the business day before "
    "one (day-before-second-friday)"
)

_ORDINALS = ("first", "second", "third", "fourth", "last")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
_WEEKDAY_RULE = re.compile(
    rf"(?P<before>day-before-)?(?P<ordinal>{'|'.join(_ORDINALS)})-(?P<weekday>{'|'.join(_WEEKDAYS)})"
    r"(?:-or-(?P<holiday>next|previous))?"
)
_FROM_END = ("last", "second-last", "third-last", "fourth-last", "fifth-last")
_BUSINESS_RULE = re.compile(rf"(?P<ordinal>{'|'.join((*_ORDINALS[:4], *_FROM_END))})-business-day")


def is_expiry_rule(rule: Any) -> bool:
    """Tell a rule, as `second-thursday`, `second-last-business-day` or `day-before-second-friday`."""
    if not isinstance(rule, str):
        return False
    by_weekday = _WEEKDAY_RULE.fullmatch(rule)
    if by_weekday is not None:
        return not (by_weekday["before"] and by_weekday["holiday"])
    return _BUSINESS_RULE.fullmatch(rule) is not None


def expiry_day(
    year: int,
    month: int,
    trading_days: pd.DatetimeIndex | None = None,
    rule: ExpiryRule = "third-friday-or-next",
) -> date:
    """Last trading day of the contract of a month.

    Parameters
    ----------
    year, month : int
        The contract's month.
    trading_days : DatetimeIndex, optional
        Days on which the exchange was open, in order. A weekday between the first and the last of them
        that is not among them is a holiday; outside of them nothing is known of holidays.
    rule : str
        Which day it is, and where a holiday moves it: "third-friday-or-next", as the China Financial Futures Exchange
        has it; "third-friday-or-previous", as Chicago has it; another weekday, as "second-thursday" (which a holiday
        moves to the day before); "second-last-business-day", as Hong Kong has it; or the business day before a
        weekday, as Osaka has it ("day-before-second-friday").

    Raises
    ------
    InputError
        When there is no such rule.
    """
    if not is_expiry_rule(rule):
        raise InputError(f"expiry = {rule}: {EXPIRY_WORDS}")
    counted = _BUSINESS_RULE.fullmatch(rule)
    if counted is not None:
        days = _business_days(_month(year, month), trading_days)
        place = _FROM_END.index(counted["ordinal"]) if counted["ordinal"] in _FROM_END else None
        number = _ORDINALS.index(counted["ordinal"]) if place is None else len(days) - 1 - place
        if not len(days):  # an exchange that was closed for a month: nothing of it can expire
            return _month(year, month)[-1].date()
        return days[min(max(number, 0), len(days) - 1)].date()
    found = _WEEKDAY_RULE.fullmatch(rule)
    if found is None:
        raise InputError(f"expiry = {rule}: {EXPIRY_WORDS}")
    number = LAST if found["ordinal"] == "last" else _ORDINALS.index(found["ordinal"]) + 1
    day = pd.Timestamp(nth_weekday(year, month, number, _WEEKDAYS.index(found["weekday"])))
    if found["before"]:
        return _business_days(pd.date_range(day - pd.Timedelta(days=60), periods=60), trading_days)[-1].date()
    if trading_days is None or len(trading_days) == 0 or not trading_days[0] <= day <= trading_days[-1]:
        return day.date()
    if found["holiday"] == "next":
        return trading_days[int(trading_days.searchsorted(day))].date()
    return trading_days[int(trading_days.searchsorted(day, side="right")) - 1].date()


def _month(year: int, month: int) -> pd.DatetimeIndex:
    """All days of a month."""
    first = pd.Timestamp(year, month, 1)
    return pd.date_range(first, first + pd.offsets.MonthEnd())


def _business_days(days: pd.DatetimeIndex, trading_days: pd.DatetimeIndex | None) -> pd.DatetimeIndex:
    """Those of these days on which the exchange is open, as far as that is known."""
    weekdays = np.asarray(days.day_of_week < 5)
    if trading_days is None or len(trading_days) == 0:
        return days[weekdays]
    known = np.asarray((days >= trading_days[0]) & (days <= trading_days[-1]))
    return days[np.where(known, days.isin(trading_days), weekdays)]
