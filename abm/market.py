"""The market: state of many paths, traded day by day.

A day's bars are compiled and run in parallel over paths; what happens once a day is NumPy over all paths at once: a
loop over the market's inhabitants, who write the day down and decide what to do on the next. Any number of markets that
share a seed (a run, its twin without the liquidator, counterfactuals) trade together on the same noise (together.py).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from abm.checking import check_day, held_by_all
from abm.columns import columns_of
from abm.crowding import factored_overlap
from abm.day import trade_paths_under
from abm.handed import Handed
from abm.index_path import dated_moves
from abm.inhabitants.base import INHABITANTS, Inhabitant, OwnInhabitant
from abm.inhabitants.desk import HedgeDeskInMarket
from abm.inhabitants.exchange.close import Exchange
from abm.inhabitants.exchange.state import ExchangeState
from abm.inhabitants.futures_funds.close import FuturesHedgedFunds
from abm.inhabitants.futures_funds.state import FuturesFundState
from abm.inhabitants.futures_market import FuturesMarket, FuturesMarketState
from abm.inhabitants.large_fund.close import LargeFundOnCredit
from abm.inhabitants.large_fund.state import CreditState
from abm.inhabitants.lenders import Lenders
from abm.inhabitants.liquidator import LiquidatingFund, LiquidatorState
from abm.inhabitants.long_short.close import LongShortFunds
from abm.inhabitants.long_short.state import LongShortState
from abm.inhabitants.makers import TiringMakers
from abm.inhabitants.opportunists import OpportunisticCapital, OpportunistState
from abm.inhabitants.outside import OutsideOrders
from abm.inhabitants.rescuers import Rescuers
from abm.inhabitants.sector import SectorState, StoppedOutHolders
from abm.measuring import PriceMeasures
from abm.opening import open_market
from abm.profit import crowd_leverage
from abm.randomness import DayNoise
from abm.record import DailyRecord
from abm.settings import Settings
from abm.state import (
    BasketState,
    FundKind,
    ImpactState,
    Ledger,
    MarketState,
    OutsideState,
    Party,
    ProviderState,
    StockState,
    Tape,
    ValueState,
)
from abm.together import run_together, trade_day
from cqkit.arrays import FloatArray
from cqkit.errors import CrowdquakeError
from hedging import HedgeResult

DailyRule = Callable[["Market"], None]

# In the order in which they write the day down and then decide: rescuers before the lenders who take collateral of it.
RESIDENTS: tuple[type[Inhabitant], ...] = (
    *(LongShortFunds, FuturesHedgedFunds, LiquidatingFund, OpportunisticCapital, StoppedOutHolders, FuturesMarket),
    *(OutsideOrders, HedgeDeskInMarket, Rescuers, Lenders, LargeFundOnCredit, TiringMakers, Exchange),
)


# Whose arrays are laid out even where they do not live: others look at them, and find nobody.
_STATES = {
    "long_short": "funds",
    "liquidator": "liquidator",
    "opportunists": "opportunists",
    "index_sector": "sector",
    "futures": "futures",
    "futures_funds": "futures_funds",
    "large_fund": "credit",
}


class State(NamedTuple):
    """All arrays of a market: its own parts, and those of its inhabitants."""

    stocks: StockState
    baskets: BasketState
    outside: OutsideState
    providers: ProviderState
    ledger: Ledger
    tape: Tape
    impact: ImpactState
    values: ValueState
    funds: LongShortState
    liquidator: LiquidatorState
    opportunists: OpportunistState
    sector: SectorState
    futures: FuturesMarketState
    futures_funds: FuturesFundState
    credit: CreditState

    @property
    def core(self) -> MarketState:
        """The market's own parts."""
        parts: tuple[Any, ...] = self
        return MarketState(*parts[: len(MarketState._fields)])


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

    lift: FloatArray | None = None  # added to the market's normals, (paths, days, bars): abm.steering

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
        core, opening = open_market(settings, seed, first_path, paths)
        made = {kind.name: kind(opening) for kind in RESIDENTS if kind.name in _STATES or kind.lives_in(settings)}
        self.state = State(*core, **{field: made[name].state for name, field in _STATES.items()})
        self.inhabitants = {name: who for name, who in made.items() if who.lives_in(settings)}
        self._own: list[OwnInhabitant] = [
            kind(replace(opening, party=len(Party) + number))
            for number, (_, kind) in enumerate(INHABITANTS.items())
            if kind.lives_in(settings)
        ]
        self.inhabitants |= {who.name: who for who in self._own}
        self._trade_paths = trade_paths_under(settings.impact.law, [type(who) for who in self._own])
        self._handed: tuple[tuple[Any, ...], Handed] | None = None
        self._news = dated_moves(settings)
        self._measures = PriceMeasures(settings, self.state, seed, first_path, paths)
        self.outstanding = held_by_all(self)  # shares of each stock that all hold, (paths, stocks)
        self.record = self._open_record()
        self._columns = {name: column for name, column in columns_of(settings).items() if column.read is not None}
        for inhabitant in self.inhabitants.values():
            inhabitant.move_in(self)
        self.start_equity = self.crowd_equity()  # of the whole crowd, shape (paths,)

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
        self.trade_paths(path, noise.alone(), first, last)

    def trade_paths(self, path: int, noise: DayNoise, first: int = 0, last: int | None = None) -> None:
        """The same on as many paths as there is `noise` of, from `path` on."""
        last = self.settings.clock.bars if last is None else last
        self._trade_paths(self._hand_over(), path, self.day, first, last, noise, self._news[self.day])

    def close(self) -> None:
        """End the day: measure, let all inhabitants write it down and decide, apply the daily rules."""
        check_day(self)
        day, record, tape = self.day, self.record, self.state.tape
        record["margin_calls"][:, day] = 0
        self._measures.write(self.state, record, day)
        record.flows[:, day] = tape.flows
        for inhabitant in self.inhabitants.values():
            inhabitant.write(self)
        record["crowd_leverage"][:, day] = crowd_leverage(self)
        for name, column in self._columns.items():
            record[name][:, day] = column.read(self) if column.read is not None else np.nan
        tape.flows[:] = 0
        for inhabitant in self.inhabitants.values():
            inhabitant.close(self)
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
        desk = self.inhabitants.get("desk")
        return desk.book.result() if isinstance(desk, HedgeDeskInMarket) else None

    @property
    def futures_crowd(self) -> FuturesHedgedFunds:
        """The crowd's futures funds, who keep their unit values; CrowdquakeError without a futures market."""
        crowd = self.inhabitants.get("futures_funds")
        if not isinstance(crowd, FuturesHedgedFunds):
            raise CrowdquakeError("there is no futures market here: futures.volume must be above 0")
        return crowd

    @property
    def margin_level(self) -> FloatArray | float:
        """What the exchange's margin is multiplied by since volatility rose, shape (paths,), or 1."""
        return self.futures_crowd.margin_level(self.day) if self.settings.has_futures else 1.0

    @property
    def exchange(self) -> ExchangeState | None:
        """What may be traded when; None where everything may at any time."""
        found = self.inhabitants.get("exchange")
        return found.state if isinstance(found, Exchange) else None

    @property
    def outside(self) -> OutsideOrders:
        """What outsiders hold, and the prices that they paid."""
        found: Any = self.inhabitants["outside"]
        return found

    @property
    def fill_price(self) -> FloatArray:
        """Average price that the latest outside orders paid, shape (paths, stocks)."""
        return self.outside.fill_price

    @property
    def starting_equity(self) -> FloatArray:
        """The long-short funds' equity before the first bar, shape (paths, funds)."""
        found: Any = self.inhabitants["long_short"]
        return found.starting_equity

    @property
    def crowd_size(self) -> int:
        """Number of funds: long-short ones come first."""
        return self.state.funds.book.shape[1] + self.state.futures_funds.book.shape[1]

    def crowd_equity(self) -> FloatArray:
        """What all the crowd's funds own, shape (paths,), in days of the market's value."""
        equity: FloatArray = self.state.funds.equity.sum(axis=1)
        return equity + self.futures_crowd.equity().sum(axis=1) if self.settings.has_futures else equity

    def positions(self) -> FloatArray:
        """Shares held by each `Party`, those of a user's own inhabitants last, shape (parties, paths, stocks)."""
        providers = self.state.providers
        held = np.zeros((self.state.ledger.cash.shape[1], *providers.shares.shape))
        held[Party.PROVIDERS] = providers.shares
        for inhabitant in self.inhabitants.values():
            for party, shares in inhabitant.shares(self).items():
                held[party] += shares
        return held

    def futures_positions(self) -> FloatArray:
        """Futures held by each `Party`, in index units and negative where short, shape (parties, paths)."""
        held = np.zeros((self.state.ledger.cash.shape[1], self.paths))
        for inhabitant in self.inhabitants.values():
            for party, units in inhabitant.futures(self).items():
                held[party] += units
        return held

    def books(self, path: int = 0) -> FloatArray:
        """The long-short funds' books in shares on one path, shape (funds, stocks)."""
        units = (self.state.funds.exposure[path] * self.state.funds.book[path]).T
        return units @ self.state.baskets.shares[path]

    def active_books(self, path: int = 0) -> FloatArray:
        """What funds hold beside the index on one path, in shares, shape (funds, stocks): long-short funds first."""
        return self.active_units(path) @ self.state.baskets.shares[path]

    def active_units(self, path: int = 0) -> FloatArray:
        """Units of each basket that those books are of, shape (funds, baskets)."""
        funds, hedgers = self.state.funds, self.state.futures_funds
        units = (funds.exposure[path] * funds.book[path]).T
        if not hedgers.held.shape[1]:
            return units
        active = hedgers.held[path][:, None] * self.futures_crowd.exposure(path)
        active[:, -1] = 0.0  # the index
        return np.vstack([units, active])

    # -- in parts --------------------------------------------------------------------------------------------------

    def _hand_over(self) -> Handed:
        """What `abm.day.trade_path` gets, laid down anew only where other arrays were put in place of the old."""
        state, settings = self.state, self.settings
        accounts = self.futures_crowd.accounts if settings.has_futures else None
        others = tuple(who.state for who in self._own)
        owners = (state, accounts, self.exchange, *others)
        if self._handed is None or not all(map(operator.is_, owners, self._handed[0])):
            credit = state.credit if settings.large_fund.book > 0 else None
            opportunists = state.opportunists if settings.opportunists.capital > 0 else None
            hedged = (state.futures, state.futures_funds) if settings.has_futures else (None, None)
            crowd = (state.funds, state.liquidator, opportunists, state.sector)
            parts = (state.core, *crowd, *hedged, accounts, credit, self.exchange, others)
            self._handed = owners, Handed(parts)
        return self._handed[1]

    def _open_record(self) -> DailyRecord:
        funds, hedgers = self.state.funds, self.state.futures_funds
        hedged = np.where(hedgers.swap[0] > 0, int(FundKind.SWAP), int(FundKind.CASH))
        kinds = np.concatenate([np.full(funds.book.shape[1], int(FundKind.LONG_SHORT)), hedged])
        record = DailyRecord.empty(self.settings, self.paths, kinds)
        record.overlap[:] = [
            factored_overlap(self.active_units(path), self.state.baskets.shares[path]) for path in range(self.paths)
        ]
        record.book[:] = funds.book.sum(axis=1) + hedgers.book.sum(axis=1)
        return record

    def crowd_book(self) -> FloatArray:
        """What the crowd holds on its long side, days of the market's value, shape (paths,)."""
        book: FloatArray = self.state.funds.book.sum(axis=1)
        if self.settings.has_futures:
            hedgers = self.state.futures_funds
            book = book + (hedgers.held * hedgers.value).sum(axis=1)
        return book
