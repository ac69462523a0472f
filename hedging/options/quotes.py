"""Load option quotes from the user's file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from os import PathLike
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from cqkit.errors import InputError, one_line, raise_faults
from cqkit.numbers import NumberStyle, is_missing, style_of
from cqkit.plain import first_few, shown
from hedging.options.choosing import may_be_used
from hedging.options.doubts import doubted_rates, one_root, one_spot, plain_strikes
from hedging.options.layouts import QuoteTable, read_quote_table
from hedging.options.quoted import bid_cell, call_cell, is_nothing, rate_cell
from hedging.options.repeats import fault_between_cells, repeats, shared_value_faults
from hedging.series.dates import dating_of, parse_day
from hedging.series.days import days_of
from hedging.series.opening import fitting_format, positive_number, style_notes
from hedging.series.reading import DECIMALS, TOLD_BY_THE_FILE, Reading

NO_BID: Final = "no bid: the middle of bid and ask would be a guess"
NO_QUOTE: Final = "nobody quotes it"

_REQUIRED = ("date", "expiry", "strike", "type")
_DATES = ("date", "expiry")
_PARSERS: Final[dict[str, Callable[[str, NumberStyle], object]]] = {
    "strike": positive_number,
    "type": call_cell,
    "bid": bid_cell,
    "ask": positive_number,
    "price": positive_number,
    "spot": positive_number,
    "forward": positive_number,
    "rate": rate_cell,
    "root": lambda cell, _: cell,
}
_NUMBERS = tuple(name for name in _PARSERS if name not in {"type", "root"})
_PRICES = ("bid", "ask", "price")


class _Faults(NamedTuple):
    """What is wrong, each with its row: with the file, and with prices, which only count where they are used."""

    file: list[tuple[int, str]]
    prices: dict[int, list[str]]  # by place among the quotes


def load_quotes(
    path: str | PathLike[str] | Sequence[str | PathLike[str]],
    *,
    root: str | None = None,
    rate: float | None = None,
    date: str | None = None,
    expiry: str | Sequence[str] | None = None,
    spot: float | None = None,
    reading: Reading = TOLD_BY_THE_FILE,
) -> pd.DataFrame:
    """Load option quotes from a CSV, Parquet or Excel file, for one or many dates, or from several files.

    Parameters
    ----------
    path : path, or several
        One row a quote, in any order. Columns: `date` and `expiry`, `strike`, `type` (call or put, c or p, CE or PE,
        认购 or 认沽), `bid` and `ask` or else `price`, `spot` or `forward` or both, and if it is known `rate`
        (continuously compounded interest a year to the expiry, a ratio) and `root` (SPX or SPXW). All options of a
        date have one spot, all of a date and expiry one forward and one rate. Vendors' other names for these columns
        are known, and so are tables with calls and puts side by side, as CBOE and NSE have them.
    root : str, optional
        Take only options of this root, where several expire on one day.
    rate : float, optional
        Interest a year as a ratio, in place of a column `rate`.
    date, expiry, spot : optional
        Of all quotes in a file, where it does not say: YYYY-MM-DD, and points. Several files have an expiry each, or
        one in their names.
    reading : Reading
        What the user says of the file: the column of prices in place of bid and ask, date format, zone, decimal mark.

    Returns
    -------
    DataFrame
        Sorted by date, expiry, strike and type, with columns `date`, `expiry`, `strike`, `call` (bool),
        `price` (the middle of bid and ask; NaN where there is none), `spot` (NaN without one), `forward`
        (spot grown at the rate where there is none, dividends left out), `rate` (0 without one), `row` (its
        row in the file) and `fault` (why `price` is NaN, else empty). `attrs` has `file` and `notes`, one
        line for each thing assumed.

    Raises
    ------
    InputError
        One line for each fault, with file, row, what was found and what is allowed. Prices of options that the
        index does not read are no faults: they are left out with a note.
    """
    if rate is not None and not -0.2 <= rate <= 1:
        raise InputError(f"rate = {rate:g}: must lie in -0.2..1 (interest a year as a ratio, not percent)")
    paths = [path] if isinstance(path, str | PathLike) else list(path)
    expiries = [expiry] * len(paths) if expiry is None or isinstance(expiry, str) else list(expiry)
    raise_faults(_said_faults(date, expiries, spot, len(paths)))
    said = {"date": date, "spot": None if spot is None else f"{spot:.15g}"}
    found = [
        _load(file, root, rate, {name: word for name, word in (*said.items(), ("expiry", own)) if word}, reading)
        for file, own in zip(paths, expiries, strict=True)
    ]
    return found[0] if len(found) == 1 else _together(found)


def _said_faults(date: str | None, expiries: Sequence[str | None], spot: float | None, files: int) -> list[str]:
    """Say what is wrong with what is said of all quotes."""
    faults = []
    for name, day in (("date", date), *(("expiry", expiry) for expiry in expiries)):
        try:
            parse_day(day or "2024-01-02")
        except ValueError as error:
            faults.append(f"{name} = {shown(str(day))}: {error}")
    if spot is not None and not 0 < spot < np.inf:
        faults.append(f"spot = {spot:g}: must be positive and finite (index points)")
    if len(expiries) != files:
        faults.append(f"expiry: {len(expiries)} for {files} files: must be one a file")
    return faults


def _together(found: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Quotes of several files as those of one."""
    option = ["date", "expiry", "strike", "call"]
    quotes = pd.concat(found).sort_values(option, ignore_index=True)
    file = ", ".join(str(part.attrs["file"]) for part in found)
    twice = quotes[quotes.duplicated(option)]
    if len(twice):
        again = twice.iloc[0]
        raise InputError(f"{file}: strike {again['strike']:g} of {again['expiry']:%Y-%m-%d} is in two files: keep one")
    quotes.attrs = {
        "file": file,
        "notes": tuple(note for part in found for note in part.attrs["notes"]),
        "forward_given": all(part.attrs["forward_given"] for part in found),
    }
    return quotes


