"""What `fear-gauge` tells: the index by date."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.table import Table

from crowdquake.console.base import stdout, tell
from hedging import FearGauge


def fear_gauge_json(found: FearGauge) -> dict[str, Any]:
    """Tell the index by date, and the options behind it, in plain values."""
    return {
        "notes": list(found.notes),
        "daily": _records(found.daily.reset_index(names="date")),
        "options": _records(found.options),
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain values; dates as YYYY-MM-DD, None where there is none."""

    def plain(value: Any) -> Any:
        if isinstance(value, pd.Timestamp):
            return f"{value:%Y-%m-%d}"
        return None if value is pd.NaT else value

    return [{str(key): plain(value) for key, value in row.items()} for row in frame.to_dict("records")]


@tell.register(FearGauge)
def tell_fear_gauge(found: FearGauge) -> None:
    """Tell the index by date."""
    for note in found.notes:
        stdout().print(f"note: {note}")
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("date", "index", "near month", "next month", "weights", "reason for no value"):
        table.add_column(name, justify="left" if name in ("date", "reason for no value") else "right")
    for row in found.daily.reset_index(names="date").to_dict("records"):
        known = math.isfinite(row["index"])
        table.add_row(
            f"{row['date']:%Y-%m-%d}",
            f"{row['index']:.2f}" if known else "",
            f"{100 * row['near']:.2f} %" if math.isfinite(row["near"]) else "",
            f"{100 * row['following']:.2f} %" if math.isfinite(row["following"]) else "",
            f"{row['near_weight']:.3f}, {row['following_weight']:.3f}" if known else "",
            row["reason"],
        )
    stdout().print(table)
