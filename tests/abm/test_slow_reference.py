"""The engine equals the slow reference, bar by bar, in markets where everything happens."""

from __future__ import annotations

import numpy as np
import pytest
from slow_reference import SlowMarket

from abm import FundState, Market
from abm.randomness import DayNoise

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


@pytest.mark.parametrize("changes", MARKETS.values(), ids=MARKETS.keys())
def test_engine_equals_the_slow_reference_to_1e_12_in_every_bar(small, changes):
    settings = small(**changes)
    market = Market(settings, seed=3)
    slow = SlowMarket.of(market)
    noise = DayNoise.empty(settings.clock.bars, settings.market.factors, settings.market.stocks)
    seen: set[str] = set()
    for day in range(settings.clock.days):
        noise.draw(3, 0, day)
        drift = sum(item.move for item in settings.news if str(item.date) == str(market.dates[day]))
        for bar in range(settings.clock.bars):
            market.trade_path(0, noise, bar, bar + 1)
            slow.trade_bar(noise, bar, drift)
            assert_equal(market, slow)
            seen |= {fund.doing for fund in slow.funds}
        market.close()
    assert {"normal", "deleveraging"} <= seen
    if "funds" not in changes:
        assert {"waiting", "reentering"} <= seen
    if changes is MARKETS["defaults"]:
        assert "gone" in seen


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
            [slow.cash[who] for who in ("crowd", "liquidator", "sector", "other")],
        ),
    ]
    for fast, reference in pairs:
        np.testing.assert_allclose(fast, reference, rtol=1e-12, atol=1e-12)
    assert [DOING[fund.doing] for fund in slow.funds] == state.funds.state[0].tolist()
