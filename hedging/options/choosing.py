"""Which options of a chain the index is made of: two months, and the strikes on both sides of the money."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd

from cqkit.arrays import BoolArray
from hedging.series.weekdays import FRIDAY, nth_weekday

MONTHS: Final = 2
LEAST_DAYS: Final = 8
"""Calendar days that the nearby month must have left."""


class NoValueError(Exception):
    """Why a date has no index."""


def chosen_months(day: datetime, chain: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Near and following expiry of a date's chain.

    Raises
    ------
    NoValueError
        When there are not two monthly expiries far enough away.
    """
    first = pd.Timestamp(day) + pd.Timedelta(days=LEAST_DAYS)
    best: dict[tuple[int, int], pd.Timestamp] = {}
    for expiry in chain["expiry"].drop_duplicates():
        month = (expiry.year, expiry.month)
        other = best.get(month)
        if other is None or abs(expiry - _third_friday(expiry)) < abs(other - _third_friday(expiry)):
            best[month] = expiry
    left = sorted(expiry for expiry in best.values() if expiry >= first)
    if len(left) < MONTHS:
        raise NoValueError(
            f"{len(left)} monthly expiries with at least {LEAST_DAYS} calendar days left: must be {MONTHS}"
        )
    return left[0], left[1]


def _third_friday(expiry: pd.Timestamp) -> pd.Timestamp:
    return pd.Timestamp(nth_weekday(expiry.year, expiry.month, 3, FRIDAY))


def chosen_strikes(month: pd.DataFrame) -> tuple[float, float | None, float]:
    """Strikes on both sides of the money and the upper one's share; no upper one if the lower is the money.

    Raises
    ------
    NoValueError
        When there is no strike on one side at which both a call and a put are listed.
    """
    expiry = f"{month['expiry'].iloc[0]:%Y-%m-%d}"
    spot = float(month["spot"].iloc[0])
    money = float(month["forward"].iloc[0]) if np.isnan(spot) else spot
    quoted = month.groupby("strike")["call"].nunique()
    both = quoted.index[quoted == 2].to_numpy(np.float64)
    below, above = both[both <= money], both[both > money]
    if len(below) and below.max() == money:
        return money, None, 0.0
    if not (len(below) and len(above)):
        side = "above" if len(below) else "at or below"
        raise NoValueError(f"expiry {expiry}: no strike {side} {money:g} with both a call and a put")
    lower, upper = float(below.max()), float(above.min())
    return lower, upper, (money - lower) / (upper - lower)


def may_be_used(quotes: pd.DataFrame) -> BoolArray:
    """Tell which quotes the index reads, shape (quotes,); all of a date on which it cannot choose."""
    used = np.zeros(len(quotes), dtype=np.bool_)
    for day, chain in quotes.groupby("date"):
        places = quotes.index.get_indexer(chain.index)
        try:
            for expiry in chosen_months(pd.Timestamp(str(day)), chain):
                lower, upper, _ = chosen_strikes(chain[chain["expiry"] == expiry])
                here = (chain["expiry"] == expiry) & chain["strike"].isin([lower, upper])
                used[places] |= here.to_numpy()
        except NoValueError:
            used[places] = True
    return used
