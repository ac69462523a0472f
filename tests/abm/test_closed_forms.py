"""The closed forms of docs/model.md, section 6, to the order that each is stated."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies
from worlds import common_book, driftless, lambdas, response, silence, trade_silently

from abm import Market
from abm.measures import khandani_lo

LINEAR = {"law": "linear", "strength": 1.0}
FAINT = {"law": "linear", "strength": 1e-4}  # prices so near 1 that exp(x) - 1 is x


# -- 1 -----------------------------------------------------------------------------------------------------------------


def test_without_agents_and_noise_prices_are_values(still):
    market = Market(still(market={"market_volatility": 0.01}, liquidator={"size": 0}), paths=2)
    market.run(workers=1)
    stocks = market.state.stocks
    assert (stocks.displacement == 0).all()
    np.testing.assert_allclose(stocks.price, np.exp(stocks.log_value), rtol=1e-13)
    assert (stocks.price != 1).all()


@pytest.mark.parametrize("scale", [0.25, 3.0])
def test_only_ratios_of_size_to_depth_matter(small, scale):
    base = small()
    capital, size, noise, strength = (
        base.funds.capital,
        base.liquidator.size,
        base.impact.other_demand,
        base.impact.strength,
    )
    scaled = small(
        funds={"capital": scale * capital},
        liquidator={"size": scale * size},
        impact={"other_demand": scale * noise, "strength": strength * scale**-base.impact.exponent},
    )
    one, other = Market(base, seed=5), Market(scaled, seed=5)
    np.testing.assert_allclose(one.run(1).nav, other.run(1).nav, rtol=1e-10)
    np.testing.assert_allclose(one.state.stocks.price, other.state.stocks.price, rtol=1e-10)
    assert one.record.nav.min() < 0.9


# -- 2 -----------------------------------------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    schedule=strategies.sampled_from(["twap", "almgren_chriss", "plan"]),
    days=strategies.floats(0.4, 6.0),
    bars=strategies.integers(1, 9),
    size=strategies.floats(0.01, 2.0),
)
def test_under_permanent_linear_impact_displacement_forgets_the_schedule(still, schedule, days, bars, size):
    market = driftless(
        still(
            impact=LINEAR,
            clock={"bars": bars},
            liquidator={"size": size, "schedule": schedule, "days": days, "plan": [0.5, 0.2, 0.3]},
        )
    )
    trade_silently(market)
    expected = -lambdas(market) * size * common_book(market)
    np.testing.assert_allclose(market.state.stocks.displacement[0], expected, rtol=1e-11, atol=1e-15)
    assert market.state.liquidator.book[0] == pytest.approx(0, abs=1e-13)


@pytest.mark.parametrize("strength", [1e-2, 1e-3, 1e-4])
def test_a_permanent_linear_liquidation_costs_half_lambda_q_squared_up_to_the_displacement(still, strength):
    market = driftless(still(impact={"law": "linear", "strength": strength}))
    trade_silently(market)
    size = market.settings.liquidator.size
    depth = float(lambdas(market) @ common_book(market) ** 2)
    cost = -market.state.ledger.cash[0, 1]
    largest = np.abs(market.state.stocks.displacement).max()
    assert cost == pytest.approx(depth * size**2 / 2, rel=largest)


# -- 3 -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bars", [1, 4, 13])
@pytest.mark.parametrize("recovery", [0.075, 2.0])
def test_displacement_at_the_end_of_a_twap_is_the_geometric_sum(still, bars, recovery):
    days = 3
    market = driftless(
        still(impact={**LINEAR, "recovery": recovery}, clock={"bars": bars}, liquidator={"days": days, "starts": 0})
    )
    trade_silently(market, market.settings.clock.event_day + days)
    displaced = float(common_book(market) @ market.state.stocks.displacement[0])
    depth = float(lambdas(market) @ common_book(market) ** 2)
    sold_a_bar = market.settings.liquidator.size / (days * bars)
    decay = recovery / bars
    expected = -depth * sold_a_bar * (1 - math.exp(-recovery * days)) / (1 - math.exp(-decay))
    assert displaced == pytest.approx(expected, rel=1e-12)


# -- 4 -----------------------------------------------------------------------------------------------------------------


def round_trip_cost(still, recovery: float, bars: int, days: int = 4, size: float = 0.5) -> tuple[float, float]:
    """Cost of buying the crowded book over `days` and selling it over as many, and Lambda q^2."""
    market = driftless(still(impact={**FAINT, "recovery": recovery}, clock={"bars": bars}, liquidator={"size": 0}))
    for day in range(2 * days):
        market.submit((1 if day < days else -1) * size / days * common_book(market))
        trade_silently(market, 1)
    assert abs(market.positions()[3]).max() < 1e-15
    return -float(market.state.ledger.cash[0, 3]), float(lambdas(market) @ common_book(market) ** 2) * size**2


def continuous_round_trip(recovery: float, days: int = 4) -> float:
    a = recovery * days
    g = (1 - math.exp(-a)) / a
    return 2 / a * (1 - g) - g**2


def test_a_round_trip_without_slow_capital_costs_nothing(still):
    cost, scale = round_trip_cost(still, recovery=0.0, bars=5)
    assert abs(cost) < 1e-4 * scale  # the displacement itself: exp(x) - 1 is not quite x


@pytest.mark.parametrize("recovery", [0.075, 0.5, 3.0])
def test_a_round_trip_costs_its_closed_form_in_the_limit_of_short_bars(still, recovery):
    errors = []
    for bars in (4, 8, 16, 32):
        cost, scale = round_trip_cost(still, recovery, bars)
        assert cost > 0
        errors.append(abs(cost / scale - continuous_round_trip(recovery)))
    assert errors[-1] < recovery / bars * continuous_round_trip(recovery) + 1e-4
    for coarse, fine in pairwise(errors):
        assert fine < 0.75 * coarse + 1e-4  # it falls as dt


# -- 5, 6 and 7: leverage targeting -----------------------------------------------------------------------------------


def targeting_market(still, loop_gain: float, count: int = 1, **sections):
    """Funds that return to target leverage within a bar, in a market whose first fund's loop gain is as given."""
    crowd = {
        "count": count,
        "capital": 0.5,
        "crowding": 1.0 if count == 1 else 0.6,
        "rebalancing": 100.0,
        "headroom": [10, 10],
        "leverage_spread": 0.0 if count == 1 else 0.3,
    }
    clock = {"bars": 1, "days": 14}
    crowd |= sections.pop("funds", {})
    clock |= sections.pop("clock", {})
    impact = {**LINEAR, **sections.pop("impact", {})}
    made = still(funds=crowd, clock=clock, impact=impact, liquidator={"size": 0}, **sections)
    market = driftless(made)
    gain = largest_gain(market)
    return made.model_copy(update={"impact": made.impact.model_copy(update={"strength": loop_gain / gain})})


