"""The user's own books of the crowd, read from a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from abm.sections.crowd import Funds
from cqkit.arrays import FloatArray
from cqkit.errors import InputError, one_line, raise_faults
from cqkit.readers import reader_of
from hedging.series.cells import BLANKS, number_cell

LARGEST_HOLDING = 1e18  # in the user's books, in whatever money unit
LARGEST_NET = 0.1
"""Net exposure, a share of a book's gross, beyond which it is told: the crowd is meant to be dollar-neutral."""

_PACKED: Final = frozenset({".zip", ".gz", ".tgz", ".xz", ".bz2", ".tar", ".zst", ".7z", ".rar"})
# Columns of a list of holdings, as funds and the SEC's form 13F publish them.
_LISTS: Final = frozenset(
    [
        "ticker",
        "name",
        "sector",
        "asset class",
        "market value",
        "weight (%)",
        "weight",
        "quantity",
        "shares",
        "cusip",
        "isin",
        "nameofissuer",
        "name of issuer",
        "titleofclass",
        "sshprnamt",
        "value (x$1000)",
        "cik",
        "putcall",
        "price",
    ]
)


@dataclass(frozen=True)
class OwnBooks:
    """Books as a file has them.

    Attributes
    ----------
    matrix : FloatArray, shape (funds, stocks)
        In the file's money unit.
    notes : tuple of str
        What was read as something else, and what stands out, one line each.
    """

    matrix: FloatArray
    notes: tuple[str, ...]


def read_holdings(settings: Funds, stocks: int) -> tuple[FloatArray, FloatArray] | None:
    """Factor the user's own books into baskets: exposures (funds, baskets), basket shares (baskets, stocks).

    Row 0 of the baskets is the crowd's average book, which the liquidator holds; a matrix of low rank is factored
    exactly, any other becomes one basket a fund, so that the same bar costs what its rank costs.

    Raises
    ------
    InputError
        If the file is not a matrix of finite numbers, a row a fund and a column a stock, or a book is empty.
    """
    if settings.holdings is None:
        return None
    books = own_books(settings.holdings, settings.count, stocks).matrix
    books = 2 * books / np.abs(books).sum(axis=1, keepdims=True)
    common = books.mean(axis=0)
    common = 2 * common / np.abs(common).sum()
    left, singular, right = np.linalg.svd(books, full_matrices=False)
    rank = int((singular > singular[0] * max(books.shape) * np.finfo(float).eps).sum())
    exposure, baskets = (left * singular)[:, :rank], right[:rank]
    return np.hstack([np.zeros((len(books), 1)), exposure]), np.vstack([common, baskets])


def holdings_notes(settings: Funds, stocks: int) -> tuple[str, ...]:
    """What is to be said of the user's own books, if there are any; InputError as of `read_holdings`."""
    return () if settings.holdings is None else own_books(settings.holdings, settings.count, stocks).notes


def own_books(path: Path, funds: int, stocks: int) -> OwnBooks:
    """Read books from a CSV, Parquet or Excel file: a row a fund, a column a stock, in any one money unit.

    A row of tickers above and a column of names at the left are known as such; a blank is nothing held, thousands may
    have commas, and (1,000) is a short position.

    Raises
    ------
    InputError
        One line for each fault, with its row.
    """
    if path.suffix.lower() in _PACKED:
        raise InputError(f"{path}: is a packed file: must be CSV, Parquet or Excel: unpack it")
    rows, first_row = _rows(path)
    _refuse_lists(path, rows, first_row)
    notes = []
    # Parquet's column names are no row of the file.
    if first_row == 0 or _is_header(rows, funds):
        rows, first_row = rows[1:], first_row + 1
        if first_row > 1:
            notes.append(f"{path.name}: row {first_row - 1} holds the stocks' names")
    if rows and all(len(row) == stocks + 1 for row in rows) and _are_names([row[0] for row in rows]):
        rows = [row[1:] for row in rows]
        notes.append(f"{path.name}: column 1 holds the funds' names")
    matrix = _matrix(path, rows, first_row, (funds, stocks))
    return OwnBooks(matrix, tuple(map(one_line, (*notes, *_net_note(path.name, matrix)))))


