"""Read books of holdings from the user's files, and say how they were read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Final

import numpy as np

from cqkit.arrays import FloatArray
from cqkit.errors import InputError, one_line, raise_faults
from cqkit.plain import counted, first_few
from cqkit.readers import Cells
from cqkit.tables import read_cells
from hedging.holdings.book import Holdings
from hedging.holdings.history import History, filled, price_rows, read_history
from hedging.holdings.lists import HoldingsList, Row, header_of, read_list
from hedging.holdings.matrix import read_matrix
from hedging.holdings.sizes import currency_of, resolve_sizes, to_daily_money

EXAMPLE: Final = "example"  # the sample's name on the command line
SAMPLE: Final = Path(__file__).parent / "sample.csv"
SAMPLES: Final = {EXAMPLE: SAMPLE, f"{EXAMPLE}-crowd": Path(__file__).parent / "sample-crowd.csv"}
PACKED: Final = frozenset({".zip", ".gz", ".tgz", ".xz", ".bz2", ".tar", ".zst", ".7z", ".rar"})
_MOST_FAULTS = 50  # lines; a book is mended line by line


def book_file(path: str | PathLike[str]) -> Path:
    """The file that a user means: `example` is the sample book that ships with the package, `example-crowd` its crowd.

    A file of that name goes before.
    """
    return Path(path) if Path(path).exists() else SAMPLES.get(str(path), Path(path))


def read_book(
    path: str | PathLike[str],
    *,
    history: str | PathLike[str] | None = None,
    value: float | None = None,
) -> Holdings:
    """Read one book: a list of tickers with shares, market value or weight, in CSV, Parquet or Excel.

    Parameters
    ----------
    path : path
        Or `example`, the sample book.
    history : path, optional
        Prices or returns, a row a day and a column a ticker: what the book does not say of volatility, beta and price
        is taken from it.
    value : float, optional
        What a book of weights is worth.

    Raises
    ------
    InputError
        One line for every fault, with its row.
    """
    file = book_file(path)
    past = None if history is None else read_history(history)
    books = _books(file, value, past)
    if len(books) > 1:
        named = first_few([book.name for book in books], 3)
        raise InputError(f"{file.name}: {len(books)} books ({named}): must be one book")
    return books[0] if past is None else filled(books[0], past)


def read_books(paths: Sequence[str | PathLike[str]], *, value: float | None = None) -> tuple[Holdings, ...]:
    """Read the books of several funds: a file a fund, a list with a column of funds, or a matrix with a row of tickers.

    Raises
    ------
    InputError
        One line for every fault of all files, with its row.
    """
    books: list[Holdings] = []
    faults: list[str] = []
    for path in paths:
        try:
            books += _books(book_file(path), value)
        except InputError as error:
            faults += error.faults
    if not paths:
        faults.append("no file of holdings: must be one at least")
    raise_faults(faults, _MOST_FAULTS)
    return tuple(books)


def _books(path: Path, value: float | None, past: History | None = None) -> list[Holdings]:
    """All books of a file."""
    if path.suffix.lower() in PACKED:
        raise InputError(f"{path.name}: is a packed file: must be CSV, Parquet or Excel: unpack it")
    cells = read_cells(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    header = header_of(cells)
    if header is None:
        return _of_matrix(path, cells, digest)
    listed = read_list(path.name, cells, header)
    if past is not None:
        price_rows(listed, past)
    resolve_sizes(listed, value)
    by_fund: dict[str, list[Row]] = {}
    for row in listed.rows:
        by_fund.setdefault(row.fund, []).append(row)
    if not listed.rows and not listed.faults:
        listed.faults.append(f"{path.name}: no holding in it: must list one stock at least")
    currencies = {fund: currency_of(listed, fund, rows) for fund, rows in by_fund.items()}
    to_daily_money(listed)
    raise_faults(listed.faults, _MOST_FAULTS)
    return [_book(listed, fund, rows, currencies[fund], digest) for fund, rows in by_fund.items()]


def _of_matrix(path: Path, cells: Cells, digest: str) -> list[Holdings]:
    """A book a row of a matrix, with what it holds; the matrix must have tickers or names of funds, or be no list."""
    if max(map(len, cells.rows)) < 3:
        raise InputError(
            f"{path.name}: no header row: must name columns, such as ticker and shares, market value or weight"
        )
    matrix = read_matrix(path, cells)
    notes = list(matrix.notes)
    tickers = matrix.tickers
    if not tickers:
        tickers = tuple(str(number) for number in range(1, matrix.value.shape[1] + 1))
        notes.append(f"{path.name}: no row of tickers: stocks go by the number of their column")
    books = []
    for number, values in enumerate(matrix.value):
        held = np.flatnonzero(values)
        fund = matrix.funds[number] if matrix.funds else str(number + 1)
        unknown = np.full(len(held), np.nan)
        books.append(
            Holdings(
                f"{path.stem}: {fund}",
                tuple(tickers[place] for place in held),
                values[held],
                unknown,
                unknown,
                unknown,
                unknown,
                unknown,
                sector=("",) * len(held),
                title=("",) * len(held),
                cash=0.0,
                digest=digest,
                notes=tuple(notes),
            )
        )
    return books


def _book(listed: HoldingsList, fund: str, rows: list[Row], currency: str, digest: str) -> Holdings:
    """Put a fund's rows together, a stock once."""
    merged: dict[str, list[Row]] = {}
    for row in rows:
        if not row.cash:
            merged.setdefault(row.ticker.upper(), []).append(row)
    stocks = list(merged.values())
    notes = list(listed.notes)
    twice = [same for same in stocks if len(same) > 1]
    if twice:
        said = first_few([" and ".join(str(row.number) for row in same[:4]) for same in twice], 3, between="; ")
        count = "1 ticker is" if len(twice) == 1 else f"{len(twice)} tickers are"
        notes.append(f"{listed.file}: {count} listed more than once (rows {said}): added up")

    def first(kind: str) -> FloatArray:
        known = [[row.sizes.get(kind, np.nan) for row in same] for same in stocks]
        return np.array([next((size for size in sizes if not np.isnan(size)), np.nan) for sizes in known])

    value = np.array([sum(row.sizes["value"] for row in same) for same in stocks])
    shares = np.array([sum(row.sizes.get("shares", np.nan) for row in same) for same in stocks])
    with np.errstate(divide="ignore", invalid="ignore"):
        implied = np.where(shares != 0, np.abs(value / shares), np.nan)
    price = np.where(np.isnan(first("price")), implied, first("price"))
    cash = [row.sizes["value"] for row in rows if row.cash]
    if cash:
        notes.append(f"{listed.file}: {counted(len(cash), 'cash row')}")
    short = int((value < 0).sum())
    if short:
        notes.append(f"{listed.file}: {short} of {len(value)} positions are short")
    name = Path(listed.file).stem
    return Holdings(
        f"{name}: {fund}" if fund else name,
        tuple(same[0].ticker for same in stocks),
        value,
        price,
        first("adv"),
        first("volatility"),
        first("beta"),
        first("index_weight"),
        sector=tuple(same[0].sector for same in stocks),
        title=tuple(same[0].title for same in stocks),
        cash=float(sum(cash)),
        digest=digest,
        notes=tuple(map(one_line, notes)),
        currency=currency,
    )