def books(market: Market) -> np.ndarray:
    """Shares in a unit of each fund's book, shape (funds, stocks)."""
    return market.state.funds.exposure[0] @ market.state.baskets.shares[0]


def feedback(market: Market) -> np.ndarray:
    """diag(l B) W diag(lambda) W', whose spectral radius amplifies (docs/model.md, section 6)."""
    funds = market.state.funds
    weight = funds.leverage[0] * funds.book[0]
    return weight[:, None] * (books(market) * lambdas(market)) @ books(market).T


def largest_gain(market: Market) -> float:
    return float(np.abs(np.linalg.eigvals(feedback(market))).max())


def cumulative_response(made, shocks: np.ndarray) -> np.ndarray:
    """Cumulative log return of each stock to a fundamental shock on the first bar, per unit of shock."""

    def after(size: float) -> np.ndarray:
        market = driftless(made)
        noise = silence(made)
        for day in range(made.clock.days):
            noise.own[:] = 0
            if day == 0:
                noise.own[0] = size * shocks / market.state.stocks.sigma[0]
            market.trade_path(0, noise)
            market.close()
        return np.log(market.state.stocks.price[0])

    return response(after)


@pytest.mark.parametrize("gain", [0.1, 0.35])
def test_covariance_with_one_leverage_targeting_fund_is_the_closed_form(still, gain):
    made = targeting_market(still, gain, clock={"days": 40})
    market = driftless(made)
    funds, count = market.state.funds, made.market.stocks
    own, weight = books(market)[0], float(funds.leverage[0, 0] * funds.book[0, 0])
    u = weight * lambdas(market) * own
    assert u @ own == pytest.approx(gain, rel=1e-12)
    moves = np.stack([cumulative_response(made, unit) for unit in np.eye(count)], axis=1)
    sigma = np.diag(market.state.stocks.sigma[0] ** 2)
    found = moves @ sigma @ moves.T
    risk, spread = own @ sigma @ own, np.outer(u, sigma @ own)
    expected = sigma + (spread + spread.T) / (1 - gain) + risk * np.outer(u, u) / (1 - gain) ** 2
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6 * expected.max())
    assert own @ found @ own / risk == pytest.approx(1 / (1 - gain) ** 2, rel=1e-5)


