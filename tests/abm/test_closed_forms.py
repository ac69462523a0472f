"""The closed forms of docs/model.md, section 6, to the order that each is stated."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies
from worlds import common_book, driftless, lambdas, left_of_an_order, silence, trade_silently

from abm import Market, laws
from abm.measures import khandani_lo
from abm.phases import share_of_day
from abm.randomness import DayNoise

PERMANENT = {"strength": 0.0, "permanent": 1.0}
FAINT = {"strength": 1e-4, "permanent": 0.0}  # prices so near 1 that exp(x) - 1 is x
HOUR = 1 / 6.5


# -- prices and values -------------------------------------------------------------------------------------------------


def test_without_agents_prices_are_values_and_other_investors_noise(still):
    moving = {"market_volatility": 0.01, "transient_volatility": 0.3}
    market = Market(still(market=moving, liquidator={"size": 0}), paths=2)
    stocks, clock, shape = market.state.stocks, market.settings.clock, market.settings.market
    first, value = stocks.transient.copy(), np.zeros_like(stocks.price)
    noise = DayNoise.empty(clock.bars, shape.factors, shape.stocks)
    parts = [share_of_day(market.state.values, bar == 0, 1 / clock.bars)[0] for bar in range(clock.bars)]
    for day, path in product(range(clock.days), range(2)):
        noise.draw(0, path, day)
        moved = shape.market_volatility * noise.common[:, :1] * stocks.beta[path] + stocks.sigma[path] * noise.own
        moved += shape.factor_volatility * noise.common[:, 1:] @ stocks.loadings[path]
        value[path] += np.sqrt(parts) @ moved - 0.5 * stocks.variance[path]
    market.run(workers=1)
    assert (stocks.displacement == 0).all()
    np.testing.assert_allclose(stocks.price, np.exp(value + stocks.transient - first), rtol=1e-12)
    assert (stocks.price != 1).all()


@pytest.mark.parametrize("scale", [0.25, 3.0])
@pytest.mark.parametrize("law", ["square_root", "linear"])
def test_only_ratios_of_size_to_depth_matter(small, law, scale):
    crowd, waiting = {"leverage": 3.0, "capital": 1.5}, {"capital": 0.3, "cheap": 0.002, "depth": 0.03, "lag": 0.5}
    base = small(funds=crowd, opportunists=waiting, index_sector={"holding": 2.0, "stop": 0.02}, impact={"law": law})
    impact = base.impact
    scaled = small(
        funds=crowd | {"capital": scale * base.funds.capital},
        liquidator={"size": scale * base.liquidator.size},
        opportunists=waiting | {"capital": scale * base.opportunists.capital},
        index_sector={"holding": scale * base.index_sector.holding, "stop": 0.02},
        impact={
            "law": law,
            "strength": impact.strength / math.sqrt(scale),
            "crossover": scale * impact.crossover,
            "reference": scale * impact.reference,
            "permanent": impact.permanent / scale,
        },
    )
    one, other = Market(base, seed=5), Market(scaled, seed=5)
    np.testing.assert_allclose(one.run(1).nav, other.run(1).nav, rtol=1e-9)
    np.testing.assert_allclose(one.state.stocks.price, other.state.stocks.price, rtol=1e-9)
    assert one.record.nav.min() < 0.97


@pytest.mark.parametrize("law", ["square_root", "linear"])
def test_only_ratios_of_rates_to_time_matter(still, law):
    seller = {"starts": 0.0, "days": 2.0, "size": 0.5}
    slow = still(clock={"bars": 4}, liquidator=seller, impact={"law": law})
    impact = slow.impact
    fast = still(
        clock={"bars": 8},
        liquidator=seller | {"days": 1.0},
        impact={
            "law": law,
            "crossover": 2 * impact.crossover,
            "reference": 2 * impact.reference,
            "rates": [2 * rate for rate in impact.rates],
            "weights": [math.sqrt(2) * weight for weight in impact.weights],
        },
    )
    one, other = driftless(slow), driftless(fast)
    trade_silently(one, slow.clock.event_day + 4)
    trade_silently(other, fast.clock.event_day + 2)
    np.testing.assert_allclose(one.state.stocks.price, other.state.stocks.price, rtol=1e-12)
    assert np.abs(one.state.stocks.displacement).min() > 0


# -- a steady order, and what is left of it ----------------------------------------------------------------------------


def sold_by_the_liquidator(still, lasted: float, bars: int, after: int = 0, **impact) -> Market:
    """A market in which the liquidator has sold evenly for so many days, from an opening on, and `after` days more."""
    days = math.ceil(lasted - 1e-9)
    made = still(
        clock={"bars": bars, "days": 7 + days + after},
        liquidator={"starts": 0.0, "days": lasted, "size": 0.5},
        impact=impact,
    )
    market = driftless(made)
    trade_silently(market, made.clock.event_day)
    noise = silence(made)
    for bar in range(round(lasted * bars)):
        market.trade_path(0, noise, bar % bars, bar % bars + 1)
        if bar % bars == bars - 1:
            market.close()
    assert market.state.liquidator.book[0] == pytest.approx(0, abs=1e-13)
    return market


def expected_displacement(market: Market, lasted: float, after: float = 0.0) -> np.ndarray:
    """Y sigma f(q) sum_k ... + lambda sigma Q of every stock, q the liquidator's rate of sale."""
    impact, stocks = market.settings.impact, market.state.stocks
    sold = -market.settings.liquidator.size * common_book(market) / stocks.adv[0]
    law = laws.get(impact.law)
    force = np.array([law(rate, market.state.impact) for rate in sold / lasted])
    memory = impact.strength * force * left_of_an_order(impact, lasted, after)
    return stocks.volatility[0] * (memory + impact.permanent * sold)


