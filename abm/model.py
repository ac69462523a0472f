"""The Mesa model in front of the market: one path, agents as views, a day a step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mesa
import pandas as pd

from abm.agents import FuturesFund, HedgeDesk, LiquidatingFund, LiquidityProvider, PrimeBroker, QuantFund, Trader
from abm.credit_agents import LargeFund, Predators
from abm.futures_crowd import FuturesCrowd
from abm.market import Market
from abm.settings import Settings
from abm.state import Flow, FundArrays, FuturesFundArrays
from cqkit.arrays import FloatArray
from cqkit.errors import CrowdquakeError

Reporter = Callable[["CrowdingModel"], Any]


class CrowdingModel(mesa.Model):
    """A market with one path that Mesa can drive.

    Parameters
    ----------
    settings
        What the market is made of; default: the settings' own defaults, which are August 2007's.
    rng
        Seed of the run, a whole number; path 0 of an ensemble with that seed gives the same numbers.
    reporters
        Further model reporters for the data collector, by name.

    Notes
    -----
    `step()` is one trading day: traders (the user's own agents) decide, the market trades and closes, fills are booked,
    data are collected. The model stops `running` after its last day; a further step raises `RuntimeError`.
    """

    def __init__(
        self, settings: Settings | None = None, rng: int = 0, reporters: dict[str, Reporter] | None = None
    ) -> None:
        super().__init__(rng=rng)
        self.running: bool = True
        self.settings = Settings() if settings is None else settings
        self.market = Market(self.settings, seed=rng)
        self.starting_equity = self.funds.equity[0].copy()
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

    @property
    def funds(self) -> FundArrays:
        """The arrays of the crowd's long-short funds."""
        return self.market.state.funds

    @property
    def hedgers(self) -> FuturesFundArrays:
        """The arrays of the crowd's futures funds."""
        return self.market.state.futures_funds

    @property
    def futures_crowd(self) -> FuturesCrowd:
        """The daily rules of futures funds, which keep their unit values."""
        if self.market.crowd is None:
            raise CrowdquakeError("there is no futures market here: futures.volume must be above 0")
        return self.market.crowd

    @property
    def stocks(self) -> int:
        """Number of stocks."""
        return self.settings.market.stocks

    @property
    def prices(self) -> FloatArray:
        """Prices, shape (stocks,); 1 at the start."""
        return self.market.state.stocks.price[0].copy()

    @property
    def day(self) -> int:
        """Days traded so far."""
        return self.market.day

    @property
    def frame(self) -> pd.DataFrame:
        """What was collected, a row a day."""
        collected = self.datacollector.get_model_vars_dataframe()
        return collected.set_index(pd.DatetimeIndex(self.market.dates[: len(collected)], name="date"))

    def step(self) -> None:
        """Trade one day."""
        if not self.running:
            raise RuntimeError(f"the run is over: {self.day} days were traded")
        traders = list(self.agents.select(agent_type=Trader))
        for trader in traders:
            trader.step()
        self.market.step()
        for trader in traders:
            trader.settle(self.market.fill_price[0], self.settings.impact.half_spread)
        self.datacollector.collect(self)
        self.running = self.day < self.market.dates.size


def _latest(name: str) -> Reporter:
    return lambda model: float(getattr(model.market.record, name)[0, model.day - 1])


def _flow(flow: Flow) -> Reporter:
    return lambda model: float(model.market.record.flows[0, model.day - 1, flow])


_REPORTERS: dict[str, Reporter] = {
    **{name: _latest(name) for name in ("khandani_lo", "crowded_book", "index", "volatility_index", "crowd_leverage")},
    **{f"flow_{flow.name.lower()}": _flow(flow) for flow in Flow},
    "deleveraging": lambda model: model.broker.deleveraging,
    "desk_pnl": lambda model: model.desk.hedged_pnl,
}
_FUTURES_REPORTERS: dict[str, Reporter] = {
    name: _latest(name) for name in ("basis", "crowd_hedge", "crowd_reserve", "margin_level")
}
