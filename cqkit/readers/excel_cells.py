"""Excel workbooks: the first sheet that has anything on it; needs the extra `excel`."""

from __future__ import annotations

import datetime
import io
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cqkit.errors import InputError
from cqkit.readers.base import READERS, Cells, read_bytes, what_it_is
from cqkit.readers.csv_cells import cells_of_text
from cqkit.readers.text import decode

_SAVED = "open it and save it as .xlsx or CSV"


@READERS.register(".xlsx")
@READERS.register(".xlsm")
@READERS.register(".xls")
def read_excel(path: Path) -> Cells:
    """Turn a workbook into text; numbers keep every digit, dates are ISO."""
    data = read_bytes(path)
    if not data:
        raise InputError(f"{path.name}: is empty: must be an Excel workbook")
    if data.startswith(b"PK"):
        sheets = _new_sheets(path.name, data)
    elif data.startswith(b"\xd0\xcf\x11\xe0"):
        sheets = _old_sheets(path.name, data)
    elif what_it_is(data) is None:
        # Many sites give text the ending of a workbook, since Excel opens it then.
        return cells_of_text(path.name, *decode(path.name, data))
    else:
        raise InputError(f"{path.name}: is no Excel workbook: {_SAVED}")
    filled = [(title, rows) for title, rows in sheets if any(any(row) for row in rows)]
    if not filled:
        raise InputError(f"{path.name}: is empty: must have a header row and rows of data")
    title, rows = filled[0]
    while not any(rows[-1]):
        rows.pop()
    others = ", ".join(other for other, _ in filled[1:4])
    return Cells(rows, 1, (f"sheet {title}; not read: {others}",) if others else (f"sheet {title}",))


def _new_sheets(name: str, data: bytes) -> list[tuple[str, list[list[str]]]]:
    """Sheets of an .xlsx by title."""
    try:
        from openpyxl import load_workbook  # noqa: PLC0415
    except ImportError:
        raise InputError(_not_installed(name)) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles that are unknown to it do not matter here
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            try:
                return [(sheet.title, _text_rows(sheet.iter_rows(values_only=True))) for sheet in book.worksheets]
            finally:
                book.close()
    except Exception as error:  # a broken archive or XML fails in a dozen ways, none of them the user's words
        raise InputError(f"{name}: is no readable Excel workbook: {_SAVED}") from error


def _old_sheets(name: str, data: bytes) -> list[tuple[str, list[list[str]]]]:
    """Sheets of an .xls of before 2007 by title."""
    try:
        import xlrd  # noqa: PLC0415
    except ImportError:
        raise InputError(
            f"{name}: is an Excel workbook of before 2007 (.xls): {_SAVED}, or install crowdquake[excel] to read it"
        ) from None
    try:
        book = xlrd.open_workbook(file_contents=data, logfile=io.StringIO())
        return [
            (
                sheet.name,
                _text_rows(
                    [
                        xlrd.xldate_as_datetime(cell.value, book.datemode) if cell.ctype == xlrd.XL_CELL_DATE
                        else (None if cell.ctype == xlrd.XL_CELL_ERROR else cell.value)
                        for cell in sheet.row(row)
                    ]
                    for row in range(sheet.nrows)
                ),
            )
            for sheet in book.sheets()
        ]  # fmt: skip
    except Exception as error:
        raise InputError(f"{name}: is no readable Excel workbook of before 2007 (.xls): {_SAVED}") from error


def _not_installed(name: str) -> str:
    return f"{name}: is an Excel workbook: must be CSV or Parquet, or install crowdquake[excel] to read it"


def _text_rows(rows: Iterable[Iterable[Any]]) -> list[list[str]]:
    """Cells as text; a day at midnight is written as a day."""
    return [[_text(cell) for cell in row] for row in rows]


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime.datetime):
        return str(cell.date() if cell.time() == datetime.time() else cell)
    if isinstance(cell, float):
        return repr(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return str(cell).strip()
