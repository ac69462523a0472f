"""Load a price series from the user's file."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime
from os import PathLike
from typing import TypeVar

import numpy as np
import pandas as pd

from hedging.exceptions import InputError, raise_faults
from hedging.tables import Table, read_table

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
    days, faults = _parsed(table, date_column, parse_day)
    prices, price_faults = _parsed(table, price_column, _price)
    faults = sorted([*faults, *_order_faults(days), *price_faults])
    raise_faults([f"{table.file}: row {row}: {fault}" for row, fault in faults])
    closes = pd.Series(
        list(prices.values()),
        index=pd.DatetimeIndex(list(days.values()), name="date"),
        name=table.columns[price_column],
        dtype=np.float64,
    )
    closes.attrs = {"file": table.file, "first_row": table.first_row, "rows": len(closes)}
    return closes


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
