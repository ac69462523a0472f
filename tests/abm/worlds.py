"""Shared steps for tests that drive a market bar by bar on noise of their own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from abm import Market, Settings
from abm.randomness import DayNoise
from abm.settings import Impact
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
    """Log price move per share bought that stays, lambda sigma / ADV; shape (stocks,)."""
    stocks = market.state.stocks
    return market.settings.impact.permanent * stocks.volatility[0] / stocks.adv[0]


def left_of_an_order(impact: Impact, lasted: float, after: FloatArray | float = 0.0) -> FloatArray:
    """Sum over k of w_k / kappa_k (1 - exp(-kappa_k T)) exp(-kappa_k t): the propagator's memory of a steady flow.

    `lasted` is T and `after` t, days since its end, shape (...).
    """
    rates, weights = np.array(impact.rates), np.array(impact.weights)
    fading = np.exp(-rates * np.asarray(after)[..., None])
    return np.asarray((weights / rates * -np.expm1(-rates * lasted) * fading).sum(axis=-1))


def common_book(market: Market) -> FloatArray:
    """Shares in a unit of the crowded book, shape (stocks,)."""
    return market.state.baskets.shares[0, 0]


def response(measure: Callable[[float], FloatArray], size: float = 1e-7) -> FloatArray:
    """Derivative of what `measure` gives with respect to its argument at 0, by a central difference."""
    return np.asarray((measure(size) - measure(-size)) / (2 * size))
