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
