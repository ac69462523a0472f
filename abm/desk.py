"""The user's hedge desk inside the market: the hedging engine's own book, closed once a day.

The desk is long the index plus a tilt to the crowded book and short index futures, and too small to move prices.
"""

from __future__ import annotations

import numpy as np

from abm.settings import Settings
from hedging import FloatArray, FuturesContract, HedgeBook, HedgeResult, parse_policy


class DeskBook:
    """Feeds the market's closes to a `HedgeBook`, from the close at which the hedge is put on.

    `start_day` is the index of that close among the trading days; -1 is the eve of the first.
    """

    def __init__(self, settings: Settings, paths: int) -> None:
        self.settings, self.paths = settings, paths
        starts = settings.desk.starts
        self.start_day = (
            -1 if starts is None else int(np.searchsorted(settings.clock.dates, np.datetime64(starts, "D")))
        )
        self._book: HedgeBook | None = None
        if self.start_day < 0:
            self._open(np.ones(paths), np.zeros(paths))

    def close(self, day: int, index: FloatArray, crowded_book: FloatArray) -> None:
        """Take in a close: the index and the value of a unit of the crowded book, shape (paths,)."""
        if day == self.start_day:
            self._open(index, crowded_book)
        elif self._book is not None:
            spot = index / self._index + self.settings.desk.tilt * (crowded_book - self._crowded)
            self._book.close(index, spot)

    def result(self) -> HedgeResult | None:
        """The accounts so far; None before the hedge is on."""
        return None if self._book is None else self._book.result()

    def _open(self, index: FloatArray, crowded_book: FloatArray) -> None:
        desk, market = self.settings.desk, self.settings.market
        self._index, self._crowded = index.copy(), crowded_book.copy()
        self._book = HedgeBook(
            parse_policy(desk.policy)[1],
            contract=FuturesContract("index future", 1.0, desk.margin, market.currency),
            start_price=self._index,
            start_value=desk.size * market.daily_value,
            days=self.settings.clock.days - 1 - self.start_day,
            reserve=desk.reserve,
            gains_fund_margin=desk.gains_fund_margin,
            when_exhausted=desk.when_exhausted,
        )


def open_desk(settings: Settings, paths: int) -> DeskBook | None:
    """Open the desk, if there is one."""
    return DeskBook(settings, paths) if settings.desk.size > 0 else None
