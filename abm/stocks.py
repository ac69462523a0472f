"""The stocks of a market, drawn afresh on every path (docs/model.md, section 1)."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from abm.listed import ListedStocks, place_risks, place_volumes
from abm.randomness import Purpose, stream
from abm.sections.stocks import Stocks
from cqkit.arrays import FloatArray


class StockPopulation(NamedTuple):
    """Properties of the stocks, shape (paths, stocks) but for `loadings` (paths, factors, stocks)."""

    adv: FloatArray
    sigma: FloatArray
    beta: FloatArray
    index_shares: FloatArray
    loadings: FloatArray
    variance: FloatArray
    volatility: FloatArray  # the root of the variance
    transient_sd: FloatArray
    capitalisation: FloatArray  # as a share of the whole market's


def frozen(*arrays: FloatArray) -> None:
    """Make arrays read-only: twins share them."""
    for array in arrays:
        array.setflags(write=False)


@lru_cache(maxsize=2)
def draw_stocks(
    settings: Stocks, seed: int, first_path: int, paths: int, listed: ListedStocks | None = None
) -> StockPopulation:
    """Draw capitalisations, volumes, volatilities, betas and factor loadings. Read-only arrays, shared by twins.

    The first stocks are those of the desk's own book, if it has `listed` ones.
    """
    count, factors = settings.stocks, settings.factors
    adv, sigma, beta, index_shares, variance, capital, volatility, transient = np.empty((8, paths, count))
    loadings = np.empty((paths, factors, count))
    made = StockPopulation(adv, sigma, beta, index_shares, loadings, variance, volatility, transient, capital)
    for row in range(paths):
        draws = stream(seed, Purpose.STOCKS, first_path + row).standard_normal((4 + factors, count))
        size = np.exp(settings.size_spread * draws[0])
        capital[row] = size / size.sum()
        index_shares[row] = largest(capital[row], settings.index_share)
        volume = turnover(capital[row], settings.volume_size_slope) * np.exp(settings.volume_noise * draws[1])
        adv[row] = volume / volume.sum()
        smallness = (adv[row] * count) ** -settings.volatility_size_slope
        sigma[row] = smallness * np.exp(settings.volatility_spread * draws[2])
        sigma[row] *= settings.stock_volatility / np.median(sigma[row])
        beta[row] = 1 + settings.beta_spread * draws[3]
        beta[row] /= index_shares[row] @ beta[row]
        loadings[row] = draws[4:]
        if listed is not None:
            place_volumes(listed, settings, draws[1], capital[row], adv[row], sigma[row])
            index_shares[row] = largest(capital[row], settings.index_share)
            place_risks(listed, settings, loadings[row], index_shares[row], sigma[row], beta[row])
        common = settings.factor_volatility**2 * (loadings[row] ** 2).sum(axis=0)
        variance[row] = sigma[row] ** 2 + (beta[row] * settings.market_volatility) ** 2 + common
        variance[row] += settings.small_cap_volatility**2 * (index_shares[row] == 0)
        volatility[row] = np.sqrt(variance[row])
        thinness = (adv[row] / np.median(adv[row])) ** -settings.transient_size_slope
        transient[row] = settings.transient_volatility * sigma[row] * thinness
    frozen(*made)
    return made


def largest(capital: FloatArray, share: float) -> FloatArray:
    """Weights of an index of the largest stocks, so large a `share` of their number, by capital (stocks,)."""
    if share == 1:
        return capital
    members = max(round(share * capital.size), 1)
    held = np.where(capital >= np.sort(capital)[-members], capital, 0.0)
    return held / held.sum()


def outside_shares(
    settings: Stocks, seed: int, first_path: int, paths: int, listed: ListedStocks | None = None
) -> FloatArray | None:
    """Shares of a portfolio of all stocks outside the index, by capitalisation and worth 1; None if there are none."""
    if settings.index_share == 1:
        return None
    stocks = draw_stocks(settings, seed, first_path, paths, listed)
    outside = stocks.capitalisation * (stocks.index_shares == 0)
    total = outside.sum(axis=1, keepdims=True)
    return outside / total if (total > 0).all() else None


def turnover(capital: FloatArray, slope: float) -> FloatArray:
    """Relative volume of stocks by capital: with a slope below 1 small stocks turn over more often."""
    return capital if slope == 1 else capital**slope


def first_noise(sd: FloatArray, seed: int, first_path: int) -> FloatArray:
    """Other investors' transient noise before the first bar, drawn from its stationary law, shape (paths, stocks)."""
    normals = [
        stream(seed, Purpose.TRANSIENT_START, first_path + row).standard_normal(sd.shape[1]) for row in range(len(sd))
    ]
    return sd * np.array(normals)


def past_index(seed: int, first_path: int, paths: int, days: int, volatility: float) -> FloatArray:
    """Closes of the index before the first day's eve, on which it is 1, shape (paths, days), for policies' signals.

    They are drawn from the market factor alone: a calm past.
    """
    history = np.empty((paths, days))
    for row in range(paths):
        returns = volatility * stream(seed, Purpose.PAST, first_path + row).standard_normal(days)
        history[row] = np.exp(-np.cumsum(returns)[::-1])
    return history
