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
from abm.desk import DeskBook, open_desk
from abm.futures_crowd import FuturesCrowd
from abm.futures_population import past_index
from abm.index_path import calm_volatility, pinned_moves
from abm.measures import VolatilityGauge, average_overlap, khandani_lo
from abm.population import outside_shares
from abm.randomness import DayNoise
from abm.record import EVENT_KINDS, DailyRecord
from abm.settings import Settings
from abm.state import FundArrays, FundKind, FuturesFundArrays, Party
from cqkit.arrays import FloatArray, IntArray
from cqkit.errors import CrowdquakeError
from hedging import HedgeResult

LEDGER_TOLERANCE = 1e-9
PAST_DAYS = 60  # of the index before the first day, that hedge policies may look at
_GROUPS = {"market": 0, "index": 1, "small_caps": 2}  # columns of the dated moves
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
        calm = calm_volatility(settings)
        past = past_index(seed, first_path, paths, PAST_DAYS, calm)
        self.state = build_state(settings, seed, first_path, paths, past)
        self.crowd = FuturesCrowd(settings, self.state, past, calm) if settings.has_futures else None
        self._trade_bars = trade_bars_under(settings.impact.law)
        self._news = self._dated_news()
        self._gauge = VolatilityGauge(settings.volatility_index, paths)
        self._desk = open_desk(settings, paths, past)
        self._closes = self.state.stocks.price.copy()
        self._returns: FloatArray | None = None
        self._outside_shares = np.zeros_like(self._closes)
        self.fill_price = self._closes.copy()  # average price that the latest outside orders paid
        self._outstanding = self.positions().sum(axis=0)
        self._equity = self.state.funds.equity.copy()
        self._index_close = np.ones(paths)
        self._book_close = self.state.baskets.value[:, 0].copy()
        self._common_close = self._book_close + 1.0
        self._outside = outside_shares(settings.market, seed, first_path, paths)
        self._outside_close = np.ones(paths)
        self._defaults = np.zeros_like(self.state.funds.defaulted)
        self._futures_defaults = np.zeros_like(self.state.futures_funds.defaulted)
        self._futures_fill = self.state.futures.price.copy()  # average price over the day
        self.record = self._open_record()
        if self._desk is not None:
            self._trade_for_desk(self._desk)
        self._credit = open_credit(settings, self.state, self.record)

    # -- trading ---------------------------------------------------------------------------------------------------

    def step(self, workers: int = 1) -> None:
        """Trade one day on all paths."""
        trade_day([self], workers)

    def run(self, workers: int | None = None) -> DailyRecord:
        """Trade all days that are left and return the record."""
        run_together([self], workers)
        return self.record

    def submit_futures(self, units: FloatArray) -> None:
        """Add an outside order of index futures, units (paths,) or (), executed evenly over the next day."""
        if not self.settings.has_futures:
            raise CrowdquakeError("there is no futures market here: futures.volume must be above 0")
        if not np.isfinite(units).all():
            raise CrowdquakeError("an order must be a finite number of futures")
        self.state.outside.futures_order[:] += units

    def submit(self, shares: FloatArray) -> None:
        """Add an outside order, shares (paths, stocks) or (stocks,), executed evenly over the next day."""
        if not np.isfinite(shares).all():
            raise CrowdquakeError("an order must be a finite number of shares of each stock")
        self.state.outside.order[:] += shares
        self.state.outside.active[:] = (self.state.outside.order != 0).any(axis=1)

    def trade_path(self, path: int, noise: DayNoise, first: int = 0, last: int | None = None) -> None:
        """Trade some bars of the day on one path; `close` ends the day on all of them."""
        last = self.settings.clock.bars if last is None else last
        state, day = self.state, self.day
        parts = (state.core, state.futures, state.futures_funds, state.credit)
        self._trade_bars(*parts, path, day, first, last, noise, self._news[day])

    def close(self) -> None:
        """End the day: measure, record, settle the hedge desk, apply the daily rules."""
        self._check_ledger()
        self._measure_prices()
        self._record_crowd()
        self._record_events()
        if self.crowd is not None:
            self.crowd.close(self.state, self.day, self._index_close, self.record.index[:, self.day])
        self._open_next_day()
        if self._desk is not None:
            self._close_desk(self._desk)
        if self._credit is not None:
            self._credit.close(self.day)
        for rule in self.rules:
            rule(self)
        self.day += 1

    # -- what others read ------------------------------------------------------------------------------------------

    @property
    def reads_futures_noise(self) -> bool:
        """Whether anything here moves with the futures' own noise."""
        return self.settings.has_futures or self.settings.market.small_cap_volatility > 0

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
        if self.settings.has_futures:
            hedgers, index = state.futures_funds, shares[:, -1]
            by_broker = np.einsum("pf,pf,pfb->pb", hedgers.held, hedgers.swap, hedgers.exposure)
            own = np.einsum("pf,pf,pfb->pb", hedgers.held, 1 - hedgers.swap, hedgers.exposure)
            held[Party.BROKERS] = np.einsum("pb,pbs->ps", by_broker, shares)
            held[Party.FUTURES_FUNDS] = np.einsum("pb,pbs->ps", own, shares)
            held[Party.ARBITRAGE] = state.futures.arbitrage_units[:, None] * index
            seller = state.liquidator
            held[Party.LIQUIDATOR] *= seller.crowded_units
            held[Party.LIQUIDATOR] += (seller.book * seller.index_units)[:, None] * index
        return held

    def futures_positions(self) -> FloatArray:
        """Futures held by each `Party`, in index units and negative where short, shape (parties, paths)."""
        futures, held = self.state.futures, np.zeros((len(Party), self.paths))
        held[Party.LIQUIDATOR] = -futures.liquidator_units
        held[Party.OUTSIDE] = futures.outside_units
        held[Party.FUTURES_FUNDS] = -self.state.futures_funds.contracts.sum(axis=1)
        held[Party.ARBITRAGE] = -futures.arbitrage_units
        held[Party.FUTURES_MAKERS] = futures.maker_units
        return held

    def books(self, path: int = 0) -> FloatArray:
        """The funds' books in shares on one path, shape (funds, stocks)."""
        units = self.state.funds.book[path][:, None] * self.state.funds.exposure[path]
        return units @ self.state.baskets.shares[path]

    def active_books(self, path: int = 0) -> FloatArray:
        """What funds hold beside the index on one path, in shares, shape (funds, stocks): long-short funds first."""
        hedgers, shares = self.state.futures_funds, self.state.baskets.shares[path]
        if not hedgers.held.shape[1]:
            return self.books(path)
        active = hedgers.exposure[path][:, :-1] * hedgers.held[path][:, None]
        return np.vstack([self.books(path), active @ shares[:-1]])

    # -- the close, in parts ---------------------------------------------------------------------------------------

    def _open_record(self) -> DailyRecord:
        clock, funds, hedgers = self.settings.clock, self.state.funds, self.state.futures_funds
        kinds = np.concatenate(
            [
                np.full(funds.book.shape[1], int(FundKind.LONG_SHORT)),
                np.where(hedgers.swap[0] > 0, int(FundKind.SWAP), int(FundKind.CASH)),
            ]
        )
        record = DailyRecord.empty(self.paths, clock.days, kinds)
        record.overlap[:] = [average_overlap(self.active_books(path)) for path in range(self.paths)]
        record.book[:] = funds.book.sum(axis=1) + hedgers.book.sum(axis=1)
        return record

    def _dated_news(self) -> FloatArray:
        """Dated moves of the market, of the stocks in the index and of those outside, shape (days, 3)."""
        moves = np.zeros((self.dates.size, 3))
        moves[:, 0] = pinned_moves(self.settings)
        for item in self.settings.news:
            first = int(np.searchsorted(self.dates, np.datetime64(item.date, "D")))
            moves[first : first + item.days, _GROUPS[item.to]] += self.settings.market.news_scale * item.move
        return moves

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
        nav = record.nav[:, day, : funds.book.shape[1]]
        np.divide(funds.equity, self._equity, out=nav, where=self._equity > 0)
        if self.crowd is not None:
            hedgers = self.state.futures_funds
            record.nav[:, day, funds.book.shape[1] :] = self.crowd.unit_value(self.state)
            equity, book = equity + self.crowd.equity(self.state).sum(axis=1), book + self._record_futures(hedgers)
        record.crowd_leverage[:, day] = np.divide(book, equity, out=np.full_like(book, np.nan), where=equity > 0)
        record.flows[:, day] = self.state.tape.flows

    def _record_futures(self, funds: FuturesFundArrays) -> FloatArray:
        """Write down the futures market and both legs of those who hedge; return the value of their stocks (paths,)."""
        state, record, day = self.state, self.record, self.day
        stocks = (funds.held * funds.value).sum(axis=1)
        record.basis[:, day] = state.futures.price / state.tape.index_value - 1
        held_in_common = state.baskets.value[:, 0] + state.baskets.value[:, -1]
        record.common_stocks[:, day] = held_in_common / self._common_close - 1
        self._common_close = held_in_common
        if self._outside is not None:
            outside = np.einsum("ps,ps->p", self._outside, state.stocks.price)
            record.small_caps[:, day] = outside / self._outside_close - 1
            self._outside_close = outside
        start, known = funds.book.sum(axis=1), stocks > 0
        for name, amount in (("crowd_stock_gain", funds.stock_gain), ("crowd_futures_gain", funds.futures_gain)):
            np.divide(amount.sum(axis=1), start, out=getattr(record, name)[:, day], where=start > 0)
        short = (funds.contracts * state.futures.price[:, None]).sum(axis=1)
        np.divide(short, stocks, out=record.crowd_hedge[:, day], where=known)
        np.divide(funds.reserve.sum(axis=1), stocks, out=record.crowd_reserve[:, day], where=known)
        if self.crowd is not None:
            record.margin_level[:, day] = self.crowd.margin_level()
        return stocks

    def _record_events(self) -> None:
        funds, hedgers = self.state.funds, self.state.futures_funds
        self._write_events(funds, funds.equity, self._defaults, 0)
        self._defaults = funds.defaulted.copy()
        if self.crowd is not None:
            self._write_events(hedgers, self.crowd.equity(self.state), self._futures_defaults, funds.book.shape[1])
            self._futures_defaults = hedgers.defaulted.copy()

    def _write_events(
        self, funds: FundArrays | FuturesFundArrays, equity: FloatArray, defaults: IntArray, first: int
    ) -> None:
        """Write down what happened to funds that are numbered from `first` on."""
        defaulted = np.where(funds.defaulted > defaults, np.maximum(-equity, 0), -1.0)
        called = np.where(funds.calls > 0, funds.called, -1.0)
        amounts = (called, np.where(funds.forced > 0, funds.forced, -1), defaulted)
        for kind, amount in zip(EVENT_KINDS, (*amounts, np.where(funds.rebought > 0, funds.rebought, -1)), strict=True):
            path, fund = np.nonzero(amount >= 0)
            if path.size:
                event = {"path": path + self.first_path, "day": self.day, "fund": fund + first, "kind": kind}
                self.record.events.append(pd.DataFrame(event | {"amount": amount[path, fund]}))

    def _open_next_day(self) -> None:
        state = self.state
        for funds in (state.funds, state.futures_funds):
            for daily in (funds.calls, funds.called, funds.forced, funds.rebought):
                daily[:] = 0
        state.futures_funds.stock_gain[:] = 0
        state.futures_funds.futures_gain[:] = 0
        state.tape.flows[:] = 0
        state.outside.futures_order[:] = 0
        self._futures_fill = state.outside.futures_price.copy()
        state.outside.futures_price[:] = 0
        if state.outside.active.any():
            self._outside_shares += state.outside.order
            self.fill_price = state.outside.price.copy()
            state.outside.order[:] = 0
            state.outside.price[:] = 0
            state.outside.active[:] = 0

    def _close_desk(self, desk: DeskBook) -> None:
        """Settle the hedge desk; one that moves the market has its trades done over the next day."""
        crowded, price = self._book_close, self.state.futures.price if self.settings.has_futures else None
        level = 1.0 if self.crowd is None else self.crowd.margin_level()
        desk.close(self.day, self._index_close, crowded, price, self._futures_fill, level)
        self._trade_for_desk(desk)

    def _trade_for_desk(self, desk: DeskBook) -> None:
        """Have the orders of a desk that moves the market done over the next day."""
        if not self.settings.desk.price_taker and self.day < self.dates.size - 1:
            index, tilt = self.state.stocks.index_shares, self.settings.desk.tilt
            stock_units, futures_units = desk.orders(-self.state.futures.outside_units)
            self.submit(stock_units[:, None] * (index + tilt * self.state.baskets.shares[:, 0]))
            self.submit_futures(futures_units)

    def _check_ledger(self) -> None:
        ledger = self.state.ledger
        residual = np.maximum(ledger.residual, np.abs(ledger.cash.sum(axis=1)))  # NaN if a price is
        if self.day == self.dates.size - 1:
            held = self.positions().sum(axis=0) + self.state.outside.order  # today's orders are done by now
            shares = np.abs(held - self._outstanding).max(axis=1)
            futures = np.abs(self.futures_positions().sum(axis=0))
            residual = np.maximum(residual, np.maximum(shares, futures))
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
    with_futures = any(market.reads_futures_noise for market in markets)
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
            noise.draw(lead.seed, lead.first_path + path, lead.day, with_futures)
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
