"""Orders from outside: of the user's own agents, and of a hedge desk that moves prices.

They are executed evenly over the bars of the next day, at each bar's fill, and pay the half-spread. The
phases of the bar that net orders and book them read the order book directly (`abm/phases.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from abm.inhabitants.base import Inhabitant, Opening
from abm.state import OutsideState, Party
from cqkit.arrays import FloatArray

if TYPE_CHECKING:
    from abm.market import Market


ROUNDING = 1e-12  # a share of a day this small is rounding


def open_outside(paths: int, stocks: int) -> OutsideState:
    """An empty order book."""
    return OutsideState(
        active=np.zeros(paths, dtype=np.int64),
        order=np.zeros((paths, stocks)),
        price=np.zeros((paths, stocks)),
        futures_order=np.zeros(paths),
        futures_price=np.zeros(paths),
        futures_units=np.zeros(paths),
    )


def _average(price: FloatArray, filled: FloatArray, close: FloatArray) -> None:
    """Make a sum over the part of a day that was traded its mean, in place; the close where nothing was."""
    np.divide(price, filled, out=price, where=(filled > ROUNDING) & (filled < 1 - ROUNDING))
    np.copyto(price, close, where=filled <= ROUNDING)


class OutsideOrders(Inhabitant):
    """Keeps what outsiders hold and what they have paid."""

    name = "outside"

    def __init__(self, opening: Opening) -> None:
        super().__init__(opening)
        self.state = opening.outside
        self.held = np.zeros_like(opening.stocks.price)
        self.fill_price = opening.stocks.price.copy()  # average that the latest orders paid
        self.futures_fill = np.full(opening.paths, 1 + opening.settings.futures.start_basis)  # average over the day
        self.filled = np.ones_like(self.held)  # share of the latest orders that could be traded
        self.futures_filled = np.ones(opening.paths)

    def traded(self, market: Market) -> FloatArray:
        """Shares bought in the day that has just been traded, (paths, stocks)."""
        exchange = market.exchange
        return self.state.order if exchange is None else self.state.order * (1 - exchange.missed)

    def close(self, market: Market) -> None:
        """Take the day's fills, and empty the order book for the next day."""
        book, exchange = self.state, market.exchange
        if exchange is not None:
            self.filled, self.futures_filled = 1 - exchange.missed, 1 - exchange.futures_missed
            _average(book.price, self.filled, market.state.stocks.price)
            _average(book.futures_price, self.futures_filled, market.state.futures.price)
        book.futures_order[:] = 0
        self.futures_fill = book.futures_price.copy()
        book.futures_price[:] = 0
        if book.active.any():
            self.held += self.traded(market)
            self.fill_price = book.price.copy()
            book.order[:] = 0
            book.price[:] = 0
            book.active[:] = 0

    def shares(self, market: Market) -> Mapping[int, FloatArray]:
        return {Party.OUTSIDE: self.held}

    def futures(self, market: Market) -> Mapping[int, FloatArray]:
        return {Party.OUTSIDE: self.state.futures_units}
