"""Join index and stock book on the index's calendar."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from cqkit.arrays import FloatArray
from cqkit.errors import InputError, one_line, raise_faults
from cqkit.plain import first_few, shown
from hedging.series.gauging import gauge_on_dates
from hedging.series.judging import spacing_of
from hedging.series.loading import parse_day
from hedging.series.naming import file_of, listed
from hedging.series.prices import Prices

# Calendar days between two closes that no holiday explains.
_LONGEST_HOLIDAY = 15


@dataclass(frozen=True, eq=False)
class JoinedSeries:
    """Index and stock book on one calendar, ready for a replay.

    Attributes
    ----------
    dates : DatetimeIndex, length days + 1
        The index's dates, the base close of day 0 first.
    index : FloatArray, shape (days + 1,)
        Index closes, in points.
    spot : FloatArray, shape (days + 1,)
        Value of the stock book relative to day 0.
    history : FloatArray, shape (h,)
        All index closes before day 0, oldest first.
    notes : tuple of str
        What was done that the user may not expect, one line each.
    prices, prices_before : Prices, shapes (1, days + 1) and (1, h)
        The same closes as `index` and `history`, with the bars and the volatility index as far as they are
        known: what `replay` takes for `index` and `history`.
    """

    dates: pd.DatetimeIndex
    index: FloatArray
    spot: FloatArray
    history: FloatArray
    notes: tuple[str, ...]
    prices: Prices
    prices_before: Prices

    def __post_init__(self) -> None:
        object.__setattr__(self, "notes", tuple(map(one_line, self.notes)))


def join_series(
    index: pd.Series[float] | pd.DataFrame,
    spot: pd.Series[float] | None,
    start: str | date,
    end: str | date,
    base_nav: float | None = None,
    *,
    history: pd.Series[float] | pd.DataFrame | None = None,
    gauge: pd.Series[float] | None = None,
    gauge_lag: int = 0,
) -> JoinedSeries:
    """Cut a window out of the index and put the stock book on its dates.

    Parameters
    ----------
    index : Series or DataFrame
        Index closes by date, as `load_closes` gives them, or whole bars, as `load_prices` does.
    spot : Series or None
        Prices or NAV of the stock book by date; None for the index itself. Dates that the index does not
        have are dropped with a note; every date of the index must be there.
    start, end : date or str (YYYY-MM-DD)
        Base close t = 0 and last day. A date without a close uses the last one before it, with a note.
    base_nav : float, optional
        Value of the stock book at the base close, in place of the series' own.
    history : Series or DataFrame, optional
        The index before the first date of `index`, from another file; later dates are dropped with a note.
    gauge : Series, optional
        A volatility index by date. On a date of the index without one the last value before it counts, with a
        note, unless it is too old.
    gauge_lag : int
        Calendar days after its date on which a value of the gauge is known.

    Returns
    -------
    JoinedSeries

    Raises
    ------
    InputError
        When the dates or `base_nav` are wrong, the window has fewer than two closes, or `spot` lacks dates.
    """
    bars = _bars(index)
    closes = bars["close"]
    others = {"spot": spot, "gauge": gauge, "history": None if history is None else _bars(history)["close"]}
    given = {"index": closes, **{name: series for name, series in others.items() if series is not None}}
    raise_faults([fault for name, series in given.items() for fault in _series_faults(series, name)])
    raise_faults(_base_nav_faults(spot, base_nav))
    first, last, notes = _window(closes, start, end)
    sources = (index, spot, history, gauge)
    notes = [*(note for series in sources if series is not None for note in series.attrs.get("notes", ())), *notes]
    dates = pd.DatetimeIndex(bars.index[first : last + 1])
    if history is not None:
        bars, more = _extended(bars, _bars(history))
        notes += more
        first, last = first + len(bars) - len(closes), last + len(bars) - len(closes)
    notes += _gap_notes(pd.DatetimeIndex(bars.index[: last + 1]), first, [closes, others["history"]])
    level = None
    if gauge is not None:
        level, more = gauge_on_dates(gauge, pd.DatetimeIndex(bars.index), first, last, gauge_lag)
        notes += more
    if spot is None:
        values = _values(bars["close"].iloc[first : last + 1])
    else:
        values, more = _on_dates(spot, closes, dates, base_nav)
        notes += more
    rest = {part: _values(bars[part]) for part in ("open", "high", "low") if part in bars}
    a_year = spacing_of(dates, pd.DatetimeIndex(bars.index)).a_year
    prices = Prices(_values(bars["close"]), gauge=level, **rest).spaced(a_year)
    window, before = prices.between(first, last + 1), prices.upto(first)
    window.check(file_of(closes, "index"))
    return JoinedSeries(
        dates=dates,
        index=window.close[0],
        spot=values / values[0],
        history=before.close[0],
        notes=tuple(notes),
        prices=window,
        prices_before=before,
    )


def _bars(prices: pd.Series[float] | pd.DataFrame) -> pd.DataFrame:
    """Closes, or bars, as a frame with a column `close` that remembers its file."""
    if isinstance(prices, pd.DataFrame) and "close" not in prices:
        raise InputError(f"index: columns found: {', '.join(map(str, prices.columns))}: one must be called close")
    frame = prices.copy() if isinstance(prices, pd.DataFrame) else prices.to_frame("close")
    frame.attrs = dict(prices.attrs)
    return frame


def _extended(bars: pd.DataFrame, history: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Put an earlier file's days before the bars; a day known by its close only is a bar of no height."""
    earlier = history[history.index < bars.index[0]]
    name = str(history.attrs.get("file", "history"))
    if earlier.empty:
        raise InputError(f"{name}: no dates before {bars.index[0]:%Y-%m-%d}: a history must come before the index")
    notes = []
    if len(earlier) < len(history):
        notes.append(
            f"{name}: {len(history) - len(earlier)} dates from {bars.index[0]:%Y-%m-%d} on were dropped: "
            f"{bars.attrs.get('file', 'index')} has them"
        )
    both = pd.concat([earlier.reindex(columns=bars.columns), bars])
    for part in ("high", "low"):
        if part in both:
            both[part] = both[part].fillna(both["close"])
    both.attrs = bars.attrs
    return both, notes


