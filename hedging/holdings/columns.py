"""Names of columns in a list of holdings, in the languages of the usual sources, and the units that they carry."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from hedging.series.columns import key


def words(text: str) -> tuple[str, ...]:
    """Split a list of words."""
    return tuple(text.split())


# Kinds of columns by name without case and marks, the name to prefer first.
NAMES: Final[dict[str, tuple[str, ...]]] = {
    "ticker": words(
        "ticker symbol tickersymbol stockticker stocksymbol bbgticker bloombergticker code stockcode securitycode "
        "windcode tscode secucode secid securityid instrument instrumentid ric 证券代码 股票代码 代码 标的代码 "
        "证券编码 銘柄コード 종목코드 kürzel isin 证券isin cusip sedol wkn figi assetid stock 标的"
    ),
    "shares": words(
        "shares quantity qty sharesheld units numberofshares noofshares position positions sshprnamt shrsorprnamt "
        "shrsprnamt sharesprnamount holding holdings 持仓 持仓数量 持仓量 持股数量 持股数 持有数量 数量 股数 持仓股数 "
        "证券数量 持股 株数 수량 stück anzahl stückzahl nominal"
    ),
    "value": words(
        "marketvalue mktvalue mktval mv positionvalue value marketval holdingvalue valuecny valueusd notional "
        "notionalvalue exposure amount basemarketvalue 市值 持仓市值 持有市值 期末市值 参考市值 最新市值 公允价值 金额 "
        "持仓金额 市值本币 市值人民币 評価額 평가금액 marktwert kurswert"
    ),
    "weight": words(
        "weight weighting wt wgt portfolioweight weightpct weightpercent pct percent ofnav pctofnav ofnetassets "
        "offund ofportfolio oftotal 权重 占比 持仓占比 占净值比例 占基金净值比 占净值比 市值占净值 市值占比 仓位 "
        "持仓权重 持仓比例 比例 占净值 占股票市值比 比率 비중 gewicht gewichtung"
    ),
    "price": words(
        "price close closeprice closingprice last lastprice px pxlast marketprice shareprice localprice 价格 收盘价 "
        "最新价 现价 市价 收盘 行情 単価 株価 현재가 kurs"
    ),
    "adv": words(
        "adv advvalue advmoney advcny advusd averagedailyvalue averagedailytradedvalue averagedailyturnover "
        "dailyturnover avgdailyturnover adv20 adv20d adv30 adv30d adv60 adv60d advt turnover amountperday 日均成交额 "
        "成交额 平均成交额 20日均成交额 二十日均成交额 日均成交金额 成交金额"
    ),
    "adv_shares": words(
        "advshares averagedailyvolume avgdailyvolume averagevolume avgvolume volume dailyvolume advvolume 日均成交量 "
        "成交量 平均成交量 20日均成交量 出来高 거래량"
    ),
    "volatility": words(
        "volatility vol sigma stdev standarddeviation annualvolatility annualisedvolatility annualizedvolatility "
        "volatilityannual dailyvolatility volatilitydaily annualvol dailyvol vol20d vol60d 波动率 年化波动率 日波动率 "
        "年波动率 历史波动率 volatilität"
    ),
    "beta": words("beta β betatoindex indexbeta 贝塔 beta值 贝塔值 贝塔系数"),
    "index_weight": words(
        "indexweight benchmarkweight weightinindex weightindex indexwt bmweight benchmarkwt idxweight 指数权重 "
        "基准权重 成分股权重 在指数中的权重 指数内权重"
    ),
    "sector": words(
        "sector industry gicssector gicsindustry industrygroup sectorname 行业 板块 所属行业 行业分类 申万行业 "
        "中信行业 行业名称 branche sektor"
    ),
    "title": words(
        "name securityname companyname company nameofissuer issuer issuername description security stockname "
        "证券名称 股票名称 名称 证券简称 股票简称 简称 标的名称 銘柄名 종목명 bezeichnung"
    ),
    "fund": words(
        "fund fundname fundid fundcode portfolio portfolioname account accountname manager managername book bookname "
        "cik 基金 基金名称 基金代码 产品 产品名称 组合 组合名称 账户 账户名称 管理人"
    ),
    "side": words("side direction longshort ls buysell positiontype 方向 多空 持仓方向 买卖方向 多空方向"),
    "kind": words("assetclass assettype securitytype instrumenttype type putcall 资产类别 资产类型 证券类别 证券类型"),
    "currency": words("currency ccy curr marketcurrency localcurrency 币种 货币 währung"),
}
SIZES: Final = ("value", "shares", "weight")
_LOTS: Final = 100  # shares, 手

_UNITS: Final = (
    (r"[(（\[].*[%％].*|[%％]|\bpct\b|\bpercent\b|百分", 0.01),
    (r"bps?\b|基点", 0.0001),
    (r"百万|\bmn\b|\bmio\b|\bmillions?\b|[(（\[]\s*[$¥€£]?\s*mm?\s*[)）\]]", 1e6),
    (r"千万", 1e7),
    (r"亿|億", 1e8),
    (r"万|萬", 1e4),
    (r"\bbn\b|\bbillions?\b", 1e9),
    (r"x\s*[$¥€£]?\s*1,?000\b|[(（\[]\s*[$¥€£]?\s*(1,?)?000s?\s*[)）\]]|\bthousands?\b|千元|千股", 1e3),
    (r"[(（\[]\s*手\s*[)）\]]", _LOTS),
)
_MARKS: Final = (("百万", 1e6), ("千万", 1e7), ("亿", 1e8), ("万", 1e4), ("mio", 1e6), ("mn", 1e6), ("mrd", 1e9),
                 ("bn", 1e9), ("k", 1e3), ("m", 1e6), ("b", 1e9), ("‰", 1e-3), ("%", 1e-2))  # fmt: skip
_MARK = re.compile(r"(?<=[\d.)])\s*(百万|千万|亿|万|mio|mrd|mn|bn|[kmb‰%])\.?$", re.IGNORECASE)


def kind_of(name: str) -> str | None:
    """What a column holds: a key of NAMES; None for what is not needed."""
    bare = key(name)
    return next((kind for kind, names in NAMES.items() if bare in names), None)


def places_of(header: Sequence[str]) -> dict[str, int]:
    """The column of every kind that a header names; of several the one whose name is preferred."""
    found: dict[str, tuple[int, int]] = {}
    for place, name in enumerate(header):
        kind = kind_of(name) if name else None
        if kind is not None:
            rank = NAMES[kind].index(key(name))
            if kind not in found or rank < found[kind][0]:
                found[kind] = (rank, place)
    return {kind: place for kind, (_, place) in found.items()}


@lru_cache(maxsize=256)
def unit_of(name: str) -> float:
    """The unit that a column's name carries: 0.01 of `Weight (%)`, 1e4 of 市值(万元); 1 where it has none."""
    spaced = name.lower().replace("_", " ")
    return next((unit for pattern, unit in _UNITS if re.search(pattern, spaced)), 1.0)


def cut_mark(cell: str) -> tuple[str, float]:
    """A number without the mark behind it, and what that multiplies it by: 61.0 and 0.01 of `61.0 %`."""
    mark = _MARK.search(cell)
    if mark is None:
        return cell, 1.0
    return cell[: mark.start()], dict(_MARKS)[mark[1].lower()]
