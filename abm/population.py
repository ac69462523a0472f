"""Who is in a market before its first bar: stocks, books and funds, drawn afresh on every path (docs/model.md, 1)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from abm.randomness import Purpose, stream
from abm.settings import Funds, IndexSector, Settings, Stocks, shares
from cqkit.arrays import FloatArray, IntArray
from cqkit.errors import InputError

LARGEST_HOLDING = 1e18  # in the user's books, in whatever money unit


class StockPopulation(NamedTuple):
    """Properties of the stocks, shape (paths, stocks) but for `loadings` (paths, factors, stocks)."""

    adv: FloatArray
    sigma: FloatArray
    beta: FloatArray
    index_shares: FloatArray
    loadings: FloatArray
    variance: FloatArray
    capitalisation: FloatArray  # as a share of the whole market's


class FundPopulation(NamedTuple):
    """Properties of the funds, shape (paths, funds) but for `exposure` (paths, funds, baskets)."""

    exposure: FloatArray
    equity: FloatArray
    leverage: FloatArray
    limit: FloatArray
    reenters: IntArray


def _frozen(*arrays: FloatArray) -> None:
    for array in arrays:
        array.setflags(write=False)


@lru_cache(maxsize=2)
def draw_stocks(settings: Stocks, seed: int, first_path: int, paths: int) -> StockPopulation:
    """Draw capitalisations, volumes, volatilities, betas and factor loadings. Read-only arrays, shared by twins."""
    count, factors = settings.stocks, settings.factors
    adv, sigma, beta, index_shares, variance, capital = np.empty((6, paths, count))
    made = StockPopulation(adv, sigma, beta, index_shares, np.empty((paths, factors, count)), variance, capital)
    for row in range(paths):
        draws = stream(seed, Purpose.STOCKS, first_path + row).standard_normal((4 + factors, count))
        size = np.exp(settings.size_spread * draws[0])
        capital[row] = size / size.sum()
        index_shares[row] = largest(capital[row], settings.index_share)
        volume = turnover(capital[row], settings.volume_size_slope) * np.exp(settings.volume_noise * draws[1])
        adv[row] = volume / volume.sum()
        smallness = (adv[row] * count) ** -settings.volatility_size_slope
        sigma[row] = smallness * np.exp(settings.volatility_spread * draws[2])
        sigma[row] *= settings.stock_volatility / np.median(sigma[row])
        beta[row] = 1 + settings.beta_spread * draws[3]
        beta[row] /= index_shares[row] @ beta[row]
        made.loadings[row] = draws[4:]
        common = settings.factor_volatility**2 * (made.loadings[row] ** 2).sum(axis=0)
        variance[row] = sigma[row] ** 2 + (beta[row] * settings.market_volatility) ** 2 + common
        variance[row] += settings.small_cap_volatility**2 * (index_shares[row] == 0)
    _frozen(*made)
    return made


def largest(capital: FloatArray, share: float) -> FloatArray:
    """Weights of an index of the largest stocks, so large a `share` of their number, by capital (stocks,)."""
    if share == 1:
        return capital
    members = max(round(share * capital.size), 1)
    held = np.where(capital >= np.sort(capital)[-members], capital, 0.0)
    return held / held.sum()


def outside_shares(settings: Stocks, seed: int, first_path: int, paths: int) -> FloatArray | None:
    """Shares of a portfolio of all stocks outside the index, by capitalisation and worth 1; None if there are none."""
    if settings.index_share == 1:
        return None
    stocks = draw_stocks(settings, seed, first_path, paths)
    outside = stocks.capitalisation * (stocks.index_shares == 0)
    total = outside.sum(axis=1, keepdims=True)
    return outside / total if (total > 0).all() else None


def turnover(capital: FloatArray, slope: float) -> FloatArray:
    """Relative volume of stocks by capital: with a slope below 1 small stocks turn over more often."""
    return capital if slope == 1 else capital**slope


def neutral_books(raw: FloatArray, weight: FloatArray, beta: FloatArray) -> FloatArray:
    """Turn raw weights (books, stocks) into dollar- and beta-neutral books with half the gross = 1.

    The projection moves liquid stocks most: its metric is `weight` (stocks,).
    """
    tilted = raw * weight
    conditions = np.stack([np.ones_like(beta), beta], axis=1)
    gram = conditions.T @ (weight[:, None] * conditions)
    # pinv: with equal betas both conditions are one
    tilted -= (tilted @ conditions) @ np.linalg.pinv(gram) @ (weight[:, None] * conditions).T
    gross = np.abs(tilted).sum(axis=1, keepdims=True)
    return np.divide(2 * tilted, gross, out=np.zeros_like(tilted), where=gross > 0)


def spread_books(raw: FloatArray) -> FloatArray:
    """Turn raw weights (styles, trades) into books of spread trades, shape (1 + styles, trades).

    Row 0 holds all trades alike and is worth 1. The others are long one part and short the rest, uncorrelated, each
    with a mean square of 1 in the weights of row 0: so exposures (sqrt(rho), sqrt(1-rho) h) overlap as for stocks.
    """
    styles, trades = raw.shape
    directions, _ = np.linalg.qr((raw - raw.mean(axis=1, keepdims=True)).T)
    return np.vstack([np.full((1, trades), 1 / trades), directions[:, :styles].T / np.sqrt(trades)])


@lru_cache(maxsize=2)
def draw_books(settings: Stocks, styles: int, seed: int, first_path: int, paths: int) -> FloatArray:
    """Draw the common book (row 0) and the style books, in shares, shape (paths, 1 + styles, stocks). Read-only."""
    stocks = draw_stocks(settings, seed, first_path, paths)
    books = np.empty((paths, 1 + styles, settings.stocks))
    for row in range(paths):
        path = first_path + row
        if settings.instruments == "spreads":
            books[row] = spread_books(
                stream(seed, Purpose.STYLE_BOOKS, path).standard_normal((styles, settings.stocks))
            )
            continue
        raw = np.concatenate(
            [
                stream(seed, Purpose.COMMON_BOOK, path).standard_normal((1, settings.stocks)),
                stream(seed, Purpose.STYLE_BOOKS, path).standard_normal((styles, settings.stocks)),
            ]
        )
        books[row] = neutral_books(raw, np.sqrt(stocks.adv[row] * settings.stocks), stocks.beta[row])
    _frozen(books)
    return books


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


def draw_funds(whole: Settings, seed: int, first_path: int, paths: int) -> FundPopulation:
    """Draw exposures, equity, leverage and headroom of the crowd's long-short funds.

    Two funds' exposures (sqrt(rho), sqrt(1-rho) h) have expected cosine rho, h being isotropic; the crowd's book is
    `leverage` x `capital` on every path, however leverage and equity fall among the funds.
    """
    settings, styles = whole.funds, whole.funds.styles
    count = settings.count - whole.futures_fund_count
    aim = settings.leverage
    if whole.futures_fund_count and settings.long_short_leverage is not None:
        aim = settings.long_short_leverage
    total = settings.capital * shares(settings.kind).get("long_short", 0.0)
    exposure = np.empty((paths, count, 1 + styles))
    equity, leverage, limit = np.empty((3, paths, count))
    reenters = np.empty((paths, count), dtype=np.int64)
    for row in range(paths):
        normals = stream(seed, Purpose.FUNDS, first_path + row).standard_normal((count, styles + 2))
        uniforms = stream(seed, Purpose.FUND_LIMITS, first_path + row).random((count, 2))
        own = normals[:, :styles] / np.linalg.norm(normals[:, :styles], axis=1, keepdims=True)
        exposure[row, :, 0] = np.sqrt(settings.crowding)
        exposure[row, :, 1:] = np.sqrt(1 - settings.crowding) * own
        relative = np.exp(settings.leverage_spread * normals[:, styles])
        capital = np.exp(settings.capital_spread * normals[:, styles + 1])
        equity[row] = total * capital / (capital @ relative)
        leverage[row] = aim * relative
        low, high = settings.headroom
        limit[row] = leverage[row] * (1 + low + (high - low) * uniforms[:, 0])
        reenters[row] = uniforms[:, 1] < settings.reentry_share
    return FundPopulation(exposure, equity, leverage, limit, reenters)


def draw_stops(settings: IndexSector, seed: int, first_path: int, paths: int) -> FloatArray:
    """Draw the losses that stop the long-biased members out, shape (paths, members)."""
    normals = [stream(seed, Purpose.SECTOR, first_path + row).standard_normal(settings.members) for row in range(paths)]
    return settings.stop * np.exp(settings.stop_spread * np.array(normals))
