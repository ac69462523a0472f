"""The indirect contagion index: who matters to all others through the prices of what they hold in common."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.linalg import eigh

from cqkit.arrays import FloatArray


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
    count = len(overlap)
    values, vectors = eigh(overlap, subset_by_index=[count - 1, count - 1])
    leading = vectors[:, 0]
    if leading.sum() < 0:
        leading = -leading
    total = float(np.trace(overlap))
    value = float(max(values[0], 0.0))
    size = np.abs(leading).sum()
    return ContagionIndex(leading / size, value, value / total if total > 0 else float("nan"))
