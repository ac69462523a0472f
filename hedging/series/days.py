"""Stamps become days: zones, several rows a day, rows that come twice, newest first."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone

from cqkit.errors import InputError
from cqkit.plain import first_few, shown
from hedging.series.dates import Dating, zone_of

Faults = list[tuple[int, str]]


def days_of(
    file: str,
    cells: Sequence[tuple[int, str]],
    dating: Dating,
    tz: str | None,
    *,
    one_a_day: bool = True,
    name: str = "date",
) -> tuple[dict[int, datetime], Faults, list[str]]:
    """The day of every row.

    Parameters
    ----------
    file : str
        For messages.
    cells : sequence of (row, cell)
        The column of dates.
    dating : Dating
        How they are written.
    tz : str, optional
        The exchange's zone.
    one_a_day : bool
        Whether many rows a day, at different times, must be bars of hours.
    name : str
        What the column is called in messages.

    Returns
    -------
    tuple
        Midnight of its day by row, faults with their rows, and how stamps were read.

    Raises
    ------
    InputError
        When there are many rows a day, or stamps in UTC seem to be an exchange's days.
    """
    stamps: dict[int, datetime] = {}
    faults: Faults = []
    for row, cell in cells:
        try:
            stamps[row] = dating.stamp(cell)
        except ValueError as error:
            faults.append((row, f"{name} = {shown(cell)}: {error}"))
    notes = [dating.said] if dating.said else []
    if any(stamp.tzinfo is not None for stamp in stamps.values()):
        stamps, said = _in_zone(file, stamps, tz)
        notes.append(said)
    days = {row: datetime(stamp.year, stamp.month, stamp.day) for row, stamp in stamps.items()}
    if one_a_day:
        _refuse_intraday(file, stamps, days)
    return days, faults, notes


def _in_zone(file: str, stamps: dict[int, datetime], tz: str | None) -> tuple[dict[int, datetime], str]:
    """Turn stamps into the exchange's zone, if it is told; otherwise they are taken as they are written."""
    if tz is not None:
        zone = zone_of(tz)
        try:
            turned = {row: stamp if stamp.tzinfo is None else stamp.astimezone(zone) for row, stamp in stamps.items()}
        except OverflowError:
            raise InputError(f"{file}: dates before the year 1: must lie between 1700 and 2200") from None
        return turned, f"stamps turned into {tz}"
    utc = [(row, stamp) for row, stamp in stamps.items() if stamp.utcoffset() == timedelta(0)]
    sundays = [(row, stamp) for row, stamp in utc if stamp.weekday() == 6]
    fridays = sum(stamp.weekday() == 4 for _, stamp in utc)
    if sundays and 2 * fridays < len(sundays):
        row, stamp = sundays[0]
        east = stamp.astimezone(timezone(timedelta(hours=(24 - stamp.hour) % 24)))
        zone_said = f"{stamp:%Y-%m-%d %H:%M} UTC is midnight of {east:%Y-%m-%d}" if stamp.hour >= 11 else "a day early"
        raise InputError(
            f"{file}: {len(sundays)} dates fall on a Sunday, as {stamp:%Y-%m-%d} (row {row}): {zone_said} at an "
            "exchange east of Greenwich: say its zone with --tz, as --tz Asia/Shanghai"
        )
    offsets = sorted({f"{stamp:%z}" for stamp in stamps.values() if stamp.tzinfo is not None})
    return stamps, f"days as stamped (UTC{', UTC'.join(offsets[:2])})"


def _refuse_intraday(file: str, stamps: Mapping[int, datetime], days: Mapping[int, datetime]) -> None:
    """Refuse bars of hours or minutes: many rows on most days, at different times."""
    rows_on = Counter(days.values())
    times = {(stamp.hour, stamp.minute) for stamp in stamps.values()}
    several = [day for day, count in rows_on.items() if count > 1]
    if len(times) > 2 and 2 * len(several) > len(rows_on):
        day = several[0]
        raise InputError(
            f"{file}: {len(stamps)} rows on {len(rows_on)} days, {rows_on[day]} of them on {day:%Y-%m-%d}: must be one "
            "row a day: keep the last of each day"
        )


def put_in_order(days: dict[int, datetime]) -> tuple[dict[int, datetime], str]:
    """Turn rows round that run from the newest to the oldest, and say so."""
    rows = list(days)
    falls = [days[later] < days[earlier] for earlier, later in itertools.pairwise(rows)]
    rises = [days[later] > days[earlier] for earlier, later in itertools.pairwise(rows)]
    # Two rows the other way round are a file out of order, whichever way it runs.
    if falls and any(falls) and not any(rises):
        return dict(reversed(days.items())), "newest first, turned round"
    return days, ""


def repeated(days: Mapping[int, datetime], prices: Mapping[int, float]) -> tuple[list[int], list[str]]:
    """Rows that repeat the day and the price of an earlier one, and what to say of them."""
    row_of: dict[datetime, int] = {}
    again = []
    for row, day in days.items():
        first = row_of.setdefault(day, row)
        if first != row and row in prices and prices.get(first) == prices[row]:
            again.append(row)
    if not again:
        return [], []
    named = first_few(again, 3, lambda row: f"{days[row]:%Y-%m-%d} (row {row})")
    return again, [f"the same day and price again left out: {named}"]


def order_faults(days: Mapping[int, datetime]) -> Faults:
    """Find dates that occur twice or come before the one above them."""
    faults: Faults = []
    row_of: dict[datetime, int] = {}
    above = datetime.min
    for row, day in days.items():
        found = f"date = {day:%Y-%m-%d}"
        if day in row_of:
            faults.append((row, f"{found}: is in row {row_of[day]} already: keep one of them"))
        elif day < above:
            faults.append((row, f"{found}: must be later than the {above:%Y-%m-%d} above it: sort the rows"))
        row_of.setdefault(day, row)
        above = day
    return faults
