"""The books that a market's funds hold in common and in their own styles (docs/model.md, sections 1 and 8)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.crowding.leaning import cosine, leaning
from abm.holdings import read_holdings
from abm.listed import ListedStocks, check_crowd
from abm.randomness import Purpose, fill_with_normals
from abm.sections.stocks import Stocks
from abm.stocks import draw_stocks, smaller
from cqkit.arrays import BoolArray, FloatArray, frozen, laid_out
from cqkit.cores import BLOCKS_AT_ONCE
from cqkit.errors import InputError

if TYPE_CHECKING:
    from abm.settings import Settings


EDGE = 0.03  # width in rank of the edge below which books leave stocks out
ROUNDS = 50  # of passing on what cannot be borrowed


class BookRules(NamedTuple):
    """What shapes the books beside the stocks."""

    styles: int
    position_limit: float  # volume, over the mean one, beyond which positions grow no further
    smallest: float  # share of the stocks that are left out
    borrowable: float  # most that a unit of the crowd's book may be short of a stock, days of its volume; 0: no limit


def book_rules(settings: Settings) -> BookRules:
    """The rules of a market's books."""
    funds = settings.funds
    crowd = funds.leverage * funds.capital
    borrowable = funds.borrow_limit / crowd if crowd > 0 else 0.0
    return BookRules(funds.styles, funds.position_limit, funds.smallest, borrowable)


def neutral_books(raw: FloatArray, weight: FloatArray, beta: FloatArray) -> FloatArray:
    """Turn raw weights (..., books, stocks) into dollar- and beta-neutral books with half the gross = 1.

    The projection moves liquid stocks most: its metric is `weight` (..., stocks).
    """
    return _neutral(raw * weight[..., None, :], weight, beta)


def _neutral(tilted: FloatArray, weight: FloatArray, beta: FloatArray) -> FloatArray:
    """Make books (..., books, stocks) neutral in place by moving stocks in proportion to `weight` (..., stocks).

    Half the gross is 1.
    """
    conditions = np.stack([np.ones_like(beta), beta], axis=-1)
    weighted = weight[..., None] * conditions
    gram = np.swapaxes(conditions, -1, -2) @ weighted
    # pinv: with equal betas both conditions are one
    tilted -= (tilted @ conditions) @ np.linalg.pinv(gram) @ np.swapaxes(weighted, -1, -2)
    gross = np.abs(tilted).sum(axis=-1, keepdims=True)
    tilted *= np.divide(2, gross, out=np.zeros_like(gross), where=gross > 0)
    return tilted


def liquid(adv: FloatArray, capital: FloatArray, limit: float, smallest: float) -> FloatArray:
    """Relative size of positions, shape (..., stocks): a share of volume up to a limit, and no smallest stocks.

    Volume counts against its mean; the `smallest` share of stocks by `capital` is left out, with a soft edge.
    """
    count = adv.shape[-1]
    volume = adv * count
    size: FloatArray = volume / (1 + volume / limit)
    if smallest > 0:
        rank = (np.argsort(np.argsort(capital)) + 0.5) / count
        size = size / (1 + np.exp(-(rank - smallest) / EDGE))
    return size


def within_borrow_limit(books: FloatArray, most: FloatArray) -> FloatArray:
    """Books (books, stocks) short at most `most` (stocks,) of a stock; what is over goes to the other shorts.

    Each stays dollar-neutral; its beta may move a little. InputError where too little can be borrowed.
    """
    held = books.copy()
    for book in held:
        short = np.maximum(-book, 0)
        total = short.sum()
        for _ in range(ROUNDS):
            over = np.maximum(short - most, 0).sum()
            short = np.minimum(short, most)
            room = np.where((short > 0) & (short < most), short, 0)
            if over <= 1e-15 or room.sum() == 0:
                break
            short = short + over * room / room.sum()
        if short.sum() < total * (1 - 1e-9):
            raise InputError(
                "funds.borrow_limit: too little can be borrowed for the crowd's book: raise it, or lower funds.capital"
            )
        book[:] = np.where(book < 0, -short, book)
    return held


def spread_books(raw: FloatArray) -> FloatArray:
    """Turn raw weights (styles, trades) into books of spread trades, shape (1 + styles, trades).

    Row 0 holds all trades alike and is worth 1. The others are long one part and short the rest, uncorrelated, each
    with a mean square of 1 in the weights of row 0: so exposures (sqrt(rho), sqrt(1-rho) h) overlap as for stocks.
    """
    styles, trades = raw.shape
    directions, _ = np.linalg.qr((raw - raw.mean(axis=1, keepdims=True)).T)
    return np.vstack([np.full((1, trades), 1 / trades), directions[:, :styles].T / np.sqrt(trades)])


ASSUMED_OVERLAP = 0.5  # of a desk's book with the crowd's, where nothing shows it


def asked_overlap(given: float | None, shown: float = ASSUMED_OVERLAP) -> float:
    """Cosine that the crowd's common book has with the desk's active one: as given, or what the book's tilts show."""
    return min(max(shown, 0.0), 1.0) if given is None else given


def expected_active(size: FloatArray, outside: BoolArray, index_shares: FloatArray) -> FloatArray:
    """What the crowd's common active book is of each stock on average, (stocks,): liquid small ones, less the index.

    `size` is how much of a stock's volume positions have (`liquid`), `outside` where it is smaller than the index's.
    """
    held = np.where(outside, size, 0.0)
    return held / held.sum() - index_shares


