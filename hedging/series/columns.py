"""Names of columns in the languages of the usual sources: which is the date, which the price, which neither."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DATES: Final = _words(
    "date datetime time timestamp day tradedate tradingdate tradingday tradedt observationdate "
    "pricedate navdate asof asofdate quotedate datum tag handelstag fecha data dato päivämäärä tarih "
    "日期 交易日期 交易日 净值日期 时间 指标名称 日付 날짜 資料日期 datadate 数据日期 截止日期 更新日期 公布日期"
)
_SETTLEMENTS: Final = _words("settle settlement settlementprice settleprice 结算 结算价 今结算 結算價")
_CODES: Final = _words(
    "symbol code tscode ticker instrument instrumentid orderbookid contract contractcode secid seccode stockcode "
    "isin sedol cusip ric windcode figi underlying security 代码 合约 合约代码 合约名称 证券代码 指数代码 基金代码 "
    "股票代码 品种代码 證券代號 股票代號"
)
# Kinds of price by name, the one to prefer first.
_KINDS: Final[dict[str, frozenset[str]]] = {
    "adjusted": _words(
        "adjclose adjustedclose adjcloseprice adjustedprice adjprice closeadj closeadjusted sdqadjclose "
        "adjnav adjustednav totalreturn 后复权收盘价 复权收盘价 前复权收盘价 复权单位净值 复权净值 "
        "后复权净值 累计复权净值"
    ),
    "close": _words(
        "close closelast closing closingprice closeprice closingvalue closevalue sdqclose pxlast 收盘 "
        "收盘价 收盘点位 收盘指数 收盘价格 收盘点数 今收盘 收市价 schluss schluß schlusskurs schlußkurs "
        "cierre fermeture clôture cloture chiusura slotkoers fechamento zamkniecie zamknięcie 終値 종가 "
        "tclose closepx closingindexvalue 收盤 收盤價 收盤價格 收盤指數 收市價"
    ),
    "nav": _words(
        "nav unitnav navunit netassetvalue navpershare navperunit 单位净值 净值 基金净值 份额净值 基金单位净值 "
        "最新净值 淨值 單位淨值 基金淨值 最新淨值"
    ),
    "price": _words(
        "price last lastprice latest value level indexlevel indexvalue kurs letzter zuletzt último ultimo "
        "dernier ultimoprezzo prijs cena 最新价 价格 点位 指数 lastpx "
        "價格 指數"
    )
    | _SETTLEMENTS,
}
_BAR: Final[dict[str, frozenset[str]]] = {
    "open": _words(
        "open openprice opening openingprice pxopen sdqopen 开盘 开盘价 今开 今开盘 开盘点位 eröffn eröffnung "
        "eröffnungskurs öffnung erster apertura abertura ouverture otwarcie 始値 시가 topen 開盤 開盤價 開盤指數"
    ),
    "high": _words(
        "high highprice max pxhigh sdqhigh 最高 高 最高价 最高点位 hoch höchst tageshoch máximo maximo alto "
        "haut plushaut massimo najwyzszy najwyższy 高値 고가 最高價 最高指數"
    ),
    "low": _words(
        "low lowprice min pxlow sdqlow 最低 低 最低价 最低点位 tief tiefst tagestief mínimo minimo bajo bas "
        "plusbas najnizszy najniższy 安値 저가 最低價 最低指數"
    ),
}
# Words of columns that are no price, whole or in part.
_NO_PRICE: Final = _words(
    "volume vol vols volumen volumes wolumen umsatz stück amount turnover money value_traded "
    "openinterest oi change chg pct pctchg pctchange percent return returns ret growth growthpct "
    "preclose prevclose previousclose dividend dividends split splits stocksplits shares "
    "sharesoutstanding marketcap weight weights id code row no index_no cumnav accumnav factor 成交量 "
    "成交额 交易量 成交金额 换手率 涨跌幅 涨跌额 涨跌 振幅 增长率 日增长率 持仓量 代码 前收盘 昨收 序号 "
    "累计净值 累计单位净值 거래량 出来高"
)
_CUMULATIVE: Final = _words("cumnav accumnav accumulatednav cumulativenav navaccumulated 累计净值 累计单位净值")
_NO_PRICE_PARTS: Final = (
    "volume",
    "成交",
    "涨跌",
    "漲跌",
    "增长率",
    "换手",
    "持仓",
    "dividend",
    "percent",
    "change",
    "turnover",
)


def key(name: str) -> str:
    """A column's name without case, brackets and marks: `Adj. Close` and `adj_close` are one, 收盘价(元) is 收盘价."""
    return re.sub(r"[\W_]+", "", (without_brackets(name) or name).lower())


def without_brackets(name: str) -> str:
    """A name without what stands in brackets, as units: 收盘价(元) is 收盘价."""
    return re.sub(r"[(（\[【].*?[)）\]】]", "", name).strip()


def unnumbered(name: str) -> str:
    """A name without the number that pandas gives to one that occurs again: Close.1 is Close."""
    return re.sub(r"\.\d+$", "", name)


def is_date(name: str) -> bool:
    """Tell the name of a column of dates."""
    return key(name) in _DATES


def kind_of(name: str) -> str | None:
    """The kind of price that a name stands for: adjusted, close, nav or price; None for any other."""
    return next((kind for kind, names in _KINDS.items() if key(name) in names), None)


def is_settlement(name: str) -> bool:
    """Tell a settlement price."""
    return key(name) in _SETTLEMENTS


def is_code(name: str) -> bool:
    """Tell the name of a column of securities' or contracts' codes."""
    return key(name) in _CODES


def is_cumulative(name: str) -> bool:
    """Tell a cumulative NAV, to which distributions were added."""
    return key(name) in _CUMULATIVE


def is_no_price(name: str) -> bool:
    """Tell the name of a volume, a change or another column that is never a price."""
    words = {word for word in re.split(r"[\W_]+", name.lower()) if word}
    return (
        "%" in name
        or key(name) in _NO_PRICE
        or bool(words & {"volume", "vol", "pct", "chg", "change", "amount", "oi", "ratio"})
        or any(part in key(name) for part in _NO_PRICE_PARTS)
    )


def is_known(name: str) -> bool:
    """Tell a name that stands for a date, a price, a part of a bar or something that is none."""
    return is_date(name) or kind_of(name) is not None or bar_part(name) is not None or is_no_price(name)


def bar_part(name: str) -> str | None:
    """Tell open, high and low; None for any other."""
    return next((part for part, names in _BAR.items() if key(name) in names), None)


def named_within(columns: Sequence[str], names: Sequence[int]) -> list[int]:
    """Columns of which a word says that they are closes, as `CSI300_close` and `Close ^GSPC`."""
    found = []
    for place in names:
        words = [key(word) for word in re.split(r"[\W_]+", columns[place]) if word]
        if any(word in _KINDS["close"] | _KINDS["nav"] for word in words) and not is_no_price(columns[place]):
            found.append(place)
    return found


def places(columns: Sequence[str], asked: str) -> list[int]:
    """Columns that the user means by a name: as it stands, or else without case and marks."""
    exact = [place for place, name in enumerate(columns) if name.strip() == asked.strip()]
    return exact or [place for place, name in enumerate(columns) if key(name) == key(asked) != ""]
