"""An index and a fund made up to have the 2008 report's published facts, for whoever has no series at hand.

SYNTHETIC: nothing here was observed but the numbers in `PINS`, which the report prints, and the days on which
the exchange was closed. Between them run Brownian bridges from a fixed seed. Say so wherever they are shown:
`LABEL` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from cqkit.arrays import FloatArray
from hedging.series.prices import YEAR

LABEL: Final = "synthetic example: made up to have the report's published facts, not observed"


class Pins(NamedTuple):
    """What the example has in common with a window of the report.

    Attributes
    ----------
    start, end : date
        Base close and last day.
    start_level, start_nav : float
        Of index and fund at the base close.
    peak_day : int
        Trading day after the base close on which the index closes highest.
    rise, change : float
        Of the index to the peak and to the end, ratios.
    excess : float
        The fund's return less the index's, a ratio.
    volatility : tuple of float
        Of the index before and after the peak, ratios a year.
    """

    start: date
    end: date
    start_level: float
    start_nav: float
    peak_day: int
    rise: float
    change: float
    excess: float
    volatility: tuple[float, float]


PINS: Final = {
    "2005": Pins(date(2004, 12, 31), date(2005, 12, 30), 1000.0, 1.0, 41, 0.04899, -0.077, 0.0746, (0.22, 0.20)),
    "2007-08": Pins(date(2007, 6, 29), date(2008, 3, 19), 4000.0, 4.695, 72, 0.5614, 0.03315, 0.3726, (0.33, 0.37)),
}
START_VOLATILITY: Final = 0.45
"""Of the 40 days up to the base close of 2007, a ratio a year."""
FIRST_DAY: Final = date(2004, 6, 1)
_VOLATILITY_DAYS = 40
_FUND_NOISE = 0.12
_SEED = 20080319
_CLOSED: Final = (
    ("2004-10-01", "2004-10-07"),
    ("2005-01-03", "2005-01-03"),
    ("2005-02-07", "2005-02-15"),
    ("2005-05-02", "2005-05-06"),
    ("2005-10-03", "2005-10-07"),
    ("2006-01-02", "2006-01-03"),
    ("2006-01-26", "2006-02-03"),
    ("2006-05-01", "2006-05-05"),
    ("2006-10-02", "2006-10-06"),
    ("2007-01-01", "2007-01-03"),
    ("2007-02-19", "2007-02-23"),
    ("2007-05-01", "2007-05-07"),
    ("2007-10-01", "2007-10-05"),
    ("2007-12-31", "2008-01-01"),
    ("2008-02-06", "2008-02-12"),
)


@dataclass(frozen=True, eq=False)
class Example:
    """The synthetic series.

    Attributes
    ----------
    index : DataFrame
        Columns `open`, `high`, `low`, `close`, in points, by date; what `load_prices` would give.
    fund : Series
        NAV by date; what `load_closes` would give.
    """

    index: pd.DataFrame
    fund: pd.Series[float]


def example_series() -> Example:
    """Index and fund from June 2004 to March 2008, with both windows of the report in them.

    In each window of `PINS` the number of trading days, the highest close and its day, the last close and the
    fund's excess return are the report's; the 40-day volatility at the base close of 2007 is 45 %. The same on
    every call.
    """
    made = _made()
    example = Example(made.index.copy(), made.fund.copy())
    example.index.attrs = {"file": LABEL}
    example.fund.attrs = {"file": LABEL}
    return example


def write_example(folder: str | Path) -> tuple[Path, Path]:
    """Write `example-index.csv` and `example-fund.csv` into a folder, and return their paths.

    A CSV has no room for a label, so their names say what they are.
    """
    example = example_series()
    index, fund = Path(folder) / "example-index.csv", Path(folder) / "example-fund.csv"
    for frame, path in ((example.index, index), (example.fund.to_frame(), fund)):
        frame.to_csv(path, lineterminator="\n", date_format="%Y-%m-%d")
    return index, fund


@cache
def _made() -> Example:
    rng = np.random.default_rng(_SEED)
    dates = _trading_days()
    index, excess = _log_paths(rng, dates)
    close: FloatArray = np.exp(index).round(3)
    nav: FloatArray = np.exp(index + excess).round(4)
    return Example(_bars(rng, close, dates), pd.Series(nav, index=dates, name="nav"))


def _trading_days() -> pd.DatetimeIndex:
    days = pd.bdate_range(FIRST_DAY, PINS["2007-08"].end, name="date")
    for first, last in _CLOSED:
        days = days[(days < pd.Timestamp(first)) | (days > pd.Timestamp(last))]
    return pd.DatetimeIndex(days)


def _log_paths(rng: np.random.Generator, dates: pd.DatetimeIndex) -> tuple[FloatArray, FloatArray]:
    """Log index, and log of fund over index: bridges from pin to pin."""
    index, excess = np.empty(len(dates)), np.empty(len(dates))
    knots: list[tuple[int, float, float]] = []
    for pins in PINS.values():
        start, end = (int(dates.searchsorted(pd.Timestamp(day))) for day in (pins.start, pins.end))
        level, gap = np.log(pins.start_level), np.log(pins.start_nav / pins.start_level)
        gap_end = gap + np.log((1 + pins.change + pins.excess) / (1 + pins.change))
        top, last = level + np.log1p(pins.rise), level + np.log1p(pins.change)
        peak = start + pins.peak_day
        index[start : peak + 1] = _bridge(rng, level, top, pins.peak_day, pins.volatility[0], ceiling=top)
        index[peak : end + 1] = _bridge(rng, top, last, end - peak, pins.volatility[1], ceiling=top)
        excess[start : end + 1] = _bridge(rng, gap, gap_end, end - start, _FUND_NOISE)
        knots += [(start, level, gap), (end, last, gap_end)]
    _fill_between(rng, index, excess, knots)
    return index, excess


def _fill_between(
    rng: np.random.Generator, index: FloatArray, excess: FloatArray, knots: list[tuple[int, float, float]]
) -> None:
    """Run bridges up to the first window, and from its end to the second one's start."""
    first, first_end, second = knots[0], knots[1], knots[2]
    index[: first[0] + 1] = _bridge(rng, first[1] + 0.1, first[1], first[0], 0.2)
    excess[: first[0] + 1] = _bridge(rng, first[2] - 0.05, first[2], first[0], _FUND_NOISE)
    # The last 40 returns before the base close of 2007 have the report's volatility.
    turn = second[0] - _VOLATILITY_DAYS
    level = second[1] - 0.05
    index[first_end[0] : turn + 1] = _bridge(rng, first_end[1], level, turn - first_end[0], 0.25)
    index[turn : second[0] + 1] = _bridge(rng, level, second[1], _VOLATILITY_DAYS, START_VOLATILITY)
    excess[first_end[0] : second[0] + 1] = _bridge(rng, first_end[2], second[2], second[0] - first_end[0], _FUND_NOISE)


