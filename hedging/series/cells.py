"""What stands in a cell of a file of quotes or contracts: dates, numbers, calls and puts, as vendors write them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

import numpy as np

from hedging.series.loading import parse_day

CALLS: Final = frozenset({"c", "call", "calls", "ce", "认购", "购", "看涨", "买权"})
PUTS: Final = frozenset({"p", "put", "puts", "pe", "认沽", "沽", "看跌", "卖权"})
BLANKS: Final = frozenset({"", ".", "-", "--", "n/a", "na", "#n/a", "#n/a n/a", "nan", "null", "none"})

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Month names are matched here, since strptime would follow the locale.
_NAMED_DAYS = (
    re.compile(r"(?:[a-z]{3,9},?\s+)?(?P<month>[a-z]{3,9})\.?\s+(?P<day>\d{1,2}),?\s+(?P<year>\d{4})(?:\s+at\s.*)?"),
    re.compile(r"(?:[a-z]{3,9},?\s+)?(?P<day>\d{1,2})[-\s](?P<month>[a-z]{3,9})[-\s](?P<year>\d{4})"),
)
_PLAIN_DAYS = (
    re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})", re.ASCII),
    re.compile(r"(?P<year>\d{4})年(?P<month>\d{1,2})月(?P<day>\d{1,2})日", re.ASCII),
)


def day_cell(cell: str) -> datetime:
    """Parse a date: ISO, 20240315, 15-Mar-2024, Fri Mar 15 2024; the ValueError says what is allowed."""
    for form in (*_NAMED_DAYS, *_PLAIN_DAYS):
        found = form.fullmatch(cell.strip().lower())
        if found is None:
            continue
        month = found["month"]
        if not month.isdecimal() and month[:3] not in _MONTHS:
            continue
        number = int(month) if month.isdecimal() else _MONTHS.index(month[:3]) + 1
        return parse_day(f"{found['year']}-{number:02d}-{int(found['day']):02d}")
    return parse_day(cell)


def call_cell(cell: str) -> bool:
    """Tell a call from a put; the ValueError says what is allowed."""
    word = cell.strip().lower().removesuffix(" option").removesuffix("期权")
    if word not in CALLS | PUTS:
        raise ValueError("must be call or put (or c or p)")
    return word in CALLS


def number_cell(cell: str) -> float:
    """Parse a finite number, which may have commas between its thousands; the ValueError says what is allowed."""
    text = cell.strip()
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if not _NUMBER.fullmatch(text) or not np.isfinite(number := float(text)):
        raise ValueError("must be a number, plain digits with a decimal point")
    return number


def positive_cell(cell: str) -> float:
    """Parse a positive number."""
    number = number_cell(cell)
    if number <= 0:
        raise ValueError("must be positive")
    return number


def optional_cell(cell: str) -> float:
    """Parse a positive number that may be missing; a blank is NaN."""
    return np.nan if cell.strip().lower() in BLANKS else positive_cell(cell)


def rate_cell(cell: str) -> float:
    """Parse interest a year as a ratio; a percent sign is believed."""
    text = cell.strip()
    number = number_cell(text.removesuffix("%").strip()) / (100 if text.endswith("%") else 1)
    if not -0.2 <= number <= 1:
        raise ValueError("must lie in -0.2..1 (interest a year as a ratio, not percent)")
    return number


def bid_cell(cell: str) -> float:
    """Parse a bid, of which 0 is none."""
    number = number_cell(cell)
    if number < 0:
        raise ValueError("must not be negative (0 is no bid)")
    return number


def is_nothing(cell: str) -> bool:
    """Tell a price that nobody quotes: blank or 0."""
    text = cell.strip().lower()
    if text in BLANKS:
        return True
    try:
        return number_cell(text) == 0
    except ValueError:
        return False