def _load(
    path: str | PathLike[str], root: str | None, rate: float | None, said: dict[str, str], reading: Reading
) -> pd.DataFrame:
    """Load a file of quotes."""
    table = read_quote_table(path, reading, said)
    raise_faults(_column_faults(table))
    style = _style(table, reading, said)
    parsed, faults, how = _parsed(table, style, reading, said)
    how = [*table.how, *style_notes(style), *how]
    parsed, notes = one_root(parsed, root, table.file)
    if rate is not None:
        parsed["rate"] = rate
    if not faults.file:
        for put_right in (one_spot, plain_strikes):
            parsed, more = put_right(parsed, table.file)
            notes += more
    _look_between(parsed, faults)
    _raise(table.file, faults.file)
    quotes, more = _frame(table.file, parsed, faults.prices)
    notes += more
    used = may_be_used(quotes)
    wrong = [(row, said) for at, row in zip(quotes["place"][used], quotes["row"][used], strict=True)
             for said in faults.prices.get(int(at), [])]  # fmt: skip
    _raise(table.file, wrong)
    raise_faults(doubted_rates(quotes[used], table.file))
    notes += _left_out(table.file, quotes[~used])
    quotes = quotes.drop(columns="place")
    quotes.attrs = {
        "file": table.file,
        "notes": tuple(
            map(one_line, (*([f"{table.file}: read ({'; '.join(how)})"] if how else []), *table.notes, *notes))
        ),
        "forward_given": "forward" in parsed,
    }
    return quotes


def _raise(file: str, faults: list[tuple[int, str]]) -> None:
    raise_faults([f"{file}: row {row}: {fault}" for row, fault in sorted(faults)])


def _column_faults(table: QuoteTable) -> list[str]:
    have = set(table.columns)
    missing = [name for name in _REQUIRED if name not in have]
    if not (have >= {"bid", "ask"} or "price" in have):
        missing.append("bid and ask, or price")
    if not have & {"spot", "forward"}:
        missing.append("spot or forward")
    found = ", ".join(column or "(unnamed)" for column in table.found or table.columns)
    options = [f"--{name}" for name in ("date", "expiry", "spot") if {name, f"{name} or forward"} & set(missing)]
    said = f" (or {', '.join(options)} for all quotes)" if options else ""
    return [f"{table.file}: columns found: {found}: must also have {'; '.join(missing)}{said}"] if missing else []


def _style(table: QuoteTable, reading: Reading, said: Mapping[str, str]) -> NumberStyle:
    """Tell by all numbers of the file how they are written; what the user says is none of them."""
    columns = [
        [(row, cell) for row, cell in table.cells(name) if not is_missing(cell)]
        for name in _NUMBERS
        if name in table.columns and name not in said
    ]
    asked = DECIMALS.get(reading.decimal or "")
    # Strikes make a path; where they are whole, the first prices with a mark in them stand for it.
    marked = [column for column in columns if any("." in cell or "," in cell for _, cell in column)]
    path, whole = table.cells("strike"), columns[0] not in marked
    if marked and whole:
        path = marked[0]
    matters = not whole or table.delimiter == ";"
    return style_of(table.file, columns, path, table.delimiter, asked, level_matters=matters, all_matter=True)


