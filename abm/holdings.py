"""The user's own books of the crowd, read from a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from abm.sections.crowd import Funds
from cqkit.arrays import FloatArray
from cqkit.errors import InputError, one_line
from cqkit.tables import read_cells
from hedging.holdings import PACKED, header_of, read_matrix

LARGEST_NET = 0.1
"""Net exposure, a share of a book's gross, beyond which it is told: the crowd is meant to be dollar-neutral."""


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
    if path.suffix.lower() in PACKED:
        raise InputError(f"{path}: is a packed file: must be CSV, Parquet or Excel: unpack it")
    try:
        cells = read_cells(path)
    except InputError as error:
        # A scenario may lie in another folder than its holdings: the whole path is told.
        said = [fault.removeprefix(f"{path.name}: ") for fault in error.faults]
        raise InputError(*(f"{path}: cannot be read as CSV: {fault}" for fault in said)) from None
    if (header := header_of(cells)) is not None:
        named = ", ".join(cell for cell in cells.rows[header][:4] if cell)
        raise InputError(
            f"{path}: row {cells.first_row + header}: {named}: a list of holdings, as iShares and form 13F have it: "
            "must be a matrix, a row a fund and a column a stock (desk.book is the desk's own list)"
        )
    found = read_matrix(path, cells, (funds, stocks))
    if np.abs(found.value.mean(axis=0)).sum() == 0:
        raise InputError(f"{path}: the books cancel out: the crowd's average book must not be empty")
    return OwnBooks(found.value, tuple(map(one_line, (*found.notes, *_net_note(path.name, found.value)))))


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
