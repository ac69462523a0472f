"""What money a series is in, as its file says."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

CURRENCIES = (
    *("AUD", "BRL", "CAD", "CHF", "CNH", "CNY", "DKK", "EUR", "GBP", "HKD", "IDR", "ILS", "INR", "JPY", "KRW"),
    *("MXN", "MYR", "NOK", "NZD", "PLN", "RMB", "RUB", "SEK", "SGD", "THB", "TRY", "TWD", "USD", "ZAR"),
)
_CURRENCY_COLUMNS = ("currency", "ccy", "curr", "cur", "币种", "货币", "währung", "waehrung", "devise")
# Units for one dollar of the United States, orders of magnitude since 2000, from memory: enough to tell a rate from its
# inverse.
_A_DOLLAR = {"USD": 1.0, "EUR": 0.9, "GBP": 0.7, "CHF": 1.0, "AUD": 1.4, "CAD": 1.3, "NZD": 1.5, "SGD": 1.4,
             "CNY": 7.0, "HKD": 7.8, "JPY": 110.0, "KRW": 1150.0, "INR": 60.0, "TWD": 31.0, "THB": 35.0,
             "IDR": 12_000.0, "MXN": 14.0, "ZAR": 11.0, "SEK": 8.5, "NOK": 7.5, "DKK": 6.5, "PLN": 3.6, "ILS": 3.9,
             "MYR": 3.9, "BRL": 3.0}  # fmt: skip
_LIKE, _UNLIKE = 2.5, 5.0  # factors within which a rate is of this order, and beyond which it is of another
_SAME = {"RMB": "CNY", "CNH": "CNY", "人民币": "CNY", "港元": "HKD", "港币": "HKD", "美元": "USD"}


def currency_in(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The money that a file names in a column of its own, as read; empty when there is none, all of it when several."""
    for place, column in enumerate(columns):
        if column.strip().lower() in _CURRENCY_COLUMNS:
            return "/".join(
                sorted({cells[place].strip() for cells in rows if place < len(cells) and cells[place].strip()})
            )
    return ""


def currency_of(series: pd.Series[float] | pd.DataFrame) -> str:
    """ISO code of a series' money, as a column or the name of its prices says; empty when none does."""
    told = str(series.attrs.get("currency", ""))
    if not told:
        name = str(getattr(series, "name", "") or "")
        told = next(iter(re.findall(rf"(?<![A-Z])({'|'.join(CURRENCIES)})(?![A-Z])", name.upper())), "")
    return iso_code(told)


def iso_code(word: str) -> str:
    """A currency's ISO code; another name for it is turned into that."""
    return _SAME.get(word.upper(), word.upper())


def rate_faults(rate: pd.Series[float], own: str, money: str) -> list[str]:
    """Doubt a rate that is the other way round, or for a hundred units: by what these moneys have cost since 2000.

    Parameters
    ----------
    rate : Series
        Of `money` for one unit of `own`, by date.
    own, money : str
        ISO codes; where one is not known, nothing is doubted.
    """
    if own not in _A_DOLLAR or money not in _A_DOLLAR or rate.empty:
        return []
    usual, found = _A_DOLLAR[money] / _A_DOLLAR[own], float(rate.median())
    if _apart(found, usual) < _UNLIKE:
        return []
    said = f"{rate.attrs.get('file', 'exchange rate')}: {found:g}, where one {own} has cost about {usual:.2g} {money}"
    if _apart(1 / found, usual) < _LIKE:
        return [f"{said}: {own} for one {money} suspected: must be {money} for one {own}"]
    if _apart(found / 100, usual) < _LIKE:
        return [f"{said}: {money} for 100 {own} suspected: must be {money} for one {own}"]
    return []


def _apart(rate: float, other: float) -> float:
    """The factor between two rates, at least 1."""
    return max(rate / other, other / rate)
