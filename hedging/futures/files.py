"""Load futures prices: one series, a column or a row a contract, or a folder with a file a contract."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from cqkit.errors import InputError, raise_faults
from cqkit.numbers import NumberStyle, is_missing
from cqkit.plain import first_few, shown
from cqkit.readers import READERS
from hedging.futures.codes import Month, contract_month, contract_product, may_be_contract, month_said
from hedging.series import columns as names
from hedging.series.days import days_of
from hedging.series.layout import Layout
from hedging.series.loading import closes_in
from hedging.series.opening import open_layout, positive_number, style_in, style_notes
from hedging.series.reading import TOLD_BY_THE_FILE, Reading
from hedging.series.securities import named_first


@dataclass(frozen=True, eq=False)
class FuturesFile:
    """Futures prices as a file has them.

    Attributes
    ----------
    name : str
        The file's or folder's name.
    series : Series or None
        One series, if that is what the file has.
    contracts : DataFrame or None
        Prices by date (rows) and the contract's (year, month) (columns), NaN where it is not listed, otherwise.
    notes : tuple of str
        Which columns were read, and how.
    """

    name: str
    series: pd.Series[float] | None
    contracts: pd.DataFrame | None
    notes: tuple[str, ...] = ()


def load_futures(
    path: str | PathLike[str], *, settle: bool = False, reading: Reading = TOLD_BY_THE_FILE
) -> FuturesFile:
    """Load a file of futures prices, or a folder with a file a contract.

    Parameters
    ----------
    path : path
        A file as `load_closes` reads it (one series); or with a column a contract, each named by its code; or with
        one row a date and contract, with a column for its code; or a folder of files, each named by its contract.
    settle : bool
        Read settlement prices, at which margins are settled, instead of closes.
    reading : Reading
        What the user says of the file, or of each in the folder. Its column may be that of prices, the product of
        several (IF), or both (IF close).

    Raises
    ------
    InputError
        One line for each fault.
    """
    path = Path(path)
    if path.is_dir():
        return _folder(path, settle, reading)
    layout = open_layout(path, reading, "futures")
    code = _code_column(layout)
    if code is not None:
        return _long(layout, code, settle, reading)
    alone = reading.column is not None and bool(names.places(layout.columns, reading.column))
    wide = {} if alone else _contract_columns(layout, settle, reading)
    if len(wide) > 1 or (len(wide) == 1 and not any(map(names.kind_of, layout.columns))):
        return _wide(layout, wide, reading)
    series, notes = _series(layout, settle, reading)
    return FuturesFile(layout.file, series, None, notes)


def _series(layout: Layout, settle: bool, reading: Reading) -> tuple[pd.Series[float], tuple[str, ...]]:
    """Read one series, by its closes or settlement prices."""
    settled = [name for name in layout.columns if names.is_settlement(name)]
    _column_asked(layout.file, reading.column, settle, reading)
    if not settle:
        closes = closes_in(layout, reading, level_matters=True)
        read = tuple(closes.attrs["notes"])
        if not settled or closes.attrs["column"] in settled:
            return closes, read
        return closes, (
            *read,
            f"{layout.file}: column {closes.name} is read; margins are settled at {settled[0].lower()}: --settle",
        )
    if not settled:
        raise InputError(
            f"{layout.file}: columns found: {_listed(layout)}: must have settle, as settlement prices are asked for"
        )
    closes = closes_in(layout, replace(reading, column=settled[0]), level_matters=True)
    return closes, (*closes.attrs["notes"], f"{layout.file}: column {closes.name} is read, as --settle asks for")


def _wide(layout: Layout, wide: dict[int, Month], reading: Reading) -> FuturesFile:
    """Read a column a contract."""
    months = list(wide.values())
    twice = sorted({month for month in months if months.count(month) > 1})
    if twice:
        raise InputError(f"{layout.file}: {month_said(twice[0])} has {months.count(twice[0])} columns: must have one")
    style = style_in(layout, reading, list(wide), level_matters=True)
    days, faults, how = _days(layout, reading)
    row_of: dict[datetime, int] = {}
    for row, day in days.items():
        first = row_of.setdefault(day, row)
        if first != row:
            faults.append((row, f"date = {day:%Y-%m-%d}: is in row {first} already: keep one of them"))
    columns = {}
    for place, month in wide.items():
        prices, more = _prices(layout, place, style)
        faults += more
        columns[month] = pd.Series({day: prices.get(row, np.nan) for row, day in days.items()}, dtype=np.float64)
    _raise(layout, faults)
    told = _told(layout, f"{len(months)} contracts, a column each", how, style)
    return FuturesFile(layout.file, None, _sorted(pd.DataFrame(columns)), (told,))


def _long(layout: Layout, code: int, settle: bool, reading: Reading) -> FuturesFile:
    """Read a row a date and contract."""
    year = _year(layout)
    of_row = {row: contract_month(cells[code], year) for row, cells in layout.rows}
    codes = [cells[code] for row, cells in layout.rows if of_row[row]]
    product, column = _product(layout, codes, reading)
    column = _column_asked(layout.file, column, settle, reading)
    # Totals and other products are left out.
    kept = [
        (row, cells) for row, cells in layout.rows if of_row[row] and product in (None, contract_product(cells[code]))
    ]
    layout = replace(layout, rows=kept)
    place = _price_column(layout, settle, column, "column" in reading.binding)
    name = layout.columns[place].lower()
    style = style_in(layout, reading, [place], level_matters=True)
    days, faults, how = _days(layout, reading)
    prices, more = _prices(layout, place, style)
    faults += more
    values: dict[Month, dict[datetime, float]] = {}
    for row, price in prices.items():
        month = of_row[row]
        if month is None or row not in days:
            continue
        of_month = values.setdefault(month, {})
        if days[row] in of_month:
            faults.append((row, f"{days[row]:%Y-%m-%d} of {month_said(month)} comes twice: keep one of them"))
        of_month[days[row]] = price
    _raise(layout, faults)
    if not values:
        raise InputError(f"{layout.file}: column {name}: no prices: must have some")
    said = _told(layout, f"{len(values)} contracts, column {name}", how, style)
    settled = [other.lower() for other in layout.columns if names.is_settlement(other)]
    if settled and name not in settled:
        said += f"; margins are settled at {settled[0]}: --settle"
    return FuturesFile(layout.file, None, _sorted(pd.DataFrame(values)), (said,))


def _folder(path: Path, settle: bool, reading: Reading) -> FuturesFile:
    """Read a file a contract."""
    columns: dict[Month, pd.Series[float]] = {}
    skipped, how = [], list[str]()
    for file in sorted(path.iterdir()):
        if file.suffix.lower() not in READERS:
            continue
        if not may_be_contract(file.stem):
            skipped.append(file.name)
            continue
        layout = open_layout(file, reading, "futures")
        month = contract_month(file.stem, _year(layout))
        if month is None:
            skipped.append(file.name)
        elif month in columns:
            raise InputError(f"{path.name}: {file.name}: {month_said(month)} has a file already: keep one of them")
        else:
            columns[month], notes = _series(layout, settle, reading)
            how = how or list(notes)
    if not columns:
        raise InputError(f"{path.name}: no file is named by a contract: must be as IF2403.csv or ESH24.csv")
    notes = (f"{path.name}: read as {len(columns)} contracts, a file each; the first: {how[0]}", *how[1:])
    if skipped:
        notes = (*notes, f"{path.name}: {first_few(skipped, 5)}: named by no contract, not read")
    return FuturesFile(path.name, None, _sorted(pd.DataFrame(columns)), notes)


def _days(layout: Layout, reading: Reading) -> tuple[dict[int, datetime], list[tuple[int, str]], list[str]]:
    return days_of(layout.file, layout.cells(layout.date), layout.dating, reading.tz)


def _prices(layout: Layout, place: int, style: NumberStyle) -> tuple[dict[int, float], list[tuple[int, str]]]:
    """Prices of a column by row, where there was a trade, and faults."""
    prices, faults = {}, []
    for row, cell in layout.cells(place):
        if is_missing(cell):
            continue
        try:
            prices[row] = positive_number(cell, style)
        except ValueError as error:
            faults.append((row, f"{layout.columns[place].lower()} = {shown(cell)}: {error}"))
    return prices, faults


def _raise(layout: Layout, faults: Iterable[tuple[int, str]]) -> None:
    raise_faults([f"{layout.file}: row {row}: {fault}" for row, fault in sorted(faults)])


def _told(layout: Layout, what: str, how: list[str], style: NumberStyle) -> str:
    """The line that says what a file was read as."""
    more = "; ".join([*layout.notes, *style_notes(style), *how])
    return f"{layout.file}: read as {what}" + (f" ({more})" if more else "")


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.sort_index()
    frame.columns = pd.Index([*map(tuple, frame.columns)], tupleize_cols=False)
    frame.index = pd.DatetimeIndex(frame.index)
    return frame[sorted(frame.columns)]


def _year(layout: Layout) -> int:
    """A year of the file's dates, the first that is one; InputError with a line for each where none is."""
    faults = []
    for row, cell in layout.cells(layout.date):
        try:
            return layout.dating.stamp(cell).year
        except ValueError as error:
            faults.append((row, f"date = {shown(cell)}: {error}"))
    _raise(layout, faults)
    raise InputError(f"{layout.file}: has no rows of data: must have at least one")


