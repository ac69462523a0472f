"""The user's series, put right by what he says of them, joined, and judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from cqkit.errors import InputError, raise_faults
from hedging.series import judging
from hedging.series.adjusting import adjusted
from hedging.series.gauging import lag_of
from hedging.series.joining import JoinedSeries, join_series
from hedging.series.money import currency_of
from hedging.series.naming import file_of
from hedging.series.settings import SeriesTerms

LARGEST_PRICE, SMALLEST_PRICE = 1e15, 1e-12


def trusted_series(
    index: pd.DataFrame,
    spot: pd.Series[float] | None,
    start: str | date,
    end: str | date,
    base_nav: float | None = None,
    *,
    history: pd.DataFrame | None = None,
    gauge: pd.Series[float] | None = None,
    said: SeriesTerms,
    money: str,
    opens_for: bool = False,
) -> tuple[JoinedSeries, pd.DatetimeIndex]:
    """Join series that can be trusted, or say why they cannot.

    Parameters
    ----------
    index, spot, start, end, base_nav, history, gauge
        As of `join_series`.
    said : SeriesTerms
        What is known of them that they do not say.
    money : str
        ISO code of the contract's.
    opens_for : bool
        Whether all trades are done at the next open, if there are opens.

    Returns
    -------
    joined : JoinedSeries
        With notes on all that was put right, left out or doubted.
    known : DatetimeIndex
        All dates of the index.

    Raises
    ------
    InputError
        With a line for each fault, and which option settles it.
    """
    given = {"index": index["close"], "spot": spot, "gauge": gauge}
    raise_faults(
        [fault for name, series in given.items() if series is not None for fault in _size_faults(series, name)]
    )
    dates, notes, whole = pd.DatetimeIndex(index.index), [], spot
    raise_faults(_spacing_faults(index, spot, said))
    if spot is None:
        notes += _index_money(index, money)
    else:
        index, spot, more = adjusted(index, spot, said, money)
        notes += more
    lag, more = (0, []) if gauge is None else lag_of(gauge, dates, said.gauge_lag, opens_for and "open" in index)
    notes += more
    joined = _joined(index, spot, start, end, base_nav, history, gauge, lag)
    faults, more = judging.spacing_faults(index, "index", said.weekly)
    spacing = judging.spacing_of(pd.DatetimeIndex(index.index))
    found, told = judging.jump_faults(*_legs(joined, index, spot, whole), said.accept_jumps, spacing)
    before, told_before = judging.jump_faults(_before(joined, index), None, said.accept_jumps, spacing)
    raise_faults([*faults, *before, *found, *([] if gauge is None else judging.gauge_faults(gauge, said.accept_jumps))])
    notes += [*more, *told_before, *told, *judging.weekend_notes(index, "index")]
    if spacing.daily:
        inside = (dates >= joined.dates[0]) & (dates <= joined.dates[-1])
        notes += judging.holiday_notes(dates[inside], file_of(index, "index"))
    return replace(joined, notes=(*joined.notes, *notes)), dates


def _joined(
    index: pd.DataFrame,
    spot: pd.Series[float] | None,
    start: str | date,
    end: str | date,
    base_nav: float | None,
    history: pd.DataFrame | None,
    gauge: pd.Series[float] | None,
    lag: int,
) -> JoinedSeries:
    """Join; where the calendars do not fit, say what that looks like."""
    try:
        return join_series(index, spot, start, end, base_nav, history=history, gauge=gauge, gauge_lag=lag)
    except InputError as error:
        if spot is None or not any("are missing:" in fault for fault in error.faults):
            raise
        doubts = [
            *judging.weekend_notes(index, "index"),
            *judging.weekend_notes(spot, "spot"),
        ]
        ways = ", or keep the dates that both have with --common-dates"
        faults = [fault + ways if fault.endswith("choose another window") else fault for fault in error.faults]
        raise InputError(*faults, *doubts) from error


def _spacing_faults(index: pd.DataFrame, spot: pd.Series[float] | None, said: SeriesTerms) -> list[str]:
    """Refuse a stock book of weeks beside an index of days, unless common dates are asked for."""
    if spot is None or said.common_dates:
        return []
    own, other = (judging.spacing_of(pd.DatetimeIndex(series.index)) for series in (spot, index))
    if own.days <= other.days or own.daily:
        return []
    return [
        f"{file_of(spot, 'spot')}: rows are {own.days:g} days apart, one a {own.word}, and those of "
        f"{file_of(index, 'index')} one a {other.word}: give the book's values of every {other.word}, or reckon on the "
        "dates that both have with --common-dates --weekly"
    ]


def _index_money(index: pd.DataFrame, money: str) -> list[str]:
    own = currency_of(index)
    if not own or own == money:
        return []
    return [
        f"{file_of(index, 'index')}: currency {own}, and the contract is in {money}: its points are taken as they are, "
        f"and money is {money}"
    ]


def _legs(
    joined: JoinedSeries, index: pd.DataFrame, spot: pd.Series[float] | None, whole: pd.Series[float] | None
) -> tuple[pd.Series[float], pd.Series[float] | None]:
    """Index and stock book in the window, as series that know their file."""
    closes = _rowed(pd.Series(joined.index, index=joined.dates), index)
    if spot is None or whole is None:
        return closes, None
    start = spot.get(joined.dates[0], np.nan)
    scale = float(start) if np.isfinite(start) else 1.0
    return closes, _rowed(pd.Series(joined.spot * scale, index=joined.dates), whole)


def _before(joined: JoinedSeries, index: pd.DataFrame) -> pd.Series[float]:
    """The index before the window and its first close."""
    earlier = index["close"][index.index <= joined.dates[0]]
    return _rowed(earlier, index)


def _rowed(series: pd.Series[float], source: pd.DataFrame | pd.Series[float]) -> pd.Series[float]:
    """A series of some dates of a file, which still knows their rows there."""
    series.attrs = {name: source.attrs[name] for name in ("file", "rows") if name in source.attrs}
    return series


def _size_faults(series: pd.Series[float], name: str) -> list[str]:
    """Find values that are numbers and no prices."""
    values = np.array(series, dtype=np.float64)
    wrong = np.flatnonzero((values > LARGEST_PRICE) | (values < SMALLEST_PRICE))
    return [
        f"{file_of(series, name)}: {series.index[day]:%Y-%m-%d}: {values[day]:g}: must lie in "
        f"{SMALLEST_PRICE:g}..{LARGEST_PRICE:g} (a price)"
        for day in wrong[:3]
    ]
