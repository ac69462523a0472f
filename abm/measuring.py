"""What is read off prices at each close: the contrarian portfolio, the index, its volatility, the crowded book."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from abm.columns import DECILES, columns_of, decile_column
from abm.listed import ListedStocks
from abm.measures import VolatilityGauge, khandani_lo, khandani_lo_within, pressed
from abm.record import DailyRecord
from abm.sections.stocks import Stocks
from abm.settings import Settings
from abm.stocks import draw_stocks, outside_shares
from cqkit.arrays import FloatArray, IntArray, frozen
from cqkit.cores import BLOCKS_AT_ONCE

if TYPE_CHECKING:
    from abm.market import State


class PriceMeasures:
    """Keeps the latest closes, and writes the day's changes into the record."""

    def __init__(self, settings: Settings, state: State, seed: int, first_path: int, paths: int) -> None:
        self._gauge = VolatilityGauge(settings.volatility_index, paths)
        self._closes = state.stocks.price.copy()
        self._returns: FloatArray | None = None
        self._deciles: SizeDeciles | None = None
        if decile_column(1) in columns_of(settings):
            self._deciles = SizeDeciles(settings.market, seed, first_path, paths, settings.listed)
        self._index = np.ones(paths)
        self._book = state.baskets.value[:, 0].copy()
        self._common = self._book + 1.0
        self._groups = {
            name: outside_shares(settings.market, seed, first_path, paths, settings.listed, large=name == "large_caps")
            for name in ("small_caps", "large_caps")
            if name in columns_of(settings)
        }
        self._group_closes = dict.fromkeys(self._groups, np.ones(paths))

    def write(self, state: State, record: DailyRecord, day: int) -> None:
        """Take in a close; columns that depend on futures only where there are any."""
        prices, baskets = state.stocks.price, state.baskets
        returns = prices / self._closes - 1
        if self._returns is not None:
            record["khandani_lo"][:, day] = khandani_lo(self._returns, returns)
        if self._deciles is not None:
            self._deciles.write(returns, record, day)
        self._returns, self._closes = returns, prices.copy()
        record["index"][:, day] = state.tape.index_value / self._index - 1
        self._index = state.tape.index_value.copy()
        record["volatility_index"][:, day] = self._gauge.update(np.log1p(record["index"][:, day]))
        record["crowded_book"][:, day] = baskets.value[:, 0] - self._book
        self._book = baskets.value[:, 0].copy()
        pressed(baskets.shares, prices, state.stocks.displacement, record["mispricing"][:, day])
        if record.has_futures:
            self._write_groups(state, record, day)

    def _write_groups(self, state: State, record: DailyRecord, day: int) -> None:
        held_in_common = state.baskets.value[:, 0] + state.baskets.value[:, -1]
        record["common_stocks"][:, day] = held_in_common / self._common - 1
        self._common = held_in_common
        for name, held in self._groups.items():
            if held is not None:
                close = np.einsum("ps,ps->p", held, state.stocks.price)
                record[name][:, day] = close / self._group_closes[name] - 1
                self._group_closes[name] = close


class SizeDeciles:
    """The contrarian portfolio within each tenth of the stocks by capitalisation at the start, the smallest first."""

    def __init__(
        self, market: Stocks, seed: int, first_path: int, paths: int, listed: ListedStocks | None = None
    ) -> None:
        self._order = smallest_first(market, seed, first_path, paths, listed)
        ends = [market.stocks * end // DECILES for end in range(DECILES + 1)]
        self._columns = [decile_column(n) for n, (first, last) in enumerate(pairwise(ends), start=1) if first < last]
        self._ends = np.unique(ends)  # of those that have a stock
        self._returns: FloatArray | None = None

    def write(self, returns: FloatArray, record: DailyRecord, day: int) -> None:
        """Take in a day's returns, shape (paths, stocks)."""
        today, yesterday = np.take(returns, self._order), self._returns
        self._returns = today
        if yesterday is not None:
            earned = khandani_lo_within(yesterday, today, self._ends)
            for name, column in zip(self._columns, earned.T, strict=True):
                record[name][:, day] = column


@lru_cache(maxsize=BLOCKS_AT_ONCE)
def smallest_first(
    market: Stocks, seed: int, first_path: int, paths: int, listed: ListedStocks | None = None
) -> IntArray:
    """Places in an array (paths, stocks) of each path's stocks by rising capitalisation. Read-only, shared by twins."""
    order = np.argsort(draw_stocks(market, seed, first_path, paths, listed).capitalisation, axis=1, kind="stable")
    order += market.stocks * np.arange(paths)[:, None]
    frozen(order)
    return order
