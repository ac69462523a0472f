"""Opens, highs and lows beside closes: what is unknown, what is rounding, and what cannot be."""

from __future__ import annotations

import math
from collections.abc import Mapping

from cqkit.numbers import NumberStyle, is_missing, parse_number

Column = dict[int, float]  # prices by row
Faults = list[tuple[int, str]]

_LAST_BIT = 1e-12  # relative, of adjusted prices each multiplied by a ratio


def read_bar_part(part: str, cells: list[tuple[int, str]], style: NumberStyle) -> tuple[Column, Faults, list[int]]:
    """Parse a part of the bars; what is blank or 0 is unknown, NaN.

    Returns
    -------
    tuple
        Prices by row, faults with their rows, and the rows in which it is unknown.
    """
    values: Column = {}
    faults: Faults = []
    unknown = []
    for row, cell in cells:
        try:
            price = math.nan if is_missing(cell) else parse_number(cell, style)
        except ValueError as error:
            faults.append((row, f"{part} = {cell[:40]}: {error}"))
            continue
        if price < 0:
            faults.append((row, f"{part} = {cell[:40]}: must be positive"))
            continue
        if not price > 0:
            price = math.nan
            unknown.append(row)
        values[row] = price
    return values, faults, unknown


def closed_bars(bars: dict[str, Column], close: Mapping[int, float], decimals: Mapping[str, int]) -> Faults:
    """Fill unknown highs and lows, mend what rounding has done to them, and find those that cannot be.

    Parameters
    ----------
    bars : dict
        Parts by name, changed in place: a high that was unknown, or below by less than rounding, is raised to the open
        and close, a low is lowered.
    close : mapping
        Closes by row.
    decimals : mapping
        Digits behind the decimal mark of every part, and of the close.
    """
    faults: Faults = []
    for edge, word, most in (("high", "below", max), ("low", "above", min)):
        sign = 1 if edge == "high" else -1
        for row, found in bars.get(edge, {}).items():
            others = {"open": bars.get("open", {}).get(row, math.nan), "close": close.get(row, math.nan)}
            known = {part: price for part, price in others.items() if math.isfinite(price)}
            if not known:
                continue
            if math.isnan(found):
                bars[edge][row] = most(known.values())
                continue
            for part, price in known.items():
                beyond = sign * (price - found)
                if beyond > _rounding(price, decimals[edge], decimals[part]):
                    shown = (f"{found:g}", f"{price:g}") if f"{found:g}" != f"{price:g}" else (repr(found), repr(price))
                    faults.append((row, f"{edge} = {shown[0]}: must not be {word} the {part} of {shown[1]}"))
                elif beyond > 0:
                    bars[edge][row] = most(bars[edge][row], price)
    return faults


def most_decimals(cells: list[tuple[int, str]], style: NumberStyle) -> int:
    """The digits behind the decimal mark that a column is written with."""
    return max((len(cell.partition(style.decimal)[2].strip()) for _, cell in cells), default=0)


def _rounding(price: float, decimals: int, other: int) -> float:
    """By how much two prices may differ that were rounded to unequal numbers of digits."""
    written = 0.0 if decimals == other or min(decimals, other) > 12 else 0.5 * 10.0 ** -min(decimals, other)
    return _LAST_BIT * price if written > 0.001 * price else max(_LAST_BIT * price, written * (1 + 1e-9))
