"""The engine equals the slow reference, bar by bar, in markets where everything happens."""

from __future__ import annotations

import numpy as np
import pytest
from slow_futures import SlowFutures
from slow_reference import SlowMarket

from abm import FundState, Market, Party
from abm.randomness import DayNoise
from abm.settings import News

DOING = {
    "normal": FundState.NORMAL,
    "deleveraging": FundState.DELEVERAGING,
    "waiting": FundState.WAITING,
    "reentering": FundState.REENTERING,
    "gone": FundState.DEFAULTED,
}
MARKETS = {
    "as in 2007": {},
    "linear impact, sales by volume": {
        "impact": {"law": "linear", "strength": 1.2},
        "liquidator": {"schedule": "percent_of_volume", "participation": 0.4},
    },
    "exponential impact, half the makers gone": {
        "impact": {"law": "exponential", "strength": 2.5, "depth": 1.5, "maker_capacity": 0.5},
        "liquidator": {"schedule": "almgren_chriss"},
    },
    "defaults": {"funds": {"leverage": 9.0, "capital": 0.4, "headroom": [0.1, 2.0], "intraday_share": 0.3}},
    "no common factor, few come back, news": {
        "market": {"factors": 0},
        "funds": {"reentry_share": 0.4},
        "news": [{"date": "2007-08-03", "move": -0.04}],
    },
}


HEDGED_MARKETS = {
    "as in 2024": {
        "news": [
            {"date": "2007-08-02", "days": 4, "move": -0.01},
            {"date": "2007-08-02", "days": 4, "move": -0.01, "to": "small_caps"},
            {"date": "2007-08-07", "days": 2, "move": 0.02, "to": "index"},
        ]
    },
    "long-short funds beside them, and an index sector": {
        "funds": {
            "kind": {"long_short": 0.5, "futures": 0.5},
            "policy": {"full": 0.5, "full-rebalanced": 0.5},
            "long_short_leverage": 2.3,
        },
        "index_sector": {"holding": 2.0},
        "liquidator": {"kind": "long_short", "size": 0.6},
    },
    "defaults": {
        "funds": {"leverage": 12.0, "capital": 0.7, "intraday_share": 0.3},
        "news": [{"date": "2007-08-03", "move": -0.12, "to": "small_caps"}],
    },
    "swaps only, hedges worked off, sales by volume": {
        "futures_funds": {"swap_share": 1.0, "rehedging": 0.5, "tilt": 0.7},
        "liquidator": {"schedule": "percent_of_volume", "participation": 0.3},
    },
    "paid for only, warned, stopped, and left by investors": {
        "futures_funds": {"swap_share": 0.0, "cash_reserve": 0.05, "restoring": 0.02},
        "funds": {"policy": {"full-rebalanced": 0.4, "none": 0.3, "timing": 0.3}},
        "lines": {"warning": 0.8, "stop": 0.7, "start": [0.75, 0.9], "warning_days": 3.0, "stop_days": 2.0},
        "redemptions": {"sensitivity": 2.0, "threshold": 0.01, "horizon": 3, "notice": 2},
        "news": [
            {"date": "2007-07-30", "days": 4, "move": -0.012},
            {"date": "2007-08-06", "move": 0.12, "to": "index"},
        ],
    },
    "margins that rise with volatility": {
        "futures": {"margin_reaction": 1.5, "swap_margin_reaction": 0.3, "impact": 0.02, "arbitrage": 1.0},
        "funds": {"reserve": 0.12},
        "news": [{"date": "2007-07-30", "move": 0.05}],
    },
}

# What must happen there; in the other markets: calls, forced cuts, waiting, and coming back.
SEEN = {
    "defaults": {"normal", "calls", "deleveraging", "gone"},
    "paid for only, warned, stopped, and left by investors": {
        *("normal", "calls", "deleveraging", "waiting", "warned", "stopped", "payable"),
    },
}


@pytest.mark.parametrize("changes", MARKETS.values(), ids=MARKETS.keys())
def test_engine_equals_the_slow_reference_to_1e_12_in_every_bar(small, changes):
    seen = assert_equal_in_every_bar(Market(small(**changes), seed=3))
    assert {"normal", "deleveraging"} <= seen
    if "funds" not in changes:
        assert {"waiting", "reentering"} <= seen
    if changes is MARKETS["defaults"]:
        assert "gone" in seen


@pytest.mark.parametrize("name", HEDGED_MARKETS)
def test_engine_with_futures_equals_the_slow_reference_to_1e_12_in_every_bar(hedged, name):
    seen = assert_equal_in_every_bar(Market(hedged(**HEDGED_MARKETS[name]), seed=3))
    assert SEEN.get(name, {"normal", "calls", "deleveraging", "waiting", "reentering"}) <= seen


