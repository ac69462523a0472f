"""All sections together."""

from __future__ import annotations

from typing import Self

import numpy as np
from pydantic import model_validator

from abm.settings.base import Section
from abm.settings.clock import Clock
from abm.settings.crowd import Funds, Liquidator
from abm.settings.desk import Desk
from abm.settings.index import IndexSector, VolatilityIndex
from abm.settings.stocks import Impact, News, Stocks


class Settings(Section):
    """Everything that a market needs to know."""

    clock: Clock = Clock()
    market: Stocks = Stocks()
    impact: Impact = Impact()
    funds: Funds = Funds()
    liquidator: Liquidator = Liquidator()
    index_sector: IndexSector = IndexSector()
    volatility_index: VolatilityIndex = VolatilityIndex()
    news: tuple[News, ...] = ()
    desk: Desk = Desk()

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
