"""The market: state of many paths, traded day by day.

A day's bars are compiled and run in parallel over paths; what happens once a day is NumPy over all paths at once. Any
number of markets that share a seed (a run, its twin without the liquidator, counterfactuals) trade a day together on
the same noise, which is drawn once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import numpy as np
import pandas as pd

from abm.building import build_state
from abm.credit import open_credit
from abm.day import trade_bars_under
from abm.desk import open_desk
from abm.measures import VolatilityGauge, average_overlap, khandani_lo
from abm.randomness import DayNoise
from abm.record import EVENT_KINDS, DailyRecord
from abm.settings import Settings
from abm.state import Party
from hedging import CrowdquakeError, FloatArray, HedgeResult

LEDGER_TOLERANCE = 1e-9
DailyRule = Callable[["Market"], None]


class Market:
    """`paths` independent histories of one market under `settings`.

    Parameters
    ----------
    settings
        What the market is made of.
    seed
        Seed of the run; path k is the same whatever the number of paths.
    paths, first_path
        The paths first_path .. first_path + paths - 1 are simulated.
    rules
        Called with the market after each close; a rule may change `state` arrays, or submit orders.
    """

    def __init__(
        self,
        settings: Settings,
        seed: int = 0,
        paths: int = 1,
        first_path: int = 0,
        rules: Sequence[DailyRule] = (),
    ) -> None:
        self.settings, self.seed, self.paths, self.first_path = settings, seed, paths, first_path
        self.rules = tuple(rules)
        self.dates = settings.clock.dates
        self.day = 0
        self.state = build_state(settings, seed, first_path, paths)
        self._trade_bars = trade_bars_under(settings.impact.law)
        self._news = self._dated_news()
        self._gauge = VolatilityGauge(settings.volatility_index, paths)
        self._desk = open_desk(settings, paths)
        self._closes = self.state.stocks.price.copy()
        self._returns: FloatArray | None = None
        self._outside_shares = np.zeros_like(self._closes)
        self.fill_price = self._closes.copy()  # average price that the latest outside orders paid
        self._outstanding = self.positions().sum(axis=0)
        self._equity = self.state.funds.equity.copy()
        self._index_close = np.ones(paths)
        self._book_close = self.state.baskets.value[:, 0].copy()
        self._defaults = np.zeros_like(self.state.funds.defaulted)
        self.record = self._open_record()
        self._credit = open_credit(settings, self.state, self.record)

    # -- trading ---------------------------------------------------------------------------------------------------

    def step(self, workers: int = 1) -> None:
        """Trade one day on all paths."""
        trade_day([self], workers)

    def run(self, workers: int | None = None) -> DailyRecord:
        """Trade all days that are left and return the record."""
        run_together([self], workers)
        return self.record

    def submit(self, shares: FloatArray) -> None:
        """Add an outside order, shares (paths, stocks) or (stocks,), executed evenly over the next day."""
        if not np.isfinite(shares).all():
            raise CrowdquakeError("an order must be a finite number of shares of each stock")
        self.state.outside.order[:] += shares
        self.state.outside.active[:] = (self.state.outside.order != 0).any(axis=1)

    def trade_path(self, path: int, noise: DayNoise, first: int = 0, last: int | None = None) -> None:
        """Trade some bars of the day on one path; `close` ends the day on all of them."""
        last = self.settings.clock.bars if last is None else last
        drift = self._news[self.day]
        self._trade_bars(self.state, path, self.day, first, last, noise.common, noise.own, noise.demand, drift)

    def close(self) -> None:
        """End the day: measure, record, settle the hedge desk, apply the daily rules."""
        self._check_ledger()
        self._measure_prices()
        self._record_crowd()
        self._record_events()
        self._open_next_day()
        if self._desk is not None:
            self._desk.close(self.day, self._index_close, self._book_close)
        if self._credit is not None:
            self._credit.close(self.day)
        for rule in self.rules:
            rule(self)
        self.day += 1

    # -- what others read ------------------------------------------------------------------------------------------

    @property
    def desk_result(self) -> HedgeResult | None:
        """The hedge desk's accounts so far; None without a desk, or before its hedge is on."""
        return None if self._desk is None else self._desk.result()

    @property
    def starting_equity(self) -> FloatArray:
        """The funds' equity before the first bar, shape (paths, funds)."""
        return self._equity

    def positions(self) -> FloatArray:
        """Shares held by each `Party`, shape (parties, paths, stocks)."""
        state, shares = self.state, self.state.baskets.shares
        held = np.zeros((len(Party), self.paths, shares.shape[2]))
        units = np.einsum("pf,pfb->pb", state.funds.book, state.funds.exposure)
        held[Party.CROWD] = np.einsum("pb,pbs->ps", units, shares)
        held[Party.LIQUIDATOR] = state.liquidator.book[:, None] * shares[:, 0]
        sector = state.sector.units * state.sector.holding.mean(axis=1)
        held[Party.INDEX_SECTOR] = sector[:, None] * state.stocks.index_shares
        held[Party.OUTSIDE] = self._outside_shares
        held[Party.OTHER_DEMAND] = state.providers.other_shares
        held[Party.PROVIDERS] = state.providers.shares
        held[Party.LARGE_FUND] = state.credit.fund.book[:, None] * shares[:, 0]
        held[Party.PREDATORS] = state.credit.predators.book[:, None] * shares[:, 0]
        return held

    def books(self, path: int = 0) -> FloatArray:
        """The funds' books in shares on one path, shape (funds, stocks)."""
        units = self.state.funds.book[path][:, None] * self.state.funds.exposure[path]
        return units @ self.state.baskets.shares[path]

    # -- the close, in parts ---------------------------------------------------------------------------------------

    def _open_record(self) -> DailyRecord:
        clock, funds = self.settings.clock, self.state.funds
        record = DailyRecord.empty(self.paths, clock.days, funds.book.shape[1])
        record.overlap[:] = [average_overlap(self.books(path)) for path in range(self.paths)]
        record.book[:] = funds.book.sum(axis=1)
        return record

    def _dated_news(self) -> FloatArray:
        moves = np.zeros(self.dates.size)
        for item in self.settings.news:
            first = int(np.searchsorted(self.dates, np.datetime64(item.date, "D")))
            moves[first : first + item.days] += item.move
        return self.settings.market.news_scale * moves

    def _measure_prices(self) -> None:
        state, record, day = self.state, self.record, self.day
        prices, shares = state.stocks.price, state.baskets.shares
        returns = prices / self._closes - 1
        if self._returns is not None:
            record.khandani_lo[:, day] = khandani_lo(self._returns, returns)
        self._returns, self._closes = returns, prices.copy()
        record.index[:, day] = state.tape.index_value / self._index_close - 1
        self._index_close = state.tape.index_value.copy()
        record.volatility_index[:, day] = self._gauge.update(np.log1p(record.index[:, day]))
        record.crowded_book[:, day] = state.baskets.value[:, 0] - self._book_close
        self._book_close = state.baskets.value[:, 0].copy()
        displaced = prices - np.exp(state.stocks.log_value)
        record.mispricing[:, day] = np.einsum("ps,ps->p", shares[:, 0], displaced)

    def _record_crowd(self) -> None:
        funds, record, day = self.state.funds, self.record, self.day
        equity, book = funds.equity.sum(axis=1), funds.book.sum(axis=1)
        record.crowd_leverage[:, day] = np.divide(book, equity, out=np.full_like(book, np.nan), where=equity > 0)
        np.divide(funds.equity, self._equity, out=record.nav[:, day], where=self._equity > 0)
        record.flows[:, day] = self.state.tape.flows

    def _record_events(self) -> None:
        funds = self.state.funds
        defaulted = np.where(funds.defaulted > self._defaults, np.maximum(-funds.equity, 0), -1.0)
        self._defaults = funds.defaulted.copy()
        called = np.where(funds.calls > 0, funds.called, -1.0)
        amounts = (called, np.where(funds.forced > 0, funds.forced, -1), defaulted)
        for kind, amount in zip(EVENT_KINDS, (*amounts, np.where(funds.rebought > 0, funds.rebought, -1)), strict=True):
            path, fund = np.nonzero(amount >= 0)
            if path.size:
                event = {"path": path + self.first_path, "day": self.day, "fund": fund, "kind": kind}
                self.record.events.append(pd.DataFrame(event | {"amount": amount[path, fund]}))

    def _open_next_day(self) -> None:
        state = self.state
        for daily in (state.funds.calls, state.funds.called, state.funds.forced, state.funds.rebought):
            daily[:] = 0
        state.tape.flows[:] = 0
        if state.outside.active.any():
            self._outside_shares += state.outside.order
            self.fill_price = state.outside.price.copy()
            state.outside.order[:] = 0
            state.outside.price[:] = 0
            state.outside.active[:] = 0

    def _check_ledger(self) -> None:
        ledger = self.state.ledger
        residual = np.maximum(ledger.residual, np.abs(ledger.cash.sum(axis=1)))  # NaN if a price is
        if self.day == self.dates.size - 1:
            held = self.positions().sum(axis=0) + self.state.outside.order  # today's orders are done by now
            shares = np.abs(held - self._outstanding).max(axis=1)
            residual = np.maximum(residual, shares)
        self.record.ledger_residual[:] = residual
        if not (residual < LEDGER_TOLERANCE).all():
            path = int(np.argmax(~(residual < LEDGER_TOLERANCE)))
            raise CrowdquakeError(
                f"day {self.day + 1}, path {path + self.first_path}: the ledger is {residual[path]:g} away from "
                "closing; prices have left the range in which this market means anything "
                "(weaker impact or less leverage helps)"
            )


