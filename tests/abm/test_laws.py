"""Impact laws, and how a user adds one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, strategies
from worlds import common_book, driftless, left_of_an_order, trade_silently

from abm import laws
from abm.opening import impact_of_a_bar
from abm.settings import Impact

RULES = impact_of_a_bar(Impact(crossover=0.005, reference=0.25), bars=13)


@pytest.mark.parametrize("name", ["square_root", "linear"])
@given(rate=strategies.floats(-500, 500), more=strategies.floats(0, 100))
def test_a_law_is_odd_and_never_falls_as_the_rate_rises(name, rate, more):
    law = laws.get(name)
    assert law(-rate, RULES) == -law(rate, RULES)
    assert law(rate + more, RULES) >= law(rate, RULES)


def test_laws_agree_where_they_should():
    root, linear = laws.get("square_root"), laws.get("linear")
    assert root(4.0, RULES) == pytest.approx(2.0, rel=1e-6)
    assert linear(0.25, RULES) == pytest.approx(root(0.25, RULES), rel=1e-3)  # at the reference
    assert linear(0.5, RULES) == 2 * linear(0.25, RULES)
    assert root(1e-6, RULES) == pytest.approx(1e-6 / math.sqrt(0.005), rel=1e-6)  # far below the crossover


def test_a_users_own_law_is_registered_by_name_and_moves_prices(still):
    with laws.LAWS.scratch():

        @laws.register("logarithmic")
        def logarithmic(rate, impact):
            return math.copysign(math.log1p(abs(rate) / impact.reference), rate)

        made = still(impact={"law": "logarithmic", "permanent": 0.0}, liquidator={"starts": 0.0, "days": 2.0})
        market = driftless(made)
        trade_silently(market, made.clock.event_day + 2)
        stocks = market.state.stocks
        rates = -made.liquidator.size / 2 * common_book(market) / stocks.adv[0]
        forces = np.sign(rates) * np.log1p(np.abs(rates))
        expected = made.impact.strength * stocks.volatility[0] * forces * left_of_an_order(made.impact, 2.0)
        np.testing.assert_allclose(stocks.displacement[0], expected, rtol=1e-11)
        assert np.abs(stocks.displacement).min() > 0
