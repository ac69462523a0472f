"""A history of prices or returns, a row a day and a column a ticker: what it says of the stocks of a book."""

from __future__ import annotations

from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Final

import numpy as np

from cqkit.arrays import FloatArray
from cqkit.errors import InputError, raise_faults
from cqkit.numbers import NumberStyle, is_missing, parse_number
from cqkit.plain import counted, shown
from cqkit.tables import read_cells
from hedging.holdings.book import Holdings, match_tickers
from hedging.holdings.columns import cut_mark, words
from hedging.holdings.lists import HoldingsList
from hedging.series.columns import key
from hedging.series.days import days_of
from hedging.series.layout import Layout, layout_of

FEWEST_DAYS: Final = 20  # returns from which a volatility or a beta is taken
_INDEX: Final = words(
    "index benchmark market 指数 基准 市场 大盘 沪深300 中证500 中证1000 csi300 csi500 csi1000 hs300 zz500 zz1000 "
    "000300sh 000905sh 000852sh spx gspc sp500"
)


@dataclass(frozen=True)
class History:
    """Daily returns of stocks, and of an index if the file has one.

    Attributes
    ----------
    file : str
    tickers : tuple of str
    returns : FloatArray, shape (days, tickers)
        Simple returns a day; NaN where a price is missing.
    price : FloatArray, shape (tickers,)
        The last one known; NaN in a file of returns.
    index : FloatArray or None, shape (days,)
        Returns of the index.
    """

    file: str
    tickers: tuple[str, ...]
    returns: FloatArray
    price: FloatArray
    index: FloatArray | None


def read_history(path: str | PathLike[str]) -> History:
    """Read prices or returns by date; returns are told by having signs.

    Raises
    ------
    InputError
        When there are no dates, or a cell is no number: one line a fault, with its row.
    """
    file = Path(path).name
    layout = layout_of(file, read_cells(path))
    columns = [place for place, name in enumerate(layout.columns) if place != layout.date and name]
    if not columns:
        raise InputError(f"{file}: no column beside the dates: must have one of prices or returns a ticker")
    days, faults, _ = days_of(file, layout.cells(layout.date), layout.dating, None)
    raise_faults([f"{file}: row {row}: {fault}" for row, fault in faults])
    order = np.array([days[row] for row, _ in layout.rows], dtype="datetime64[s]")
    numbers = _numbers(layout, columns)[np.argsort(order, kind="stable")]
    if len(numbers) < FEWEST_DAYS + 1:
        raise InputError(f"{file}: {len(numbers)} days: must have {FEWEST_DAYS + 1} at least")
    if np.nanmin(numbers) > 0:
        returns, price = numbers[1:] / numbers[:-1] - 1, _last(numbers)
    else:
        returns, price = numbers, np.full(len(columns), np.nan)
        if np.nanmax(np.abs(returns)) > 5:
            raise InputError(
                f"{file}: a figure of {np.nanmax(np.abs(returns)):g} beside negative ones: must be prices, which are "
                "positive, or returns as ratios, not percent"
            )
    names = [layout.columns[place] for place in columns]
    index = next((place for place, name in enumerate(names) if key(name) in _INDEX), None)
    return History(file, tuple(names), returns, price, None if index is None else returns[:, index])


def _numbers(layout: Layout, columns: list[int]) -> FloatArray:
    """All cells as numbers, (days, columns)."""
    style = NumberStyle()
    numbers = np.full((len(layout.rows), len(columns)), np.nan)
    faults = []
    for at, (number, row) in enumerate(layout.rows):
        for to, place in enumerate(columns):
            cell = row[place]
            try:
                numbers[at, to] = float(cell)
            except ValueError:
                if is_missing(cell):
                    continue
                text, mark = cut_mark(cell)
                try:
                    numbers[at, to] = parse_number(text, style) * mark
                except ValueError as error:
                    faults.append(f"{layout.file}: row {number}: {layout.columns[place]} = {shown(cell)}: {error}")
    raise_faults(faults)
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers


