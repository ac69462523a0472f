"""How alike the books of funds are: cosines, and overlaps weighted by how hard the stocks are to sell."""

from __future__ import annotations

import numpy as np

from cqkit.arrays import FloatArray


def unit_books(books: FloatArray) -> FloatArray:
    """Books of length 1, shape (funds, stocks); an empty book stays empty."""
    norm = np.linalg.norm(books, axis=1, keepdims=True)
    return np.divide(books, norm, out=np.zeros_like(books), where=norm > 0)


def cosine_overlap(books: FloatArray) -> FloatArray:
    """Cosine between any two books, shape (funds, funds); `books` (funds, stocks), signed. Empty books overlap by 0.

    x_i . x_j / (|x_i| |x_j|): 1 for books that are alike whatever their sizes, -1 for opposite ones.
    """
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


def factored_overlap(units: FloatArray, baskets: FloatArray) -> float:
    """Mean cosine over all pairs of funds that hold `units` (funds, baskets) of `baskets` (baskets, stocks).

    As `average_overlap` of `units @ baskets`, without that matrix: where funds are many it is the largest thing there.
    """
    count = len(units)
    if count < 2:
        return float("nan")
    products = baskets @ baskets.T
    length = np.sqrt(np.maximum(np.einsum("fb,fb->f", units @ products, units), 0.0))
    weight = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
    together = weight @ units
    return float((together @ products @ together - np.count_nonzero(length)) / (count * (count - 1)))


def active_books(books: FloatArray, index_weight: FloatArray) -> FloatArray:
    """Books less their net value held in the index, shape (funds, stocks): what they have chosen.

    `index_weight` (stocks,) sums to 1. A dollar-neutral book is left as it is.
    """
    return books - books.sum(axis=1, keepdims=True) * index_weight


def liquidity_overlap(books: FloatArray, depth: FloatArray, others: FloatArray | None = None) -> FloatArray:
    """Liquidity-weighted overlaps Omega_ij = sum_k x_ik x_jk / D_k, in money, shape (funds, funds).

    What book i loses when book j is sold whole, and the other way about, to first order; below 0 where it gains.
    Source: Cont and Schaanning 2019, Monitoring indirect contagion.

    Parameters
    ----------
    books
        In money, signed, shape (funds, stocks).
    depth
        Money that moves a price by 100 %, shape (stocks,) (`market_depth`).
    others
        Books of the columns, shape (others, stocks); default: the same.
    """
    return (books / depth) @ (books if others is None else others).T