def _code_column(layout: Layout) -> int | None:
    """Find the column of contracts' codes, of which there are at least two."""
    year = _year(layout)
    for place, name in enumerate(layout.columns):
        if place != layout.date and names.is_code(name):
            codes = {cell for _, cell in layout.cells(place)}
            if len({contract_month(code, year) for code in codes} - {None}) > 1:
                return place
    return None


def _contract_columns(layout: Layout, settle: bool, reading: Reading) -> dict[int, Month]:
    """Columns that are a contract each, and hold the prices that are asked for."""
    year = _year(layout)
    split = {place: _split(name, year) for place, name in enumerate(layout.columns) if place != layout.date}
    found = {place: parts for place, parts in split.items() if parts is not None}
    product, column = _product(layout, [code for code, _ in found.values()], reading)
    column = _column_asked(layout.file, column, settle, reading)
    endings = {names.key(ending) for _, ending in found.values()}
    if column is not None and names.key(column) not in endings and "column" not in reading.binding:
        column = None  # it was said of all files, and this one has none such
    kept = {}
    for place, (code, ending) in found.items():
        month = contract_month(code, year)
        if month is None or product not in (None, contract_product(code)):
            continue
        settled = names.is_settlement(ending)
        asked = names.key(ending) == names.key(column) if column else not ending or settled == settle
        if asked:
            kept[place] = month
    return kept


