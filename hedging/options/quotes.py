"""Load option quotes from the user's file."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from datetime import datetime
from os import PathLike
from typing import Any, Final

import numpy as np
import pandas as pd

from cqkit.errors import InputError, raise_faults
from cqkit.tables import Table, read_table
from hedging.series.loading import parse_day, shown

NO_BID: Final = "no bid: the middle of bid and ask would be a guess"

_CALL, _PUT = {"c", "call"}, {"p", "put"}
_REQUIRED = ("date", "expiry", "strike", "type")


def load_quotes(path: str | PathLike[str]) -> pd.DataFrame:
    """Load option quotes from a CSV or Parquet file, for one or many dates.

    Parameters
    ----------
    path : path
        One row a quote, in any order. Columns: `date` and `expiry` (YYYY-MM-DD), `strike`, `type` (call or
        put, c or p), `bid` and `ask` or else `price`, `spot` or `forward` or both, and if it is known `rate`
        (continuously compounded interest a year to the expiry, a ratio). All options of a date have one
        spot, all of a date and expiry one forward and one rate.

    Returns
    -------
    DataFrame
        Sorted by date, expiry, strike and type, with columns `date`, `expiry`, `strike`, `call` (bool),
        `price` (the middle of bid and ask; NaN where there is no bid), `spot` (NaN without one), `forward`
        (spot grown at the rate where there is none, dividends left out), `rate` (0 without one), `row` (its
        row in the file) and `fault` (why `price` is NaN, else empty). `attrs` has `file` and `notes`, one
        line for each thing assumed.

    Raises
    ------
    InputError
        One line for each fault, with file, row, what was found and what is allowed.
    """
    table = read_table(path)
    raise_faults(_column_faults(table))
    parsed, faults = _parse_all(table)
    faults += _quote_faults(parsed)
    raise_faults([f"{table.file}: row {row}: {fault}" for row, fault in sorted(faults)])
    return _frame(table, parsed)


def _column_faults(table: Table) -> list[str]:
    have = set(table.columns)
    missing = [name for name in _REQUIRED if name not in have]
    if not (have >= {"bid", "ask"} or "price" in have):
        missing.append("bid and ask, or price")
    if not have & {"spot", "forward"}:
        missing.append("spot or forward")
    found = ", ".join(column or "(unnamed)" for column in table.columns)
    return [f"{table.file}: columns found: {found}: must also have {'; '.join(missing)}"] if missing else []


def _parse_all(table: Table) -> tuple[pd.DataFrame, list[tuple[int, str]]]:
    """Parse every column that is used, and collect the faults; a value at fault is missing."""
    parsers: dict[str, Callable[[str], object]] = {
        "date": parse_day,
        "expiry": parse_day,
        "strike": _positive,
        "type": _is_call,
        "bid": _not_negative,
        "ask": _positive,
        "price": _positive,
        "spot": _positive,
        "forward": _positive,
        "rate": _rate,
    }
    if {"bid", "ask"} <= set(table.columns):
        del parsers["price"]
    faults: list[tuple[int, str]] = []
    columns: dict[str, list[object]] = {}
    for name, parse in parsers.items():
        if name not in table.columns:
            continue
        position = table.columns.index(name)
        values: list[object] = []
        for row, cells in enumerate(table.rows, table.first_row):
            try:
                values.append(parse(cells[position]))
            except ValueError as error:
                values.append(None)
                faults.append((row, f"{name} = {shown(cells[position])}: {error}"))
        columns[name] = values
    rows = range(table.first_row, table.first_row + len(table.rows))
    return pd.DataFrame(columns, index=pd.Index(rows, name="row")), faults


def _quote_faults(parsed: pd.DataFrame) -> list[tuple[int, str]]:
    """Find what is wrong between the cells of a row, or between rows."""
    faults: list[tuple[int, str]] = []
    seen: dict[Hashable, int] = {}
    one_value: dict[tuple[object, ...], tuple[int, float]] = {}
    shared = [(name, keys) for name, keys in _SHARED.items() if name in parsed]
    for row, *values in parsed.itertuples(name=None):
        cells: dict[str, Any] = dict(zip(parsed.columns, values, strict=True))
        date, expiry = cells["date"], cells["expiry"]
        bid, ask = cells.get("bid", np.nan), cells.get("ask", np.nan)
        if _known(date, expiry) and expiry <= date:
            faults.append((row, f"expiry = {expiry:%Y-%m-%d}: must be after the date, {date:%Y-%m-%d}"))
        if _known(bid, ask) and bid > ask:
            faults.append((row, f"bid = {bid:g}: must not exceed the ask, {ask:g}"))
        option = tuple(cells[name] for name in _REQUIRED)
        if _known(*option):
            if option in seen:
                faults.append((row, f"the same option is in row {seen[option]} already: keep one of them"))
            seen.setdefault(option, row)
        for name, keys in shared:
            value, group = cells[name], (name, *(cells[key] for key in keys))
            if _known(value, *group):
                first, known = one_value.setdefault(group, (row, value))
                if value != known:
                    faults.append((row, f"{name} = {value:g}: must be the {known:g} of row {first}, {_WHY[keys]}"))
    return faults


_SHARED: Final = {"spot": ("date",), "forward": ("date", "expiry"), "rate": ("date", "expiry")}
_WHY: Final[dict[tuple[str, ...], str]] = {
    ("date",): "as the date is the same",
    ("date", "expiry"): "as date and expiry are the same",
}


def _known(*values: Any) -> bool:
    """Tell that no cell was at fault or left out."""
    return not any(pd.isna(value) for value in values)


def _frame(table: Table, parsed: pd.DataFrame) -> pd.DataFrame:
    """Put the quotes in order and fill in price, forward and rate."""
    notes = []
    quotes = pd.DataFrame({"date": pd.DatetimeIndex(parsed["date"]), "expiry": pd.DatetimeIndex(parsed["expiry"])})
    quotes["strike"] = parsed["strike"].to_numpy(np.float64)
    quotes["call"] = parsed["type"].to_numpy(np.bool_)
    quotes["fault"] = ""
    if "price" in parsed:
        quotes["price"] = parsed["price"].to_numpy(np.float64)
    else:
        bid, ask = parsed["bid"].to_numpy(np.float64), parsed["ask"].to_numpy(np.float64)
        quotes["price"] = np.where(bid > 0, (bid + ask) / 2, np.nan)
        quotes.loc[bid == 0, "fault"] = NO_BID
    missing = np.full(len(parsed), np.nan)
    quotes["spot"] = parsed["spot"].to_numpy(np.float64) if "spot" in parsed else missing
    quotes["rate"] = parsed["rate"].to_numpy(np.float64) if "rate" in parsed else np.zeros(len(parsed))
    if "rate" not in parsed:
        notes.append(f"{table.file}: has no column rate: interest is taken to be 0")
    if "forward" in parsed:
        quotes["forward"] = parsed["forward"].to_numpy(np.float64)
    else:
        years = (quotes["expiry"] - quotes["date"]).dt.days / 365
        quotes["forward"] = quotes["spot"] * np.exp(quotes["rate"] * years)
        notes.append(
            f"{table.file}: has no column forward: the spot grown at the rate, without dividends, stands for it"
        )
    quotes["row"] = parsed.index.to_numpy(np.int64)
    order = ["date", "expiry", "strike", "call", "price", "spot", "forward", "rate", "row", "fault"]
    quotes = quotes[order].sort_values(["date", "expiry", "strike", "call"], ignore_index=True)
    quotes.attrs = {"file": table.file, "notes": tuple(notes)}
    return quotes


def _is_call(cell: str) -> bool:
    word = cell.lower()
    if word not in _CALL | _PUT:
        raise ValueError("must be call or put (or c or p)")
    return word in _CALL


def _number(cell: str) -> float:
    try:
        number = float(cell)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError("must be a number, plain digits with a decimal point")
    return number


def _positive(cell: str) -> float:
    number = _number(cell)
    if number <= 0:
        raise ValueError("must be positive")
    return number


def _not_negative(cell: str) -> float:
    number = _number(cell)
    if number < 0:
        raise ValueError("must not be negative (0 is no bid)")
    return number


def _rate(cell: str) -> float:
    number = _number(cell)
    if not -0.2 <= number <= 1:
        raise ValueError("must lie in -0.2..1 (interest a year as a ratio, not percent)")
    return number


def quote_days(quotes: pd.DataFrame) -> list[datetime]:
    """Dates that have quotes, oldest first.

    Raises
    ------
    InputError
        When there are none.
    """
    if quotes.empty:
        raise InputError("quotes: none: must be at least eight, calls and puts of two months")
    return [day.to_pydatetime() for day in quotes["date"].drop_duplicates()]
