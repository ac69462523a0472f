"""How alike the books of funds are: cosines, and the network of those who hold the same."""

from __future__ import annotations

import networkx as nx
import numpy as np

from cqkit.arrays import FloatArray


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
