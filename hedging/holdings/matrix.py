"""A matrix of holdings: a row a fund, a column a stock."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from cqkit.arrays import FloatArray
from cqkit.errors import raise_faults
from cqkit.numbers import NumberStyle, is_missing, parse_number, style_of
from cqkit.readers import Cells

LARGEST_HOLDING = 1e18  # in whatever money unit


class Matrix(NamedTuple):
    """Books of several funds as a file has them."""

    value: FloatArray  # (funds, stocks), in the file's money unit
    tickers: tuple[str, ...]  # of the stocks; empty where the file has none
    funds: tuple[str, ...]  # names of the funds; empty where the file has none
    notes: tuple[str, ...]  # what was read as something else, one line each


def read_matrix(path: Path, cells: Cells, shape: tuple[int | None, int | None] | None = None) -> Matrix:
    """Read books from cells; a row of tickers above and a column of names at the left are known as such.

    A blank is nothing held, the decimal mark is told by the file as a whole, and (1,000) is a short position.

    Parameters
    ----------
    path : Path
        For messages.
    cells : Cells
    shape : (int or None, int or None), optional
        Funds and stocks that there must be, None for any number; it also tells tickers in digits from holdings.

    Raises
    ------
    InputError
        One line for each fault, with its row.
    """
    rows, first_row = [list(row) for row in cells.rows], cells.first_row
    columns = [[(number, cell) for cell in row] for number, row in enumerate(rows, first_row)]
    style = style_of(str(path), columns, [], cells.delimiter, all_matter=True)
    notes: list[str] = []
    tickers: tuple[str, ...] = ()
    funds: tuple[str, ...] = ()
    # Parquet's column names are no row of the file.
    if first_row == 0 or _is_header(rows, shape, style):
        tickers = tuple(rows[0])
        rows, first_row = rows[1:], first_row + 1
        if first_row > 1:
            notes.append(f"{path.name}: row {first_row - 1} holds the stocks' names")
    stocks = shape[1] if shape and shape[1] is not None else max(map(len, rows), default=0) - 1
    if rows and all(len(row) == stocks + 1 for row in rows) and _are_names([row[0] for row in rows], style):
        funds = tuple(row[0] for row in rows)
        tickers = tickers[1:] if len(tickers) == stocks + 1 else tickers
        rows = [row[1:] for row in rows]
        notes.append(f"{path.name}: column 1 holds the funds' names")
    return Matrix(_numbers(path, rows, first_row, shape, style), tickers, funds, tuple(notes))


def _number(cell: str, style: NumberStyle) -> float:
    """A holding; NaN if it is none."""
    if is_missing(cell):
        return 0.0
    try:
        return parse_number(cell, style)
    except ValueError:
        return np.nan


def _is_header(rows: list[list[str]], shape: tuple[int | None, int | None] | None, style: NumberStyle) -> bool:
    """Tell a row of tickers: words, or codes in digits above as many rows as there are funds."""
    if not rows:
        return False
    cells = [cell.strip() for cell in rows[0][1:]] or rows[0]
    words = [cell for cell in cells if np.isnan(_number(cell, style))]
    if 2 * len(words) > len(cells):
        return True
    codes = all(len(cell) == 6 and cell.isascii() and cell.isdigit() for cell in cells)
    counted = cells == [str(number + 1) for number in range(len(cells))]
    counted = counted or rows[0] == [str(number) for number in range(len(rows[0]))]
    funds = None if shape is None else shape[0]
    return (funds is None or len(rows) == funds + 1) and (codes or counted)


def _are_names(cells: list[str], style: NumberStyle) -> bool:
    """Tell a column of names, or of the numbers of rows."""
    numbers = [_number(cell, style) for cell in cells]
    counted = [float(number) for number in range(len(cells))]
    return all(np.isnan(numbers)) or numbers == counted or numbers == [number + 1 for number in counted]


def _numbers(
    path: Path, rows: list[list[str]], first_row: int, shape: tuple[int | None, int | None] | None, style: NumberStyle
) -> FloatArray:
    """Parse the books; InputError with a line for every fault."""
    widths = [len(row) for row in rows]
    faults = []
    usual = max(set(widths), key=widths.count, default=0)
    if shape is not None and (shape[0] not in (None, len(rows)) or shape[1] not in (None, usual)):
        wanted = [] if shape[0] is None else [f"{shape[0]} rows (funds.count)"]
        wanted += [] if shape[1] is None else [f"{shape[1]} columns (market.stocks)"]
        faults.append(f"{path}: {len(rows)} rows and {usual} columns: must be {' and '.join(wanted)}")
    faults += [
        f"{path}: row {number}: {len(row)} cells: must have {usual}, as the other rows have"
        for number, row in enumerate(rows, first_row)
        if len(row) != usual
    ][:10]
    matrix = np.zeros((len(rows), max(widths, default=0)))
    for number, row in enumerate(rows):
        matrix[number, : len(row)] = [_number(cell, style) for cell in row]
    faults += [
        f"{path}: row {row + first_row}: column {column + 1} is {rows[row][column][:40]}: "
        "must be a finite number, up to 1e18"
        for row, column in np.argwhere(~(np.abs(matrix) <= LARGEST_HOLDING))[:10]
    ]
    empty = np.flatnonzero(np.abs(matrix).sum(axis=1) == 0)[:10]
    faults += [f"{path}: row {row + first_row}: an empty book: must hold something" for row in empty]
    raise_faults(faults)
    return matrix
