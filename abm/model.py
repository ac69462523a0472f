"""The Mesa model in front of the market: agents as views on one path, a day a step; many models on one market."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import mesa
import numpy as np
import pandas as pd

from abm.agents import (
    DayFills,
    FuturesFund,
    HedgeDesk,
    LiquidatingFund,
    LiquidityProvider,
    PrimeBroker,
    QuantFund,
    Trader,
)
from abm.inhabitants.futures_funds.close import FuturesHedgedFunds
from abm.inhabitants.futures_funds.state import FuturesFundState
from abm.inhabitants.large_fund.agents import LargeFund, Predators
from abm.inhabitants.long_short.state import LongShortState
from abm.market import Market
from abm.settings import Settings
from abm.state import Flow
from cqkit.arrays import FloatArray
from cqkit.errors import InputError

Reporter = Callable[["CrowdingModel"], Any]
LARGEST_SEED = 2**63 - 1


class CrowdingModel(mesa.Model):
    """One path of a market that Mesa can drive.

    Parameters
    ----------
    settings
        What the market is made of; default: the settings' own defaults, which are August 2007's.
    rng
        Seed of the run, a whole number; path 0 of an ensemble with that seed gives the same numbers.
    reporters
        Further model reporters for the data collector, by name.
    market, path
        For models that share a market (`ModelEnsemble`): the market, and the path that this model is of.

    Raises
    ------
    InputError
        If the seed is no whole number: equal seeds must give equal runs.

    Notes
    -----
    `step()` is one trading day: traders (the user's own agents) decide, the market trades and closes, fills are booked,
    data are collected. The model stops `running` after its last day; a further step raises `RuntimeError`.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        rng: int = 0,
        reporters: dict[str, Reporter] | None = None,
        *,
        market: Market | None = None,
        path: int = 0,
    ) -> None:
        seed = whole_seed(rng)
        super().__init__(rng=seed)
        self.running: bool = True
        self.settings = Settings() if settings is None else settings
        self.path, self._alone = path, market is None
        self.market = Market(self.settings, seed=seed) if market is None else market
        self.starting_equity = self.funds.equity[path].copy()
        self.quant_funds = [QuantFund(self, row) for row in range(self.funds.book.shape[1])]
        self.futures_funds = [FuturesFund(self, row) for row in range(self.hedgers.book.shape[1])]
        self.liquidator = LiquidatingFund(self)
        self.broker = PrimeBroker(self)
        self.providers = LiquidityProvider(self)
        self.desk = HedgeDesk(self)
        seen = self.settings.large_fund.book > 0
        self.large_fund: LargeFund | None = LargeFund(self) if seen else None
        self.predators: Predators | None = Predators(self) if seen else None
        known = {**_REPORTERS, **_FUTURES_REPORTERS} if self.settings.has_futures else _REPORTERS
        self.datacollector = mesa.DataCollector(model_reporters={**known, **(reporters or {})})
        self._futures_close = float(self.market.state.futures.price[path])

    @property
    def funds(self) -> LongShortState:
        """The arrays of the crowd's long-short funds."""
        return self.market.state.funds

    @property
    def hedgers(self) -> FuturesFundState:
        """The arrays of the crowd's futures funds."""
        return self.market.state.futures_funds

    @property
    def futures_crowd(self) -> FuturesHedgedFunds:
        """The crowd's futures funds, who keep their unit values."""
        return self.market.futures_crowd

    @property
    def stocks(self) -> int:
        """Number of stocks."""
        return self.settings.market.stocks

    @property
    def prices(self) -> FloatArray:
        """Prices, shape (stocks,); 1 at the start."""
        return self.market.state.stocks.price[self.path].copy()

    @property
    def day(self) -> int:
        """Days traded so far."""
        return self.market.day

    @property
    def frame(self) -> pd.DataFrame:
        """What was collected, a row a day."""
        collected = self.datacollector.get_model_vars_dataframe()
        return collected.set_index(pd.DatetimeIndex(self.market.dates[: len(collected)], name="date"))

    def submit(self, shares: FloatArray) -> None:
        """Add an order of stocks on this path, shape (stocks,), executed evenly over the next day."""
        everywhere = np.zeros_like(self.market.state.outside.order)
        everywhere[self.path] = shares
        self.market.submit(everywhere)

    def submit_futures(self, units: float) -> None:
        """Add an order of index futures on this path, executed evenly over the next day."""
        everywhere = np.zeros(self.market.paths)
        everywhere[self.path] = units
        self.market.submit_futures(everywhere)

    def step(self) -> None:
        """Trade one day.

        Raises
        ------
        RuntimeError
            After the last day, or if the model shares its market: then its ensemble steps.
        """
        if not self._alone:
            raise RuntimeError("this model shares its market with others: step their ensemble")
        self.decide()
        self.market.step()
        self.book()

    def decide(self) -> None:
        """Let the traders decide what to order over the coming day."""
        if not self.running:
            raise RuntimeError(f"the run is over: {self.day} days were traded")
        for trader in self.traders():
            trader.step()

    def book(self) -> None:
        """Book the traders' fills of the day that was traded, and collect data."""
        fills = self._fills()
        for trader in self.traders():
            trader.settle(fills)
        self.datacollector.collect(self)
        self.running = self.day < self.market.dates.size

    def traders(self) -> list[Trader]:
        """The user's own agents."""
        return list(self.agents.select(agent_type=Trader))

    def _fills(self) -> DayFills:
        market, path, futures = self.market, self.path, self.settings.futures
        before, self._futures_close = self._futures_close, float(market.state.futures.price[path])
        return DayFills(
            price=market.fill_price[path],
            half_spread=self.settings.impact.half_spread,
            futures_price=float(market.outside.futures_fill[path]),
            futures_before=before,
            futures_close=self._futures_close,
            futures_half_spread=futures.half_spread,
            filled=market.outside.filled[path],
            futures_filled=float(market.outside.futures_filled[path]),
        )