def _parsed(
    table: QuoteTable, style: NumberStyle, reading: Reading, said: Mapping[str, str]
) -> tuple[pd.DataFrame, _Faults, list[str]]:
    """Parse every column that is used, collect the faults, and say how dates were read; a value at fault is missing."""
    quoted = {"bid", "ask"} <= set(table.columns)
    faults = _Faults([], {})
    columns: dict[str, list[object]] = {"row": [row for row, _ in table.rows]}
    how: list[str] = []
    for name, beside in zip(_DATES, reversed(_DATES), strict=True):
        columns[name], wrong, more = _days(table, name, beside, reading)
        faults.file.extend(wrong)
        how += [line for line in more if line not in how]
    for name, parse in _PARSERS.items():
        if name not in table.columns or (quoted and name == "price"):
            continue
        position = table.columns.index(name)
        values: list[object] = []
        for place, (row, cells) in enumerate(table.rows):
            found = cells[position]
            if name in _PRICES and _unquoted(table, cells, style):
                values.append(np.nan)
                continue
            try:
                values.append(parse(found, NumberStyle() if name in said else style))
            except ValueError as error:
                values.append(None)
                said_of_it = f"{name} = {shown(found)}: {error}"
                if name in _PRICES:
                    faults.prices.setdefault(place, []).append(said_of_it)
                else:
                    faults.file.append((row, said_of_it))
        columns[name] = values
    return pd.DataFrame(columns), faults, how


def _days(
    table: QuoteTable, name: str, beside: str, reading: Reading
) -> tuple[list[object], list[tuple[int, str]], list[str]]:
    """A column of dates, which writes day and month as the one beside it does; its faults, and how it was read."""
    cells, other = table.cells(name), [cell for _, cell in table.cells(beside)]
    asked = fitting_format((cell for _, cell in cells), reading)
    dating = replace(dating_of(table.file, [cell for _, cell in cells], asked, other), mixed=True)
    days, wrong, said = days_of(table.file, cells, dating, reading.tz, one_a_day=False, name=name)
    # Two quotes of a table side by side share a row.
    return [days.get(row) for row, _ in cells], list(dict.fromkeys(wrong)), said


def _unquoted(table: QuoteTable, cells: list[str], style: NumberStyle) -> bool:
    """Tell an option that nobody quotes: both sides, or its price, blank or 0."""
    names = ("bid", "ask") if {"bid", "ask"} <= set(table.columns) else ("price",)
    return all(is_nothing(cells[table.columns.index(name)], style) for name in names)


def _look_between(parsed: pd.DataFrame, faults: _Faults) -> None:
    """Find what is wrong between the cells of a row, or between rows."""
    for place, row, kind, fault in fault_between_cells(parsed):
        if kind == "price":
            faults.prices.setdefault(place, []).append(fault)
        else:
            faults.file.append((row, fault))
    faults.file.extend(repeats(parsed))
    faults.file.extend(shared_value_faults(parsed))


def _frame(file: str, parsed: pd.DataFrame, wrong: dict[int, list[str]]) -> tuple[pd.DataFrame, list[str]]:
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
    quotes["place"] = parsed.index.to_numpy(np.int64)
    quotes.loc[quotes["price"].isna() & (quotes["fault"] == ""), "fault"] = NO_QUOTE
    bad = quotes["place"].isin(list(wrong))
    quotes.loc[bad, "fault"] = [", ".join(wrong[int(place)]) for place in quotes["place"][bad]]
    quotes.loc[bad, "price"] = np.nan
    missing = np.full(len(parsed), np.nan)
    quotes["spot"] = parsed["spot"].to_numpy(np.float64) if "spot" in parsed else missing
    quotes["rate"] = parsed["rate"].to_numpy(np.float64) if "rate" in parsed else np.zeros(len(parsed))
    if "rate" not in parsed:
        notes.append(f"{file}: has no column rate: interest is taken to be 0")
    if "forward" in parsed:
        quotes["forward"] = parsed["forward"].to_numpy(np.float64)
    else:
        years = (quotes["expiry"] - quotes["date"]).dt.days / 365
        quotes["forward"] = quotes["spot"] * np.exp(quotes["rate"] * years)
        notes.append(f"{file}: has no column forward: the spot grown at the rate, without dividends, stands for it")
    quotes["row"] = parsed["row"].to_numpy(np.int64)
    order = ["date", "expiry", "strike", "call", "price", "spot", "forward", "rate", "row", "fault", "place"]
    return quotes[order].sort_values(["date", "expiry", "strike", "call"], ignore_index=True), notes


def _left_out(file: str, unused: pd.DataFrame) -> list[str]:
    """Say which options have no price that anybody could use, where none is used."""
    bad = unused[(unused["fault"] != "") & (unused["fault"] != NO_BID)].sort_values("row")
    if bad.empty:
        return []
    named = first_few(
        list(bad.itertuples()),
        3,
        lambda quote: (
            f"row {quote.row}: {'call' if quote.call else 'put'} {quote.strike:g} of "
            f"{quote.expiry:%Y-%m-%d}: {quote.fault}"
        ),
        "; ",
    )
    options = "1 option has no price and is" if len(bad) == 1 else f"{len(bad)} options have no price and are"
    return [f"{file}: {options} not read: {named}"]


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
