"""The engine equals the slow reference, bar by bar, in markets where everything happens."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from slow_reference import SlowMarket

from abm import Market, Party
from abm.randomness import DayNoise
from abm.settings import News

CROWDED: dict[str, Any] = {"leverage": 3.0, "capital": 1.5}
BROKERS_ONLY: dict[str, Any] = {**CROWDED, "severity": [0.0, 0.0], "headroom": [0.02, 0.2]}
# What is changed in the small market, and what must be seen to happen there.
MARKETS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "calm": ({"liquidator": {"size": 0.0}, "funds": {"severity": [0.0, 0.0], "headroom": [2.0, 3.0]}}, set()),
    "funds cut by their own rule, few come back": (
        {"funds": {**CROWDED, "headroom": [5.0, 5.0], "reentry_share": 0.4, "reentry_days": 1.0}},
        {"cut", "back", "anew"},
    ),
    "brokers call": ({"funds": {**BROKERS_ONLY, "cut": 0.8}}, {"called", "met", "back"}),
    "brokers call, and nobody has to sell": ({"funds": {**BROKERS_ONLY, "forced_sales": False}}, {"called", "met"}),
    "funds with nothing left, and nobody has to sell": (
        {"funds": {**BROKERS_ONLY, "leverage": 12.0, "forced_sales": False}, "liquidator": {"size": 6.0}},
        {"called", "closed"},
    ),
    "funds closed by their lenders": (
        {"funds": {"leverage": 9.0, "capital": 0.7, "intraday_share": 0.3}, "market": {"factors": 0}},
        {"called", "closed"},
    ),
    "nights, and opportunists who lag by a bar and a half": (
        {
            "market": {"overnight": 0.3},
            "funds": CROWDED,
            "opportunists": {"capital": 0.3, "cheap": 0.002, "depth": 0.03, "lag": 0.375, "sell_days": 1.0},
        },
        {"cut", "opportunists buy", "opportunists sell"},
    ),
    "nothing but trades and dated news": (
        {
            "market": {"fundamentals": False, "overnight": 0.2},
            "funds": CROWDED,
            "news": [{"date": "2007-08-03", "days": 2, "move": -0.02}],
        },
        {"cut"},
    ),
    "opportunists whose equity falls short": (
        {
            "funds": CROWDED,
            "liquidator": {"size": 2.0},
            "opportunists": {"capital": 0.2, "cheap": 0.0, "depth": 0.01, "lag": 0.1, "sell_days": 2.0},
        },
        {"opportunists buy", "opportunists sell", "opportunists are short of equity"},
    ),
    "funds watched twice a day": (
        {"clock": {"bars": 5}, "funds": {**CROWDED, "looks": 2, "headroom": [0.02, 0.2]}},
        {"cut", "called"},
    ),
    "linear impact, sales by volume, index holders stopped out": (
        {
            "impact": {"law": "linear", "reference": 0.5},
            "liquidator": {"schedule": "percent_of_volume", "participation": 0.4},
            "index_sector": {"holding": 3.0, "stop": 0.02},
            "funds": CROWDED,
        },
        {"cut", "stopped out"},
    ),
    "half the makers gone, funding, fees, news and orders from outside": (
        {
            "impact": {"maker_capacity": 0.5, "permanent": 0.2, "rates": [20.0, 1.0], "weights": [2.0, 0.5]},
            "liquidator": {"schedule": "almgren_chriss"},
            "funds": {**CROWDED, "funding": 0.3, "borrow_fee": 0.2},
            "news": [{"date": "2007-08-03", "days": 2, "move": -0.04}],
            "opportunists": {"capital": 0.5, "cheap": 0.002, "depth": 0.04, "lag": 0.25},
        },
        {"cut", "opportunists buy"},
    ),
}


@pytest.mark.parametrize("name", MARKETS)
def test_engine_equals_the_slow_reference_to_1e_12_in_every_bar(small, name):
    changes, happens = MARKETS[name]
    seen = assert_equal_in_every_bar(Market(small(**changes), seed=3), outside=0.1 if "outside" in name else 0.0)
    assert seen >= happens
    if name == "calm":
        assert not seen


def assert_equal_in_every_bar(market: Market, outside: float = 0.0) -> set[str]:
    """Trade both on the same noise; return all that was seen to happen.

    Every second day `outside` orders come, in ADV a day, of stocks and, where there are any, of futures.
    """
    settings, slow = market.settings, SlowMarket.of(market)
    noise = DayNoise.empty(settings.clock.bars, settings.market.factors, settings.market.stocks)
    rng = np.random.default_rng(0)
    seen: set[str] = set()
    for day in range(settings.clock.days):
        noise.draw(3, 0, day, futures=slow.futures is not None)
        slow.outside = []
        if outside and day % 2:
            submit(market, slow, outside * rng.standard_normal())
        average = np.zeros(len(slow.stocks))
        for bar in range(settings.clock.bars):
            market.trade_path(0, noise, bar, bar + 1)
            slow.trade_bar(noise, bar, *dated_news(market, day))
            assert_equal(market, slow)
            average += np.array([stock.fill for stock in slow.stocks]) / settings.clock.bars
            seen |= happened(slow)
        if slow.outside:
            np.testing.assert_allclose(market.state.outside.price[0], average, rtol=1e-12)
        market.close()
    return seen


def submit(market: Market, slow: SlowMarket, size: float) -> None:
    """Hand both the orders of a day from outside."""
    slow.outside = [size * stock.adv * (-1) ** i for i, stock in enumerate(slow.stocks)]
    market.submit(np.array(slow.outside))


def dated_news(market: Market, day: int) -> list[float]:
    """The day's moves of the market, of stocks in the index, of smaller and of larger ones."""

    def since(item: News) -> int:
        return day - int(np.searchsorted(market.dates, np.datetime64(item.date, "D")))

    return [
        sum(item.move for item in market.settings.news if item.to == group and 0 <= since(item) < item.days)
        for group in ("market", "index", "small_caps", "large_caps")
    ]