class ModelEnsemble:
    """Models of the same settings, a path each of one market: traders of the user's own in an ensemble.

    Parameters
    ----------
    settings, rng
        As of `CrowdingModel`; path k has the numbers of path k in any ensemble with that seed.
    paths
        Number of models.
    build
        Called with each model before its first day: it makes the traders.
    reporters
        Further model reporters, by name.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        rng: int = 0,
        *,
        paths: int,
        build: Callable[[CrowdingModel], Any] | None = None,
        reporters: dict[str, Reporter] | None = None,
    ) -> None:
        settings = Settings() if settings is None else settings
        seed = whole_seed(rng)
        self.market = Market(settings, seed=seed, paths=paths)
        self.models = [CrowdingModel(settings, seed, reporters, market=self.market, path=path) for path in range(paths)]
        for model in self.models:
            if build is not None:
                build(model)

    @property
    def running(self) -> bool:
        """Whether a day is left."""
        return self.market.day < self.market.dates.size

    def step(self, workers: int = 1) -> None:
        """Trade one day on all paths."""
        for model in self.models:
            model.decide()
        self.market.step(workers)
        for model in self.models:
            model.book()

    def run(self, workers: int = 1) -> pd.DataFrame:
        """Trade all days that are left; return what was collected."""
        while self.running:
            self.step(workers)
        return self.frame

    @property
    def frame(self) -> pd.DataFrame:
        """What was collected, a row a path and day."""
        return pd.concat({model.path: model.frame for model in self.models}, names=["path"])


def whole_seed(rng: Any) -> int:
    """Return a seed as a Python integer; InputError if it is no whole number, or out of range."""
    try:
        seed = operator.index(rng)
    except TypeError:
        seed = -1
    if isinstance(rng, bool) or not 0 <= seed <= LARGEST_SEED:
        raise InputError(f"rng = {rng!r}: must be a whole number from 0 to 2^63 - 1: equal seeds give equal runs")
    return seed


def _latest(name: str) -> Reporter:
    return lambda model: float(model.market.record[name][model.path, model.day - 1])


def _flow(flow: Flow) -> Reporter:
    return lambda model: float(model.market.record.flows[model.path, model.day - 1, flow])


_REPORTERS: dict[str, Reporter] = {
    **{name: _latest(name) for name in ("khandani_lo", "crowded_book", "index", "volatility_index", "crowd_leverage")},
    **{f"flow_{flow.name.lower()}": _flow(flow) for flow in Flow},
    "deleveraging": lambda model: model.broker.deleveraging,
    "desk_pnl": lambda model: model.desk.hedged_pnl,
}
_FUTURES_REPORTERS: dict[str, Reporter] = {
    name: _latest(name) for name in ("basis", "crowd_hedge", "crowd_reserve", "margin_level")
}
