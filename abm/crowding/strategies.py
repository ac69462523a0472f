"""How many strategies a crowd really has: the effective number of independent ones among its funds."""

from __future__ import annotations

from typing import Literal

import numpy as np
import scipy

from cqkit.arrays import FloatArray


def effective_number(correlation: FloatArray, kind: Literal["participation", "entropy"] = "participation") -> float:
    """Effective number of strategies among funds, from the eigenvalues l of their correlation, (funds, funds).

    (sum l)^2 / sum l^2, or exp(-sum p log p) with p = l / sum l ("entropy"): n for n funds that have nothing in common,
    1 for n that are one. A correlation of returns, or the cosines of books, which are the correlations of their returns
    where all stocks move alike and apart. Ten funds that correlate by 0.3 count for 5.525. Empty funds count nothing.
    """
    total = float(np.trace(correlation))
    if total <= 0:
        return float("nan")
    if kind == "participation":
        return total**2 / float((correlation**2).sum())  # the sum of l^2, without computing any
    values = np.clip(scipy.linalg.eigvalsh(correlation), 0.0, None)
    shares = values[values > 0] / total
    return float(np.exp(-(shares * np.log(shares)).sum()))


def average_strategies(count: int, correlation: float) -> float:
    """Independent funds whose mean varies as that of `count` funds of one correlation, n / (1 + (n - 1) rho)."""
    return count / (1 + (count - 1) * correlation)