@pytest.mark.parametrize("law", ["square_root", "linear"])
@pytest.mark.parametrize(("lasted", "bars"), [(0.25, 4), (0.5, 52), (1.0, 1), (1.0, 13), (3.0, 2)])
def test_the_displacement_of_a_steady_order_is_a_sum_of_exponentials_whatever_the_bars(still, law, lasted, bars):
    market = sold_by_the_liquidator(still, lasted, bars, law=law)
    expected = expected_displacement(market, lasted)
    np.testing.assert_allclose(market.state.stocks.displacement[0], expected, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("lasted", [HOUR, 0.25, 0.5, 1.0])
def test_a_steady_order_ends_at_y_sigma_root_q_over_v_whatever_its_duration(still, lasted):
    market = sold_by_the_liquidator(still, lasted, bars=52, permanent=0.0, crossover=1e-9)
    stocks, strength = market.state.stocks, market.settings.impact.strength
    sold = -market.settings.liquidator.size * common_book(market) / stocks.adv[0]
    expected = np.sign(sold) * strength * stocks.volatility[0] * np.sqrt(np.abs(sold))
    np.testing.assert_allclose(stocks.displacement[0], expected, rtol=0.015)


@pytest.mark.parametrize("law", ["square_root", "linear"])
def test_an_order_relaxes_after_its_end_as_its_exponentials_fade(still, law):
    market = sold_by_the_liquidator(still, 1.0, bars=4, after=20, law=law)
    for after in range(1, 21):
        trade_silently(market, 1)
        expected = expected_displacement(market, 1.0, float(after))
        np.testing.assert_allclose(market.state.stocks.displacement[0], expected, rtol=1e-10, atol=1e-15)


def test_what_stays_of_an_order_is_the_permanent_part(still):
    market = sold_by_the_liquidator(still, 0.5, bars=2, after=60, rates=[5.0, 1.0], weights=[1.0, 0.5])
    trade_silently(market, 60)
    expected = -lambdas(market) * market.settings.liquidator.size * common_book(market)
    np.testing.assert_allclose(market.state.stocks.displacement[0], expected, rtol=1e-10)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    schedule=strategies.sampled_from(["twap", "almgren_chriss", "plan"]),
    days=strategies.floats(0.4, 6.0),
    bars=strategies.integers(1, 9),
    size=strategies.floats(0.01, 2.0),
)
def test_the_permanent_part_forgets_the_schedule(still, schedule, days, bars, size):
    market = driftless(
        still(
            impact=PERMANENT,
            clock={"bars": bars},
            liquidator={"size": size, "schedule": schedule, "days": days, "plan": [0.5, 0.2, 0.3]},
        )
    )
    trade_silently(market)
    expected = -lambdas(market) * size * common_book(market)
    np.testing.assert_allclose(market.state.stocks.displacement[0], expected, rtol=1e-11, atol=1e-15)
    assert market.state.liquidator.book[0] == pytest.approx(0, abs=1e-13)


@pytest.mark.parametrize("permanent", [1e-2, 1e-3, 1e-4])
def test_a_permanent_liquidation_costs_half_lambda_q_squared_up_to_the_displacement(still, permanent):
    market = driftless(still(impact={"strength": 0.0, "permanent": permanent}))
    trade_silently(market)
    size = market.settings.liquidator.size
    depth = float(lambdas(market) @ common_book(market) ** 2)
    cost = -market.state.ledger.cash[0, 1]
    largest = np.abs(market.state.stocks.displacement).max()
    assert cost == pytest.approx(depth * size**2 / 2, rel=largest)


