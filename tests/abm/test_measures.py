"""Measurements on prices that do not touch the market."""

from __future__ import annotations

import numpy as np
import pytest

from abm import CrowdingModel
from abm.crowding import overlap_network
from abm.measures import INDEX_HORIZON, VolatilityGauge, khandani_lo
from abm.settings import VolatilityIndex


def test_contrarian_return_is_the_weighted_sum_over_half_its_gross():
    yesterday, today = np.array([[0.02, -0.01, 0.005]]), np.array([[0.01, 0.03, -0.02]])
    weights = -(yesterday - yesterday.mean())
    expected = (weights * today).sum() / (0.5 * np.abs(weights).sum())
    assert khandani_lo(yesterday, today)[0] == pytest.approx(expected)
    assert khandani_lo(10 * yesterday + 3, today)[0] == pytest.approx(expected)  # scale and market drop out
    assert np.isnan(khandani_lo(np.zeros((1, 3)), today)[0])


def test_volatility_index_is_the_mean_variance_expected_over_21_days():
    rule = VolatilityIndex()
    gauge = VolatilityGauge(rule, 1)
    shown = gauge.update(np.array([-0.03]))[0]
    variance, expected = gauge.variance[0], []
    for _ in range(INDEX_HORIZON):
        expected.append(variance)
        variance = rule.anchor * gauge.start + (rule.persistence + rule.reaction + rule.asymmetry / 2) * variance
    assert shown == pytest.approx(100 * np.sqrt(252 * np.mean(expected)), rel=1e-12)


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