def _split(name: str, year: int) -> tuple[str, str] | None:
    """A column's contract and what its prices are, IF2403 and close of IF2403_close; None if it is neither's."""
    name = names.without_brackets(name)
    if contract_month(name, year):
        return name, ""
    for gap in re.finditer(r"[_ .]", name):
        code, ending = name[: gap.start()], name[gap.end() :]
        if names.kind_of(ending) and contract_month(code, year):
            return code, ending
    return None


def _product(layout: Layout, codes: Sequence[str], reading: Reading) -> tuple[str | None, str | None]:
    """The product whose contracts are read, where there are several, and the column asked for."""
    products = sorted({contract_product(code) for code in codes} - {""})
    if len(products) < 2:
        return None, reading.column
    found = named_first(reading.column, products)
    if found is None:
        raise InputError(
            f"{layout.file}: contracts of {len(products)} products, {first_few(products, 5, shown)}: must be of one: "
            f"choose it with --column, as --column futures={products[0]}"
        )
    return found


def _column_asked(file: str, column: str | None, settle: bool, reading: Reading) -> str | None:
    """The column that counts: --settle asks for another than any that was said of all files."""
    if column is None or not settle:
        return column
    if "column" in reading.binding and not names.is_settlement(column):
        raise InputError(f"{file}: column = {shown(column)}: must be left out with --settle, which chooses the column")
    return None


def _price_column(layout: Layout, settle: bool, column: str | None, binding: bool) -> int:
    """The column of prices of a file with a row a contract."""
    if column is not None and (asked := names.places(layout.columns, column)):
        return asked[0]
    if column is not None and binding:
        raise InputError(f"{layout.file}: columns found: {_listed(layout)}: must have {column}, as --column says")
    kinds = {place: names.kind_of(name) for place, name in enumerate(layout.columns) if place != layout.date}
    for kind in ("close", "price"):
        for place, found in kinds.items():
            if found == kind and names.is_settlement(layout.columns[place]) == settle:
                return place
    raise InputError(f"{layout.file}: columns found: {_listed(layout)}: must have {'settle' if settle else 'close'}")


def _listed(layout: Layout) -> str:
    return first_few(layout.columns, 20, lambda name: shown(name, "(unnamed)").lower())
