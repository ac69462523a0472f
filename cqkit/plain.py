"""Values as others read them: JSON with null for what is not a finite number, percent without a minus before 0."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np


def percent(ratio: float, decimals: int = 1, sign: str = "") -> str:
    """Write a ratio in percent; "+" for `sign` shows it before gains too, and nothing has no minus."""
    return f"{round(100 * ratio, decimals) + 0.0:{sign}.{decimals}f} %"


def to_json(content: Any) -> str:
    """Write content as JSON text."""
    return json.dumps(plain(content), indent=2, allow_nan=False)


def plain(value: Any) -> Any:
    """Put a value in JSON's terms: NumPy's numbers as Python's, what is not finite as None."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
