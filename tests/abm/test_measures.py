"""Measurements on prices that do not touch the market."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from pydantic import ValidationError

from abm import CrowdingModel
from abm.crowding import overlap_network
from abm.measures import INDEX_HORIZON, VolatilityGauge, khandani_lo, khandani_lo_within, pressed
from abm.settings import VolatilityIndex


def test_contrarian_return_is_the_weighted_sum_over_half_its_gross():
    yesterday, today = np.array([[0.02, -0.01, 0.005]]), np.array([[0.01, 0.03, -0.02]])
    weights = -(yesterday - yesterday.mean())
    expected = (weights * today).sum() / (0.5 * np.abs(weights).sum())
    assert khandani_lo(yesterday, today)[0] == pytest.approx(expected)
    assert khandani_lo(10 * yesterday + 3, today)[0] == pytest.approx(expected)  # scale and market drop out
    assert np.isnan(khandani_lo(np.zeros((1, 3)), today)[0])


def test_there_is_no_contrarian_portfolio_of_stocks_that_all_stood_at_their_limit():
    at_limit = np.array([[0.1 + 0.2, 0.3, 0.3]]) / 15
    assert np.ptp(at_limit) > 0  # rounding
    assert np.isnan(khandani_lo(at_limit, np.array([[0.01, 0.03, -0.02]]))[0])


@pytest.mark.parametrize("ends", [[0, 7], [0, 3, 7], [0, 1, 2, 7]])
def test_the_contrarian_portfolio_within_groups_is_that_of_each(ends):
    yesterday, today = np.random.default_rng(1).normal(0, 0.01, (2, 5, 7))
    found = khandani_lo_within(yesterday, today, np.array(ends))
    for group, (first, last) in enumerate(pairwise(ends)):
        alone = khandani_lo(yesterday[:, first:last], today[:, first:last])
        np.testing.assert_allclose(found[:, group], alone, rtol=1e-12)  # NaN of a stock alone


def test_a_books_mispricing_is_its_worth_less_that_at_prices_without_impact():
    rng, worth = np.random.default_rng(2), np.empty(3)
    books, price, displacement = (
        rng.normal(0, 1, (3, 2, 40)),
        rng.lognormal(0, 0.3, (3, 40)),
        rng.normal(0, 0.2, (3, 40)),
    )
    books.setflags(write=False)
    pressed(books, price, displacement, worth)
    without = price * np.exp(-displacement)
    np.testing.assert_allclose(worth, (books[:, 0] * (price - without)).sum(axis=1), rtol=1e-12)


def test_volatility_index_is_the_mean_variance_expected_over_21_days():
    rule = VolatilityIndex()
    gauge = VolatilityGauge(rule, 1)
    shown = gauge.update(np.array([-0.03]))[0]
    variance, expected = gauge.variance[0], []
    for _ in range(INDEX_HORIZON):
        expected.append(variance)
        decay = rule.persistence + rule.reaction + rule.asymmetry / 2
        variance = (1 - decay) * gauge.start + decay * variance
    assert shown == pytest.approx(100 * np.sqrt(252 * np.mean(expected)), rel=1e-12)


@pytest.mark.parametrize("weights", [{}, {"reaction": 0.05}, {"asymmetry": 0.0}, {"persistence": 0.0, "reaction": 0.5}])
def test_a_variance_that_stays_keeps_the_volatility_index_where_it_is(weights):
    gauge = VolatilityGauge(VolatilityIndex(start=15.15, **weights), 2)
    day, sign = 0.1515 / np.sqrt(252), np.random.default_rng(4).choice([-1, 1], 500)
    for up in sign:  # every day's move is as large as expected, and a fall on one of the two paths
        shown = gauge.update(day * np.array([up, -up]))
        assert np.mean(shown**2) == pytest.approx(15.15**2, rel=1e-12)


def test_a_volatility_index_comes_back_to_its_start_after_a_move_of_another_size():
    rule = VolatilityIndex(start=20.0)
    gauge = VolatilityGauge(rule, 2)
    first = np.mean(gauge.update(np.array([-0.05, 0.05])) ** 2) - 400
    day = 0.2 / np.sqrt(252)
    for after in range(1, 60):
        shown = gauge.update(day * np.array([1, -1]))
        decay = rule.persistence**after  # of a surprise, when the moves themselves are as large as ever
        assert np.mean(shown**2) - 400 == pytest.approx(first * decay, rel=1e-9)


def test_weights_that_leave_nothing_for_the_start_are_refused():
    with pytest.raises(ValidationError, match=r"persistence \+ reaction \+ asymmetry / 2 = 1\.055: must be below 1"):
        VolatilityIndex(persistence=0.98)
    with pytest.raises(ValidationError, match="must be below 1"):
        VolatilityIndex(persistence=0.5, reaction=0.5, asymmetry=0.0)


def test_volatility_index_rises_more_with_a_fall_than_with_a_rise():
    gauge = VolatilityGauge(VolatilityIndex(), 2)
    fall, rise = gauge.update(np.array([-0.03, 0.03]))
    assert fall > rise > 0


def test_overlap_network_joins_like_books():
    books = np.array([[1.0, -1.0, 0.0], [1.0, -0.9, 0.0], [0.0, 1.0, -1.0]])
    network = overlap_network(books, threshold=0.9)
    assert set(network.edges) == {(0, 1)}
    assert network.edges[0, 1]["overlap"] == pytest.approx(1.9 / np.sqrt(2 * 1.81))
    assert network.number_of_nodes() == 3


def test_overlap_network_reads_a_models_books(small):
    model = CrowdingModel(small(funds={"crowding": 1.0}))
    assert overlap_network(model.market.books(), 0.99).number_of_edges() == 12 * 11 // 2
