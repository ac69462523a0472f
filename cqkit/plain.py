"""Values as others read them: JSON with null for what is not a finite number, percent, cells, the first few of many."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")


def percent(ratio: float, decimals: int = 1, sign: str = "") -> str:
    """Write a ratio in percent; "+" for `sign` shows it before gains too, and nothing has no minus."""
    return f"{round(100 * ratio, decimals) + 0.0:{sign}.{decimals}f} %"


def shown(cell: str, empty: str = "(empty)") -> str:
    """Show a cell in a message, where it may be empty or a page long."""
    return cell[:40] or empty


def counted(count: int, what: str) -> str:
    """So many of what is counted: 1 path, 1,000 paths."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def first_few(items: Sequence[T], most: int, said: Callable[[T], str] = str, between: str = ", ") -> str:
    """Name the first of many items, and count the rest."""
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return between.join(map(said, items[:most])) + more


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
