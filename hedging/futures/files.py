"""Load futures prices: one series, a column or a row a contract, or a folder with a file a contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from os import PathLike
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from cqkit.errors import InputError, raise_faults
from cqkit.plain import shown
from cqkit.tables import Table, read_table
from hedging.futures.codes import Month, contract_month, month_said
from hedging.series.cells import BLANKS, day_cell, positive_cell
from hedging.series.loading import load_closes
from hedging.series.reading import TOLD_BY_THE_FILE, Reading

_DATES: Final = ("date", "trade_date", "trading_date", "datetime", "time", "日期", "交易日期", "交易日", "时间")
_CODES: Final = ("contract", "symbol", "code", "ts_code", "instrument", "instrument_id", "order_book_id", "ticker",
                 "contract_code", "合约", "合约代码", "合约名称", "代码")  # fmt: skip
CLOSES: Final = ("close", "收盘", "收盘价", "今收盘", "close_price", "closing price", "last", "price")
SETTLES: Final = ("settle", "settlement", "settlement_price", "settle_price", "settlement price", "结算", "结算价",
                  "今结算")  # fmt: skip


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
        Which columns were read.
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
        What the user says of a file with one series.

    Raises
    ------
    InputError
        One line for each fault.
    """
    path = Path(path)
    if path.is_dir():
        return _folder(path, settle, reading)
    table = read_table(path)
    year = _year(table)
    code = _code_column(table, year)
    if code is not None:
        return _long(table, code, year, settle)
    wide = {place: month for place, name in enumerate(table.columns) if (month := _of_column(name, year, settle))}
    if len(wide) > 1 or (len(wide) == 1 and not {*CLOSES, *SETTLES, "nav"} & set(table.columns)):
        return _wide(table, wide)
    series, notes = _series(path, table, settle, reading)
    return FuturesFile(table.file, series, None, notes)


def _series(path: Path, table: Table, settle: bool, reading: Reading) -> tuple[pd.Series[float], tuple[str, ...]]:
    """Read one series, by its closes or settlement prices."""
    settled = _named(table, SETTLES)
    if not settle:
        closes = load_closes(path, reading)
        read = tuple(closes.attrs.get("notes", ()))
        if settled is None:
            return closes, read
        return closes, (
            *read,
            f"{table.file}: column {closes.name} is read; margins are settled at {settled}: --settle",
        )
    if settled is None:
        raise InputError(
            f"{table.file}: columns found: {', '.join(table.columns)}: must have settle, as settlement prices "
            "are asked for"
        )
    cells = _cells(table, _date_column(table), {settled: table.columns.index(settled)})
    series = cells[settled].dropna()
    series.attrs = {"file": table.file}
    return series, (f"{table.file}: column {settled} is read",)


def _wide(table: Table, wide: dict[int, Month]) -> FuturesFile:
    """Read a column a contract."""
    months = list(wide.values())
    twice = sorted({month for month in months if months.count(month) > 1})
    if twice:
        raise InputError(f"{table.file}: {month_said(twice[0])} has {months.count(twice[0])} columns: must have one")
    frame = _cells(table, _date_column(table), {month: place for place, month in wide.items()})
    return FuturesFile(
        table.file, None, _sorted(frame), (f"{table.file}: read as {len(months)} contracts, a column each",)
    )


def _long(table: Table, code: int, year: int, settle: bool) -> FuturesFile:
    """Read a row a date and contract."""
    name = _price_column(table, settle)
    date_column, place = _date_column(table), table.columns.index(name)
    faults: list[str] = []
    values: dict[tuple[datetime, Month], float] = {}
    for row, cells in zip(table.numbers, table.rows, strict=True):
        month = contract_month(cells[code], year)
        if month is None or cells[place].lower() in BLANKS:
            continue  # totals, other products and days without a trade
        try:
            key = (day_cell(cells[date_column]), month)
            value = positive_cell(cells[place])
        except ValueError as error:
            faults.append(
                f"{table.file}: row {row}: {shown(cells[date_column])}, {name} = {shown(cells[place])}: {error}"
            )
            continue
        if key in values:
            faults.append(
                f"{table.file}: row {row}: {key[0]:%Y-%m-%d} of {month_said(month)} comes twice: keep one of them"
            )
        values[key] = value
    raise_faults(faults)
    if not values:
        raise InputError(f"{table.file}: column {name}: no prices: must have some")
    frame = pd.DataFrame(
        {
            month: {day: value for (day, of), value in values.items() if of == month}
            for month in {of for _, of in values}
        }
    )
    said = f"{table.file}: read as {frame.shape[1]} contracts, column {name}"
    if not settle and (settled := _named(table, SETTLES)):
        said += f"; margins are settled at {settled}: --settle"
    return FuturesFile(table.file, None, _sorted(frame), (said,))


