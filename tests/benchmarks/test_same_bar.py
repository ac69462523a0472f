"""The implementations that the engine is measured beside do what it does: the same prices, on a market in a crisis."""

from __future__ import annotations

import numpy as np
import pytest
from agents import PlainModel
from arrays import ArrayMarket

from abm import Market, Settings
from abm.randomness import DayNoise

CRISIS = {
    "clock": {"start": "2007-08-01", "event": "2007-08-03", "days": 8, "bars": 5},
    "market": {"stocks": 30, "factors": 2},
    "funds": {"count": 15, "styles": 3, "headroom": [0.05, 0.2], "funding": 0.02, "borrow_fee": 0.01},
    "opportunists": {"capital": 0.36, "cheap": 0.002, "depth": 0.02, "lag": 0.7},
    "liquidator": {"size": 0.6, "starts": 0.2, "days": 2},
    "index_sector": {"holding": 2.0, "members": 7, "stop": 0.01},
    "desk": {"size": 0},
}


def step_by_step(market, trade_bar, prices):
    """Prices of every bar by the engine and by another implementation, (bars, stocks) each."""
    engine, other = [], []
    clock = market.settings.clock
    noise = DayNoise.empty(clock.bars, market.settings.market.factors, market.settings.market.stocks)
    for day in range(clock.days):
        noise.draw(market.seed, 0, day)
        for bar in range(clock.bars):
            market.trade_path(0, noise, bar, bar + 1)
            trade_bar(noise, bar)
            engine.append(market.state.stocks.price[0].copy())
            other.append(np.array(prices()))
        market.close()
    return np.array(engine), np.array(other)


@pytest.mark.parametrize("kind", ["agents", "agents with rows", "arrays"])
def test_it_gives_the_engines_prices(kind):
    market = Market(Settings.model_validate(CRISIS), seed=4)
    if kind == "arrays":
        plain = ArrayMarket(market)
        engine, other = step_by_step(market, plain.trade_bar, lambda: plain.stocks.price)
    else:
        model = PlainModel(market, rows=kind == "agents with rows")

        def trade_bar(noise, bar):
            model.noise = noise
            model.step()

        engine, other = step_by_step(market, trade_bar, lambda: model.prices)
    np.testing.assert_allclose(other, engine, rtol=1e-11)
    record = market.record
    assert record["margin_calls"].sum() > 0  # a market in which something happens
    assert record["flow_reentry"].sum() > 0
    assert record["flow_forced"].sum() < 0
    assert record["flow_opportunists"].any()
    assert record["flow_index_sector"].any()
