"""The loop of forced sales: how much a sale makes others sell, and at which leverage it no longer dies out."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.linalg import solve
from scipy.optimize import brentq
from scipy.sparse.linalg import ArpackError, eigs

from abm.crowding.overlap import liquidity_overlap
from cqkit.arrays import FloatArray

_DENSE = 60  # funds up to which all eigenvalues are computed
_LARGEST = 1e6  # times the leverage as it is, up to which the critical one is looked for


class Loop(NamedTuple):
    """How forced sales feed on themselves.

    Attributes
    ----------
    gain
        Spectral radius of the response: the sales of a round over those of the round before, in the end.
    critical
        The leverage at which the gain is 1, over what it is: all funds hold the same books with equity divided by it.
        Infinite where no leverage is critical.
    """

    gain: float
    critical: float

    @property
    def cushion(self) -> float:
        """Share of every fund's equity whose loss, with the books still held, makes the gain 1; below 0 beyond it."""
        return 1 - 1 / self.critical


def response(holdings: FloatArray, equity: FloatArray, depth: FloatArray, scale: float = 1.0) -> FloatArray:
    """Gross value that fund n has to sell for a unit of gross value sold by fund m, shape (funds, funds).

    W_nm = sum_k (l_n x_nk - |x_nk|) x_mk / (D_k G_m), l_n = scale x G_n / E_n: leverage is kept (`must_sell`, without
    its bounds). For n alike, long-only funds with assets A the gain is n (l - 1) A / D. Funds with l <= 1, or without
    equity, have no response.
    """
    direct = liquidity_overlap(holdings, depth)
    shrinking = liquidity_overlap(np.abs(holdings), depth, holdings)
    return _response(direct, shrinking, *_leverage(holdings, equity), scale)


def deleveraging_loop(holdings: FloatArray, equity: FloatArray, depth: FloatArray) -> Loop:
    """Loop gain of a crowd and the distance to its critical leverage.

    Linear: prices move by sales over `depth` (`market_depth` says at which flow the square-root law is made linear).
    Above a gain of 1 a shock, however small, grows until funds have nothing left or the law is linear no more. Source:
    leverage targeting as of Greenwood, Landier and Thesmar 2015; stability by the largest eigenvalue as of Caccioli,
    Shrestha, Moore and Farmer 2014.
    """
    direct = liquidity_overlap(holdings, depth)
    shrinking = liquidity_overlap(np.abs(holdings), depth, holdings)
    gross, leverage = _leverage(holdings, equity)

    def gain(scale: float) -> float:
        return spectral_radius(_response(direct, shrinking, gross, leverage, scale))

    return Loop(gain(1.0), _critical(gain))


def all_rounds(sales: FloatArray, matrix: FloatArray) -> FloatArray:
    """Sales of all rounds together, s + W s + W^2 s + ..., shape (funds,); NaN where they do not die out."""
    if spectral_radius(matrix) >= 1:
        return np.full_like(sales, np.nan)
    total: FloatArray = solve(np.eye(len(sales)) - matrix, sales)
    return total


def spectral_radius(matrix: FloatArray) -> float:
    """Largest size of an eigenvalue; 0 for a matrix of nothing."""
    if not matrix.any():
        return 0.0
    if len(matrix) > _DENSE:
        try:
            # The starting vector is given, so that results can be repeated.
            found = eigs(matrix, k=1, which="LM", v0=np.ones(len(matrix)), return_eigenvectors=False)
            return float(np.abs(found[0]))
        except ArpackError:  # eigenvalues too close to each other: all are computed
            pass
    return float(np.abs(np.linalg.eigvals(matrix)).max())


def _leverage(holdings: FloatArray, equity: FloatArray) -> tuple[FloatArray, FloatArray]:
    gross = np.abs(holdings).sum(axis=1)
    return gross, np.divide(gross, equity, out=np.zeros_like(gross), where=equity > 0)


def _response(
    direct: FloatArray, shrinking: FloatArray, gross: FloatArray, leverage: FloatArray, scale: float
) -> FloatArray:
    levered = (scale * leverage)[:, None]
    pressed = np.where(levered > 1, levered * direct - shrinking, 0.0)
    return np.divide(pressed, gross, out=np.zeros_like(pressed), where=gross > 0)


def _critical(gain: Callable[[float], float]) -> float:
    """Times the leverage at which the gain is 1."""
    low = high = 1.0
    if gain(1.0) < 1:
        while gain(high) < 1:
            low, high = high, 2 * high
            if high > _LARGEST:
                return float("inf")
    else:
        while gain(low) >= 1:
            low, high = low / 2, low
            if low < 1 / _LARGEST:
                return 0.0
    return float(brentq(lambda scale: gain(scale) - 1, low, high, xtol=1e-12, rtol=1e-10))
