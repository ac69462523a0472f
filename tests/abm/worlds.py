"""Shared steps for tests that drive a market bar by bar on noise of their own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from abm import Market, Settings
from abm.randomness import DayNoise
from cqkit.arrays import FloatArray


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
    market.state = market.state._replace(stocks=stocks._replace(variance=np.zeros_like(stocks.variance)))
    return market


def trade_silently(market: Market, days: int | None = None) -> None:
    """Trade whole days on all paths without noise."""
    noise = silence(market.settings)
    for _ in range(market.dates.size if days is None else days):
        for path in range(market.paths):
            market.trade_path(path, noise)
        market.close()


def lambdas(market: Market) -> FloatArray:
    """Price move per share bought, Y sigma / ADV, under the linear law; shape (stocks,)."""
    stocks = market.state.stocks
    return market.settings.impact.strength * stocks.sigma[0] / stocks.adv[0]


def common_book(market: Market) -> FloatArray:
    """Shares in a unit of the crowded book, shape (stocks,)."""
    return market.state.baskets.shares[0, 0]


def response(measure: Callable[[float], FloatArray], size: float = 1e-7) -> FloatArray:
    """Derivative of what `measure` gives with respect to its argument at 0, by a central difference."""
    return np.asarray((measure(size) - measure(-size)) / (2 * size))
