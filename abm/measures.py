"""Measurements on prices and books that do not touch the market."""

from __future__ import annotations

import networkx as nx
import numpy as np

from abm.settings import VolatilityIndex
from cqkit.arrays import FloatArray

DAYS_A_YEAR = 252
INDEX_HORIZON = 21  # trading days that a volatility index looks ahead


def khandani_lo(yesterday: FloatArray, today: FloatArray) -> FloatArray:
    """Return of the contrarian portfolio, unlevered, shape (paths,); inputs are returns shaped (paths, stocks).

    Weights are -(R_i - mean R) of the day before over half their gross (Khandani and Lo 2007, eq. 1-3).
    """
    weights = yesterday.mean(axis=1, keepdims=True) - yesterday
    half_gross = 0.5 * np.abs(weights).sum(axis=1)
    earned = (weights * today).sum(axis=1)
    return np.divide(earned, half_gross, out=np.full_like(earned, np.nan), where=half_gross > 0)


class VolatilityGauge:
    """GJR-GARCH variance of the index, shown as the mean volatility expected over the next 21 days."""

    def __init__(self, settings: VolatilityIndex, paths: int) -> None:
        self.settings = settings
        self.start = (settings.start / 100) ** 2 / DAYS_A_YEAR
        self.variance = np.full(paths, self.start)

    def update(self, log_return: FloatArray) -> FloatArray:
        """Take in a day's log returns (paths,); return the index in annualised % (paths,)."""
        rule = self.settings
        weight = rule.reaction + rule.asymmetry * (log_return < 0)
        self.variance = rule.anchor * self.start + weight * log_return**2 + rule.persistence * self.variance
        decay = min(rule.persistence + rule.reaction + rule.asymmetry / 2, 1 - 1e-9)
        settled = rule.anchor * self.start / (1 - decay)
        share = (1 - decay**INDEX_HORIZON) / (INDEX_HORIZON * (1 - decay))
        return 100 * np.sqrt(DAYS_A_YEAR * (settled + (self.variance - settled) * share))


def unit_books(books: FloatArray) -> FloatArray:
    """Books of length 1, shape (funds, stocks); an empty book stays empty."""
    norm = np.linalg.norm(books, axis=1, keepdims=True)
    return np.divide(books, norm, out=np.zeros_like(books), where=norm > 0)


def cosine_overlap(books: FloatArray) -> FloatArray:
    """Cosine between any two books, shape (funds, funds); `books` (funds, stocks), signed. Empty books overlap by 0."""
    unit = unit_books(books)
    return unit @ unit.T


def average_overlap(books: FloatArray) -> float:
    """Mean cosine over all pairs of different funds; NaN for a single fund."""
    count = len(books)
    if count < 2:
        return float("nan")
    unit = unit_books(books)
    # The sum over all pairs is the length of the sum: no matrix of funds by funds is needed.
    together = unit.sum(axis=0)
    return float((together @ together - (unit**2).sum()) / (count * (count - 1)))


def overlap_network(books: FloatArray, threshold: float = 0.5) -> nx.Graph:
    """Network of funds: an edge joins two whose overlap is at least `threshold`; edges carry `overlap`."""
    overlap = cosine_overlap(books)
    network = nx.Graph()
    network.add_nodes_from(range(len(books)))
    first, second = np.nonzero(np.triu(overlap >= threshold, k=1))
    network.add_weighted_edges_from(
        ((int(a), int(b), float(overlap[a, b])) for a, b in zip(first, second, strict=True)), weight="overlap"
    )
    return network
