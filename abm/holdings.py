"""The user's own books of the crowd, read from a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from abm.listed import ListedStocks
from abm.sections.crowd import Funds
from cqkit.arrays import FloatArray
from cqkit.errors import InputError, one_line
from cqkit.tables import read_cells
from hedging.holdings import PACKED, Matrix, header_of, match_tickers, read_books, read_matrix

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


def read_holdings(
    settings: Funds, stocks: int, listed: ListedStocks | None = None
) -> tuple[FloatArray, FloatArray] | None:
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
    books = own_books(settings.holdings, settings.count, stocks, listed).matrix
    books = 2 * books / np.abs(books).sum(axis=1, keepdims=True)
    common = books.mean(axis=0)
    common = 2 * common / np.abs(common).sum()
    left, singular, right = np.linalg.svd(books, full_matrices=False)
    rank = int((singular > singular[0] * max(books.shape) * np.finfo(float).eps).sum())
    exposure, baskets = (left * singular)[:, :rank], right[:rank]
    return np.hstack([np.zeros((len(books), 1)), exposure]), np.vstack([common, baskets])


def holdings_notes(settings: Funds, stocks: int, listed: ListedStocks | None = None) -> tuple[str, ...]:
    """What is to be said of the user's own books, if there are any; InputError as of `read_holdings`."""
    return () if settings.holdings is None else own_books(settings.holdings, settings.count, stocks, listed).notes


def own_books(path: Path, funds: int, stocks: int, listed: ListedStocks | None = None) -> OwnBooks:
    """Read books from a CSV, Parquet or Excel file: a matrix, a row a fund and a column a stock, or lists by fund.

    A row of tickers above and a column of names at the left are known as such; a blank is nothing held, thousands may
    have commas, and (1,000) is a short position. Beside `listed` stocks, which come first, tickers are matched with
    theirs; all others are further stocks.

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
        found = _from_lists(path, f"row {cells.first_row + header}: {named}")
    else:
        found = read_matrix(path, cells, (funds, stocks if listed is None else None))
    matrix, notes = found.value, list(found.notes)
    if listed is not None:
        matrix, matched = _matched(path, found, stocks, listed)
        notes.append(f"{path.name}: {matched} of the {listed.count} stocks of desk.book are matched by ticker")
    elif matrix.shape[1] < stocks:
        matrix = np.hstack([matrix, np.zeros((len(matrix), stocks - matrix.shape[1]))])
        notes.append(f"{path.name}: {found.value.shape[1]} stocks: nobody holds the market's others")
    if matrix.shape != (funds, stocks):
        raise InputError(
            f"{path}: {len(matrix)} funds and {matrix.shape[1]} stocks: must be {funds} funds (funds.count) and at "
            f"most {stocks} stocks (market.stocks)"
        )
    if np.abs(matrix.mean(axis=0)).sum() == 0:
        raise InputError(f"{path}: the books cancel out: the crowd's average book must not be empty")
    return OwnBooks(matrix, tuple(map(one_line, (*notes, *_net_note(path.name, matrix)))))


def _from_lists(path: Path, told: str) -> Matrix:
    """Lists of several funds as a matrix; one fund alone is no crowd."""
    books = read_books([path])
    if len(books) == 1:
        raise InputError(
            f"{path}: {told}: a list of holdings, as iShares and form 13F have it, of one fund: must be a matrix, a "
            "row a fund and a column a stock, or have a column of funds (desk.book is the desk's own list)"
        )
    tickers = tuple(dict.fromkeys(ticker for book in books for ticker in book.tickers))
    place = {ticker: number for number, ticker in enumerate(tickers)}
    value = np.zeros((len(books), len(tickers)))
    for row, book in enumerate(books):
        value[row, [place[ticker] for ticker in book.tickers]] = book.value
    return Matrix(value, tickers, tuple(book.name for book in books), books[0].notes)


def _matched(path: Path, found: Matrix, stocks: int, listed: ListedStocks) -> tuple[FloatArray, int]:
    """The books with listed stocks first, shape (funds, stocks), and how many of these the books know."""
    if not found.tickers:
        raise InputError(f"{path}: no row of tickers: must name the stocks, to be matched with those of desk.book")
    places = match_tickers(found.tickers, listed.book.tickers)
    others = np.flatnonzero(places < 0)
    if listed.count + len(others) > stocks:
        raise InputError(
            f"{path}: {len(others)} stocks beside the {listed.count} of desk.book: market.stocks must be "
            f"{listed.count + len(others)} at least, and is {stocks}"
        )
    places[others] = listed.count + np.arange(len(others))
    matrix = np.zeros((len(found.value), stocks))
    np.add.at(matrix.T, places, found.value.T)
    return matrix, len(np.unique(places[places < listed.count]))


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