@lru_cache(maxsize=BLOCKS_AT_ONCE)
def draw_books(
    settings: Stocks, rules: BookRules, seed: int, first_path: int, paths: int, listed: ListedStocks | None = None
) -> FloatArray:
    """Draw the common book (row 0) and the style books, in shares, shape (paths, 1 + styles, stocks). Read-only."""
    stocks = draw_stocks(settings, seed, first_path, paths, listed)
    books = laid_out((paths, 1 + rules.styles, settings.stocks))
    if settings.instruments == "spreads":
        raw = fill_with_normals(np.empty((paths, rules.styles, settings.stocks)), seed, Purpose.STYLE_BOOKS, first_path)
        for row in range(paths):
            books[row] = spread_books(raw[row])
        frozen(books)
        return books
    raw = _raw_books(seed, first_path, books.shape)
    size = liquid(stocks.adv, stocks.capitalisation, rules.position_limit, rules.smallest)
    books[:] = neutral_books(raw, size, stocks.beta)
    if listed is not None:
        own = slice(listed.count)
        for row in range(paths):
            active = listed.active(stocks.beta[row], stocks.index_shares[row])
            common = raw[row, :1] * size[row]
            common[0, own] = leaning(common[0, own], active, asked_overlap(listed.overlap))
            size[row, own] = 0  # neutral by the other stocks, so that the book's own keep their overlap
            books[row, :1] = _neutral(common, size[row], stocks.beta[row])
    if rules.borrowable > 0:
        for row in range(paths):
            books[row] = within_borrow_limit(books[row], rules.borrowable * stocks.adv[row])
    frozen(books)
    return books


def _raw_books(seed: int, first_path: int, shape: tuple[int, ...]) -> FloatArray:
    """What the common book (row 0) and the style books are made from, normals of that shape (paths, books, stocks)."""
    raw = np.empty(shape)
    fill_with_normals(raw[:, :1], seed, Purpose.COMMON_BOOK, first_path)
    fill_with_normals(raw[:, 1:], seed, Purpose.STYLE_BOOKS, first_path)
    return raw


@lru_cache(maxsize=BLOCKS_AT_ONCE)
def draw_active_books(
    settings: Stocks, rules: BookRules, seed: int, first_path: int, paths: int, listed: ListedStocks | None = None
) -> FloatArray:
    """Draw long-only portfolios less the index, in shares, shape (paths, 1 + styles, stocks). Read-only.

    Row 0, which the crowd has in common, is of stocks smaller than the index's, liquid ones preferred; the others are
    capitalisation-weighted random halves of the market.
    """
    stocks = draw_stocks(settings, seed, first_path, paths, listed)
    books = laid_out((paths, 1 + rules.styles, settings.stocks))
    raw = _raw_books(seed, first_path, books.shape)
    outside = smaller(stocks.larger, stocks.index_shares) | (settings.index_share == 1)
    size = liquid(stocks.adv, stocks.capitalisation, rules.position_limit, rules.smallest)
    held = np.where(raw > 0, stocks.capitalisation[:, None], 0.0)
    held[:, 0] = np.where(outside, size * np.maximum(raw[:, 0] + 0.5, 0), 0)
    total = held.sum(axis=2, keepdims=True)
    held = np.divide(held, total, out=np.zeros_like(held), where=total > 0)
    books[:] = held - stocks.index_shares[:, None] * (total > 0)
    if listed is not None:
        for row in range(paths):
            index = stocks.index_shares[row]
            expected = expected_active(size[row], outside[row], index)
            books[row, 0] = _leaning_outside(listed, held[row, 0], expected, index, stocks.beta[row])
    frozen(books)
    return books


def _leaning_outside(
    listed: ListedStocks, held: FloatArray, expected: FloatArray, index: FloatArray, beta: FloatArray
) -> FloatArray:
    """The crowd's common active book with the asked overlap with the desk's, shape (stocks,).

    `held` is worth 1; what the book's own stocks come to is made up for by the others, all in proportion.
    """
    own, active = slice(listed.count), listed.active(beta, index)
    overlap = asked_overlap(listed.overlap, cosine(active, expected[own]))
    found = held.copy()
    found[own] = leaning((held - index)[own], active, overlap) + index[own]
    found[listed.count :] *= (1 - found[own].sum()) / held[listed.count :].sum()
    return found - index


def market_books(
    settings: Settings, index_shares: FloatArray, seed: int, first_path: int
) -> tuple[FloatArray, FloatArray | None, FloatArray | None]:
    """Basket shares (paths, baskets, stocks), read-only; exposures and portions where the user gave books.

    Exposures have shape (paths, funds, baskets), portions of the crowd's book (funds,).

    Where futures funds trade, the crowd's books are active ones, long small stocks and short the index, for long-short
    funds too; the index itself is the last basket wherever futures are traded.
    """
    paths, funds = len(index_shares), settings.funds
    rules = book_rules(settings)
    exposure = portions = None
    listed = settings.listed
    own_books = read_holdings(funds, settings.market.stocks, listed)
    if own_books is not None:
        exposure, shares = (np.repeat(part[None], paths, axis=0) for part in own_books[:2])
        portions = own_books.portions
    elif settings.books_are_active:
        shares = draw_active_books(settings.market, rules, seed, first_path, paths, listed)
    else:
        shares = draw_books(settings.market, rules, seed, first_path, paths, listed)
    if listed is not None:
        adv = draw_stocks(settings.market, seed, first_path, paths, listed).adv
        own = np.abs(shares[:, 0, : listed.count]) * funds.leverage * funds.capital
        check_crowd(listed, own / adv[:, : listed.count])
    if settings.has_futures:
        active = shares
        shares = laid_out((paths, active.shape[1] + 1, active.shape[2]))
        shares[:, :-1], shares[:, -1] = active, index_shares
    frozen(shares)  # always: numba compiles the whole day once more for arrays that can be written
    return shares, exposure, portions