def _folder(path: Path, settle: bool, reading: Reading) -> FuturesFile:
    """Read a file a contract."""
    columns: dict[Month, pd.Series[float]] = {}
    skipped = []
    for file in sorted(path.iterdir()):
        if file.suffix.lower() not in {".csv", ".txt", ".parquet", ".pq", ".xlsx", ".xls"}:
            continue
        table = read_table(file)
        month = contract_month(file.stem, _year(table))
        if month is None:
            skipped.append(file.name)
        elif month in columns:
            raise InputError(f"{path.name}: {file.name}: {month_said(month)} has a file already: keep one of them")
        else:
            columns[month] = _series(file, table, settle, reading)[0]
    if not columns:
        raise InputError(f"{path.name}: no file is named by a contract: must be as IF2403.csv or ESH24.csv")
    notes = [f"{path.name}: read as {len(columns)} contracts, a file each"]
    if skipped:
        notes.append(f"{path.name}: {', '.join(skipped[:5])}: named by no contract, not read")
    return FuturesFile(path.name, None, _sorted(pd.DataFrame(columns)), tuple(notes))


def _cells(table: Table, date_column: int, places: Mapping[Any, int]) -> pd.DataFrame:
    """Parse dates and prices, blanks as NaN; InputError with a line for every fault."""
    faults: list[str] = []
    known: set[datetime] = set()
    days, values = [], []
    for row, cells in zip(table.numbers, table.rows, strict=True):
        try:
            day = day_cell(cells[date_column])
        except ValueError as error:
            faults.append(
                f"{table.file}: row {row}: {table.columns[date_column]} = {shown(cells[date_column])}: {error}"
            )
            continue
        if day in known:
            faults.append(f"{table.file}: row {row}: date = {day:%Y-%m-%d}: comes twice: keep one of them")
        found = []
        for place in places.values():
            try:
                found.append(np.nan if cells[place].lower() in BLANKS else positive_cell(cells[place]))
            except ValueError as error:
                found.append(np.nan)
                faults.append(f"{table.file}: row {row}: {table.columns[place]} = {shown(cells[place])}: {error}")
        known.add(day)
        days.append(day)
        values.append(found)
    raise_faults(faults)
    columns = pd.Index(list(places), tupleize_cols=False)
    return pd.DataFrame(np.array(values, dtype=np.float64), index=pd.DatetimeIndex(days), columns=columns)


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.sort_index()
    frame.columns = pd.Index(list(frame.columns), tupleize_cols=False)
    return frame[sorted(frame.columns)]


def _named(table: Table, words: Sequence[str]) -> str | None:
    """The first of these names that a column has."""
    return next((name for name in words if name in table.columns), None)


def _date_column(table: Table) -> int:
    name = _named(table, _DATES)
    if name is not None:
        return table.columns.index(name)
    found = ", ".join(column or "(unnamed)" for column in table.columns)
    raise InputError(f"{table.file}: columns found: {found}: one must be called date")


def _year(table: Table) -> int:
    """A year of the table's dates; of the first that is one."""
    for name in _DATES:
        if name not in table.columns:
            continue
        for cells in table.rows:
            try:
                return day_cell(cells[table.columns.index(name)]).year
            except ValueError:
                continue
    return 2000


def _code_column(table: Table, year: int) -> int | None:
    """Find the column of contracts' codes, of which there are at least two."""
    for name in _CODES:
        if name in table.columns:
            place = table.columns.index(name)
            months = {contract_month(cells[place], year) for cells in table.rows} - {None}
            if len(months) > 1:
                return place
    return None


def _of_column(name: str, year: int, settle: bool) -> Month | None:
    """The contract of a column, whose name may end in what the prices are."""
    for words, asked in ((CLOSES, not settle), (SETTLES, settle)):
        for word in words:
            for gap in ("_", " ", "."):
                if name.endswith(gap + word):
                    return contract_month(name.removesuffix(gap + word), year) if asked else None
    return contract_month(name, year)


def _price_column(table: Table, settle: bool) -> str:
    words = SETTLES if settle else CLOSES
    name = _named(table, words)
    if name is not None:
        return name
    raise InputError(f"{table.file}: columns found: {', '.join(table.columns)}: must have {words[0]}")
