"""The market's bar as a plain agent-based model in Mesa: every fund an agent that knows what it holds, stock by stock.

What a fund and a stock do is written once, in the slow reference that the engine is tested against
(`tests/abm/slow_*.py`): long-short funds, the liquidator, opportunists and stopped-out index holders. Here funds are
Mesa agents that order, mark their books and look at themselves in turn. It gives the engine's prices to rounding
(`tests/benchmarks/test_same_bar.py`).
"""

from __future__ import annotations

import sys
from operator import sub
from pathlib import Path
from typing import Any

import mesa
import numpy as np

from abm import Market
from abm.randomness import DayNoise

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "abm"))

from slow_reference import Fund, SlowMarket, whole_book


class BookByBook(SlowMarket):
    """The slow market, in which its model's agents do what funds do."""

    model: Any = None

    def place_fund_orders(self, bar: int, dt: float) -> None:
        self.model.agents.do("place_order", bar == 0, dt)

    def book_funds(self, dt: float) -> None:
        self.model.show_prices()
        self.model.agents.do("mark", dt)

    def check_funds(self, looked_at: bool, at_close: bool, dt: float) -> None:
        self.model.agents.do("check", looked_at, at_close, dt)


class FundAgent(mesa.Agent):
    """A long-short fund, and what a unit of its book is of each stock."""

    def __init__(self, model: PlainModel, fund: Fund, shares: list[float]) -> None:
        super().__init__(model)
        self.fund = fund
        self.shares: Any = np.array(shares) if model.rows else shares

    def place_order(self, new_day: bool, dt: float) -> None:
        """Decide what to trade in this bar."""
        if new_day:
            self.fund.calls, self.fund.missing = 0, 0.0
        self.fund.order = self.model.market.fund_order(self.fund, dt)

    def mark(self, dt: float) -> None:
        """Value the book at the new prices, and what was traded at the prices paid."""
        gained, late, worth = self.value_of(self.model.gain), 0.0, 0.0
        if self.fund.order != 0:
            late, worth = self.value_of(self.model.late), self.value_of(self.model.fill)
        self.model.market.book_fund(self.fund, gained, late, worth, dt)

    def value_of(self, prices: Any) -> float:
        """What a unit of the book comes to, position by position; as one product where agents keep NumPy rows."""
        if self.model.rows:
            return float(self.shares @ prices)
        return sum(held * price for held, price in zip(self.shares, prices, strict=True))

    def check(self, looked_at: bool, at_close: bool, dt: float) -> None:
        """Apply the own risk rule, and hear the broker."""
        self.model.market.look_at(self.fund, looked_at, at_close, dt)


class PlainModel(mesa.Model):
    """Path 0 of a market that the engine has opened, agent by agent; a step is a bar.

    Parameters
    ----------
    market
        Not yet traded; nothing but its initial state is taken.
    rows
        Whether an agent keeps its book as a NumPy row, and values it by one product, in place of a list and a loop.
    """

    def __init__(self, market: Market, rows: bool = False) -> None:
        super().__init__(rng=market.seed)
        self.rows, self.bars = rows, market.settings.clock.bars
        self.market: BookByBook = BookByBook.of(market)
        self.market.model = self
        self.gain: Any = None
        self.late: Any = None
        self.fill: Any = None
        self.noise: DayNoise | None = None
        for fund in self.market.funds:
            FundAgent(self, fund, whole_book(fund.exposure, self.market.books))

    def show_prices(self) -> None:
        """What the bar has done to prices, for all to see."""
        stocks = self.market.stocks
        price, before = [one.price for one in stocks], [one.before for one in stocks]
        self.fill = [one.fill for one in stocks]
        self.gain, self.late = list(map(sub, price, before)), list(map(sub, price, self.fill))
        if self.rows:
            self.gain, self.late, self.fill = np.array(self.gain), np.array(self.late), np.array(self.fill)

    def step(self) -> None:
        """Trade a bar on the noise that `noise` has."""
        assert self.noise is not None
        self.market.trade_bar(self.noise, self.market.bar % self.bars)

    @property
    def prices(self) -> list[float]:
        """Of all stocks."""
        return [one.price for one in self.market.stocks]
