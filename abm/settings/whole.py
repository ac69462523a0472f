"""All sections together."""

from __future__ import annotations

from typing import Self

import numpy as np
from pydantic import model_validator

from abm.settings.base import Section
from abm.settings.clock import Clock
from abm.settings.crowd import Funds, Liquidator, shares
from abm.settings.desk import Desk
from abm.settings.futures import Futures, FuturesFunds, Lines, Redemptions
from abm.settings.index import IndexSector, VolatilityIndex
from abm.settings.stocks import Impact, News, Stocks


class Settings(Section):
    """Everything that a market needs to know."""

    clock: Clock = Clock()
    market: Stocks = Stocks()
    impact: Impact = Impact()
    funds: Funds = Funds()
    futures_funds: FuturesFunds = FuturesFunds()
    lines: Lines = Lines()
    redemptions: Redemptions = Redemptions()
    futures: Futures = Futures()
    liquidator: Liquidator = Liquidator()
    index_sector: IndexSector = IndexSector()
    volatility_index: VolatilityIndex = VolatilityIndex()
    news: tuple[News, ...] = ()
    desk: Desk = Desk()

    @property
    def has_futures(self) -> bool:
        """Whether index futures have a price of their own."""
        return self.futures.volume > 0

    @property
    def futures_fund_count(self) -> int:
        """How many of the crowd's funds are futures funds."""
        return round(self.funds.count * shares(self.funds.kind).get("futures", 0.0))

    @model_validator(mode="after")
    def _those_who_trade_futures_have_a_market(self) -> Self:
        if not self.has_futures:
            users = {
                'funds.kind = "futures"': self.futures_fund_count > 0,
                'liquidator.kind = "futures"': self.liquidator.kind == "futures",
                "desk.price_taker = false": not self.desk.price_taker,
            }
            for user, wanted in users.items():
                if wanted:
                    raise ValueError(f"{user}: needs a futures market: futures.volume must be above 0")
        if self.futures_fund_count and self.funds.holdings is not None:
            raise ValueError("funds.holdings: books of the user's own are for long-short funds only")
        return self

    @model_validator(mode="after")
    def _dates_are_simulated(self) -> Self:
        days = self.clock.dates
        for item in self.news:
            if np.datetime64(item.date, "D") not in days:
                raise ValueError(f"news.date = {item.date}: not a trading day of the run ({days[0]} to {days[-1]})")
            left = int((days >= np.datetime64(item.date, "D")).sum())
            if item.days > left:
                raise ValueError(f"news.days = {item.days}: from {item.date} the run has {left} days left")
        starts = self.desk.starts
        if starts is not None and np.datetime64(starts, "D") not in days[:-1]:
            raise ValueError(f"desk.starts = {starts}: must be a trading day before the last ({days[0]} to {days[-2]})")
        return self
