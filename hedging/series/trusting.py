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
    faults, more = judging.spacing_faults(index, "index", said.weekly, joined.dates)
    spacing = judging.spacing_of(joined.dates, pd.DatetimeIndex(index.index))
    found, told = judging.jump_faults(*_legs(joined, index, spot, whole), said.accept_jumps, spacing)
    earlier = [_before(joined, index), *([] if history is None else [history["close"]])]
    judged = [judging.jump_faults(series, None, said.accept_jumps, spacing) for series in earlier]
    before, told_before = ([line for pair in judged for line in pair[which]] for which in (0, 1))
    raise_faults([*faults, *before, *found, *([] if gauge is None else judging.gauge_faults(gauge, said.accept_jumps))])
    notes += [*more, *told_before, *told, *judging.weekend_notes(index, "index")]
    if spacing.daily:
        inside = (dates >= joined.dates[0]) & (dates <= joined.dates[-1])
        notes += judging.holiday_notes(dates[inside], file_of(index, "index"))
    return replace(joined, notes=(*joined.notes, *notes)), dates


def trusted_past(closes: pd.Series[float], accept_jumps: bool) -> list[str]:
    """Notes on a series of its own, of which days are drawn or looked back on.

    Raises
    ------
    InputError
        When its rows are not a day apart, or a move is none of a market's.
    """
    raise_faults(_size_faults(closes, "index"))
    dates = pd.DatetimeIndex(closes.index)
    spacing = judging.spacing_of(dates)
    if not spacing.daily:
        raise InputError(
            f"{file_of(closes, 'index')}: rows are {spacing.days:g} days apart, one a {spacing.word}, where days are "
            "drawn and looked back on: give daily closes"
        )
    _, notes = judging.spacing_faults(closes, "index", weekly=False)
    faults, told = judging.jump_faults(closes, None, accept_jumps, spacing)
    raise_faults(faults)
    return [*notes, *told, *judging.weekend_notes(closes, "index")]


def doubts_of(joined: JoinedSeries, index: pd.DataFrame | pd.Series[float], spot: pd.Series[float]) -> list[str]:
    """What is doubted of series that are joined already, as notes."""
    spacing = judging.spacing_of(joined.dates, pd.DatetimeIndex(index.index))
    legs = _rowed(pd.Series(joined.index, index=joined.dates), index), _rowed(spot[spot.index.isin(joined.dates)], spot)
    faults: list[str] = []
    notes: list[str] = []
    if len(legs[1]) == len(legs[0]):
        faults, notes = judging.jump_faults(*legs, accept=False, spacing=spacing)
    ways = [line.split(", or take them as they are")[0] for line in faults]
    slow, said = judging.spacing_faults(index, "index", weekly=True, window=joined.dates)
    return [*ways, *notes, *slow, *said, *judging.weekend_notes(index, "index")]


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
