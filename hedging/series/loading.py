"""Load a price series from the user's file."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime
from os import PathLike
from typing import TypeVar

import numpy as np
import pandas as pd

from cqkit.errors import InputError, raise_faults
from cqkit.tables import Table, read_table

Parsed = TypeVar("Parsed")


def load_closes(path: str | PathLike[str]) -> pd.Series[float]:
    """Load one price series from a CSV or Parquet file.

    Parameters
    ----------
    path : path
        A file with a column `date` (YYYY-MM-DD, oldest first) and a column `close`, or else `nav`, or else
        only one other column of numbers.

    Returns
    -------
    Series of float64
        Positive prices by date, named after their column. `attrs` keeps the file's name and row numbers for
        later messages.

    Raises
    ------
    InputError
        One line for each fault, with file, row, what was found and what is allowed.
    """
    table = read_table(path)
    date_column, price_column = _columns(table)
    name = table.columns[price_column]
    frame = _frame(table, date_column, {name: price_column})
    closes = frame[name]
    closes.attrs = frame.attrs
    return closes


def load_prices(path: str | PathLike[str]) -> pd.DataFrame:
    """Load closes, and opens, highs and lows if the file has them, from a CSV or Parquet file.

    Parameters
    ----------
    path : path
        A file that `load_closes` reads, in which the columns `open`, `high` and `low` are read too.

    Returns
    -------
    DataFrame of float64
        A column `close` by date, and those of `open`, `high` and `low` that the file has. `attrs` as of
        `load_closes`.

    Raises
    ------
    InputError
        One line for each fault: those of `load_closes`, and a high below or a low above open or close.
    """
    table = read_table(path)
    date_column, price_column = _columns(table)
    bar: dict[str, int] = {part: table.columns.index(part) for part in ("open", "high", "low") if part in table.columns}
    return _frame(table, date_column, {**bar, "close": price_column})


def _frame(table: Table, date_column: int, columns: dict[str, int]) -> pd.DataFrame:
    """Parse dates and prices; every fault with its row."""
    days, faults = _parsed(table, date_column, parse_day)
    faults += _order_faults(days)
    prices = {}
    for name, column in columns.items():
        prices[name], price_faults = _parsed(table, column, _price)
        faults += price_faults
    faults += _bar_faults(prices)
    raise_faults([f"{table.file}: row {row}: {fault}" for row, fault in sorted(faults)])
    frame = pd.DataFrame(
        {name: list(values.values()) for name, values in prices.items()},
        index=pd.DatetimeIndex(list(days.values()), name="date"),
        dtype=np.float64,
    )
    frame.attrs = {"file": table.file, "first_row": table.first_row, "rows": len(frame)}
    return frame


def _bar_faults(prices: dict[str, dict[int, float]]) -> list[tuple[int, str]]:
    """Find highs below, and lows above, the open or close of their row."""
    faults = []
    for edge, word in (("high", "below"), ("low", "above")):
        sign = 1 if edge == "high" else -1
        for row, found in prices.get(edge, {}).items():
            for part in ("open", "close"):
                other = prices.get(part, {}).get(row)
                if other is not None and sign * (found - other) < 0:
                    faults.append((row, f"{edge} = {found:g}: must not be {word} the {part} of {other:g}"))
    return faults


def _parsed(
    table: Table, column: int, parse: Callable[[str], Parsed]
) -> tuple[dict[int, Parsed], list[tuple[int, str]]]:
    """Parse a column; the good values by row, and the faults with theirs."""
    values: dict[int, Parsed] = {}
    faults: list[tuple[int, str]] = []
    for row, cells in enumerate(table.rows, table.first_row):
        try:
            values[row] = parse(cells[column])
        except ValueError as error:
            faults.append((row, f"{table.columns[column]} = {shown(cells[column])}: {error}"))
    return values, faults


def _order_faults(days: dict[int, datetime]) -> list[tuple[int, str]]:
    """Find dates that occur twice or come before the one above them."""
    faults: list[tuple[int, str]] = []
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


def _columns(table: Table) -> tuple[int, int]:
    """Find the positions of the date and price columns."""
    found = ", ".join(column or "(unnamed)" for column in table.columns)
    if "date" not in table.columns:
        raise InputError(f"{table.file}: columns found: {found}: one must be called date")
    date_column = table.columns.index("date")
    for name in ("close", "nav"):
        if name in table.columns:
            return date_column, table.columns.index(name)
    numeric = [
        column
        for column in range(len(table.columns))
        if column != date_column and _mostly_numbers([cells[column] for cells in table.rows])
    ]
    if len(numeric) != 1:
        raise InputError(f"{table.file}: columns found: {found}: must have close or nav, or only one column of numbers")
    return date_column, numeric[0]


def _mostly_numbers(cells: list[str]) -> bool:
    """Tell a column of numbers, in which a few cells may be wrong, from a column of words."""
    numbers = 0
    for cell in cells:
        try:
            numbers += math.isfinite(float(cell))
        except ValueError:
            continue
    return 2 * numbers > len(cells)


def parse_day(found: str | date) -> datetime:
    """Parse a date, as midnight of its day; the ValueError says what is allowed."""
    text = str(found).replace("/", "-")
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        # Spreadsheets write 2007-6-29, which is no ISO date.
        try:
            day = datetime.strptime(text, "%Y-%m-%d")
        except ValueError:
            raise ValueError("must be a date, YYYY-MM-DD") from None
    if not 1700 <= day.year <= 2200:
        raise ValueError("must be a date between the years 1700 and 2200")
    return datetime(day.year, day.month, day.day)


def _price(cell: str) -> float:
    """Parse a price; the ValueError says what is allowed."""
    try:
        price = float(cell)
    except ValueError:
        price = math.nan
    if math.isnan(price):
        raise ValueError("must be a number, plain digits with a decimal point")
    if math.isinf(price):
        raise ValueError("must be finite")
    if price <= 0:
        raise ValueError("must be positive")
    return price


def shown(cell: str) -> str:
    """Show a cell in a message, where it may be empty or a page long."""
    return cell[:40] or "(empty)"
