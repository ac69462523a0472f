"""The range in which a market means anything: prices above 0, and a crowd that loses no more than all that it holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from cqkit.arrays import FloatArray

LEFT: Final = "have left the range in which this market means anything"
HELP: Final = "(weaker impact or less leverage helps, and so does less capital or a smaller desk)"


def range_fault(
    prices: Mapping[str, FloatArray], equity: FloatArray, start: FloatArray, held: FloatArray
) -> tuple[int, str] | None:
    """Say on which path, and how, a market has left the range in which it means anything; None while it has not.

    Parameters
    ----------
    prices : mapping of str to FloatArray, shape (paths,)
        Prices over their start, by what they are of.
    equity, start : FloatArray, shape (paths,)
        The crowd's equity now, less what its lenders have lost, and at the start.
    held : FloatArray, shape (paths,)
        All that it held at the start, long and short: beyond that even lenders cannot lose.
    """
    for name, price in prices.items():
        good = np.isfinite(price) & (price > 0)
        if not good.all():
            path = int(np.argmin(good))
            return path, f"{name} is {price[path]:.3g} of its start: prices {LEFT} {HELP}"
    lost = start - equity
    good = (lost <= held) | (start == 0)
    if not good.all():
        path = int(np.argmin(good))
        share = 100 * lost[path] / start[path]
        return path, f"the crowd has lost {share:,.0f} % of its equity, and more than it held: losses {LEFT} {HELP}"
    return None