def assert_equal_in_every_bar(market: Market) -> set[str]:
    """Trade both on the same noise, with an outside order of futures a day; return all that was seen to happen."""
    settings, slow = market.settings, SlowMarket.of(market)
    noise = DayNoise.empty(settings.clock.bars, settings.market.factors, settings.market.stocks)
    rng = np.random.default_rng(0)
    seen: set[str] = set()
    for day in range(settings.clock.days):
        noise.draw(3, 0, day, futures=True)
        news = [
            sum(item.move for item in settings.news if item.to == group and 0 <= since(item, market, day) < item.days)
            for group in ("market", "index", "small_caps")
        ]
        if slow.futures is not None:
            slow.futures.outside_order = 0.02 * rng.standard_normal()
            market.submit_futures(np.array(slow.futures.outside_order))
        before = slow.index()
        for bar in range(settings.clock.bars):
            market.trade_path(0, noise, bar, bar + 1)
            slow.trade_bar(noise, bar, *news)
            assert_equal(market, slow)
            seen |= {fund.doing for fund in slow.funds}
            if slow.futures is not None:
                seen |= happened(slow.futures)
        market.close()
        if slow.futures is not None and market.day < settings.clock.days:
            slow.futures.close(slow, day, slow.index() / before - 1, market.state.futures_funds.hedge_plan[0].tolist())
            assert_same_plans(market, slow.futures)
    return seen


def since(item: News, market: Market, day: int) -> int:
    """Trading days since the first of dated news."""
    return day - int(np.searchsorted(market.dates, np.datetime64(item.date, "D")))


def happened(futures: SlowFutures) -> set[str]:
    """What has just happened to funds that hedge with futures."""
    seen = {fund.doing for fund in futures.funds}
    for name in ("calls", "warned", "stopped", "payable"):
        if any(getattr(fund, name) for fund in futures.funds):
            seen.add(name)
    return seen


def assert_equal(market: Market, slow: SlowMarket) -> None:
    state = market.state
    pledged = [state.credit.collateral[0, 0], 0, 0, 0]  # the crowd's cash that brokers hold
    pairs = [
        (state.stocks.price[0], [stock.price for stock in slow.stocks]),
        (state.stocks.displacement[0], [stock.displacement for stock in slow.stocks]),
        (state.stocks.inventory[0], [stock.inventory for stock in slow.stocks]),
        (state.stocks.log_value[0], [stock.log_value for stock in slow.stocks]),
        (state.providers.other_shares[0], [stock.other_demand for stock in slow.stocks]),
        (state.funds.equity[0], [fund.equity for fund in slow.funds]),
        (state.funds.book[0], [fund.book for fund in slow.funds]),
        (state.liquidator.book, [slow.liquidator_book]),
        (state.tape.gauge, [slow.gauge]),
        (state.tape.index_value, [slow.index()]),
        (state.sector.holding[0], [member.holding for member in slow.members]),
        (
            state.ledger.cash[0, [0, 1, 2, 4]] + pledged,
            [slow.settled()[who] for who in ("crowd", "liquidator", "sector", "other")],
        ),
    ]
    for fast, reference in pairs:
        np.testing.assert_allclose(fast, reference, rtol=1e-12, atol=1e-12)
    assert [DOING[fund.doing] for fund in slow.funds] == state.funds.state[0].tolist()
    if slow.futures is not None:
        assert_equal_futures(market, slow.futures)


def assert_equal_futures(market: Market, slow: SlowFutures) -> None:
    futures, hedgers, cash = market.state.futures, market.state.futures_funds, market.state.ledger.cash[0]
    pairs = [
        (futures.price, [slow.price]),
        (futures.sold_by_makers, [slow.sold_by_makers]),
        (futures.maker_units, [slow.maker_long]),
        (futures.arbitrage_units, [slow.arbitrage_units]),
        (market.state.outside.futures_units, [slow.outside_long]),
        (market.state.outside.futures_price, [slow.average_price]),
        (cash[[Party.FUTURES_FUNDS, Party.BROKERS]], [slow.cash["funds"], slow.cash["brokers"]]),
        (cash[[Party.ARBITRAGE, Party.FUTURES_MAKERS]], [slow.cash["arbitrage"], slow.cash["makers"]]),
        (cash[[Party.OUTSIDE, Party.INVESTORS]], [slow.cash["outside"], slow.cash["investors"]]),
    ]
    if slow.liquidator_short:
        pairs.append((market.state.liquidator.futures_units, [slow.liquidator_short]))
    for name in ("held", "contracts", "deposit", "reserve"):
        pairs.append((getattr(hedgers, name)[0], [getattr(fund, name) for fund in slow.funds]))
    for fast, reference in pairs:
        np.testing.assert_allclose(fast, reference, rtol=1e-12, atol=1e-12)
    assert [fund.calls for fund in slow.funds] == hedgers.calls[0].tolist()
    assert [DOING[fund.doing] for fund in slow.funds] == hedgers.state[0].tolist()


def assert_same_plans(market: Market, slow: SlowFutures) -> None:
    """What was decided at the close."""
    hedgers = market.state.futures_funds
    for name in ("stock_plan", "hedge_plan", "margin_level", "deposit", "reserve"):
        expected = [getattr(fund, name) for fund in slow.funds]
        np.testing.assert_allclose(getattr(hedgers, name)[0], expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(market.futures_crowd.units[0], [fund.units for fund in slow.funds], rtol=1e-12)
    np.testing.assert_array_equal(hedgers.barred[0], [2 if fund.stopped else int(fund.warned) for fund in slow.funds])
