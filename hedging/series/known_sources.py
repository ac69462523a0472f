"""Sources that are known by the shape of their files, so that a result can name them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hedging.series.columns import key

# What a source's header has, by `columns.key`; the first that fits is named.
_HEADERS: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    ("Yahoo Finance", frozenset({"date", "open", "high", "low", "close", "adjclose", "volume"})),
    ("Yahoo Finance (yfinance)", frozenset({"dividends", "stocksplits", "close"})),
    ("Yahoo Finance (yfinance)", frozenset({"price", "close", "high", "low", "open", "volume"})),
    ("Investing.com", frozenset({"date", "price", "open", "high", "low", "change"})),
    ("Investing.com", frozenset({"datum", "zuletzt", "eröffn", "hoch", "tief"})),
    ("Nasdaq", frozenset({"date", "closelast"})),
    ("Stooq", frozenset({"ticker", "per", "date", "close"})),
    ("Stooq", frozenset({"data", "otwarcie", "zamkniecie"})),
    ("Tushare", frozenset({"tscode", "tradedate"})),
    ("Tushare", frozenset({"tscode", "close"})),
    ("JoinQuant", frozenset({"open", "close", "high", "low", "volume", "money"})),
    ("EastMoney (fund NAV)", frozenset({"净值日期", "单位净值"})),
    ("AKShare or EastMoney", frozenset({"日期", "开盘", "收盘", "最高", "最低"})),
    ("Wind (EDB)", frozenset({"指标名称"})),
    ("Wind", frozenset({"sdqclose"})),
    ("Bloomberg", frozenset({"pxlast"})),
    ("FRED", frozenset({"observationdate"})),
    ("iShares", frozenset({"asof", "navpershare"})),
)
_WORDS: Final = (
    ("Wind", ("数据来源：wind", "数据来源:wind", "来源：wind")),
    ("Choice", ("choice数据", "东方财富choice")),
    ("CBOE", ("cboe",)),
    ("Bloomberg", ("bloomberg", "start date")),
    ("iShares", ("ishares",)),
    ("Stooq", ("stooq",)),
    ("FRED", ("fred graph", "federal reserve economic data")),
)


def source_of(columns: Sequence[str], around: Sequence[str]) -> str:
    """Name the source of a file by its columns, or by the lines above and below its table; empty if it is not known.

    Parameters
    ----------
    columns : sequence of str
        Names as the file has them.
    around : sequence of str
        Cells of the lines above the header and below the last row.
    """
    names = {key(name) for name in columns}
    for source, header in _HEADERS:
        if header <= names:
            return source
    text = " ".join(around).lower()
    for source, words in _WORDS:
        if any(word in text for word in words):
            return source
    bare = [name for name in columns if name]
    if len(bare) == 2 and bare[0] == "DATE" and bare[1].isupper() and bare[1] not in {"CLOSE", "NAV", "PRICE"}:
        return "FRED"
    if {"DATE", "OPEN", "HIGH", "LOW", "CLOSE"} <= set(bare):
        return "CBOE"
    return ""
