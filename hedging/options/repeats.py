"""What may not be between the cells of a quote, or between quotes."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any, Final

import numpy as np
import pandas as pd

_SHARED: Final = {"spot": ("date",), "forward": ("date", "expiry"), "rate": ("date", "expiry")}
_WHY: Final[dict[tuple[str, ...], str]] = {
    ("date",): "as the date is the same",
    ("date", "expiry"): "as date and expiry are the same",
}


def fault_between_cells(parsed: pd.DataFrame) -> Iterator[tuple[int, int, str, str]]:
    """Say what is wrong within each quote: its place, its row, whether it is the dates or the price, and the fault."""
    for cells in parsed.to_dict("index").items():
        place, quote = int(cells[0]), cells[1]  # type: ignore[call-overload]
        date, expiry = quote["date"], quote["expiry"]
        bid, ask = quote.get("bid", np.nan), quote.get("ask", np.nan)
        if _known(date, expiry) and expiry <= date:
            yield place, quote["row"], "dates", f"expiry = {expiry:%Y-%m-%d}: must be after the date, {date:%Y-%m-%d}"
        if _known(bid, ask) and bid > ask:
            yield place, quote["row"], "price", f"bid = {bid:g}: must not exceed the ask, {ask:g}"


def repeats(parsed: pd.DataFrame) -> list[tuple[int, str]]:
    """Find options that come twice."""
    faults: list[tuple[int, str]] = []
    seen: dict[Hashable, int] = {}
    for row, *option in parsed[["row", "date", "expiry", "strike", "type"]].itertuples(index=False, name=None):
        if not _known(*option):
            continue
        key = tuple(option)
        if key in seen:
            faults.append((row, f"the same option is in row {seen[key]} already: keep one of them"))
        seen.setdefault(key, row)
    return faults


def shared_value_faults(parsed: pd.DataFrame) -> list[tuple[int, str]]:
    """Find spots, forwards and rates that differ where they must be one."""
    faults: list[tuple[int, str]] = []
    for name, keys in _SHARED.items():
        if name not in parsed:
            continue
        first: dict[tuple[Any, ...], tuple[int, float]] = {}
        for row, value, *group in parsed[["row", name, *keys]].itertuples(index=False, name=None):
            if _known(value, *group):
                where, known = first.setdefault(tuple(group), (row, value))
                if value != known:
                    faults.append((row, f"{name} = {value:g}: must be the {known:g} of row {where}, {_WHY[keys]}"))
    return faults


def _known(*values: Any) -> bool:
    """Tell that no cell was at fault or left out."""
    return not any(pd.isna(value) for value in values)
