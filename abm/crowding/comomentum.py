"""Comomentum: how far the stocks of a crowded trade move together beyond what common factors explain."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from abm.crowding.overlap import average_overlap
from cqkit.arrays import FloatArray


class Comomentum(NamedTuple):
    """Average pairwise partial correlations of the stocks at both ends of a ranking; NaN of fewer than two stocks."""

    low: float
    high: float

    @property
    def mean(self) -> float:
        """Of both ends."""
        return (self.low + self.high) / 2


def comomentum(
    returns: FloatArray, score: FloatArray, factors: FloatArray | None = None, share: float = 0.1
) -> Comomentum:
    """Average pairwise partial correlation of the returns of the lowest and of the highest stocks by `score`.

    Lou and Polk (2022, Comomentum) rank by the return of the twelve months before the last, and take 52 weekly
    returns, deciles, and the three factors of Fama and French. With a crowd's net holdings as the score it is asked of
    the crowd's own trade.

    Parameters
    ----------
    returns
        Shape (periods, stocks).
    score
        What stocks are ranked by, shape (stocks,): only its order counts.
    factors
        Returns that explain what stocks have in common anyway, shape (periods, factors), beside a constant.
    share
        Of the stocks at each end.
    """
    size = max(round(share * score.size), 1)
    order = np.argsort(score, kind="stable")
    rest = partial_returns(returns, factors)
    return Comomentum(_common(rest[:, order[:size]]), _common(rest[:, order[-size:]]))


def partial_returns(returns: FloatArray, factors: FloatArray | None = None) -> FloatArray:
    """What least squares on a constant and `factors` leave of returns, shape (periods, stocks)."""
    periods = len(returns)
    explaining = np.ones((periods, 1)) if factors is None else np.column_stack([np.ones(periods), factors])
    basis, _ = np.linalg.qr(explaining)
    return returns - basis @ (basis.T @ returns)


def _common(rest: FloatArray) -> float:
    """Mean correlation of all pairs of columns of mean 0; those that do not move are left out."""
    size = np.abs(rest).max(axis=0, initial=0.0)
    return average_overlap(rest[:, size > 1e-12 * max(float(size.max(initial=0.0)), 1e-300)].T)
