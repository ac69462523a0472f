"""Books that lean towards another by a given cosine."""

from __future__ import annotations

import numpy as np

from cqkit.arrays import FloatArray


def cosine(first: FloatArray, second: FloatArray) -> float:
    """Cosine between two books, shape (stocks,) each; NaN if one is empty."""
    norm = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(first @ second) / norm if norm > 0 else float("nan")


def leaning(position: FloatArray, towards: FloatArray, overlap: float) -> FloatArray:
    """A position as large as `position` whose cosine with `towards` is `overlap`; arrays (stocks,).

    It is overlap u + sqrt(1 - overlap^2) v times the norm, u the unit vector of `towards` and v that of what `position`
    has beside it. In a single stock nothing is beside it.
    """
    size, length = np.linalg.norm(position), np.linalg.norm(towards)
    if size == 0 or length == 0:
        return position
    unit = towards / length
    beside = position - (position @ unit) * unit
    apart = np.linalg.norm(beside)
    rest = beside / apart if apart > 1e-9 * size else np.zeros_like(beside)
    found: FloatArray = size * (overlap * unit + np.sqrt(1 - overlap**2) * rest)
    return found