# -- round trips -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("law", ["square_root", "linear"])
@pytest.mark.parametrize(("bars", "days"), [(1, 1), (5, 1), (3, 4)])
def test_a_round_trip_at_constant_rates_costs_its_closed_form_whatever_the_bars(still, law, bars, days):
    size = 0.5
    market = driftless(still(impact={**FAINT, "law": law}, clock={"bars": bars}, liquidator={"size": 0}))
    for day in range(2 * days):
        market.submit((1 if day < days else -1) * size / days * common_book(market))
        trade_silently(market, 1)
    assert abs(market.positions()[3]).max() < 1e-15
    stocks, impact = market.state.stocks, market.settings.impact
    rates, weights = np.array(impact.rates), np.array(impact.weights)
    faded = -np.expm1(-rates * days) / rates
    memory = float((weights * (2 * (days - faded) / rates - faded**2)).sum())
    traded = size / days * common_book(market) / stocks.adv[0]
    force = np.array([laws.get(law)(rate, market.state.impact) for rate in traded])
    expected = impact.strength * memory * float((stocks.adv * stocks.volatility)[0] @ (traded * force))
    assert -float(market.state.ledger.cash[0, 3]) == pytest.approx(expected, rel=1e-3)
    assert expected > 0


def test_a_round_trip_under_permanent_impact_alone_costs_nothing(still):
    size = 0.5
    market = driftless(still(impact={"strength": 0.0, "permanent": 1e-3}, liquidator={"size": 0}))
    for side in (1, 1, -1, -1):
        market.submit(side * size * common_book(market))
        trade_silently(market, 1)
    depth = float(lambdas(market) @ common_book(market) ** 2)
    assert abs(float(market.state.ledger.cash[0, 3])) < 1e-4 * depth * size**2


# -- funds that cut by their own rule ----------------------------------------------------------------------------------


def cutting_market(still, gain: float, count: int) -> Market:
    """Funds that sell at once what their own rule asks for, in a market whose largest loop gain is as given."""
    crowd = {
        "count": count,
        "capital": 0.5,
        "crowding": 1.0 if count == 1 else 0.9,
        "leverage_spread": 0.0 if count == 1 else 0.3,
        "headroom": [10.0, 10.0],
        "tolerance": [0.0, 0.0],
        "severity": [2.0, 4.0],
        "intraday_share": 1.0,
        "cut_days": 1e-3,
        "mark_days": 1e6,
        "reentry_share": 0.0,
    }
    made = still(funds=crowd, clock={"bars": 1, "days": 60}, impact=PERMANENT, liquidator={"size": 0})
    largest = float(np.abs(np.linalg.eigvals(feedback(driftless(made)))).max())
    impact = made.impact.model_copy(update={"permanent": gain / largest})
    return driftless(made.model_copy(update={"impact": impact}))


def books(market: Market) -> np.ndarray:
    """Shares in a unit of each fund's book, shape (funds, stocks)."""
    return market.state.funds.exposure[0].T @ market.state.baskets.shares[0]


def feedback(market: Market) -> np.ndarray:
    """What a loss on a unit of each fund's book makes all lose next: W diag(lambda) W' diag(severity B^2 / E)."""
    funds = market.state.funds
    sold = funds.limits.severity[0] * funds.book[0] ** 2 / funds.equity[0]
    return (books(market) * lambdas(market)) @ books(market).T * sold


@pytest.mark.parametrize("count", [1, 7])
@pytest.mark.parametrize("gain", [0.2, 0.6])
def test_funds_that_cut_amplify_a_small_loss_by_their_spectral_radius(still, gain, count):
    market = cutting_market(still, gain, count)
    values, vectors = np.linalg.eig(feedback(market))
    worst = int(np.argmax(values.real))
    assert values[worst].real == pytest.approx(gain, rel=1e-9)
    losses = np.abs(vectors[:, worst].real)  # on a unit of each fund's book, under the most amplified shock
    shock = 1e-9 * np.linalg.pinv(books(market)) @ -losses
    noise = silence(market.settings)
    for day in range(market.settings.clock.days):
        noise.own[0] = shock / market.state.stocks.sigma[0] if day == 0 else 0.0
        market.trade_path(0, noise)
        market.close()
    found = -books(market) @ (market.state.stocks.price[0] - 1)
    np.testing.assert_allclose(found, 1e-9 * losses / (1 - gain), rtol=1e-4)


# -- a measure ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("first", "second", "sigma"), [(0.01, 0.015, 0.012), (0.03, 0.01, 0.01)])
def test_contrarian_loss_of_two_displaced_days_is_the_closed_form(first, second, sigma):
    draws = np.random.default_rng(1).standard_normal((3, 1, 3_000_000))
    found = khandani_lo(first * draws[0] + sigma * draws[1], second * draws[0] + sigma * draws[2])[0]
    expected = -first * second / (0.3989 * math.hypot(sigma, first))
    assert found == pytest.approx(expected, rel=4e-3)
