"""What series say of themselves: jumps, spacing, weekends and holidays, told in a note or refused."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cqkit.arrays import BoolArray, FloatArray, IntArray
from cqkit.plain import first_few
from hedging.series.naming import file_of, listed, row_of
from hedging.series.prices import YEAR

LARGEST_MOVE = 0.2  # in a day; of the index as of a fund, beyond it one of them is doubted
_NO_MARKET_MOVES = 8.0  # a factor as large in a day is a mark, a unit or a split
_SPLITS = (2, 2.5, 3, 4, 5, 6, 7)
_MOST_SHOWN = 3
_ENOUGH = 5  # spacings from which a frequency is told

_SATURDAY = 5


@dataclass(frozen=True)
class Spacing:
    """How far the rows of a series are apart.

    Attributes
    ----------
    days
        Calendar days, the median.
    word
        "day", "week", "month" or "quarter".
    a_year
        Rows a year, by which volatility is annualised.
    """

    days: float
    word: str
    a_year: int

    @property
    def daily(self) -> bool:
        return self.word == "day"


def spacing_of(dates: pd.DatetimeIndex, otherwise: pd.DatetimeIndex | None = None) -> Spacing:
    """Find how far the rows are apart; where these are few, those of `otherwise`, of which a few count as daily."""
    if otherwise is not None and len(dates) <= _ENOUGH:
        dates = otherwise
    apart = np.diff(dates.to_numpy()) / np.timedelta64(1, "D")
    if len(apart) < _ENOUGH:
        return Spacing(1.0, "day", YEAR)
    median = float(np.median(apart))
    if median < 1.5 and (dates.day_of_week >= _SATURDAY).mean() > 0.2:
        return Spacing(median, "day", 365)
    for most, word, a_year in ((4, "day", YEAR), (10, "week", 52), (20, "fortnight", 26), (45, "month", 12)):
        if median < most:
            return Spacing(median, word, a_year)
    return Spacing(median, "quarter", 4)


def spacing_faults(
    series: pd.Series[float] | pd.DataFrame, name: str, weekly: bool, window: pd.DatetimeIndex | None = None
) -> tuple[list[str], list[str]]:
    """Faults and notes on rows, those of the window above all, that are not a day apart."""
    dates = pd.DatetimeIndex(series.index)
    found, file = spacing_of(dates if window is None else window, dates), file_of(series, name)
    if found.daily:
        apart = np.diff(dates.to_numpy()) / np.timedelta64(1, "D")
        wide = (apart >= 6) & (apart <= 45)
        if len(apart) >= _ENOUGH and wide.mean() > 0.15:
            first = int(wide.argmax())
            return [], [
                f"{file}: {int(wide.sum())} of {len(apart)} rows come a week or more after the one before, the first "
                f"after {dates[first]:%Y-%m-%d}: part of the file is not daily, and is reckoned as if it were"
            ]
        return [], []
    what = f"{file}: rows are {found.days:g} days apart, one a {found.word}"
    if not weekly:
        return [
            f"{what}: a margin account is settled daily: give daily closes, or reckon on such rows with --weekly "
            "(calls between them are not seen)"
        ], []
    return [], [f"{what}: calls between them are not seen; volatility is annualised by {found.a_year} a year"]


def jump_faults(
    index: pd.Series[float], spot: pd.Series[float] | None, accept: bool, spacing: Spacing
) -> tuple[list[str], list[str]]:
    """Faults and notes on moves that index and stock book do not share, or that no market makes.

    Parameters
    ----------
    index, spot : Series
        On the same dates; a book that is the index itself has none.
    accept : bool
        Whether moves that look like a wrong mark, a change of unit or a split are taken for what they are.
    spacing : Spacing
        Of the dates: rows a week apart move by more than rows a day apart.
    """
    faults: list[str] = []
    notes: list[str] = []
    pairs = [(index, spot, "index")] + ([] if spot is None else [(spot, index, "spot")])
    for series, other, name in pairs:
        broken, odd = _jumps(series, other, spacing)
        told = [_told(series, other, day, name) for day in broken[:_MOST_SHOWN]]
        if len(broken) > _MOST_SHOWN:
            told.append(f"{file_of(series, name)}: and {len(broken) - _MOST_SHOWN} more such moves")
        if accept:
            notes += [f"{line}: accepted" for line in told]
        else:
            ways = "mend the file, or take them as they are with --accept-jumps"
            if name == "spot":
                ways = "give --distributions or an adjusted series, " + ways
            faults += [
                f"{line}: a wrong decimal or thousands mark, a change of unit, or a split? {ways}" for line in told
            ]
        notes += [f"{_told(series, other, day, name)}: {_suspected(series, day, name)}" for day in odd[:_MOST_SHOWN]]
        if len(odd) > _MOST_SHOWN:
            notes.append(
                f"{file_of(series, name)}: and {len(odd) - _MOST_SHOWN} more moves beyond {100 * LARGEST_MOVE:g} %"
            )
    return faults, notes


def _jumps(series: pd.Series[float], other: pd.Series[float] | None, spacing: Spacing) -> tuple[list[int], list[int]]:
    """Positions of moves that no market makes, and of those that the other series does not share."""
    factor = _factors(series)
    against: FloatArray = np.ones_like(factor) if other is None else _factors(other)
    limit = LARGEST_MOVE * max(1.0, spacing.days / 1.4) ** 0.5 if not spacing.daily else LARGEST_MOVE
    relative = factor / against
    large = np.abs(factor - 1.0) > limit
    alone = large & (np.abs(relative - 1.0) > limit / 2)
    size = np.maximum(relative, 1.0 / relative)
    split = np.abs(size / 1.5 - 1.0) < 0.01
    for ratio in _SPLITS:
        split |= np.abs(size / ratio - 1.0) < 0.03
    broken = (np.maximum(factor, 1.0 / factor) >= _NO_MARKET_MOVES) | (alone & split & spacing.daily)
    return (np.flatnonzero(broken) + 1).tolist(), (np.flatnonzero(alone & ~broken) + 1).tolist()


def _suspected(series: pd.Series[float], day: int, name: str) -> str:
    """What a move of its own looks like."""
    if name == "index":
        return "a wrong cell?"
    if series.iloc[day] > series.iloc[day - 1]:
        return "units put together, or a wrong cell?"
    return "a distribution, a split or a wrong cell? give --distributions FILE, or the adjusted (cumulative) series"


def _factors(series: pd.Series[float]) -> FloatArray:
    values = np.array(series, dtype=np.float64)
    return values[1:] / values[:-1]


def _told(series: pd.Series[float], other: pd.Series[float] | None, day: int, name: str) -> str:
    """A move in words, with what the other series did."""
    factor = float(series.iloc[day] / series.iloc[day - 1])
    size = f"{100 * (factor - 1):+.1f} %" if 0.1 < factor < _NO_MARKET_MOVES else f"a factor of {factor:.4g}"
    date = pd.Timestamp(series.index[day])
    text = f"{file_of(series, name)}: {size} on {date:%Y-%m-%d}{row_of(series, date)}"
    text += f", from {series.iloc[day - 1]:g} to {series.iloc[day]:g}"
    if other is not None:
        moved = 100 * float(other.iloc[day] / other.iloc[day - 1] - 1)
        text += f", while {file_of(other, 'spot' if name == 'index' else 'index')} moved {moved:+.1f} %"
    if day + 1 < len(series) and 0.9 < series.iloc[day + 1] / series.iloc[day - 1] < 1.1:
        text += ", and back on the next day"
    return text


def gauge_faults(gauge: pd.Series[float], accept: bool) -> list[str]:
    """Faults on a volatility index that changes its unit."""
    factor = _factors(gauge)
    broken = np.flatnonzero(np.maximum(factor, 1.0 / factor) >= _NO_MARKET_MOVES) + 1
    if accept:
        return []
    return [
        f"{_told(gauge, None, int(day), 'gauge')}: a wrong decimal mark or a change of unit? mend the file, or take "
        "it as it is with --accept-jumps"
        for day in broken[:_MOST_SHOWN]
    ]


def weekend_notes(series: pd.Series[float] | pd.DataFrame, name: str) -> list[str]:
    """Say that dates fall on weekends, and what that looks like."""
    dates = pd.DatetimeIndex(series.index)
    weekday = dates.day_of_week.to_numpy()
    falls = weekday >= _SATURDAY
    if not falls.any():
        return []
    on = dates[falls]
    saturdays, sundays = int((weekday == _SATURDAY).sum()), int((weekday == _SATURDAY + 1).sum())
    words = " and ".join(
        f"{count} on {'a Saturday' if day == 0 else 'a Sunday'}"
        for day, count in enumerate((saturdays, sundays))
        if count
    )
    why = "is that so?"
    missing = [day for day in range(5) if len(dates) >= 10 and not (weekday == day).any()]
    if missing == [4] and sundays:
        early = "and none on a Friday: dates look a day early, as a zone's midnights turned into UTC do"
        why = f"{early}: give the exchange's own"
    elif missing == [0] and saturdays:
        why = "and none on a Monday: dates look a day late, as in another zone"
    elif falls.mean() > 0.2:
        why = "taken for a market that is open at weekends, volatility is annualised by 365"
        if _is_repeated(series, falls):
            why = "with the close of the day before: filled up? leave them out, for they are no trading days"
    return [
        f"{file_of(series, name)}: {int(falls.sum())} of {len(dates)} dates are at a weekend ({words}), {why}: "
        f"{listed(on, series)}"
    ]


def _is_repeated(series: pd.Series[float] | pd.DataFrame, falls: BoolArray) -> bool:
    """Whether the closes of some rows are those of the rows above them."""
    closes = np.array(series["close"] if isinstance(series, pd.DataFrame) else series, dtype=np.float64)
    return bool((closes[1:] == closes[:-1])[falls[1:]].all())


def holiday_notes(dates: pd.DatetimeIndex, file: str) -> list[str]:
    """Say which weekdays without a row are taken for holidays."""
    every = pd.bdate_range(dates[0], dates[-1])
    missing = every.difference(dates)
    if not len(missing):
        return []
    breaks = np.flatnonzero(np.diff(np.searchsorted(every, missing)) > 1) + 1
    runs = np.split(np.arange(len(missing)), breaks)

    def span(run: IntArray) -> str:
        return f"{missing[run[0]]:%Y-%m-%d}" + (f" to {missing[run[-1]]:%m-%d}" if len(run) > 1 else "")

    return [f"{file}: {len(missing)} weekdays have no row and are taken for holidays: {first_few(runs, 8, span)}"]
