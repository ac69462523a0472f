"""The stocks of the desk's own book, beside synthetic ones in a market (docs/model.md, section 10)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cqkit.arrays import FloatArray
from cqkit.errors import raise_faults
from cqkit.stamps import Stamp, stamp_of
from hedging.holdings import Holdings, book_file, read_book
from hedging.series.money import iso_code

if TYPE_CHECKING:
    from abm.inhabitants.desk import Desk
    from abm.sections.stocks import Stocks

LARGEST_SHARE = 0.5  # of a market's stocks, that a book may list: the others make the index, and the crowd's own books
LARGEST_VOLUME = 0.9  # of the market's volume, that a book's stocks may have
LONGEST_SALE = 10_000  # days of volume that the crowd may hold of a stock: beyond some hundred it can hardly be sold
OWN_VARIANCE = 0.1  # of a stock's variance, that is its own at least


@dataclass(frozen=True)
class ListedStocks:
    """A book's stocks, the first ones of every path. Arrays are (stocks,), NaN where the book does not say.

    Attributes
    ----------
    key : str
        Names the content: equal keys are equal stocks.
    book : Holdings
        As read, in the order of tickers: the order of rows changes no market.
    weight : FloatArray
        Share of the book's worth; negative for a short position.
    cash : float
        Share of the book's worth that is cash.
    worth : float
        Of the book as the desk holds it, in days of the market's value.
    adv : FloatArray
        Shares of the whole market's volume.
    overlap : float or None
        Cosine asked for between the desk's active book and the crowd's common one; None: what the book's tilts show.
    """

    key: str
    book: Holdings = field(compare=False, repr=False)
    weight: FloatArray = field(compare=False, repr=False)
    cash: float = field(compare=False)
    worth: float = field(compare=False)
    adv: FloatArray = field(compare=False, repr=False)
    overlap: float | None = field(compare=False, default=None)

    @property
    def count(self) -> int:
        """How many stocks."""
        return len(self.weight)

    def active(self, beta: FloatArray, index_shares: FloatArray) -> FloatArray:
        """The active book on a path: weights less the book's beta times the index's weights, shape (stocks,)."""
        own = slice(self.count)
        active: FloatArray = self.weight - (self.weight @ beta[own]) * index_shares[own]
        return active


def check_crowd(listed: ListedStocks, days: FloatArray) -> None:
    """Refuse a book with stocks that the crowd could never sell: it holds `days` (paths, stocks) of their volume."""
    longest = days.max(axis=0)
    raise_faults(
        [
            f"desk.book: {listed.book.name}: {listed.book.tickers[place]}: the crowd's position, like the desk's, "
            f"would be {longest[place]:,.0f} days of its volume (ADV {listed.book.adv[place]:,.0f} in money a day): "
            f"must be below {LONGEST_SALE:,}: correct its ADV, or leave it out of the book"
            for place in np.flatnonzero(longest > LONGEST_SALE)
        ]
    )


def listed_stocks(desk: Desk, market: Stocks) -> ListedStocks | None:
    """Read the desk's book as stocks of a market; None without a book.

    Raises
    ------
    InputError
        With a line for every fault, in the file or in how it fits the market.
    """
    if desk.book is None:
        return None
    book = _read(desk.book, desk.history, None if desk.size is None else desk.size * market.daily_value)
    _check(book, market)
    total = book.total
    worth = total / market.daily_value if desk.size is None else desk.size
    key = f"{book.digest}:{book.notes}:{market.daily_value!r}:{worth!r}:{desk.overlap!r}"
    adv = book.adv / market.daily_value
    return ListedStocks(key, book, book.value / total, book.cash / total, worth, adv, desk.overlap)


def _read(path: Path, history: Path | None, value: float | None) -> Holdings:
    """Read a book, once for all markets that have it."""
    file = book_file(path)
    return _kept(file, stamp_of(file), history, None if history is None else stamp_of(history), value)


@lru_cache(maxsize=8)
def _kept(
    file: Path,
    stamp: Stamp,  # noqa: ARG001
    history: Path | None,
    history_stamp: Stamp,  # noqa: ARG001
    value: float | None,
) -> Holdings:
    return read_book(file, history=history, value=value).by_ticker()


def _check(book: Holdings, market: Stocks) -> None:
    """Refuse a book that cannot stand in this market, with a line for every fault."""
    count, volume, index = len(book.tickers), float(np.nansum(book.adv)), float(np.nansum(book.index_weight))
    faults = []
    if market.instruments == "spreads":
        faults.append("a market of spread trades (market.instruments) has no stocks to hold")
    if count > LARGEST_SHARE * market.stocks:
        faults.append(
            f"{count} stocks, beside which the market needs as many synthetic ones: market.stocks must be "
            f"{int(np.ceil(count / LARGEST_SHARE))} at least, and is {market.stocks}"
        )
    if volume >= LARGEST_VOLUME * market.daily_value:
        faults.append(
            f"its stocks' ADV is {volume:.4g} in all: must be below {LARGEST_VOLUME:g} of the whole market's "
            f"(market.daily_value = {market.daily_value:.4g})"
        )
    if index > 1 + 1e-6:
        faults.append(f"its index weights add up to {index:.4g}: must be 1 at most (ratios, not percent)")
    if book.currency and book.currency != iso_code(market.currency):
        faults.append(f"is in {book.currency}: must be in the market's {market.currency} (market.currency)")
    if not np.abs(book.value).sum() > 0:
        faults.append("holds no stock: must hold something")
    elif book.total <= 0:
        faults.append(
            f"is worth {book.total:.4g} net of its short positions: must be worth something for futures to hedge"
        )
    raise_faults([f"desk.book: {book.name}: {fault}" for fault in faults])


def place_risks(
    listed: ListedStocks,
    settings: Stocks,
    loadings: FloatArray,
    larger: FloatArray,
    index_shares: FloatArray,
    sigma: FloatArray,
    beta: FloatArray,
) -> None:
    """Give the first stocks of a path the book's index weights, betas and volatilities; arrays are changed in place.

    What the book does not say stays as drawn. The other stocks' index weights and betas are scaled, so that weights add
    up to 1 and the index's beta is 1. A stock's own variance is what the market and the factors (`loadings`, shape
    (factors, stocks)) leave of its volatility, but a tenth at least. `larger` are the stocks too large for the index.
    """
    own, book = slice(listed.count), listed.book
    weight = book.index_weight
    if np.isfinite(weight).any():
        others = index_shares.copy()
        others[own] = 0
        known = np.nan_to_num(weight)
        index_shares[:] = others * ((1 - known.sum()) / others.sum()) if others.sum() > 0 else others
        index_shares[own] = known
    told = np.zeros(len(beta), dtype=bool)
    told[own] = np.isfinite(book.beta)
    beta[told] = book.beta[told[own]]
    loose = index_shares[~told] @ beta[~told]
    if loose > 0:
        # A book that is most of the index leaves the others little to make up for it with.
        beta[~told] *= np.clip((1 - index_shares[told] @ beta[told]) / loose, 0.25, 4.0)
    moves = np.flatnonzero(np.isfinite(book.volatility))
    common = (beta * settings.market_volatility) ** 2 + settings.factor_volatility**2 * (loadings**2).sum(axis=0)
    common += settings.small_cap_volatility**2 * ((index_shares == 0) & (larger == 0))
    total = book.volatility[moves] ** 2
    sigma[moves] = np.sqrt(np.maximum(total - common[moves], OWN_VARIANCE * total))


def place_volumes(
    listed: ListedStocks,
    settings: Stocks,
    noise: FloatArray,
    capital: FloatArray,
    adv: FloatArray,
    sigma: FloatArray,
) -> None:
    """Give the first stocks of a path the volumes that the book says; arrays (stocks,) are changed in place.

    The others are scaled, so that volumes add up to 1. Capitalisations, which a book does not say, and volatilities
    follow from volumes by the market's own laws; `noise` is what was drawn for volume over capitalisation.
    """
    told = np.flatnonzero(np.isfinite(listed.adv))
    if not told.size:
        return
    drawn = adv[told].copy()
    rest = np.ones(len(adv), dtype=bool)
    rest[told] = False
    adv[told] = listed.adv[told]
    adv[rest] *= (1 - adv[told].sum()) / adv[rest].sum()
    sigma[told] *= (adv[told] / drawn) ** -settings.volatility_size_slope
    slope = settings.volume_size_slope
    if slope > 0:
        scale = (capital**slope * np.exp(settings.volume_noise * noise)).sum()
        capital[told] = (adv[told] * scale * np.exp(-settings.volume_noise * noise[told])) ** (1 / slope)
        capital /= capital.sum()


def calmer_than_common(listed: ListedStocks, settings: Stocks) -> int:
    """How many stocks are less volatile than the market and its factors alone would make them."""
    beta = np.where(np.isfinite(listed.book.beta), listed.book.beta, 1.0)
    common = (beta * settings.market_volatility) ** 2 + settings.factors * settings.factor_volatility**2
    return int((listed.book.volatility**2 * (1 - OWN_VARIANCE) < common).sum())
