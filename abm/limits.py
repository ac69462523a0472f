"""The range in which a market means anything: prices above 0, and a crowd that can lose what it has and little more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from cqkit.arrays import FloatArray

LARGEST_LOSS: Final = 2.0
"""The crowd's largest loss as a share of its equity at the start: gaps cost lenders something, not many times all."""
LEFT: Final = "have left the range in which this market means anything"
HELP: Final = "(weaker impact or less leverage helps, and so does less capital or a smaller desk)"


def range_fault(prices: Mapping[str, FloatArray], equity: FloatArray, start: FloatArray) -> tuple[int, str] | None:
    """Say on which path, and how, a market has left the range in which it means anything; None while it has not.

    Parameters
    ----------
    prices : mapping of str to FloatArray, shape (paths,)
        Prices over their start, by what they are of.
    equity, start : FloatArray, shape (paths,)
        The crowd's equity now, less what its lenders have lost, and at the start.
    """
    for name, price in prices.items():
        good = np.isfinite(price) & (price > 0)
        if not good.all():
            path = int(np.argmin(good))
            return path, f"{name} is {price[path]:.3g} of its start: prices {LEFT} {HELP}"
    lost = np.divide(start - equity, start, out=np.zeros_like(start), where=start > 0)
    good = lost <= LARGEST_LOSS
    if not good.all():
        path = int(np.argmin(good))
        return path, f"the crowd has lost {100 * lost[path]:,.0f} % of its equity: losses {LEFT} {HELP}"
    return None
