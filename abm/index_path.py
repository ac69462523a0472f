"""An index path from outside: the market factor follows given closes, and what the crowd does comes on top."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from abm.settings import Settings
from cqkit.arrays import FloatArray, frozen
from cqkit.errors import InputError
from cqkit.stamps import Stamp, stamp_of
from hedging import example_series, load_closes

EXAMPLE = Path("example")  # the series made up to have the 2008 report's published facts


@lru_cache(maxsize=4)
def index_moves(settings_path: Path, stamp: Stamp, dates: tuple[np.datetime64, ...]) -> FloatArray:  # noqa: ARG001
    """Log moves from close to close on the given trading days, shape (days,); the first is against the close before.

    Read-only: all markets on the path share them until the file, of which `stamp` is, changes.

    Raises
    ------
    InputError
        When the file is no price series, or has no close on one of the days or before the first.
    """
    closes = example_series().index["close"] if settings_path == EXAMPLE else load_closes(settings_path)
    days = closes.index.to_numpy().astype("datetime64[D]")
    name = "market.index_path" if settings_path == EXAMPLE else str(settings_path)
    missing = [str(day) for day in dates if day not in days]
    if missing:
        more = f" and on {len(missing) - 1} more" if len(missing) > 1 else ""
        raise InputError(f"{name}: no close on {missing[0]}{more}: must have one on every trading day of the run")
    first = int(np.searchsorted(days, dates[0]))
    if first == 0:
        raise InputError(f"{name}: begins on {days[0]}: must have a close before the first trading day, {dates[0]}")
    chosen = np.concatenate([[first - 1], np.searchsorted(days, np.array(dates))])
    moves: FloatArray = np.diff(np.log(closes.to_numpy(dtype=float)[chosen]))
    frozen(moves)
    return moves


def pinned_moves(settings: Settings) -> FloatArray:
    """Daily log moves that the market factor is made to take, shape (days,); zeros without a path."""
    dates = settings.clock.dates
    path = settings.market.index_path
    return np.zeros(dates.size) if path is None else index_moves(path, stamp_of(path), tuple(dates))


def calm_volatility(settings: Settings) -> float:
    """Daily volatility of the index that everybody takes for ordinary: the market factor's, and the pinned path's."""
    return float(np.hypot(settings.market.market_volatility, pinned_moves(settings).std()))


_GROUPS = {"market": 0, "index": 1, "small_caps": 2, "large_caps": 3}  # columns of the dated moves


def dated_moves(settings: Settings) -> FloatArray:
    """Dated moves of the market, of the stocks in the index, of smaller and of larger ones, shape (days, 4)."""
    dates = settings.clock.dates
    moves = np.zeros((dates.size, len(_GROUPS)))
    moves[:, 0] = pinned_moves(settings)
    for item in settings.news:
        first = int(np.searchsorted(dates, np.datetime64(item.date, "D")))
        moves[first : first + item.days, _GROUPS[item.to]] += settings.market.news_scale * item.move
    return moves
