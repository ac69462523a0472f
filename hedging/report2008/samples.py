"""The report's two windows, cut out of the user's series or of the made-up example."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
import pandas as pd

from hedging.report2008.example import LABEL, example_series
from hedging.series.joining import JoinedSeries, join_series
from hedging.series.trusting import doubts_of

Window: TypeAlias = Literal["2007-08", "2005"]

WINDOWS: Final[dict[Window, tuple[str, str]]] = {
    "2007-08": ("2007-06-29", "2008-03-19"),
    "2005": ("2004-12-31", "2005-12-30"),
}
REPORT_NAV: Final = 4.695
"""The fund's NAV at the base close of 2007, which follows from the report's book; 4.696 was published."""


@dataclass(frozen=True, eq=False)
class ReportSample:
    """A series cut to one of the report's windows.

    Attributes
    ----------
    joined : JoinedSeries
        Index and stock book.
    source : str
        Where they come from, as shown beside the rows.
    base_nav : float
        Of the stock book at the base close.
    synthetic : bool
        Whether this is the package's made-up example.
    """

    joined: JoinedSeries
    source: str
    base_nav: float
    synthetic: bool


def sample_of(
    window: Window,
    index: pd.DataFrame | pd.Series[float] | None,
    spot: pd.Series[float] | None,
    history: pd.DataFrame | pd.Series[float] | None,
    base_nav: float | None,
) -> tuple[ReportSample, list[str]]:
    """Cut the user's series to a window, or the example if it does not reach that far, with notes."""
    start, end = WINDOWS[window]
    if index is None or spot is None:
        return _example(window), []
    if not _covers(index, start, end) or not _covers(spot, start, end):
        return _example(window), [f"{window}: the series do not reach from {start} to {end}"]
    at_base = spot.asof(pd.Timestamp(start))
    own = float(np.asarray(at_base))
    nav = None
    if window == "2007-08":
        nav = base_nav if base_nav is not None else REPORT_NAV if abs(own / REPORT_NAV - 1) < 0.01 else None
    joined = join_series(index, spot, start, end, nav, history=history)
    notes = [f"{window}: {note}" for note in (*joined.notes, *doubts_of(joined, index, spot))]
    if joined.prices.open is None:
        notes.append(f"{window}: no opens: the timing hedge trades at the close instead of the next open")
    names = (str(series.attrs.get("file", name)) for series, name in ((index, "index"), (spot, "spot")))
    return ReportSample(joined, " and ".join(names), own if nav is None else nav, synthetic=False), notes


def _covers(series: pd.DataFrame | pd.Series[float], start: str, end: str) -> bool:
    dates = series.index
    return bool(len(dates) and dates[0] <= pd.Timestamp(start) and pd.Timestamp(end) <= dates[-1])


def _example(window: Window) -> ReportSample:
    example = example_series()
    start, end = WINDOWS[window]
    joined = join_series(example.index, example.fund, start, end)
    nav = float(np.asarray(example.fund.loc[pd.Timestamp(start)]))
    return ReportSample(joined, LABEL, nav, synthetic=True)
