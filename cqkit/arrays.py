"""Typed aliases for the arrays that the packages pass around."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
SingleArray: TypeAlias = npt.NDArray[np.float32]
WordArray: TypeAlias = npt.NDArray[np.uint32]
