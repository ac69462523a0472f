"""Load a price series from the user's file, and say how it was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from cqkit.errors import InputError, raise_faults
from cqkit.numbers import NumberStyle, is_missing, parse_number
from cqkit.plain import first_few, shown
from hedging.series import columns as names
from hedging.series.bars import Column, Faults, closed_bars, most_decimals, read_bar_part
from hedging.series.choosing import Chosen, choose_column
from hedging.series.dates import parse_day
from hedging.series.days import days_of, order_faults, put_in_order, repeated
from hedging.series.frames import Source
from hedging.series.known_sources import source_of
from hedging.series.layout import Layout
from hedging.series.money import currency_in
from hedging.series.opening import open_layout, positive_number, style_in, style_notes
from hedging.series.reading import TOLD_BY_THE_FILE, Reading, Said
from hedging.series.securities import one_security

__all__ = ["RowsOfDays", "closes_in", "load_closes", "load_prices", "parse_day", "refuse_unused_column"]


@dataclass(frozen=True, eq=False)
class RowsOfDays:
    """In which row of its file a day stands, as a user counts; shared by all slices of a series."""

    by_day: Mapping[datetime, int]

    def of(self, day: datetime) -> int | None:
        """The row of a day; None if the file does not have it."""
        return self.by_day.get(datetime(day.year, day.month, day.day))

    def __deepcopy__(self, memo: dict[int, Any]) -> RowsOfDays:
        return self  # pandas copies what is in `attrs` with every slice


def load_closes(source: Source, reading: Reading = TOLD_BY_THE_FILE, *, name: str = "series") -> pd.Series[float]:
    """Load one price series from a CSV, Parquet or Excel file, or a frame.

    Parameters
    ----------
    source : path, DataFrame or Series
        A file with a column of dates and one of closes, NAV or prices, in any of the shapes of `docs/hedging.md`,
        *Files*. A closing price adjusted for distributions is preferred to one that is not.
    reading : Reading
        What the user says of it: column, date format, time zone, decimal mark.
    name : str
        What a frame is called in messages.

    Returns
    -------
    Series of float64
        Positive prices by date, oldest first, named after their column. `attrs` has `file`, `rows` (in which row of
        the file a day stands: `RowsOfDays`) and `notes`, one line each: how the file was read, what was left out.

    Raises
    ------
    InputError
        One line for each fault, with file, row, what was found and what is allowed.
    """
    return closes_in(open_layout(source, reading, name), reading)


def load_prices(source: Source, reading: Reading = TOLD_BY_THE_FILE, *, name: str = "index") -> pd.DataFrame:
    """Load closes, and opens, highs and lows if the file has them.

    Parameters
    ----------
    source, reading, name
        As of `load_closes`; the columns of opens, highs and lows are read too. The close is taken as it was, not as
        adjusted for distributions.

    Returns
    -------
    DataFrame of float64
        A column `close` by date, and those of `open`, `high` and `low` that the file has; an open that is blank or 0
        is NaN. `attrs` as of `load_closes`.

    Raises
    ------
    InputError
        One line for each fault: those of `load_closes`, and a high below or a low above open or close by more than
        rounding.
    """
    return _prices_in(open_layout(source, reading, name), reading, bars=True, level_matters=True)[0]


def closes_in(layout: Layout, reading: Reading, *, level_matters: bool = False) -> pd.Series[float]:
    """Prices by date of a file that is cut into its parts already; as `load_closes`."""
    frame, column = _prices_in(layout, reading, bars=False, level_matters=level_matters)
    closes = frame["close"].rename(column)
    closes.attrs = frame.attrs
    return closes


def refuse_unused_column(
    asked: Said, loaded: Sequence[pd.Series[float] | pd.DataFrame | None], *, alone: bool = True
) -> None:
    """Refuse a column asked of all files that none of those loaded has; others may have it if these are not alone."""
    known = [series.attrs for series in loaded if series is not None]
    if isinstance(asked, str) and alone and not any(attrs.get("as_asked") for attrs in known):
        found = ", ".join(str(attrs.get("column", "")) for attrs in known)
        raise InputError(f"column = {shown(asked)}: no file has it: columns read are {found}")


def _prices_in(layout: Layout, reading: Reading, *, bars: bool, level_matters: bool) -> tuple[pd.DataFrame, str]:
    """Prices by date, and the name of the column of closes."""
    asked = reading.column
    layout, reading = one_security(layout, reading)
    file = layout.file
    chosen = choose_column(layout, reading, bars=bars)
    style = style_in(layout, reading, [chosen.close], level_matters=level_matters)
    days, faults, said = days_of(file, layout.cells(layout.date), layout.dating, reading.tz)
    closes, price_faults, empty = _closes(layout, chosen, style)
    faults += price_faults
    days = {row: day for row, day in days.items() if row not in empty}
    days, turned = put_in_order(days)
    again, repeats = repeated(days, closes)
    days = {row: day for row, day in days.items() if row not in again}
    faults += order_faults(days)
    values: dict[str, Column] = {}
    bar_notes: list[str] = []
    if bars and chosen.bars:
        kept = replace(layout, rows=[(row, cells) for row, cells in layout.rows if row in days])
        values, bar_faults, bar_notes = _bars(kept, chosen, style, closes)
        faults += bar_faults
    raise_faults([f"{file}: row {row}: {fault}" for row, fault in sorted(faults)])
    if not days:
        raise InputError(f"{file}: has no prices: column {layout.columns[chosen.close]} is empty")
    values["close"] = closes
    if chosen.ratio is not None:
        values = _scaled(values, layout, chosen.ratio, style)
    frame = pd.DataFrame(
        {part: [column[row] for row in days] for part, column in values.items()},
        index=pd.DatetimeIndex(list(days.values()), name="date"),
        dtype=np.float64,
    )
    how = [*layout.notes, *style_notes(style), *said, *([turned] if turned else [])]
    frame.attrs = {
        "file": file,
        "rows": RowsOfDays({day: row for row, day in days.items()}),
        "column": layout.columns[chosen.close],
        "as_asked": asked is not None
        and (asked != reading.column or chosen.close in names.places(layout.columns, asked)),
        "currency": currency_in(layout.columns, [cells for _, cells in layout.rows]),
        "notes": (
            _told(layout, chosen, frame, how),
            *(f"{file}: {line}" for line in (*_empty_notes(layout, empty), *repeats, *bar_notes, *chosen.notes)),
        ),
    }
    return frame, _called(layout, chosen)


def _called(layout: Layout, chosen: Chosen) -> str:
    """What a series is called: its column in lower case."""
    return layout.columns[chosen.close].lower() or "close"


def _closes(layout: Layout, chosen: Chosen, style: NumberStyle) -> tuple[Column, Faults, set[int]]:
    """Closes by row, faults, and the rows that have no price at all, as on a holiday."""
    values: Column = {}
    faults: Faults = []
    empty: set[int] = set()
    # Where the bar is known and its close is not, the file is at fault; a settlement price is no part of a bar.
    settled = names.is_settlement(layout.columns[chosen.close])
    others = [place for place, name in enumerate(layout.columns) if names.bar_part(name) and not settled]
    column = _called(layout, chosen)
    for row, cells in layout.rows:
        cell = cells[chosen.close]
        if is_missing(cell) and all(is_missing(cells[place]) for place in others):
            empty.add(row)
            continue
        try:
            price = positive_number(cell, style)
        except ValueError as error:
            faults.append((row, f"{column} = {shown(cell)}: {error}"))
            continue
        values[row] = price
    return values, faults, empty


def _bars(
    layout: Layout, chosen: Chosen, style: NumberStyle, closes: Column
) -> tuple[dict[str, Column], Faults, list[str]]:
    """Opens, highs and lows by row, faults, and what was unknown."""
    values: dict[str, Column] = {}
    faults: Faults = []
    notes = []
    decimals = {"close": most_decimals(layout.cells(chosen.close), style)}
    for part, place in chosen.bars.items():
        cells = layout.cells(place)
        column, found, unknown = read_bar_part(part, cells, style)
        faults += found
        if unknown and len(unknown) == len(layout.rows):
            continue  # a column in which nothing is known is none
        values[part], decimals[part] = column, most_decimals(cells, style)
        if unknown:
            filled = "unknown there" if part == "open" else "taken from open and close there"
            notes.append(f"{part} is blank or 0 in {_rows(len(unknown))} ({first_few(unknown, 3)}): {filled}")
    return values, faults + closed_bars(values, closes, decimals), notes


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _scaled(values: dict[str, Column], layout: Layout, raw: int, style: NumberStyle) -> dict[str, Column]:
    """Bars of a price as it was, brought to the level of the adjusted close."""
    scaled = {"close": values["close"]}
    close = {}
    for row, cell in layout.cells(raw):
        try:
            close[row] = parse_number(cell, style)
        except ValueError:
            continue
    for part in values.keys() - {"close"}:
        scaled[part] = {
            row: price * values["close"][row] / close[row]
            for row, price in values[part].items()
            if close.get(row, 0.0) > 0 and row in values["close"]
        }
        if len(scaled[part]) < len(values[part]):
            del scaled[part]
    return scaled


def _empty_notes(layout: Layout, empty: set[int]) -> list[str]:
    """Name the rows without a price."""
    if not empty:
        return []
    cell_of = {row: cells[layout.date] for row, cells in layout.rows}
    listed = first_few(sorted(empty), 3, lambda row: f"{shown(cell_of[row])} (row {row})")
    return [f"{_rows(len(empty))} without a price left out: {listed}"]


def _told(layout: Layout, chosen: Chosen, frame: pd.DataFrame, how: list[str]) -> str:
    """The line that says what a file was read as: source, column, dates, and whatever is not plain."""
    source = source_of(layout.columns, layout.around)
    column = layout.columns[chosen.close] or "(unnamed)"
    first, last = f"{frame.index[0]:%Y-%m-%d}", f"{frame.index[-1]:%Y-%m-%d}"
    read = f"read as {source}: " if source else "read "
    more = f" ({'; '.join(how)})" if how else ""
    return f"{layout.file}: {read}column {column}, {_rows(len(frame))} from {first} to {last}{more}"