def _bridge(
    rng: np.random.Generator, start: float, end: float, days: int, volatility: float, ceiling: float = np.inf
) -> FloatArray:
    """A Brownian bridge of log prices, shape (days + 1,), whose returns have exactly the given volatility a year.

    What would rise above the ceiling is mirrored below it, which leaves the size of all but the crossing moves.
    """
    noise = rng.standard_normal(days)
    noise -= noise.mean()
    steps = noise / noise.std(ddof=1) * volatility / np.sqrt(YEAR) + (end - start) / days
    path = start + np.concatenate(([0.0], np.cumsum(steps)))
    path[-1] = end
    return np.where(path > ceiling, 2 * ceiling - path, path)


def _bars(rng: np.random.Generator, close: FloatArray, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """Opens near the close before, highs and lows around both."""
    noise = 0.006 * rng.standard_normal((3, len(close)))
    before = np.concatenate((close[:1], close[:-1]))
    opened = np.round(before * np.exp(noise[0] / 2), 3)
    high = np.round(np.maximum(opened, close) * np.exp(abs(noise[1])), 3)
    low = np.round(np.minimum(opened, close) * np.exp(-abs(noise[2])), 3)
    return pd.DataFrame({"open": opened, "high": high, "low": low, "close": close}, index=dates)