def _gap_notes(dates: pd.DatetimeIndex, first: int, sources: list[pd.Series[float] | None]) -> list[str]:
    """Find long holes in the dates of the window and of the year before it, which signals look back on.

    The longest holidays of China and the United States are shorter, but for a spring festival long ago.
    """
    looked_at = dates[dates >= dates[first] - pd.Timedelta(days=365)]
    apart = np.diff(looked_at.to_numpy()) / np.timedelta64(1, "D")
    holes = np.flatnonzero(apart > _LONGEST_HOLIDAY)
    if not len(holes):
        return []
    series = [source for source in sources if source is not None]

    def named(hole: int) -> str:
        before, after = (_with_row(looked_at[day], series) for day in (hole, hole + 1))
        return f"{before} to {after}, {apart[hole]:.0f} days"

    gaps = "1 gap" if len(holes) == 1 else f"{len(holes)} gaps"
    return [
        f"{file_of(series[0], 'index')}: {gaps} of more than {_LONGEST_HOLIDAY} days: "
        f"{first_few(holes.tolist(), 3, named, '; ')}: "
        "add the missing rows, unless the exchange was closed"
    ]


def _with_row(day: pd.Timestamp, sources: list[pd.Series[float]]) -> str:
    """Name a date, and its row if it comes from a file."""
    return next(listed(pd.DatetimeIndex([day]), source) for source in sources if day in source.index)


def _values(series: pd.Series[float]) -> FloatArray:
    return np.array(series, dtype=np.float64)


def _series_faults(series: pd.Series[float], name: str) -> list[str]:
    """Say what is wrong with a series; one that `load_closes` gave has no such fault."""
    name = file_of(series, name)
    if not isinstance(series.index, pd.DatetimeIndex) or series.index.tz is not None:
        return [f"{name}: index of type {series.index.dtype}: must be dates without a time zone"]
    faults = []
    if not (series.index.is_monotonic_increasing and series.index.is_unique):
        faults.append(f"{name}: dates are unsorted or occur twice: must rise from row to row")
    prices = _values(series)
    wrong = ~(np.isfinite(prices) & (prices > 0))
    if wrong.any():
        first = int(wrong.argmax())
        faults.append(f"{name}: {series.index[first]:%Y-%m-%d}: {prices[first]}: must be positive and finite")
    return faults


