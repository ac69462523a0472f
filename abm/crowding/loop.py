"""The loop of forced sales: how much a sale makes others sell, and at which leverage it no longer dies out."""

from __future__ import annotations

from bisect import bisect_left
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy

from abm.crowding.overlap import liquidity_overlap
from cqkit.arrays import FloatArray

_DENSE = 60  # funds up to which all eigenvalues are computed


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
    return _response(*_parts(holdings, equity, depth), scale)


def deleveraging_loop(
    holdings: FloatArray, equity: FloatArray, depth: FloatArray, overlap: FloatArray | None = None
) -> Loop:
    """Loop gain of a crowd and the distance to its critical leverage; `overlap` is Omega, where it is known already.

    Linear: prices move by sales over `depth` (`market_depth` says at which flow the square-root law is made linear).
    Above a gain of 1 a shock, however small, grows until funds have nothing left or the law is linear no more. Source:
    leverage targeting as of Greenwood, Landier and Thesmar 2015; stability by the largest eigenvalue as of Caccioli,
    Shrestha, Moore and Farmer 2014.
    """
    parts = _parts(holdings, equity, depth, overlap)
    return Loop(spectral_radius(_response(*parts)), _critical(*parts))


def all_rounds(sales: FloatArray, matrix: FloatArray) -> FloatArray:
    """Sales of all rounds together, s + W s + W^2 s + ..., shape (funds,); NaN where they do not die out."""
    if spectral_radius(matrix) >= 1:
        return np.full_like(sales, np.nan)
    total: FloatArray = scipy.linalg.solve(np.eye(len(sales)) - matrix, sales)
    return total


def spectral_radius(matrix: FloatArray) -> float:
    """Largest size of an eigenvalue; 0 for a matrix of nothing."""
    return float(np.abs(eigenvalues(matrix)).max(initial=0.0)) if matrix.any() else 0.0


def eigenvalues(matrix: FloatArray) -> npt.NDArray[np.complex128]:
    """All eigenvalues of a small matrix, the largest ones of a large one."""
    if len(matrix) > _DENSE:
        try:
            # The starting vector is given, so that results can be repeated.
            found: npt.NDArray[np.complex128] = scipy.sparse.linalg.eigs(
                matrix, k=2, which="LM", v0=np.ones(len(matrix)), return_eigenvectors=False
            )
            return found
        except scipy.sparse.linalg.ArpackError:  # too close to each other to be told apart: all are computed
            pass
    return np.linalg.eigvals(matrix).astype(np.complex128)


class _Parts(NamedTuple):
    """What the response is made of."""

    pressed: FloatArray  # sum_k x_nk x_mk / (D_k G_m), (funds, funds)
    shrinking: FloatArray  # sum_k |x_nk| x_mk / (D_k G_m), (funds, funds)
    leverage: FloatArray  # (funds,), 0 without equity


def _parts(holdings: FloatArray, equity: FloatArray, depth: FloatArray, overlap: FloatArray | None = None) -> _Parts:
    gross = np.abs(holdings).sum(axis=1)
    direct = liquidity_overlap(holdings, depth) if overlap is None else overlap
    shrinking = direct
    if (holdings < 0).any():
        shrinking = liquidity_overlap(np.abs(holdings), depth, holdings)

    def for_a_unit_sold(money: FloatArray) -> FloatArray:
        return np.divide(money, gross, out=np.zeros_like(money), where=gross > 0)

    leverage = np.divide(gross, equity, out=np.zeros_like(gross), where=equity > 0)
    return _Parts(for_a_unit_sold(direct), for_a_unit_sold(shrinking), leverage)


def _response(pressed: FloatArray, shrinking: FloatArray, leverage: FloatArray, scale: float = 1.0) -> FloatArray:
    levered = scale * leverage[:, None]
    return np.where(levered > 1, levered * pressed - shrinking, 0.0)


def _critical(pressed: FloatArray, shrinking: FloatArray, leverage: FloatArray) -> float:
    """Times the leverage at which the gain is 1, with the same books.

    The gain rises with leverage, and may jump where one more fund gets into debt. Between two such places sales that
    reproduce themselves have (c P - Q) s = s, so c P s = (I + Q) s: c is one over the largest real eigenvalue of
    (I + Q)^-1 P.
    """
    order = np.argsort(-leverage, kind="stable")[: int((leverage > 0).sum())]
    begins = 1 / leverage[order]  # of each fund's debt, rising

    def unstable(place: int) -> bool:
        scale = begins[place] * (1 + 1e-9)
        return spectral_radius(_response(pressed, shrinking, leverage, scale)) >= 1

    sellers = bisect_left(range(len(order)), True, key=unstable)
    ceiling = begins[sellers] if sellers < len(order) else np.inf
    chosen = np.ix_(order[:sellers], order[:sellers])
    return float(min(_smooth(pressed[chosen] * leverage[order[:sellers], None], shrinking[chosen]), ceiling))


def _smooth(pressed: FloatArray, shrinking: FloatArray) -> float:
    """The c at which c P - Q has an eigenvalue of 1; infinite without one."""
    if not pressed.any():
        return float("inf")
    found = eigenvalues(scipy.linalg.solve(np.eye(len(pressed)) + shrinking, pressed))
    real = found.real[np.abs(found.imag) <= 1e-9 * np.abs(found).max()]
    largest = float(real.max(initial=0.0))
    return 1 / largest if largest > 0 else float("inf")
