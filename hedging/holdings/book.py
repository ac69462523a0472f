"""One book of holdings, and how its tickers are matched with others'."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cqkit.arrays import FloatArray, IntArray

_CODE = re.compile(r"(?<!\d)\d{5,6}(?!\d)", re.ASCII)  # of a stock in Shanghai, Shenzhen, Beijing or Hong Kong
_EXCHANGES = {"XSHG": "SH", "SS": "SH", "SSE": "SH", "XSHE": "SZ", "SZSE": "SZ", "XHKG": "HK"}


@dataclass(frozen=True, repr=False)
class Holdings:
    """One book, a stock a place, in the order of its file.

    Attributes
    ----------
    name : str
        Of the file, and of the fund where a file has several.
    tickers : tuple of str
    value : FloatArray, shape (stocks,)
        Money; negative for a short position.
    price : FloatArray, shape (stocks,)
        Money a share; NaN where it is not known, as in the following ones.
    adv : FloatArray, shape (stocks,)
        Money traded on an average day.
    volatility : FloatArray, shape (stocks,)
        Per square root of a day.
    beta : FloatArray, shape (stocks,)
        To the index.
    index_weight : FloatArray, shape (stocks,)
        Share of the index, a ratio.
    sector, title : tuple of str
        Empty where not known.
    cash : float
        Money in cash rows.
    digest : str
        SHA-256 of the file, the only thing of it that a manifest or log may hold.
    notes : tuple of str
        What was read as something else, filled in or left out, one line each; no holding is named in them.
    currency : str
        ISO code, as the file says; empty where it does not.
    """

    name: str
    tickers: tuple[str, ...]
    value: FloatArray
    price: FloatArray
    adv: FloatArray
    volatility: FloatArray
    beta: FloatArray
    index_weight: FloatArray
    sector: tuple[str, ...]
    title: tuple[str, ...]
    cash: float
    digest: str
    notes: tuple[str, ...] = ()
    currency: str = ""

    def __repr__(self) -> str:
        """Say how many stocks, and nothing of what is held."""
        return f"Holdings({self.name!r}, {len(self.tickers)} stocks, digest {self.digest[:12]})"

    def by_ticker(self) -> Holdings:
        """The same book with its stocks in the order of their tickers."""
        order = sorted(range(len(self.tickers)), key=self.tickers.__getitem__)
        return replace(
            self,
            tickers=tuple(self.tickers[place] for place in order),
            value=self.value[order],
            price=self.price[order],
            adv=self.adv[order],
            volatility=self.volatility[order],
            beta=self.beta[order],
            index_weight=self.index_weight[order],
            sector=tuple(self.sector[place] for place in order),
            title=tuple(self.title[place] for place in order),
        )

    @property
    def total(self) -> float:
        """What the book is worth, with its cash."""
        return float(self.value.sum()) + self.cash


def match_tickers(wanted: Sequence[str], known: Sequence[str]) -> IntArray:
    """Places of tickers among known ones, shape (wanted,); -1 where there is none.

    Case and blanks do not matter; where that finds nothing, 600000.SH, SH600000, 600000.XSHG and 600000 are one, if
    only one of the known has that number.
    """
    exact: dict[str, int] = {}
    listed: dict[str, list[tuple[str, int]]] = {}
    for place, ticker in enumerate(known):
        exact.setdefault(_plain(ticker), place)
        code, market = _listing(ticker)
        listed.setdefault(code, []).append((market, place))
    found = []
    for ticker in wanted:
        place = exact.get(_plain(ticker), -1)
        code, market = _listing(ticker)
        if place < 0 and code:
            alike = [at for other, at in listed.get(code, []) if other == market or not other or not market]
            place = alike[0] if len(alike) == 1 else -1
        found.append(place)
    return np.array(found, dtype=np.int64)


def _plain(ticker: str) -> str:
    return re.sub(r"[\s._-]+", "", ticker).upper()


def _listing(ticker: str) -> tuple[str, str]:
    """A code in digits and its exchange, each empty where there is none."""
    codes = _CODE.findall(ticker)
    if len(codes) != 1:
        return "", ""
    market = _plain(ticker).replace(codes[0], "")
    return codes[0], _EXCHANGES.get(market, market)
