"""Name dates and rows of a series as its user counts them."""

from __future__ import annotations

import pandas as pd

from cqkit.plain import first_few
from hedging.series.loading import RowsOfDays


def file_of(series: pd.Series[float] | pd.DataFrame, otherwise: str) -> str:
    """The file that a series came from, or what it is called."""
    return str(series.attrs.get("file", otherwise))


def listed(dates: pd.DatetimeIndex, series: pd.Series[float] | pd.DataFrame, most: int = 5) -> str:
    """Name the first few dates, each with its row in the file that `series` came from, if it is in there."""
    return first_few(list(dates), most, lambda day: f"{day:%Y-%m-%d}{row_of(series, day)}")


def row_of(series: pd.Series[float] | pd.DataFrame, day: pd.Timestamp) -> str:
    """A date's row in the file, as " (row 7)"; nothing where it has none."""
    rows = series.attrs.get("rows")
    row = rows.of(day) if isinstance(rows, RowsOfDays) else None
    return "" if row is None else f" (row {row})"
