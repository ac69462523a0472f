"""Measures of crowding: hand-worked examples, closed forms, invariances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import spearmanr

from abm import laws
from abm.crowding import (
    active_books,
    all_rounds,
    average_strategies,
    comomentum,
    contagion_index,
    contagion_network,
    cosine_overlap,
    crowd_days,
    days_to_sell,
    deleveraging_loop,
    effective_number,
    fire_sales,
    fund_asset_network,
    liquidity_overlap,
    market_depth,
    must_sell,
    partial_returns,
    response,
    spectral_radius,
    square_root_move,
)
from abm.opening import impact_of_a_bar
from abm.settings import Impact

# Two banks after Greenwood, Landier and Thesmar: assets 100 and 60, equity 20 each, so debt over equity 4 and 2; all is
# worked out by hand where it is used.
BANKS = np.array([[80.0, 20.0], [30.0, 30.0]])
EQUITY = np.array([20.0, 20.0])
DEPTH = np.array([1000.0, 500.0])
SHOCK = np.array([-0.1, 0.0])


def crowds(signed=True):
    """Random crowds: holdings, equity, depth and a shock."""
    values = st.floats(-100 if signed else 0, 100).map(lambda value: round(value, 3))
    positive = st.floats(1, 1000).map(lambda value: round(value, 3))

    @st.composite
    def drawn(draw):
        funds, stocks = draw(st.integers(1, 6)), draw(st.integers(1, 6))
        holdings = draw(arrays(float, (funds, stocks), elements=values))
        holdings[:, 0] += 1000.0  # nobody holds nothing
        return (
            holdings,
            draw(arrays(float, funds, elements=positive)),
            draw(arrays(float, stocks, elements=positive)) * 100,
            -draw(arrays(float, stocks, elements=st.floats(0, 0.2))),
        )

    return drawn()


def test_two_banks_after_greenwood_landier_and_thesmar_by_hand():
    # The shock costs 8 and 3; leverage is kept by selling 4 x 8 = 32 and 2 x 3 = 6.
    np.testing.assert_allclose(must_sell(BANKS, EQUITY, SHOCK), [32, 6])
    found = fire_sales(BANKS, EQUITY, DEPTH, SHOCK)
    # 32 in proportion is 25.6 and 6.4: prices fall by 0.0256 and 0.0128, which costs 2.304 and 1.152.
    # 6 in proportion is 3 and 3: prices fall by 0.003 and 0.006, which costs 0.36 and 0.27.
    np.testing.assert_allclose(found.losses, [[2.304, 1.152], [0.36, 0.27]], rtol=1e-12)
    np.testing.assert_allclose(found.systemicness, [3.456 / 40, 0.63 / 40], rtol=1e-12)
    np.testing.assert_allclose(found.vulnerability, [2.664 / 20, 1.422 / 20], rtol=1e-12)
    assert found.aggregate == pytest.approx(4.086 / 40, rel=1e-12)
    # Size 100/40 and 60/40, sold 32/100 and 6/60, linkage 10.8/100 and 6.3/60: their product is systemicness.
    np.testing.assert_allclose(found.linkage, [0.108, 0.105], rtol=1e-12)
    np.testing.assert_allclose(found.size * found.sold * found.linkage, found.systemicness, rtol=1e-12)


def test_the_same_in_the_matrices_of_the_paper():
    assets, debt = BANKS.sum(axis=1), BANKS.sum(axis=1) / EQUITY - 1
    weights, liquidity = BANKS / assets[:, None], np.diag(1 / DEPTH)
    first = weights @ SHOCK  # R1 = M F1
    second = weights @ liquidity @ weights.T @ np.diag(assets) @ np.diag(debt) @ first  # R2 = M L M' A B R1
    found = fire_sales(BANKS, EQUITY, DEPTH, SHOCK)
    assert found.aggregate == pytest.approx(-assets @ second / EQUITY.sum(), rel=1e-12)
    np.testing.assert_allclose(found.vulnerability, -assets * second / EQUITY, rtol=1e-12)


@given(crowds())
def test_systemicness_adds_up_to_aggregate_vulnerability(crowd):
    found = fire_sales(*crowd)
    assert found.systemicness.sum() == pytest.approx(found.aggregate, rel=1e-9, abs=1e-12)
    _, equity, _, _ = crowd
    assert found.vulnerability @ equity / equity.sum() == pytest.approx(found.aggregate, rel=1e-9, abs=1e-12)
    np.testing.assert_allclose(found.size * found.sold * found.linkage, found.systemicness, rtol=1e-9, atol=1e-12)


@given(crowds(), st.floats(0.01, 100))
def test_measures_do_not_depend_on_the_unit_of_money(crowd, unit):
    holdings, equity, depth, shock = crowd
    plain, other = fire_sales(*crowd), fire_sales(unit * holdings, unit * equity, unit * depth, shock)
    for name in ("direct", "sold", "size", "linkage", "systemicness", "vulnerability", "aggregate"):
        np.testing.assert_allclose(getattr(other, name), getattr(plain, name), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(
        spectral_radius(response(unit * holdings, unit * equity, unit * depth)),
        spectral_radius(response(holdings, equity, depth)),
        rtol=1e-6,
        atol=1e-9,
    )


def test_a_long_and_short_book_sells_to_be_back_at_its_leverage():
    book, equity = np.array([[60.0, -50.0]]), np.array([11.0])  # gross 110, ten times equity
    shock = np.array([-0.02, 0.03])  # costs 1.2 + 1.5 = 2.7, and the gross book becomes 58.8 + 51.5 = 110.3
    assert must_sell(book, equity, shock)[0] == pytest.approx(110.3 - 10 * (11 - 2.7))
    market = np.array([-0.02, -0.02])  # costs 0.2, the gross book shrinks to 107.8, and may be 108: nobody has to buy
    assert must_sell(book, equity, market)[0] == 0.0


def test_who_has_lost_all_sells_all_and_who_owes_nothing_sells_nothing():
    books, equity = np.array([[100.0], [100.0], [100.0]]), np.array([10.0, 100.0, 0.0])
    np.testing.assert_array_equal(must_sell(books, equity, np.array([-0.2])), [100, 0, 100])


def test_loop_gain_of_two_banks_by_hand():
    # A unit sold by bank 1 is 0.8 and 0.2, moves prices by 0.0008 and 0.0004, costs 0.072 and 0.036: 0.288 and 0.072 to
    # sell. One sold by bank 2 moves them by 0.0005 and 0.001, costs 0.06 and 0.045: 0.24 and 0.09 to sell.
    np.testing.assert_allclose(response(BANKS, EQUITY, DEPTH), [[0.288, 0.24], [0.072, 0.09]], rtol=1e-12)
    loop = deleveraging_loop(BANKS, EQUITY, DEPTH)
    assert loop.gain == pytest.approx((0.378 + np.sqrt(0.378**2 - 4 * 0.00864)) / 2, rel=1e-12)
    # Divided by what is critical, equity lets the gain be 1.
    assert deleveraging_loop(BANKS, EQUITY / loop.critical, DEPTH).gain == pytest.approx(1, rel=1e-8)
    assert loop.cushion == pytest.approx(1 - 1 / loop.critical)


@given(crowds(), st.floats(0.3, 3))
def test_the_gain_is_1_at_the_critical_leverage(crowd, thinner):
    holdings, equity, depth, _ = crowd
    books, deep = holdings * (holdings > 0), depth / thinner
    critical = deleveraging_loop(books, equity, deep).critical
    below, above = (spectral_radius(response(books, equity, deep, critical * times)) for times in (1 - 1e-6, 1 + 1e-6))
    assert below <= 1 + 1e-9
    assert above >= 1 - 1e-9


@pytest.mark.parametrize("funds", [1, 10, 100])
def test_funds_alike_have_the_gain_of_the_closed_form(funds):
    depth = np.array([20.0 * funds])  # ten funds at 8:1 with assets 1 and depth 200: a gain of 0.35, moves x 1.538462
    books, equity = np.ones((funds, 1)), np.full(funds, 1 / 8)
    loop = deleveraging_loop(books, equity, depth)
    assert loop.gain == pytest.approx(0.35, rel=1e-9)
    assert loop.critical * 8 == pytest.approx(21, rel=1e-8)  # n (l - 1) A / D = 1
    sales = must_sell(books, equity, np.array([-0.01]))
    total = all_rounds(sales, response(books, equity, depth))
    assert 1 + total.sum() / depth[0] / 0.01 == pytest.approx(1.538462, abs=1e-6)
    assert np.isnan(all_rounds(sales, response(books, equity, depth, loop.critical * 1.001))).all()


def test_funds_without_debt_have_no_loop():
    loop = deleveraging_loop(np.ones((2, 1)), np.array([2.0, 2.0]), np.array([1e9]))
    assert loop.gain == 0
    assert loop.critical > 1


def test_the_depth_is_the_chord_of_the_square_root_law():
    adv, volatility, strength = np.array([50.0, 8.0]), np.array([0.02, 0.03]), Impact().strength
    for flow in (0.001, 0.1, 3.0):
        depth = market_depth(adv, volatility, flow=flow)
        law = laws.square_root(flow, impact_of_a_bar(Impact(), 13))
        np.testing.assert_allclose(flow * adv / depth, strength * volatility * law, rtol=1e-12)
    np.testing.assert_allclose(
        square_root_move(0.1 * adv, adv, volatility), 0.1 * adv / market_depth(adv, volatility, crossover=0), rtol=1e-12
    )


def test_a_loop_is_half_as_strong_at_four_times_the_flow():
    adv, volatility = np.array([50.0, 8.0]), np.array([0.02, 0.03])
    gains = [
        deleveraging_loop(BANKS, EQUITY, market_depth(adv, volatility, flow=flow, crossover=0)).gain
        for flow in (0.1, 0.4)
    ]
    assert gains[0] == pytest.approx(2 * gains[1], rel=1e-12)


@given(crowds(signed=False), st.floats(0.1, 10))
def test_contagion_index_is_the_perron_vector(crowd, unit):
    holdings, _, depth, _ = crowd
    overlap = liquidity_overlap(holdings, depth)
    found = contagion_index(overlap)
    assert (found.weights > -1e-9).all()  # long-only books: none stands on the other side
    assert np.abs(found.weights).sum() == pytest.approx(1)
    np.testing.assert_allclose(overlap @ found.weights, found.eigenvalue * found.weights, rtol=1e-6, atol=1e-6)
    assert found.eigenvalue == pytest.approx(np.abs(np.linalg.eigvals(overlap)).max(), rel=1e-9)
    other = contagion_index(liquidity_overlap(unit * holdings, depth / unit))
    np.testing.assert_allclose(other.weights, found.weights, rtol=1e-5, atol=1e-7)
    assert other.share == pytest.approx(found.share, rel=1e-9)


def test_liquidity_overlap_and_contagion_by_hand():
    overlap = liquidity_overlap(np.array([[10.0, 0.0], [10.0, 20.0]]), np.array([100.0, 400.0]))
    np.testing.assert_allclose(overlap, [[1, 1], [1, 2]])
    found = contagion_index(overlap)  # eigenvalues (3 +- sqrt 5) / 2, vector (1, golden ratio)
    golden = (1 + np.sqrt(5)) / 2
    np.testing.assert_allclose(found.weights, np.array([1, golden]) / (1 + golden), rtol=1e-12)
    assert found.share == pytest.approx((3 + np.sqrt(5)) / 6, rel=1e-12)


def test_the_index_ranks_funds_by_what_their_liquidation_costs_the_others():
    random = np.random.default_rng(3)
    common = random.random(60)
    books = (common + 0.3 * random.random((20, 60))) * random.lognormal(size=(20, 1))
    overlap = liquidity_overlap(books, random.random(60) + 0.5)
    assert spearmanr(contagion_index(overlap).weights, overlap.sum(axis=1)).statistic > 0.9


@given(crowds(), st.floats(0.01, 100))
def test_cosines_do_not_depend_on_sizes(crowd, times):
    holdings = crowd[0]
    larger = holdings * np.array([times] + [1.0] * (len(holdings) - 1))[:, None]
    np.testing.assert_allclose(cosine_overlap(larger), cosine_overlap(holdings), atol=1e-12)


def test_active_books_are_what_is_held_beside_the_index():
    index = np.array([0.5, 0.3, 0.2])
    active = active_books(np.array([[100 * 0.5, 100 * 0.3, 100 * 0.2], [10.0, -4.0, -6.0], [10.0, 0.0, 0.0]]), index)
    np.testing.assert_allclose(active, [[0, 0, 0], [10, -4, -6], [5, -3, -2]], atol=1e-12)


@pytest.mark.parametrize(
    ("rho", "number", "averaging"), [(0.0, 10, 10), (0.3, 5.525, 2.703), (0.9, 1.206, 1.099), (1.0, 1, 1)]
)
def test_effective_number_of_ten_funds(rho, number, averaging):
    correlation = np.full((10, 10), rho) + (1 - rho) * np.eye(10)
    assert effective_number(correlation) == pytest.approx(number, abs=5e-4)
    assert average_strategies(10, rho) == pytest.approx(averaging, abs=5e-4)
    if rho in {0.0, 1.0}:
        assert effective_number(correlation, "entropy") == pytest.approx(number)


def test_days_to_sell_by_hand():
    # At a fifth of the volume, 20 and 2 a day: positions of 40 and 10 take 2 and 5 days.
    book, adv = np.array([[40.0, -10.0]]), np.array([100.0, 10.0])
    assert days_to_sell(book, adv)[0] == pytest.approx(5)
    assert days_to_sell(book, adv, share=0.44)[0] == pytest.approx(1)  # 20 + 2 of 50
    assert days_to_sell(book, adv, share=0.92)[0] == pytest.approx(3)  # 40 + 6 of 50
    np.testing.assert_allclose(crowd_days(np.vstack([book, -book]), adv), [4, 10])
    assert days_to_sell(np.zeros((1, 2)), adv)[0] == 0
    thin = np.array([100.0, 0.0])  # the second stock is not traded
    assert days_to_sell(book, thin)[0] == np.inf
    assert days_to_sell(book, thin, share=0.8)[0] == pytest.approx(2)


def test_comomentum_finds_a_common_move_at_one_end_and_not_what_factors_explain():
    random = np.random.default_rng(5)
    score, market = np.arange(200.0), random.standard_normal(400)
    own = random.standard_normal((400, 200))
    common = random.standard_normal(400)
    returns = own + 3 * market[:, None] * random.random(200)
    returns[:, 180:] += common[:, None]  # variance 1 beside the stocks' own 1: a correlation of one half
    found = comomentum(returns, score, market)
    assert found.high == pytest.approx(0.5, abs=0.04)
    assert found.low == pytest.approx(0, abs=0.02)
    assert found.mean == pytest.approx((found.low + found.high) / 2)
    again = comomentum(returns * np.linspace(1, 9, 200) + 7, 5 + 2 * score, market)
    np.testing.assert_allclose(again, found, atol=1e-9)
    assert comomentum(returns, score).low > 0.3  # without the factor the market is taken for the crowd


def test_partial_returns_are_what_no_factor_explains():
    random = np.random.default_rng(6)
    factors, returns = random.standard_normal((30, 2)), random.standard_normal((30, 4))
    rest = partial_returns(returns + factors @ random.standard_normal((2, 4)) + 5, factors)
    np.testing.assert_allclose(factors.T @ rest, 0, atol=1e-12)
    np.testing.assert_allclose(rest, partial_returns(returns, factors), atol=1e-12)


def test_comomentum_of_a_pair_is_their_partial_correlation():
    random = np.random.default_rng(7)
    returns = random.standard_normal((50, 20))
    pair = np.corrcoef(returns[:, 18], returns[:, 19])[0, 1]
    assert comomentum(returns, np.arange(20.0)).high == pytest.approx(pair, rel=1e-12)
    assert np.isnan(comomentum(returns, np.arange(20.0), share=0.05).high)  # one stock has no pair


def test_networks_say_what_the_measures_say():
    found = fire_sales(BANKS, EQUITY, DEPTH, SHOCK)
    network = contagion_network(found.losses, EQUITY, ["a", "b"], {"vulnerability": found.vulnerability})
    into = dict(network.in_degree(weight="weight"))
    np.testing.assert_allclose(list(into.values()), found.vulnerability, rtol=1e-12)
    out = np.array(list(dict(network.out_degree(weight="value")).values()))
    np.testing.assert_allclose(out / EQUITY.sum(), found.systemicness, rtol=1e-12)
    assert network.nodes["fund:a"]["vulnerability"] == pytest.approx(found.vulnerability[0])


def test_the_fund_asset_network_is_bipartite_and_adds_up():
    books, adv = np.array([[80.0, -20.0, 0.0], [0.0, 30.0, 30.0]]), np.array([40.0, np.nan, 10.0])
    network = fund_asset_network(
        books, ["x", "y"], ["x", "B", "C"], adv=adv, sectors=["Tech", "", "Oil"], titles=["X Corp", "", ""]
    )
    assert set(network) == {"fund:x", "fund:y", "stock:x", "stock:B", "stock:C"}  # a fund may be called as a stock is
    assert network.number_of_edges() == 4
    assert all(network.nodes[a]["bipartite"] != network.nodes[b]["bipartite"] for a, b in network.edges)
    np.testing.assert_allclose([network.degree(f"fund:{name}", weight="weight") for name in "xy"], 1)
    assert network.edges["fund:x", "stock:B"] == {"weight": 0.2, "value": -20.0}  # its volume is not known
    assert network.edges["fund:x", "stock:x"]["adv_days"] == 2.0
    assert network.nodes["stock:C"] == {
        "bipartite": 1,
        "kind": "stock",
        "name": "C",
        "value": 30.0,
        "sector": "Oil",
        "adv_days": 3.0,
    }