# -- many markets, one noise ---------------------------------------------------------------------------------------


def available_workers() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def trade_day(markets: Sequence[Market], workers: int = 1) -> None:
    """Trade the next day in all `markets` on the same noise, and close it.

    Raises
    ------
    ValueError
        If the markets cannot share noise: another seed, first path, day, or number of stocks, factors or bars.
    """
    lead = markets[0]
    if any(_noise_key(market) != _noise_key(lead) for market in markets):
        raise ValueError("markets that trade together need the same seed, first path, day, stocks, factors and bars")

    # All threads draw from one iterator, so that none waits while another still has a share of its own to do.
    waiting = iter(range(max(market.paths for market in markets)))
    turn = Lock()

    def next_path() -> int | None:
        with turn:
            return next(waiting, None)

    def trade() -> None:
        noise = DayNoise.empty(lead.settings.clock.bars, lead.settings.market.factors, lead.settings.market.stocks)
        while (path := next_path()) is not None:
            noise.draw(lead.seed, lead.first_path + path, lead.day)
            for market in markets:
                if path < market.paths:
                    market.trade_path(path, noise)

    if workers == 1:
        trade()
    else:
        with ThreadPoolExecutor(workers) as pool:
            for finished in [pool.submit(trade) for _ in range(workers)]:
                finished.result()
    for market in markets:
        market.close()


def run_together(
    markets: Sequence[Market], workers: int | None = None, on_day: Callable[[int], None] | None = None
) -> None:
    """Trade all `markets` to their own last day; `on_day` is told the number of path-days done."""
    workers = available_workers() if workers is None else workers
    while open_markets := [market for market in markets if market.day < market.dates.size]:
        trade_day(open_markets, workers)
        if on_day is not None:
            on_day(sum(market.paths for market in open_markets))


def _noise_key(market: Market) -> tuple[int, ...]:
    clock, stocks = market.settings.clock, market.settings.market
    return (market.seed, market.first_path, market.day, clock.bars, stocks.factors, stocks.stocks)
