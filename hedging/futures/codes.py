"""The month that a contract's code names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, TypeAlias

Month: TypeAlias = tuple[int, int]

_LETTERS: Final = "FGHJKMNQUVXZ"
_FORMS: Final = (
    re.compile(r"(?P<product>[A-Z]{1,6})[ _-]?(?P<year>\d{2})(?P<month>\d{2})", re.ASCII),  # IF2403
    re.compile(
        r"(?:(?P<product>[A-Z]{1,6})[ _-]?)?(?P<year>(?:19|20)\d{2})[-_/ .]?(?P<month>\d{2})", re.ASCII
    ),  # 2024-03
    re.compile(
        rf"(?P<product>[A-Z0-9]{{1,4}}?)[ _-]?(?P<letter>[{_LETTERS}])(?P<year>\d{{1,2}}|\d{{4}})", re.ASCII
    ),  # ESH24
)
_EXCHANGE = re.compile(r"^[A-Z]+[.:](?=[A-Z0-9]+\d)|[.@][A-Z]+$|=F$")
_LONGEST_LIFE = 12  # years between today and a contract's month


def contract_month(code: str, year: int) -> Month | None:
    """Year and month of a contract's code (IF2403, IF2403.CFE, ESH24, ESH4, 2024-03); None if it is no such code.

    Parameters
    ----------
    code : str
        In capitals or not.
    year : int
        A year of the prices, from which one or two digits of a code's year are told; months far from it are none.
    """
    for found in _readings(code):
        parts = found.groupdict()
        month = _LETTERS.index(parts["letter"]) + 1 if parts.get("letter") else int(parts["month"])
        digits = parts["year"]
        base = 10 ** len(digits)
        # Of the years with these last digits, the one nearest to the prices.
        full = int(digits) if base > 1000 else year - (year - int(digits) + base // 2) % base + base // 2
        if 1 <= month <= 12 and abs(full - year) <= _LONGEST_LIFE:
            return full, month
    return None


def contract_product(code: str) -> str:
    """What a contract is on, as its code says: IF of IF2403; empty where it does not say."""
    return next((found["product"] or "" for found in _readings(code)), "")


def may_be_contract(code: str) -> bool:
    """Tell a contract's code without knowing the year of its prices."""
    return next(_readings(code), None) is not None


def _readings(code: str) -> Iterator[re.Match[str]]:
    """The forms that a code has."""
    text = _EXCHANGE.sub("", code.strip().upper())
    return (found for form in _FORMS if (found := form.fullmatch(text)) is not None)


def month_said(month: Month) -> str:
    """A contract's month in a message: 2024-03."""
    return f"{month[0]}-{month[1]:02d}"
