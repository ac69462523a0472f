"""A timing indicator: hedge after a run of falling closes.

$ crowdquake hedge --plugin examples/losing_streak.py --policy timing:indicator=losing_streak,length=4 ...
"""

from __future__ import annotations

import numpy as np

from cqkit.arrays import BoolArray
from hedging import Prices, register_indicator


@register_indicator("losing_streak")
def losing_streak(prices: Prices, length: int = 3) -> BoolArray:
    """On while each of the last `length` closes is below the one before, bool of shape (paths, days)."""
    falls = np.zeros(prices.close.shape, dtype=bool)
    falls[:, 1:] = np.diff(prices.close, axis=1) < 0
    on = falls.copy()
    for lag in range(1, length):
        on[:, lag:] &= falls[:, :-lag]
        on[:, :lag] = False
    return on
