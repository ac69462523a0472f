"""What stands in a cell of a file of quotes: calls and puts, bids, rates of interest, as vendors write them."""

from __future__ import annotations

from typing import Final

from cqkit.numbers import NumberStyle, is_missing, parse_number

CALLS: Final = frozenset({"c", "call", "calls", "ce", "认购", "购", "看涨", "买权", "買權"})
PUTS: Final = frozenset({"p", "put", "puts", "pe", "认沽", "沽", "看跌", "卖权", "賣權"})


def call_cell(cell: str, _: NumberStyle) -> bool:
    """Tell a call from a put; the ValueError says what is allowed."""
    word = cell.strip().lower().removesuffix(" option").removesuffix("期权")
    if word not in CALLS | PUTS:
        raise ValueError("must be call or put (or c or p)")
    return word in CALLS


def rate_cell(cell: str, style: NumberStyle) -> float:
    """Parse interest a year as a ratio; a percent sign is believed."""
    text = cell.strip()
    number = parse_number(text.removesuffix("%").strip(), style) / (100 if text.endswith("%") else 1)
    if not -0.2 <= number <= 1:
        raise ValueError("must lie in -0.2..1 (interest a year as a ratio, not percent)")
    return number


def bid_cell(cell: str, style: NumberStyle) -> float:
    """Parse a bid, of which 0 is none."""
    number = parse_number(cell, style)
    if number < 0:
        raise ValueError("must not be negative (0 is no bid)")
    return number


def is_nothing(cell: str, style: NumberStyle) -> bool:
    """Tell a price that nobody quotes: blank or 0."""
    if is_missing(cell):
        return True
    try:
        return parse_number(cell, style) == 0
    except ValueError:
        return False
