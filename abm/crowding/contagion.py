"""The indirect contagion index: who matters to all others through the prices of what they hold in common."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy

from cqkit.arrays import FloatArray

_DENSE = 60  # funds up to which all eigenvalues are computed


class ContagionIndex(NamedTuple):
    """The leading eigenvector of liquidity-weighted overlaps.

    Attributes
    ----------
    weights
        By fund, shape (funds,): its parts' sizes sum to 1. Below 0: it stands on the other side of the crowd.
    eigenvalue
        Of the overlaps, in money.
    share
        Of the sum of all eigenvalues: near 1, one number a fund says all about contagion.
    """

    weights: FloatArray
    eigenvalue: float
    share: float


def contagion_index(overlap: FloatArray) -> ContagionIndex:
    """Indirect contagion index of funds: the Perron vector of `overlap` (funds, funds), as of `liquidity_overlap`.

    Omega u = lambda u for the largest lambda; for books that are long only, all of u is above 0 (Perron). It does not
    depend on the unit of money, nor on the depth of the whole market. Source: Cont and Schaanning 2019.
    """
    if not overlap.any():
        return ContagionIndex(np.zeros(len(overlap)), 0.0, float("nan"))
    value, leading = _leading(overlap)
    if leading.sum() < 0:
        leading = -leading
    total = float(np.trace(overlap))
    size = np.abs(leading).sum()
    value = max(value, 0.0)
    return ContagionIndex(leading / size, value, value / total if total > 0 else float("nan"))


def _leading(overlap: FloatArray) -> tuple[float, FloatArray]:
    """Largest eigenvalue and its vector."""
    count = len(overlap)
    if count > _DENSE:
        # The starting vector is given, so that results can be repeated.
        value, vector = scipy.sparse.linalg.eigsh(overlap, k=1, which="LA", v0=np.ones(count))
        return float(value[0]), vector[:, 0]
    values, vectors = scipy.linalg.eigh(overlap, subset_by_index=[count - 1, count - 1])
    return float(values[0]), vectors[:, 0]
