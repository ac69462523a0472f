"""The user's own books of the crowd, read from a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from abm.sections.crowd import Funds
from cqkit.arrays import FloatArray
from cqkit.errors import InputError

LARGEST_HOLDING = 1e18  # in the user's books, in whatever money unit


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
    books = _holdings_matrix(settings.holdings, settings.count, stocks)
    books = 2 * books / np.abs(books).sum(axis=1, keepdims=True)
    common = books.mean(axis=0)
    common = 2 * common / np.abs(common).sum()
    left, singular, right = np.linalg.svd(books, full_matrices=False)
    rank = int((singular > singular[0] * max(books.shape) * np.finfo(float).eps).sum())
    exposure, baskets = (left * singular)[:, :rank], right[:rank]
    return np.hstack([np.zeros((len(books), 1)), exposure]), np.vstack([common, baskets])


def _holdings_matrix(path: Path, funds: int, stocks: int) -> FloatArray:
    try:
        frame = pd.read_csv(path, header=None, skip_blank_lines=False)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start}: not UTF-8 text: save it as UTF-8") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(f"{path}: cannot be read as CSV: {str(error).strip()}") from None
    matrix = frame.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    faults = []
    if matrix.shape != (funds, stocks):
        faults.append(
            f"{path}: {matrix.shape[0]} rows and {matrix.shape[1]} columns: must be {funds} rows (funds.count) and "
            f"{stocks} columns (market.stocks)"
        )
    faults += [
        f"{path}: row {row + 1}: column {column + 1} is {frame.iloc[row, column]}: must be a finite number, up to 1e18"
        for row, column in np.argwhere(~(np.abs(matrix) <= LARGEST_HOLDING))[:10]
    ]
    empty = np.flatnonzero(np.abs(matrix).sum(axis=1) == 0)[:10]
    faults += [f"{path}: row {row + 1}: an empty book: must hold something" for row in empty]
    if not faults and np.abs(matrix.mean(axis=0)).sum() == 0:
        faults.append(f"{path}: the books cancel out: the crowd's average book must not be empty")
    if faults:
        raise InputError(*faults)
    return matrix