def happened(slow: SlowMarket) -> set[str]:
    """What has just happened."""
    seen = set()
    for fund in slow.funds:
        rule = fund.rule
        seen |= {"called"} if rule.under_call else set()
        seen |= {"closed"} if rule.closed else set()
        seen |= {"back"} if fund.order > 0 else set()
        seen |= {"anew"} if fund.order > 0 and rule.wanted == rule.whole else set()
        seen |= {"cut"} if fund.order < 0 and not rule.under_call and not rule.closed else set()
        seen |= {"met"} if rule.met else set()
    seen |= {"opportunists buy"} if slow.opportunists.order > 0 else set()
    seen |= {"opportunists sell"} if slow.opportunists.order < 0 else set()
    seen |= {"opportunists are short of equity"} if slow.opportunists.wanted > slow.opportunists.equity > 0 else set()
    seen |= {"stopped out"} if any(member.holding < 1 for member in slow.members) else set()
    return seen


def assert_same(pairs: dict[str, tuple[Any, Any]]) -> None:
    for name, (fast, reference) in pairs.items():
        np.testing.assert_allclose(fast, reference, rtol=1e-12, atol=1e-12, err_msg=name)


def assert_equal(market: Market, slow: SlowMarket) -> None:
    state, stocks, funds = market.state, slow.stocks, slow.funds
    cash = state.ledger.cash[0].copy()
    cash[Party.CROWD] += state.credit.collateral[0, 0]  # what brokers hold of the borrowers' cash
    cash[Party.LARGE_FUND] += state.credit.collateral[0, 1]
    cash[Party.BROKERS] -= state.credit.collateral[0].sum()
    living = state.funds.cut.closed[0] == 0
    parts = len(market.settings.impact.rates)
    steepness = math.sqrt(market.settings.impact.crossover)  # where flows cancel, a law makes this of a last digit
    assert_same(
        {
            "price": (state.stocks.price[0], [stock.price for stock in stocks]),
            "fill": (state.stocks.price[0] - state.stocks.late[0], [stock.fill for stock in stocks]),
            "displacement": (state.stocks.displacement[0], [stock.displacement for stock in stocks]),
            "memory": (steepness * state.stocks.memory[0, :parts].T, steepness * np.array([s.memory for s in stocks])),
            "bought": (state.stocks.bought[0], [stock.bought for stock in stocks]),
            "news": (state.stocks.news[0], [stock.news for stock in stocks]),
            "transient": (state.stocks.transient[0], [stock.noise for stock in stocks]),
            "providers' shares": (state.providers.shares[0], [-stock.sold_by_makers for stock in stocks]),
            "baskets": (state.baskets.value[0], [slow.value(j) for j in range(len(slow.books))]),
            "index": (state.tape.index_value, [slow.index()]),
            "reference": (state.tape.reference, [slow.crowded_at_start + slow.reference]),
            "cheapness": (state.tape.cheapness, [slow.cheapness[-1]]),
            "volume": (state.tape.volume, [slow.volume]),
            "equity": (state.funds.equity[0], [fund.equity for fund in funds]),
            "book": (state.funds.book[0], [fund.book for fund in funds]),
            "calls": (state.funds.calls[0], [fund.calls for fund in funds]),
            "missing": (state.funds.called[0], [fund.missing for fund in funds]),
            "target": (state.funds.cut.target[0, living], [fund.rule.wanted for fund in funds if not fund.rule.closed]),
            "base": (state.funds.cut.base[0], [fund.rule.base for fund in funds]),
            "mark": (state.funds.cut.mark[0, living], [fund.rule.mark for fund in funds if not fund.rule.closed]),
            "unmet calls": (
                state.funds.cut.called[0],
                [fund.rule.under_call and not fund.rule.closed for fund in funds],
            ),
            "closed": (state.funds.cut.closed[0], [fund.rule.closed for fund in funds]),
            "liquidator": (state.liquidator.book, [slow.liquidator_book]),
            "opportunists": (state.opportunists.book, [slow.opportunists.book]),
            "their equity": (state.opportunists.equity, [slow.opportunists.equity]),
            "index holders": (state.sector.holding[0], [member.holding for member in slow.members]),
            "cash": (cash, [slow.cash[party.name.lower()] for party in Party]),
        }
    )
