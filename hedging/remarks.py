"""What contract, book and policies make the reader of a replay want to know."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from hedging.contracts.calendar import traded_months
from hedging.contracts.expiry import expiry_day
from hedging.contracts.specification import FuturesContract
from hedging.models.volatility import Volatility
from hedging.policies import HedgePolicy
from hedging.series.joining import JoinedSeries
from hedging.terms import Terms


def remarks(
    series: JoinedSeries,
    policies: Mapping[str, HedgePolicy],
    terms: Terms,
    book: float,
    file: str,
    known: pd.DatetimeIndex,
) -> list[str]:
    """Notes on a replay, one line each.

    Parameters
    ----------
    series : JoinedSeries
        What it runs on.
    policies : mapping of str to HedgePolicy
        By label.
    terms : Terms
        With the contract that is traded.
    book : float
        In the contract's money.
    file : str
        What the index is called.
    known : DatetimeIndex
        All dates of the index, by which holidays are found.
    """
    traded = terms.traded()
    by_calendar = (terms.roll_spread is not None or terms.futures is not None) and terms.roll_days is None
    return [
        *_launch(traded, series.dates),
        *_size(traded, series, terms.round_contracts, book),
        *(_expiries(traded, series.dates, known, file) if by_calendar else []),
        *[line for label, policy in policies.items() for line in _past(label, policy, len(series.history), series)],
    ]


def _launch(traded: FuturesContract, dates: pd.DatetimeIndex) -> list[str]:
    if traded.launched is None or dates[0].date() >= traded.launched:
        return []
    return [
        f"contract {traded.name}: launched on {traded.launched:%Y-%m-%d}, after the window begins on "
        f"{dates[0]:%Y-%m-%d}: its terms are assumed, nothing could have been traded"
    ]


def _size(traded: FuturesContract, series: JoinedSeries, whole: bool, book: float) -> list[str]:
    one = traded.multiplier * float(series.index[0])
    number = book / one
    said = f"book of {traded.currency} {book:,.0f}: {number:.2f} of one contract of {traded.name} ({one:,.0f})"
    if number < 0.5 and whole:
        return [f"{said}: whole contracts round to none, nothing is hedged"]
    if number < 1:
        return [f"{said}: " + ("rounds to one, which hedges more than the book" if whole else "it cannot be traded")]
    if whole and abs(round(number) / number - 1) > 0.1:
        return [
            f"book of {traded.currency} {book:,.0f}: {number:.2f} contracts of {traded.name} round to {round(number)}: "
            f"{100 * round(number) / number:.0f} % of it is hedged"
        ]
    return []


def _expiries(traded: FuturesContract, dates: pd.DatetimeIndex, known: pd.DatetimeIndex, file: str) -> list[str]:
    """Last trading days that fall on a weekday without a row, which is taken for a holiday."""
    notes = []
    first, last = dates[0].date(), dates[-1].date()
    for year, month in traded_months(traded, first, last):
        planned = expiry_day(year, month, None, traded.expiry)
        actual = expiry_day(year, month, known, traded.expiry)
        if planned == actual or not first <= planned <= last:
            continue
        notes.append(
            f"{file}: {planned:%Y-%m-%d}, when a contract expires ({traded.expiry}), has no row and is taken for a "
            f"holiday{_alone(planned, known)}: it expires on {actual:%Y-%m-%d}"
        )
    return notes


def _alone(day: date, known: pd.DatetimeIndex) -> str:
    """Doubt a holiday that is a hole of one day within a week."""
    week = pd.bdate_range(pd.Timestamp(day) - pd.Timedelta(days=4), pd.Timestamp(day) + pd.Timedelta(days=4))
    missing = week.difference(known)
    return ", the only weekday missing around it: is a row missing?" if len(missing) == 1 else ""


def _past(label: str, policy: HedgePolicy, before: int, series: JoinedSeries) -> list[str]:
    """Say when a policy knows less of the past than it asks for."""
    volatility = getattr(policy, "volatility", None)
    if isinstance(volatility, Volatility):
        window = int(getattr(volatility, "window", getattr(volatility, "least", 0)))
        least = min(int(getattr(volatility, "least", 0)), window)
        if before < least:
            day = min(least - before, len(series.dates) - 1)
            return [
                f"{label}: no volatility is known before {series.dates[day]:%Y-%m-%d}, for {before} closes come before "
                "the window: the whole book is hedged until then (--history, or an earlier first row, mends it)"
            ]
        if before < window:
            return [
                f"{label}: volatility of {before} returns at first, where it asks for {window}: give earlier closes"
            ]
    indicator = getattr(policy, "indicator", None)
    if indicator is not None:
        spans = [
            value for name in ("n", "slow", "fast", "least") if isinstance(value := getattr(indicator, name, None), int)
        ]
        if spans and before < max(spans):
            return [
                f"{label}: {before} closes before the window, where its indicator looks back on {max(spans)}: signals "
                "are those of a series that began just then (--history, or an earlier first row, mends it)"
            ]
    if getattr(policy, "name", "") == "minimum-variance":
        return [f"{label}: beta is 1 until {getattr(policy, 'least', 0)} returns of the stock book are known"]
    return []
