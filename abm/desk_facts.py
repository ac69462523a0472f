"""What is to be said of a desk's own book in a market: how it was read and scaled, and how crowded it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from abm.books import ASSUMED_OVERLAP, market_books
from abm.crowding.leaning import cosine
from abm.listed import ListedStocks, calmer_than_common
from abm.settings import Settings
from abm.stocks import draw_stocks
from cqkit.errors import one_line
from cqkit.plain import counted

MOST_PATHS = 100  # on which the realised overlap is measured
LARGE_CASH = 0.05  # a share of the book, beyond which it is said that the hedge covers cash too

From = Literal["set", "tilts", "assumed", "measured"]
_WHENCE = {
    "set": "desk.overlap = {:.2f}, as set",
    "tilts": (
        "desk.overlap = {:.2f}: what the book's tilts show, its cosine with what a crowd hedged by futures holds of "
        "these stocks on average: liquid ones outside the index"
    ),
    "assumed": (
        "desk.overlap = {:.2f} is assumed: nothing in a book shows how a neutral crowd leans; set it, or give the "
        "crowd's own books (funds.holdings)"
    ),
    "measured": "overlap of desk.book with the crowd is {:.2f}, measured in funds.holdings",
}


@dataclass(frozen=True)
class DeskFacts:
    """A desk's own book in a market.

    Attributes
    ----------
    listed : ListedStocks
    overlap : float
        Mean over paths of the cosine between the desk's active book (weights less beta times index weights) and the
        crowd's common book, over the stocks that the book lists; NaN where the crowd holds none of them.
    whence : {"set", "tilts", "assumed", "measured"}
        Where that comes from.
    notes : tuple of str
        One line each; no holding is named in them.
    """

    listed: ListedStocks
    overlap: float
    whence: From
    notes: tuple[str, ...]

    def as_json(self, currency: str, daily_value: float) -> dict[str, Any]:
        """Plain values; of the file its hash alone."""
        return {
            "digest": self.listed.book.digest,
            "stocks": self.listed.count,
            "value": self.listed.worth * daily_value,
            "currency": currency,
            "overlap": self.overlap,
            "overlap_is": self.whence,
        }


def desk_facts(settings: Settings, seed: int, paths: int) -> DeskFacts | None:
    """Say what a market makes of the desk's own book; None without one.

    Raises
    ------
    InputError
        As of `listed_stocks`.
    """
    listed = settings.listed
    if listed is None or settings.desk_size == 0:
        return None
    whence: From = "assumed"
    if settings.funds.holdings is not None:
        whence = "measured"
    elif listed.overlap is not None:
        whence = "set"
    elif settings.books_are_active:
        whence = "tilts"
    realised = _realised(settings, listed, seed, min(paths, MOST_PATHS))
    notes = [*listed.book.notes, *_size_notes(settings, listed), *_property_notes(settings, listed)]
    told = realised if whence in ("tilts", "measured") else listed.overlap
    if np.isfinite(realised):
        notes.append(_WHENCE[whence].format(ASSUMED_OVERLAP if told is None else told))
    else:
        notes.append("desk.overlap: the crowd holds none of the book's stocks: they are too small (funds.smallest)")
    return DeskFacts(listed, realised, whence, tuple(map(one_line, notes)))


def _realised(settings: Settings, listed: ListedStocks, seed: int, paths: int) -> float:
    stocks = draw_stocks(settings.market, seed, 0, paths, listed)
    shares, *_ = market_books(settings, stocks.index_shares, seed, 0)
    found = [
        cosine(listed.active(beta, index), common[: listed.count])
        for beta, index, common in zip(stocks.beta, stocks.index_shares, shares[:, 0], strict=True)
    ]
    return float(np.nanmean(found)) if np.isfinite(found).any() else float("nan")


def _size_notes(settings: Settings, listed: ListedStocks) -> list[str]:
    market, book = settings.market, listed.book
    held = listed.worth * market.daily_value
    notes = [f"desk.book: {counted(listed.count, 'stock')}, worth {market.currency} {book.total:,.0f}"]
    if settings.desk.size is not None:
        notes.append(
            f"desk.size = {settings.desk.size:g}: the book is scaled by {held / book.total:.4g}, to {market.currency} "
            f"{held:,.0f}"
        )
    if not book.currency:
        notes.append(f"desk.book: no currency named: taken for the market's, {market.currency}")
    if abs(listed.cash) > LARGE_CASH:
        notes.append(f"desk.book: {listed.cash:.0%} of it is cash, which the hedge covers like stocks")
    return notes


def _property_notes(settings: Settings, listed: ListedStocks) -> list[str]:
    book = listed.book
    drawn = {
        "ADV": book.adv,
        "volatility": book.volatility,
        "beta": book.beta,
        "index weight": book.index_weight,
    }
    notes = []
    for name, values in drawn.items():
        unknown = int(np.isnan(values).sum())
        if name == "index weight" and 0 < unknown < listed.count:
            notes.append(f"desk.book: {unknown} stocks without an index weight are outside the index")
        elif unknown:
            notes.append(f"desk.book: {name} of {counted(unknown, 'stock')} is drawn as for synthetic ones")
    calm = calmer_than_common(listed, settings.market)
    if calm:
        notes.append(
            f"desk.book: {calm} stocks are calmer than their beta and the market's factors make them: a tenth of their "
            "variance is left to their own, and they move more than the book says"
        )
    return notes