def test_many_funds_amplify_by_the_spectral_radius(still):
    made = targeting_market(still, 0.5, count=7, clock={"days": 80, "event": "2007-08-02"})
    market = driftless(made)
    values, vectors = np.linalg.eig(feedback(market).T)
    worst = int(np.argmax(values.real))
    assert values[worst].real == pytest.approx(0.5, rel=1e-9)
    returns = vectors[:, worst].real  # of the funds' books, under the most amplified shock
    shock = np.linalg.pinv(books(market)) @ returns
    amplified = books(market) @ cumulative_response(made, shock)
    np.testing.assert_allclose(amplified, returns / (1 - 0.5), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("bars", [2, 13])
@pytest.mark.parametrize("recovery", [0.1, 1.5])
def test_deleveraging_sustains_itself_from_the_critical_loop_gain_on(still, bars, recovery):
    reaction, dt = 0.85, 1 / bars
    share = dt / reaction  # of the gap that is traded in a bar
    speed = -math.log1p(-share) / dt
    critical = (1 - math.exp(-recovery * dt) * (1 - share)) / share
    made = targeting_market(
        still, critical, funds={"rebalancing": speed}, clock={"bars": bars}, impact={"recovery": recovery}
    )
    assert spectral_radius(made) == pytest.approx(1.0, abs=1e-5)
    for factor, side in ((0.98, -1), (1.02, 1)):
        weaker = made.impact.model_copy(update={"strength": factor * made.impact.strength})
        assert side * (spectral_radius(made.model_copy(update={"impact": weaker})) - 1) > 1e-3 * dt
    assert critical == pytest.approx(1 + recovery * reaction, rel=2 * recovery * dt + dt)


def spectral_radius(made) -> float:
    """Largest eigenvalue modulus of one bar's linear map on (leverage gap, displacement of the book)."""

    def bar(start: tuple[float, float]) -> np.ndarray:
        market = driftless(made)
        funds, stocks = market.state.funds, market.state.stocks
        weight = funds.leverage[0, 0] * funds.book[0, 0]
        direction = lambdas(market) * common_book(market)
        unit = weight * float(direction @ common_book(market))
        funds.equity[0, 0] += start[0] / funds.leverage[0, 0]
        stocks.displacement[0] += start[1] / unit * direction
        stocks.inventory[0] += start[1] / unit * direction / (made.impact.strength * stocks.sigma[0])
        stocks.price[0] *= np.exp(stocks.displacement[0])
        market.trade_path(0, silence(made), 0, 1)
        gap = funds.leverage[0, 0] * funds.equity[0, 0] - funds.book[0, 0]
        return np.array([gap, weight * float(common_book(market) @ stocks.displacement[0])])

    columns = [response(lambda size, unit=unit: bar((size * unit[0], size * unit[1]))) for unit in ((1, 0), (0, 1))]
    return float(np.abs(np.linalg.eigvals(np.stack(columns, axis=1))).max())


# -- 8 -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("first", "second", "sigma"), [(0.01, 0.015, 0.012), (0.03, 0.01, 0.01)])
def test_contrarian_loss_of_two_displaced_days_is_the_closed_form(first, second, sigma):
    draws = np.random.default_rng(1).standard_normal((3, 1, 3_000_000))
    found = khandani_lo(first * draws[0] + sigma * draws[1], second * draws[0] + sigma * draws[2])[0]
    expected = -first * second / (0.3989 * math.hypot(sigma, first))
    assert found == pytest.approx(expected, rel=4e-3)
