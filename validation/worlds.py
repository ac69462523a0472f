"""Small markets in which nothing but trades moves prices, for results that are worked by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from abm import Market, Settings
from abm.randomness import DayNoise
from abm.settings import Impact
from abm.state import Party
from cqkit.arrays import FloatArray, frozen

SMALL: dict[str, dict[str, Any]] = {
    "clock": {"start": "2007-07-26", "days": 14, "bars": 4, "event": "2007-08-02"},
    "market": {"stocks": 24, "factors": 2},
    "funds": {"count": 12, "styles": 3},
    "liquidator": {"days": 3, "size": 0.9},
    "index_sector": {"members": 5},
}
# Nothing but trades moves prices: no news, no noise, no spread, no crowd.
STILL: dict[str, dict[str, Any]] = {
    "market": {"market_volatility": 0, "factor_volatility": 0, "stock_volatility": 0.01, "transient_volatility": 0},
    "impact": {"half_spread": 0},
    "funds": {"capital": 0},
    "index_sector": {"holding": 0},
    "desk": {"size": 0},
}


def merged(*tables: dict[str, Any]) -> Settings:
    """Settings from tables of sections, later ones winning."""
    both: dict[str, Any] = {}
    for table in tables:
        for section, values in table.items():
            both[section] = {**both.get(section, {}), **values} if isinstance(values, dict) else values
    return Settings.model_validate(both)


def still(impact: Impact | None = None, **sections: Any) -> Settings:
    """A small market in which only trades move prices, under a law of impact; sections given change it."""
    law = {} if impact is None else {"impact": impact.model_dump()}
    return merged(SMALL, law, STILL, sections)


def silence(settings: Settings) -> DayNoise:
    """A day without any noise."""
    noise = DayNoise.empty(settings.clock.bars, settings.market.factors, settings.market.stocks)
    for part in noise:
        part[:] = 0
    return noise


def driftless(settings: Settings) -> Market:
    """A market whose values keep still without noise: the drift -variance/2, which exp needs, is left out."""
    market = Market(settings)
    stocks = market.state.stocks
    none = np.zeros_like(stocks.variance)
    frozen(none)  # as the drawn one: for an array that can be written the whole day is compiled once more
    market.state = market.state._replace(stocks=stocks._replace(variance=none))
    return market


def trade_silently(market: Market, days: int | None = None) -> None:
    """Trade whole days on all paths without noise."""
    noise = silence(market.settings)
    for _ in range(market.dates.size if days is None else days):
        for path in range(market.paths):
            market.trade_path(path, noise)
        market.close()


def lambdas(market: Market) -> FloatArray:
    """Log price move per share bought that stays, lambda sigma / ADV; shape (stocks,)."""
    stocks = market.state.stocks
    return market.settings.impact.permanent * stocks.volatility[0] / stocks.adv[0]


def common_book(market: Market) -> FloatArray:
    """Shares in a unit of the crowded book, shape (stocks,)."""
    return market.state.baskets.shares[0, 0]


def ordered(shares: FloatArray, lasted: float, impact: Impact, bars: int = 52, days: int = 60) -> Market:
    """A silent market of one stock a share, in which orders for these shares of a day's volume were done evenly.

    `shares` (stocks,) are bought from an opening on, over `lasted` days, at most one.
    """
    made = still(impact, clock={"bars": bars, "days": days}, liquidator={"size": 0}, market={"stocks": len(shares)})
    market = driftless(made)
    market.submit(shares / lasted * market.state.stocks.adv[0])
    market.trade_path(0, silence(made), 0, round(lasted * bars))
    return market


def pressed(market: Market) -> FloatArray:
    """Displacement of prices, in daily volatilities, shape (stocks,)."""
    return market.state.stocks.displacement[0] / market.state.stocks.volatility[0]


def cost_of_buying(share: float, lasted: float, volatility: float, impact: Impact, bars: int = 50) -> float:
    """Mean price above the first that an order pays, a ratio: `share` of a day's volume evenly over `lasted` days.

    Without the spread, of a stock of a daily `volatility`: to first order it is in proportion to that.
    """
    market = ordered(np.full(4, share), lasted, impact, bars)
    bought = share * market.state.stocks.adv[0]
    paid = -float(market.state.ledger.cash[0, Party.OUTSIDE]) - float(bought.sum())
    return volatility * paid / float(bought @ market.state.stocks.volatility[0])