def _rows(path: Path) -> tuple[list[list[str]], int]:
    try:
        cells = reader_of(path)(path)
    except InputError as error:
        # A scenario may lie in another folder than its holdings: the whole path is told.
        said = [fault.removeprefix(f"{path.name}: ") for fault in error.faults]
        raise InputError(*(f"{path}: cannot be read as CSV: {fault}" for fault in said)) from None
    return [list(row) for row in cells.rows], cells.first_row


def _refuse_lists(path: Path, rows: list[list[str]], first_row: int) -> None:
    for number, row in enumerate(rows[:20], first_row):
        found = [cell for cell in row if cell.strip().lower() in _LISTS]
        if len(found) >= 3:
            raise InputError(
                f"{path}: row {number}: {', '.join(found[:4])}: a list of holdings, as iShares and form 13F have it: "
                "must be a matrix, a row a fund and a column a stock"
            )


def _number(cell: str) -> float:
    """A holding; NaN if it is none."""
    text = cell.strip()
    if text.lower() in BLANKS:
        return 0.0
    sign = 1.0
    if text.startswith("(") and text.endswith(")"):
        sign, text = -1.0, text[1:-1]
    try:
        return sign * number_cell(text.removeprefix("$"))
    except ValueError:
        return np.nan


def _is_header(rows: list[list[str]], funds: int) -> bool:
    """Tell a row of tickers: words, or codes in digits above as many rows as there are funds."""
    if not rows:
        return False
    cells = [cell.strip() for cell in rows[0][1:]] or rows[0]
    words = [cell for cell in cells if np.isnan(_number(cell))]
    if 2 * len(words) > len(cells):
        return True
    codes = all(len(cell) == 6 and cell.isascii() and cell.isdigit() for cell in cells)
    return len(rows) == funds + 1 and (codes or cells == [str(number + 1) for number in range(len(cells))]
                                       or rows[0] == [str(number) for number in range(len(rows[0]))])  # fmt: skip


def _are_names(cells: list[str]) -> bool:
    """Tell a column of names, or of the numbers of rows."""
    numbers = [_number(cell) for cell in cells]
    counted = [float(number) for number in range(len(cells))]
    return all(np.isnan(numbers)) or numbers == counted or numbers == [number + 1 for number in counted]


def _matrix(path: Path, rows: list[list[str]], first_row: int, shape: tuple[int, int]) -> FloatArray:
    """Parse the books; InputError with a line for every fault."""
    funds, stocks = shape
    widths = [len(row) for row in rows]
    faults = []
    usual = max(set(widths), key=widths.count, default=0)
    if len(rows) != funds or usual != stocks:
        faults.append(
            f"{path}: {len(rows)} rows and {usual} columns: must be {funds} rows (funds.count) and {stocks} columns "
            "(market.stocks)"
        )
    faults += [
        f"{path}: row {number}: {len(row)} cells: must have {usual}, as the other rows have"
        for number, row in enumerate(rows, first_row)
        if len(row) != usual
    ][:10]
    matrix = np.zeros((len(rows), max(widths, default=0)))
    for number, row in enumerate(rows):
        matrix[number, : len(row)] = [_number(cell) for cell in row]
    faults += [
        f"{path}: row {row + first_row}: column {column + 1} is {rows[row][column][:40]}: "
        "must be a finite number, up to 1e18"
        for row, column in np.argwhere(~(np.abs(matrix) <= LARGEST_HOLDING))[:10]
    ]
    empty = np.flatnonzero(np.abs(matrix).sum(axis=1) == 0)[:10]
    faults += [f"{path}: row {row + first_row}: an empty book: must hold something" for row in empty]
    if not faults and np.abs(matrix.mean(axis=0)).sum() == 0:
        faults.append(f"{path}: the books cancel out: the crowd's average book must not be empty")
    raise_faults(faults)
    return matrix


def _net_note(name: str, matrix: FloatArray) -> list[str]:
    """Say how far the books are from being dollar-neutral."""
    net = matrix.sum(axis=1) / np.abs(matrix).sum(axis=1)
    far = int((np.abs(net) > LARGEST_NET).sum())
    if not far:
        return []
    books = "1 book is" if far == 1 else f"{far} books are"
    return [
        f"{name}: {books} not dollar-neutral: net exposure is {100 * net.mean():+.0f} % of gross on average, "
        f"{100 * net.min():+.0f} to {100 * net.max():+.0f} %: the crowd is meant to be long as much as short (form 13F "
        "has long positions only)"
    ]
