"""The stocks of a market, drawn afresh on every path (docs/model.md, section 1)."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from abm.listed import ListedStocks, place_risks, place_volumes
from abm.randomness import Purpose, fill_with_normals, normals_of
from abm.sections.stocks import Stocks
from cqkit.arrays import BoolArray, FloatArray, frozen, laid_out
from cqkit.cores import BLOCKS_AT_ONCE


class StockPopulation(NamedTuple):
    """Properties of the stocks, shape (paths, stocks) but for `loadings` (paths, factors, stocks)."""

    adv: FloatArray
    per_adv: FloatArray  # its inverse
    sigma: FloatArray
    beta: FloatArray
    index_shares: FloatArray
    loadings: FloatArray
    variance: FloatArray
    volatility: FloatArray  # the root of the variance
    transient_sd: FloatArray
    larger: FloatArray  # 1 where the index leaves a stock out because it is too large, else 0
    capitalisation: FloatArray  # as a share of the whole market's


@lru_cache(maxsize=BLOCKS_AT_ONCE)
def draw_stocks(
    settings: Stocks, seed: int, first_path: int, paths: int, listed: ListedStocks | None = None
) -> StockPopulation:
    """Draw capitalisations, volumes, volatilities, betas and factor loadings. Read-only arrays, shared by twins.

    The first stocks are those of the desk's own book, if it has `listed` ones.
    """
    count, factors = settings.stocks, settings.factors
    per_stock = (laid_out((paths, count)) for _ in range(10))
    adv, per_adv, sigma, beta, index_shares, variance, capital, volatility, transient, larger = per_stock
    loadings = laid_out((paths, factors, count))
    made = StockPopulation(
        adv, per_adv, sigma, beta, index_shares, loadings, variance, volatility, transient, larger, capital
    )
    draws = fill_with_normals(np.empty((paths, 4 + factors, count)), seed, Purpose.STOCKS, first_path)
    size = np.exp(settings.size_spread * draws[:, 0])
    capital[:] = size / size.sum(axis=1, keepdims=True)
    larger[:], index_shares[:] = index_of(settings, capital)
    volume = turnover(capital, settings.volume_size_slope) * np.exp(settings.volume_noise * draws[:, 1])
    adv[:] = volume / volume.sum(axis=1, keepdims=True)
    smallness = (adv * count) ** -settings.volatility_size_slope
    sigma[:] = smallness * np.exp(settings.volatility_spread * draws[:, 2])
    sigma *= settings.stock_volatility / np.median(sigma, axis=1, keepdims=True)
    beta[:] = 1 + settings.beta_spread * draws[:, 3]
    beta /= np.vecdot(index_shares, beta)[:, None]
    loadings[:] = draws[:, 4:]
    if listed is not None:
        for row in range(paths):
            place_volumes(listed, settings, draws[row, 1], capital[row], adv[row], sigma[row])
            larger[row], index_shares[row] = index_of(settings, capital[row])
            place_risks(listed, settings, loadings[row], larger[row], index_shares[row], sigma[row], beta[row])
    common = settings.factor_volatility**2 * (loadings**2).sum(axis=1)
    variance[:] = sigma**2 + (beta * settings.market_volatility) ** 2 + common
    variance += settings.small_cap_volatility**2 * smaller(larger, index_shares)
    volatility[:] = np.sqrt(variance)
    thinness = (adv / np.median(adv, axis=1, keepdims=True)) ** -settings.transient_size_slope
    transient[:] = settings.transient_volatility * sigma * thinness
    per_adv[:] = 1 / adv
    frozen(*made)
    return made


def index_of(settings: Stocks, capital: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Which stocks are too large for the index, 1 or 0, and the index's weights by capital, both (..., stocks).

    It holds the largest stocks but for those, so large a share of the number as is set.
    """
    count = capital.shape[-1]
    skipped = round(settings.index_skips * count)
    larger = np.zeros_like(capital)
    if skipped:
        larger[capital >= np.sort(capital)[..., -skipped, None]] = 1.0
    if settings.index_share == 1:
        return larger, capital
    members = max(round(settings.index_share * count), 1)
    left = np.where(larger > 0, 0.0, capital)
    held = np.where(left >= np.sort(left)[..., -members, None], left, 0.0)
    return larger, held / held.sum(axis=-1, keepdims=True)


def smaller(larger: FloatArray, index_shares: FloatArray) -> BoolArray:
    """Which stocks are outside the index, and not because they are larger."""
    found: BoolArray = (index_shares == 0) & (larger == 0)
    return found


def outside_shares(
    settings: Stocks, seed: int, first_path: int, paths: int, listed: ListedStocks | None = None, *, large: bool = False
) -> FloatArray | None:
    """Shares of a portfolio of all stocks smaller (or `large`: larger) than the index's, by capitalisation, worth 1.

    None if there are none.
    """
    if settings.index_share == 1:
        return None
    stocks = draw_stocks(settings, seed, first_path, paths, listed)
    beyond = (stocks.index_shares == 0) & (stocks.larger == 1)
    outside = stocks.capitalisation * (beyond if large else smaller(stocks.larger, stocks.index_shares))
    total = outside.sum(axis=1, keepdims=True)
    return outside / total if (total > 0).all() else None


def turnover(capital: FloatArray, slope: float) -> FloatArray:
    """Relative volume of stocks by capital: with a slope below 1 small stocks turn over more often."""
    return capital if slope == 1 else capital**slope


def first_noise(sd: FloatArray, seed: int, first_path: int) -> FloatArray:
    """Other investors' transient noise before the first bar, drawn from its stationary law, shape (paths, stocks)."""
    return laid_out(sd.shape, sd * normals_of(seed, Purpose.TRANSIENT_START, first_path, sd.shape))


def past_index(seed: int, first_path: int, paths: int, days: int, volatility: float) -> FloatArray:
    """Closes of the index before the first day's eve, on which it is 1, shape (paths, days), for policies' signals.

    They are drawn from the market factor alone: a calm past.
    """
    returns = volatility * normals_of(seed, Purpose.PAST, first_path, (paths, days))
    return np.exp(-np.cumsum(returns, axis=1)[:, ::-1])
