"""The user's own books of the crowd, read from a file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from abm.listed import ListedStocks
from abm.sections.crowd import Funds
from cqkit.arrays import FloatArray, frozen
from cqkit.errors import InputError, one_line
from cqkit.plain import first_few
from cqkit.stamps import Stamp, stamp_of
from cqkit.tables import read_cells
from hedging.holdings import PACKED, Matrix, book_file, header_of, match_tickers, read_books, read_matrix

LARGEST_NET = 0.1
"""Net exposure, a share of a book's gross, beyond which it is told: the crowd is meant to be dollar-neutral."""


@dataclass(frozen=True, eq=False)
class OwnBooks:
    """Books as a file has them.

    Attributes
    ----------
    matrix : FloatArray, shape (funds, stocks)
        In the file's money unit.
    notes : tuple of str
        What was read as something else, and what stands out, one line each.
    currency : str
        ISO code, as the file says; empty where it does not.
    funds : tuple of str
        Names, as the file has them; empty where it has none.
    """

    matrix: FloatArray
    notes: tuple[str, ...]
    currency: str = ""
    funds: tuple[str, ...] = ()


class FactoredBooks(NamedTuple):
    """The user's own books as baskets and units of them."""

    exposure: FloatArray  # baskets in a unit of each fund's book, (funds, baskets)
    shares: FloatArray  # (baskets, stocks)
    portions: FloatArray  # of the whole crowd's book that each fund has, (funds,)


def read_holdings(settings: Funds, stocks: int, listed: ListedStocks | None = None) -> FactoredBooks | None:
    """Factor the user's own books into baskets.

    Row 0 of the baskets is the crowd's book as a whole, which the liquidator holds. A matrix of low rank is factored
    exactly, so that a bar costs what the rank costs; of any other each book is a basket of its own (`is_low_rank`). A
    unit of each fund's book has a half of its gross of 1; how large it is, its portion says.

    Raises
    ------
    InputError
        If the file is not a matrix of finite numbers, a row a fund and a column a stock, or a book is empty.
    """
    if settings.holdings is None:
        return None
    return _factored(own_books(settings.holdings, settings.count, stocks, listed))


def is_low_rank(rank: int, funds: int, stocks: int) -> bool:
    """Whether a bar reads less of books' factors, units (funds, rank) and baskets (rank, stocks), than of the books."""
    return rank * (funds + stocks) < funds * stocks


@lru_cache(maxsize=4)
def _factored(found: OwnBooks) -> FactoredBooks:
    gross = np.abs(found.matrix).sum(axis=1, keepdims=True)
    common = found.matrix.sum(axis=0)
    books, common = 2 * found.matrix / gross, 2 * common / np.abs(common).sum()
    left, singular, right = np.linalg.svd(books, full_matrices=False)
    rank = int((singular > singular[0] * max(books.shape) * np.finfo(float).eps).sum())
    if is_low_rank(rank, *books.shape):
        exposure, baskets = (left * singular)[:, :rank], right[:rank]
    else:
        exposure, baskets = np.eye(len(books)), books
    exposure = np.hstack([np.zeros((len(books), 1)), exposure])
    return FactoredBooks(exposure, np.vstack([common, baskets]), gross[:, 0] / gross.sum())


def holdings_notes(settings: Funds, stocks: int, listed: ListedStocks | None = None) -> tuple[str, ...]:
    """What is to be said of the user's own books, if there are any; InputError as of `read_holdings`."""
    return () if settings.holdings is None else own_books(settings.holdings, settings.count, stocks, listed).notes


def own_books(path: Path, funds: int | None, stocks: int, listed: ListedStocks | None = None) -> OwnBooks:
    """Read books, once for all markets that have them; `funds` is how many there must be, None for any number.

    As of `_own_books`.
    """
    path = book_file(path)
    return _kept(path, stamp_of(path), funds, stocks, listed)


@lru_cache(maxsize=8)
def _kept(
    path: Path,
    stamp: Stamp,  # noqa: ARG001
    funds: int | None,
    stocks: int,
    listed: ListedStocks | None,
) -> OwnBooks:
    found = _own_books(path, funds, stocks, listed)
    frozen(found.matrix)
    return found


def _own_books(path: Path, funds: int | None, stocks: int, listed: ListedStocks | None) -> OwnBooks:
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
        found, currency = _from_lists(path, f"row {cells.first_row + header}: {named}")
    else:
        currency = ""
        found = read_matrix(path, cells, (funds, stocks if listed is None else None))
    matrix, notes = found.value, list(found.notes)
    if listed is not None:
        matrix, matched = _matched(path, found, stocks, listed)
        notes.append(f"{path.name}: {matched} of the {listed.count} stocks of desk.book are matched by ticker")
    elif matrix.shape[1] < stocks:
        matrix = np.hstack([matrix, np.zeros((len(matrix), stocks - matrix.shape[1]))])
        notes.append(f"{path.name}: {found.value.shape[1]} stocks: nobody holds the market's others")
    if matrix.shape[1] > stocks or (funds is not None and len(matrix) != funds):
        asked = "" if funds is None else f"{funds} funds (funds.count) and "
        raise InputError(
            f"{path}: {len(matrix)} funds and {matrix.shape[1]} stocks: must be {asked}at most {stocks} stocks "
            "(market.stocks)"
        )
    _check_sizes(path, matrix)
    return OwnBooks(matrix, tuple(map(one_line, (*notes, *_net_note(path.name, matrix)))), currency, found.funds)


def _check_sizes(path: Path, matrix: FloatArray) -> None:
    gross = np.abs(matrix).sum(axis=1)
    if not gross.all():
        empty = first_few([str(number + 1) for number in np.flatnonzero(gross == 0)], 5)
        raise InputError(f"{path}: fund {empty}: an empty book: must hold something")
    if np.abs(matrix.sum(axis=0)).sum() <= 1e-12 * gross.sum():
        raise InputError(f"{path}: the books cancel out: the crowd's book as a whole must not be empty")


def _from_lists(path: Path, told: str) -> tuple[Matrix, str]:
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
    currencies = dict.fromkeys(book.currency for book in books if book.currency)
    if len(currencies) > 1:
        raise InputError(f"{path}: books in several currencies, {', '.join(currencies)}: must be in one")
    notes = tuple(note for note in books[0].notes if not note.endswith("positions are short"))
    return Matrix(value, tickers, tuple(book.name for book in books), notes), next(iter(currencies), "")


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
