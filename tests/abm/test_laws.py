"""Impact laws, and how a user adds one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, strategies
from worlds import trade_silently

from abm import Market, laws
from abm.state import ImpactState


def impact(exponent: float = 0.5, depth: float = 2.0) -> ImpactState:
    return ImpactState(1.5, exponent, depth, 0.1, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("name", ["power", "linear", "exponential"])
@given(inventory=strategies.floats(-50, 50), more=strategies.floats(0, 10))
def test_displacement_is_odd_and_never_falls_with_inventory(name, inventory, more):
    law = laws.get(name)
    assert law(-inventory, 0.01, impact()) == -law(inventory, 0.01, impact())
    assert law(inventory + more, 0.01, impact()) >= law(inventory, 0.01, impact())


def test_laws_agree_where_they_should():
    power, linear, exponential = (laws.get(name) for name in ("power", "linear", "exponential"))
    assert power(0.7, 0.01, impact(exponent=1.0)) == pytest.approx(linear(0.7, 0.01, impact()))
    assert power(4.0, 0.01, impact()) == pytest.approx(1.5 * 0.01 * 2)  # the square-root law
    assert exponential(1e-6, 0.01, impact()) == pytest.approx(linear(1e-6, 0.01, impact()), rel=1e-6)
    assert exponential(1e3, 0.01, impact()) == pytest.approx(1.5 * 0.01 * 2)  # bounded by the depth


def test_a_users_own_law_is_registered_by_name(still):
    with laws.LAWS.scratch():

        @laws.register("logarithmic")
        def logarithmic(inventory, sigma, impact):
            return math.copysign(impact.strength * sigma * math.log1p(abs(inventory)), inventory)

        market = Market(still(impact={"law": "logarithmic"}))
        trade_silently(market)
        stocks = market.state.stocks
        expected = np.sign(stocks.inventory) * np.log1p(np.abs(stocks.inventory)) * stocks.sigma
        np.testing.assert_allclose(stocks.displacement, expected * market.settings.impact.strength, rtol=1e-12)
        assert np.abs(stocks.displacement).min() > 0