def _base_nav_faults(spot: pd.Series[float] | None, base_nav: float | None) -> list[str]:
    if base_nav is None:
        return []
    if not (math.isfinite(base_nav) and base_nav > 0):
        return [f"base_nav = {base_nav}: must be positive and finite"]
    return [f"base_nav = {base_nav}: must be left out without a spot series"] if spot is None else []


def _window(index: pd.Series[float], start: str | date, end: str | date) -> tuple[int, int, list[str]]:
    """Find the positions of base close and last day in the index, with notes."""
    faults: list[str] = []
    days: dict[str, pd.Timestamp] = {}
    for name, found in (("start", start), ("end", end)):
        try:
            days[name] = pd.Timestamp(parse_day(found))
        except ValueError as error:
            faults.append(f"{name} = {shown(str(found))}: {error}")
    raise_faults(faults)
    file = file_of(index, "index")
    if days["start"] > days["end"]:
        raise InputError(f"start = {days['start']:%Y-%m-%d}: must be before end = {days['end']:%Y-%m-%d}")
    if len(index) == 0 or days["start"] < index.index[0]:
        first_close = f"{index.index[0]:%Y-%m-%d}" if len(index) else "none"
        raise InputError(
            f"start = {days['start']:%Y-%m-%d}: must not be before the first close in {file}, {first_close}"
        )
    if days["start"] > index.index[-1]:
        raise InputError(
            f"{file}: no close from {days['start']:%Y-%m-%d} on: the file ends on {index.index[-1]:%Y-%m-%d}: "
            "choose another window"
        )
    positions: list[int] = []
    notes: list[str] = []
    for name, day in days.items():
        position = int(index.index.searchsorted(day, side="right")) - 1
        used = index.index[position]
        if used != day:
            ends = ", where the file ends" if position == len(index) - 1 else ""
            notes.append(f"{name} = {day:%Y-%m-%d}: no close in {file}, used the one of {used:%Y-%m-%d}{ends}")
        positions.append(position)
    first, last = positions
    if first == last:
        inside = int(((index.index >= days["start"]) & (index.index <= days["end"])).sum())
        between = f"from {days['start']:%Y-%m-%d} to {days['end']:%Y-%m-%d}"
        raise InputError(f"{file}: {inside or 'no'} close {between}: must be at least 2")
    return first, last, notes


def _on_dates(
    spot: pd.Series[float], index: pd.Series[float], dates: pd.DatetimeIndex, base_nav: float | None
) -> tuple[FloatArray, list[str]]:
    """Take the stock book's values on the index's dates, with notes on what was dropped or replaced."""
    spot_file, index_file = file_of(spot, "spot"), file_of(index, "index")
    own_dates = pd.DatetimeIndex(spot.index)
    # A base NAV stands in for the first value, so that one may be missing.
    missing = (dates if base_nav is None else dates[1:]).difference(own_dates)
    if len(missing):
        raise InputError(
            f"{spot_file}: {len(missing)} of {len(dates)} dates of {index_file} are missing: "
            f"{listed(missing, index)}: add them or choose another window"
        )
    values = _values(spot.reindex(dates))
    notes = []
    inside = own_dates[(own_dates > dates[0]) & (own_dates < dates[-1])]
    extra = inside.difference(dates)
    if len(extra):
        notes.append(
            f"{spot_file}: {len(extra)} dates that {index_file} does not have were dropped: {listed(extra, spot)}"
        )
    if base_nav is not None:
        own = "no value of its own" if math.isnan(values[0]) else f"its own {values[0]:g}"
        notes.append(f"{spot_file}: {dates[0]:%Y-%m-%d}: base NAV {base_nav:g} in place of {own}")
        values[0] = base_nav
    return values, notes
