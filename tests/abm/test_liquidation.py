"""What is sold to raise money: the cheapest stocks first, where the next unit costs the same in all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from abm.liquidation import cheapest_sale, sale_cost
from abm.sections.stocks import Impact
from cqkit.errors import InputError

PLAIN = Impact(strength=1.0, permanent=0.0, half_spread=0.0)
money = st.floats(1e3, 1e8)


def test_two_stocks_by_hand():
    """Marginal costs sigma_i sqrt(q_i / V_i) are equal: twice the volatility, a quarter of the share of volume."""
    sale = cheapest_sale(50.0, [100.0, 100.0], [1000.0, 1000.0], [0.01, 0.02], PLAIN)
    np.testing.assert_allclose(sale.sold, [40.0, 10.0])
    # 2/3 x 1 % x sqrt(40/1000) of 40, and 2/3 x 2 % x sqrt(10/1000) of 10.
    np.testing.assert_allclose(sale.cost, [2 / 3 * 0.01 * 0.2 * 40, 2 / 3 * 0.02 * 0.1 * 10])
    assert sale.total_cost == pytest.approx(2 / 3 * 0.1)


def test_what_is_sold_out_leaves_the_rest_to_the_others():
    sale = cheapest_sale(50.0, [30.0, 100.0], [1000.0, 1000.0], [0.01, 0.02], PLAIN)
    np.testing.assert_allclose(sale.sold, [30.0, 20.0])


def test_more_than_all_sells_all_and_says_what_is_missing():
    sale = cheapest_sale(300.0, [100.0, 100.0, -50.0], [1e3] * 3, [0.01, 0.02, 0.01], PLAIN)
    assert sale.sold.tolist() == [100.0, 100.0, 0.0]
    assert sale.missing == pytest.approx(100.0)


def test_the_mean_fill_is_two_thirds_of_the_move_at_the_end_with_half_of_what_stays_and_half_the_spread():
    impact = Impact(strength=1.2, permanent=0.3, half_spread=0.001)
    cost = sale_cost(np.array([250.0]), np.array([1000.0]), np.array([0.02]), impact)
    np.testing.assert_allclose(cost, 250 * (0.02 * (2 / 3 * 1.2 * 0.5 + 0.3 * 0.25 / 2) + 0.001))


@given(
    held=st.lists(money, min_size=2, max_size=5),
    volumes=st.lists(st.floats(1e5, 1e9), min_size=5, max_size=5),
    sigmas=st.lists(st.floats(0.002, 0.08), min_size=5, max_size=5),
    share=st.floats(0.01, 0.99),
    stays=st.sampled_from([0.0, 0.02, 1.0]),
)
def test_nothing_of_the_same_amount_is_cheaper(held, volumes, sigmas, share, stays):
    """Against a numerical optimum, which knows nothing of the closed form."""
    impact = Impact(strength=1.17, permanent=stays, half_spread=0.0005)
    held, count = np.array(held), len(held)
    volumes, sigmas = np.array(volumes[:count]), np.array(sigmas[:count])
    amount = share * held.sum()
    sale = cheapest_sale(amount, held, volumes, sigmas, impact)
    assert sale.total == pytest.approx(amount, rel=1e-9)
    assert (sale.sold >= 0).all()
    assert (sale.sold <= held * (1 + 1e-12)).all()
    scale = sale_cost(held * share, volumes, sigmas, impact).sum()
    found = minimize(
        lambda shares: sale_cost(np.maximum(shares, 0) * held, volumes, sigmas, impact).sum() / scale,
        np.full(count, share),
        bounds=[(0, 1)] * count,
        constraints={"type": "eq", "fun": lambda shares: (shares @ held - amount) / amount},
        method="SLSQP",
    )
    feasible = abs(found.x @ held - amount) <= 1e-9 * amount
    assert not feasible or sale.total_cost <= found.fun * scale * (1 + 1e-6)
    # Stocks that are not sold out: one marginal cost.
    part = (sale.sold > 0) & (sale.sold < held * (1 - 1e-9))
    days = sale.sold[part] / volumes[part]
    marginal = sigmas[part] * (1.17 * np.sqrt(days) + stays * days)
    if part.sum() > 1:
        np.testing.assert_allclose(marginal, marginal[0], rtol=1e-6)


@given(factor=st.floats(1e-3, 1e6))
def test_the_unit_of_money_does_not_matter(factor):
    held, volumes, sigmas = np.array([5.0, 3.0, 9.0]), np.array([50.0, 10.0, 20.0]), np.array([0.01, 0.02, 0.03])
    one = cheapest_sale(8.0, held, volumes, sigmas)
    other = cheapest_sale(8 * factor, held * factor, volumes * factor, sigmas)
    np.testing.assert_allclose(other.sold, one.sold * factor, rtol=1e-9)
    np.testing.assert_allclose(other.cost, one.cost * factor, rtol=1e-9)


def test_a_stock_of_unknown_volume_is_sold_last_and_its_cost_is_not_told():
    held, volumes, sigmas = [10.0, 10.0, 20.0], [100.0, np.nan, 0.0], [0.01, 0.01, 0.01]
    few = cheapest_sale(10.0, held, volumes, sigmas, PLAIN)
    assert few.sold.tolist() == [10.0, 0.0, 0.0]
    assert few.notes == ()
    more = cheapest_sale(25.0, held, volumes, sigmas, PLAIN)
    np.testing.assert_allclose(more.sold, [10.0, 5.0, 10.0])
    assert np.isnan(more.cost).tolist() == [False, True, True]
    assert more.total_cost == pytest.approx(more.cost[0])
    assert "not counted" in more.notes[0]


def test_an_unknown_volatility_is_the_others_median():
    known = cheapest_sale(5.0, [10.0, 10.0, 10.0], [100.0] * 3, [0.01, 0.03, 0.02], PLAIN)
    filled = cheapest_sale(5.0, [10.0, 10.0, 10.0], [100.0] * 3, [0.01, 0.03, np.nan], PLAIN)
    np.testing.assert_allclose(filled.sold, known.sold)
    assert "volatility of 1 stock is not known" in filled.notes[0]
    nothing = cheapest_sale(5.0, [10.0, 10.0], [100.0] * 2, [np.nan, np.nan], PLAIN)
    np.testing.assert_allclose(nothing.sold, [2.5, 2.5])
    assert np.isnan(nothing.total_cost)


def test_where_nothing_moves_a_price_all_are_sold_alike():
    free = Impact(strength=0.0, permanent=0.0, half_spread=0.001)
    sale = cheapest_sale(15.0, [10.0, 20.0], [100.0, 100.0], [0.01, 0.02], free)
    np.testing.assert_allclose(sale.sold, [5.0, 10.0])
    assert sale.total_cost == pytest.approx(0.015)


def test_nothing_to_raise_sells_nothing():
    sale = cheapest_sale(0.0, [10.0, 20.0], [100.0, 100.0], [0.01, 0.02])
    assert sale.total == sale.total_cost == sale.missing == 0


@pytest.mark.parametrize(("amount", "held"), [(-1.0, [1.0]), (np.nan, [1.0]), (1.0, [np.inf]), (1.0, [1.0, 2.0])])
def test_what_cannot_be_meant_is_refused(amount, held):
    with pytest.raises(InputError):
        cheapest_sale(amount, held, [100.0], [0.01])
