"""JSON as others read it: plain values, and null for what is not a finite number."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np


def to_json(content: Any) -> str:
    """Write content as JSON text."""
    return json.dumps(_plain(content), indent=2, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
