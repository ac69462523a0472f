"""One impact law for all: whoever trades, and however the day is cut, the same flow moves a price the same way."""

from __future__ import annotations

import numpy as np
import pytest
from worlds import driftless, silence

from abm import Market
from abm.phases import share_of_day
from abm.randomness import DayNoise

LAWS = ("square_root", "linear")


def moved_by(market: Market, order: np.ndarray | None = None, days: int = 1) -> Market:
    """Trade days without noise; `order` is what an outsider sells on the first."""
    noise = silence(market.settings)
    if order is not None:
        market.submit(order)
    for _ in range(days):
        market.trade_path(0, noise)
        market.close()
    return market


@pytest.mark.parametrize("law", LAWS)
def test_index_holders_move_the_index_by_the_stocks_own_law(still, law):
    holders = {"holding": 2.0, "members": 1, "cut": 0.4, "cut_days": 1.0}
    quiet = {"impact": {"law": law}, "liquidator": {"size": 0}}
    market = driftless(still(index_sector=holders, **quiet))
    market.state.sector.target[:] = market.state.sector.kept  # all of them have been stopped out
    moved_by(market)
    other = driftless(still(**quiet))
    moved_by(other, -0.8 * other.state.stocks.index_shares[0])
    np.testing.assert_allclose(market.state.stocks.price, other.state.stocks.price, rtol=1e-12)
    assert market.record["index"][0, 0] == pytest.approx(other.record["index"][0, 0], rel=1e-10)
    assert market.record["index"][0, 0] < -0.005


def test_a_liquidators_sales_move_prices_as_anybodys_do(still):
    seller = {"size": 0.9, "starts": 0, "days": 3}
    market = driftless(still(liquidator=seller))
    moved_by(market, days=market.settings.clock.event_day + 1)
    other = driftless(still(liquidator={"size": 0}))
    moved_by(other, days=other.settings.clock.event_day)
    moved_by(other, -0.3 * other.state.baskets.shares[0, 0])
    np.testing.assert_allclose(market.state.stocks.price, other.state.stocks.price, rtol=1e-12)


@pytest.mark.parametrize("law", LAWS)
def test_a_constant_rate_moves_prices_alike_however_the_day_is_cut(still, law):
    """And what is left of it fades alike; fills, a mean over the bar, agree to the order to which they are taken."""
    found = {}
    for bars in (1, 13, 52):
        market = driftless(
            still(clock={"days": 8, "bars": bars}, impact={"law": law, "permanent": 0.05}, liquidator={"size": 0})
        )
        stocks, noise, order = market.state.stocks, silence(market.settings), market.state.baskets.shares[0, 0]
        displaced, fills = [], []
        for day in range(8):
            market.submit(order * (0.2 if day < 3 else 0.0))
            market.trade_path(0, noise)
            market.close()
            displaced.append(stocks.displacement[0].copy())
            fills.append(market.fill_price[0].copy())
        found[bars] = np.array(displaced), np.array(fills[:3])
    for bars in (1, 13):
        np.testing.assert_allclose(found[bars][0], found[52][0], rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(found[bars][1], found[52][1], rtol=2e-5)
    assert np.abs(found[13][0]).max() > 0.005


# -- overnight ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("overnight", [0.0, 0.3, 0.9])
def test_a_days_variance_is_the_same_whatever_comes_overnight(small, overnight):
    only_its_own = {"market_volatility": 0, "factor_volatility": 0, "transient_volatility": 0}
    settings = small(market={"overnight": overnight, "stocks": 400, **only_its_own}, clock={"days": 40})
    market = Market(settings, seed=2)
    values, dt = market.state.values, 1 / settings.clock.bars
    weights = [share_of_day(values, bar == 0, dt)[0] for bar in range(settings.clock.bars)]
    assert sum(weights) == pytest.approx(1, abs=1e-15)
    stocks, noise = market.state.stocks, DayNoise.empty(settings.clock.bars, 2, 400)
    moves = []
    for day in range(40):
        noise.draw(2, 0, day)
        move = np.zeros(400)
        for bar in range(settings.clock.bars):
            market.trade_path(0, noise, bar, bar + 1)
            move += stocks.news[0]
        moves.append(move / stocks.volatility[0])
        market.close()
    error = np.sqrt(2 / np.size(moves))  # of a mean square of that many normals
    assert np.mean(np.square(moves)) == pytest.approx(1, abs=3 * error)


def test_the_first_fill_of_a_day_comes_after_the_gap(small):
    settings = small(market={"overnight": 0.99}, impact={"strength": 0, "permanent": 0, "half_spread": 0})
    market = Market(settings, seed=2)
    stocks, outside = market.state.stocks, market.state.outside
    noise = DayNoise.empty(settings.clock.bars, 2, settings.market.stocks)
    noise.draw(2, 0, 0)
    market.submit(np.full(settings.market.stocks, 1e-6))
    market.trade_path(0, noise, 0, 1)
    fill = outside.price[0] * settings.clock.bars
    gap, missed = stocks.price[0] - 1, stocks.price[0] - fill
    assert np.abs(gap).max() > 0.01
    assert np.abs(missed).max() < 0.005 * np.abs(gap).max()
    weight, before = share_of_day(market.state.values, True, 0.25)
    assert before == pytest.approx((0.99 + 0.01 * 0.125) / (0.99 + 0.01 * 0.25))
    assert weight == pytest.approx(0.99 + 0.01 * 0.25)
