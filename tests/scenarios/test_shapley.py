from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.attribution.shapley import all_sets, draw_orders, gains, sets_on_the_way, shapley


def game(players, seed=0, paths=3):
    numbers = np.random.default_rng(seed)
    return {chosen: numbers.standard_normal(paths) for chosen in all_sets(players)}


@given(players=st.integers(1, 5), seed=st.integers(0, 2**32))
def test_values_are_means_over_all_orders_and_add_up_on_every_path(players, seed):
    worths = game(players, seed)
    found = shapley(worths, players)
    every_order = np.array(list(permutations(range(players))))
    np.testing.assert_allclose(found, gains(worths, every_order).mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(found.sum(axis=0), worths[2**players - 1] - worths[0], atol=1e-12)


def test_two_players_by_hand():
    worths = {0b00: np.array([1.0]), 0b01: np.array([3.0]), 0b10: np.array([4.0]), 0b11: np.array([10.0])}
    assert shapley(worths, 2)[:, 0].tolist() == [(2 + 6) / 2, (3 + 7) / 2]


def test_one_left_glove_among_two_right_ones():
    # Shapley 1953: the scarce glove has two thirds of the pair's worth, the others a sixth each.
    worths = {chosen: np.array([float(bool(chosen & 1) and chosen > 1)]) for chosen in all_sets(3)}
    assert shapley(worths, 3)[:, 0] == pytest.approx([2 / 3, 1 / 6, 1 / 6])


def test_who_adds_nothing_gets_exactly_nothing_and_equals_get_the_same():
    base = game(3)
    idle = {chosen: base[chosen & 0b111] for chosen in all_sets(4)}
    assert (shapley(idle, 4)[3] == 0).all()
    alike = {chosen: np.array([float(chosen.bit_count()) ** 2]) for chosen in all_sets(4)}
    assert shapley(alike, 4)[:, 0] == pytest.approx([4.0] * 4)


def test_nobody_gets_nothing():
    assert shapley({0: np.ones(2)}, 0).shape == (0, 2)


@given(players=st.integers(1, 12), pairs=st.integers(1, 10), seed=st.integers(0, 2**63 - 1))
def test_drawn_orders_come_with_their_reverse_and_telescope(players, pairs, seed):
    orders = draw_orders(players, 2 * pairs, seed)
    assert orders.shape == (2 * pairs, players)
    assert (np.sort(orders, axis=1) == np.arange(players)).all()
    assert (orders[1::2] == orders[::2, ::-1]).all()
    assert (orders == draw_orders(players, 2 * pairs, seed)).all()
    needed = sets_on_the_way(orders)
    numbers = np.random.default_rng(seed)
    worths = {chosen: numbers.standard_normal(2) for chosen in needed}
    total = worths[2**players - 1] - worths[0]
    np.testing.assert_allclose(gains(worths, orders).sum(axis=1), np.broadcast_to(total, (2 * pairs, 2)), atol=1e-12)


def test_sets_on_the_way_hold_those_of_one_and_of_all_but_one():
    assert sets_on_the_way(np.array([[0, 1, 2, 3]])) == [0, 1, 2, 3, 4, 7, 8, 11, 13, 14, 15]