def _last(prices: FloatArray) -> FloatArray:
    """The last known price of every column; NaN where there is none."""
    known = np.isfinite(prices)
    last = len(prices) - 1 - np.argmax(known[::-1], axis=0)
    found: FloatArray = np.where(known.any(axis=0), prices[last, np.arange(prices.shape[1])], np.nan)
    return found


def price_rows(listed: HoldingsList, past: History) -> None:
    """Give rows without a price the last one of the history."""
    rows = [row for row in listed.rows if not row.cash and np.isnan(row.sizes.get("price", np.nan))]
    if not rows or np.isnan(past.price).all():
        return
    places = match_tickers([row.ticker for row in rows], past.tickers)
    filled = 0
    for row, place in zip(rows, places, strict=True):
        if place >= 0 and np.isfinite(past.price[place]):
            row.sizes["price"] = float(past.price[place])
            filled += 1
    if filled:
        listed.notes.append(f"{listed.file}: price of {counted(filled, 'stock')} is the last one in {past.file}")


def filled(book: Holdings, past: History) -> Holdings:
    """A book with volatility and beta from a history where it did not say them; its notes say how many."""
    places = match_tickers(book.tickers, past.tickers)
    returns = np.where(places >= 0, past.returns[:, places], np.nan)
    notes = list(book.notes)
    absent = int((places < 0).sum())
    if absent:
        notes.append(f"{past.file}: {counted(absent, 'stock')} of the book not in it")
    enough = np.isfinite(returns).sum(axis=0) >= FEWEST_DAYS
    spread = np.full(len(places), np.nan)
    spread[enough] = np.nanstd(np.log1p(returns[:, enough]), axis=0, ddof=1)
    volatility = _fill(book.volatility, np.where(spread > 0, spread, np.nan), "volatility", past.file, notes)
    beta = book.beta
    if np.isnan(beta).any():
        index, called = _index_of(book, past, returns)
        if index is None:
            notes.append(
                f"{past.file}: no column of the index, and no index weights in the book: beta is not filled in"
            )
        else:
            beta = _fill(beta, _betas(returns, index), f"beta to {called}", past.file, notes)
    return replace(book, volatility=volatility, beta=beta, notes=tuple(notes))


def _index_of(book: Holdings, past: History, returns: FloatArray) -> tuple[FloatArray | None, str]:
    """Returns of the index: the history's own, or of the book's stocks by their weights in it."""
    if past.index is not None:
        return past.index, "the index of the history"
    weight = np.where(np.isfinite(book.index_weight), book.index_weight, 0.0)
    weighed = np.where(np.isfinite(returns), weight, 0.0)
    if weight.sum() <= 0:
        return None, ""
    total = weighed.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        index = (weighed * np.nan_to_num(returns)).sum(axis=1) / total
    return index, "the book's stocks by their index weights"


def _betas(returns: FloatArray, index: FloatArray) -> FloatArray:
    """Slope of every stock's returns on the index's, over the days that both have; NaN where they are too few."""
    both = np.isfinite(returns) & np.isfinite(index)[:, None]
    count = both.sum(axis=0)
    x = np.where(both, np.nan_to_num(index)[:, None], 0.0)
    y = np.where(both, np.nan_to_num(returns), 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = (x * y).sum(axis=0) - x.sum(axis=0) * y.sum(axis=0) / count
        slope = covariance / ((x * x).sum(axis=0) - x.sum(axis=0) ** 2 / count)
    found: FloatArray = np.where((count >= FEWEST_DAYS) & np.isfinite(slope), slope, np.nan)
    return found


def _fill(known: FloatArray, measured: FloatArray, what: str, file: str, notes: list[str]) -> FloatArray:
    """Fill what is not known, and note how many."""
    missing = np.isnan(known) & np.isfinite(measured)
    if missing.any():
        notes.append(f"{what} of {counted(int(missing.sum()), 'stock')} is measured in {file}")
    found: FloatArray = np.where(missing, measured, known)
    return found
