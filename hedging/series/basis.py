"""The futures price where it is not the index."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from cqkit.arrays import FloatArray
from cqkit.errors import InputError
from hedging.series.prices import as_prices

BasisUnit: TypeAlias = Literal["ratio", "points"]


def futures_prices(index: FloatArray, basis: npt.ArrayLike, unit: BasisUnit = "ratio") -> FloatArray:
    """Futures prices from the index and the basis, futures less index.

    Parameters
    ----------
    index : FloatArray, shape (paths, days + 1)
        Index closes, in points.
    basis : array_like, shape (), (days + 1,) or (paths, days + 1)
        Negative where the futures stand at a discount.
    unit : {"ratio", "points"}
        A ratio to the index, futures = index (1 + basis), or points, futures = index + basis.

    Returns
    -------
    FloatArray, shape (paths, days + 1)

    Raises
    ------
    InputError
        When the unit is unknown, the shape does not fit, or a futures price is not positive and finite.
    """
    if unit not in get_args(BasisUnit):
        raise InputError(f"basis unit = {unit}: must be one of {', '.join(get_args(BasisUnit))}")
    on_days = by_day("basis", basis, index.shape)
    prices = index * (1.0 + on_days) if unit == "ratio" else index + on_days
    return as_prices("futures (index and basis)", prices).close


def by_day(name: str, values: npt.ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    """Spread one number, one a day, or one a path and day over `shape` (paths, days + 1); no copy.

    Raises
    ------
    InputError
        When the values are not numbers, or are of another shape.
    """
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name}: {error}: must be a number or an array of numbers") from error
    if array.shape not in {(), shape[1:], shape}:
        raise InputError(f"{name}: shape {array.shape}: must be (), {shape[1:]} or {shape}")
    return np.broadcast_to(array, shape)
