"""Typed aliases for the arrays that the packages pass around."""

from __future__ import annotations

import math
from itertools import count
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
SingleArray: TypeAlias = npt.NDArray[np.float32]
WordArray: TypeAlias = npt.NDArray[np.uint32]
Number = TypeVar("Number", bound=np.number)

LINE, PAGE = 64, 4096  # bytes of a line of the cache, and after how many of them lines get in each other's way
_numbers = count()


def frozen(*arrays: npt.NDArray[Any]) -> None:
    """Make arrays read-only: whoever asks for the same shares them."""
    for array in arrays:
        array.setflags(write=False)


def laid_out(shape: tuple[int, ...], value: FloatArray | float = 0.0) -> FloatArray:
    """Return a new array full of `value` that begins at a line of the cache, and elsewhere in a page than others do.

    For arrays that one loop reads together: where they lie changes no result, but what the loop takes by a tenth.
    `value` may be an array that has the shape, or is spread out to it.
    """
    return _laid_out(np.float64, shape, value)


def whole_laid_out(shape: tuple[int, ...], value: IntArray | int = 0) -> IntArray:
    """The same of whole numbers."""
    return _laid_out(np.int64, shape, value)


def _laid_out(kind: type[Number], shape: tuple[int, ...], value: npt.ArrayLike) -> npt.NDArray[Number]:
    size = np.dtype(kind).itemsize * math.prod(shape)
    room = np.empty(size + PAGE + LINE, np.uint8)
    first = -room.ctypes.data % LINE + 3 * LINE * next(_numbers) % PAGE
    array = room[first : first + size].view(kind).reshape(shape)
    array[...] = value
    return array
