"""Load option quotes from the user's file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from os import PathLike
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from cqkit.errors import InputError, one_line, raise_faults
from cqkit.plain import first_few, shown
from hedging.options.choosing import may_be_used
from hedging.options.doubts import doubted_rates, one_root, one_spot, plain_strikes
from hedging.options.layouts import read_quote_table
from hedging.options.parsing import column_faults, look_between, parse_quotes
from hedging.series.dates import parse_day
from hedging.series.reading import TOLD_BY_THE_FILE, Reading

NO_BID: Final = "no bid: the middle of bid and ask would be a guess"
NO_QUOTE: Final = "nobody quotes it"


class _Loaded(NamedTuple):
    """Quotes of a file."""

    file: str
    quotes: pd.DataFrame
    faults: dict[int, list[str]]  # with prices, by place among the quotes
    notes: list[str]
    forward_given: bool


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
    quotes = _together(found)
    used = may_be_used(quotes)
    raise_faults(_price_faults(found, quotes[used]))
    notes = [note for part in found for note in part.notes]
    for number, part in enumerate(found):
        raise_faults(doubted_rates(quotes[used & (quotes["of"] == number)], part.file))
        notes += _left_out(part.file, quotes[~used & (quotes["of"] == number)])
    quotes = quotes.drop(columns=["place", "of"])
    quotes.attrs = {
        "file": ", ".join(part.file for part in found),
        "notes": tuple(map(one_line, notes)),
        "forward_given": all(part.forward_given for part in found),
    }
    return quotes


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


def _load(
    path: str | PathLike[str], root: str | None, rate: float | None, said: dict[str, str], reading: Reading
) -> _Loaded:
    """Load a file of quotes."""
    table = read_quote_table(path, reading, said)
    raise_faults(column_faults(table))
    parsed, faults, how = parse_quotes(table, reading, said)
    parsed, notes = one_root(parsed, root, table.file)
    if rate is not None:
        parsed["rate"] = rate
    if not faults.file:
        for put_right in (one_spot, plain_strikes):
            parsed, more = put_right(parsed, table.file)
            notes += more
    look_between(parsed, faults)
    _raise(table.file, faults.file)
    quotes, more = _frame(table.file, parsed, faults.prices)
    read = [f"{table.file}: read ({'; '.join(how)})"] if how else []
    return _Loaded(table.file, quotes, faults.prices, [*read, *table.notes, *notes, *more], "forward" in parsed)


def _together(found: Sequence[_Loaded]) -> pd.DataFrame:
    """Quotes of all files in order; `of` is the number of the file."""
    option = ["date", "expiry", "strike", "call"]
    quotes = pd.concat([part.quotes.assign(of=number) for number, part in enumerate(found)])
    quotes = quotes.sort_values(option, ignore_index=True)
    twice = quotes[quotes.duplicated(option)]
    if len(twice):
        again, files = twice.iloc[0], ", ".join(part.file for part in found)
        raise InputError(f"{files}: strike {again['strike']:g} of {again['expiry']:%Y-%m-%d} is in two files: keep one")
    return quotes


def _price_faults(found: Sequence[_Loaded], used: pd.DataFrame) -> list[str]:
    """What is wrong with prices that are used."""
    ordered = used.sort_values(["of", "row", "place"])
    return [
        f"{found[number].file}: row {row}: {said}"
        for number, row, place in ordered[["of", "row", "place"]].to_numpy(np.int64).tolist()
        for said in found[number].faults.get(place, [])
    ]


def _raise(file: str, faults: list[tuple[int, str]]) -> None:
    raise_faults([f"{file}: row {row}: {fault}" for row, fault in sorted(faults)])


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
