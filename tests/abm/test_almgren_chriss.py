"""Almgren and Chriss (2000): trajectory, expected cost and variance against their closed forms and their example."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from abm import almgren_chriss, schedules
from abm.settings import Liquidator
from cqkit.errors import InputError

# Their table 1: a million shares at USD 50, 30 % volatility a year, a spread of 1/8, 5 million shares traded a day.
PAPER = {"volatility": 0.95, "temporary": 2.5e-6, "permanent": 2.5e-7, "fixed": 0.0625}
X, T, N = 1e6, 5.0, 5


def closed_forms(aversion: float, intervals: int) -> tuple[float, float]:
    """Expected cost and variance of the optimal trajectory, their equation (20)."""
    tau = T / intervals
    eta = PAPER["temporary"] - PAPER["permanent"] * tau / 2
    kappa = math.acosh(0.5 * aversion * PAPER["volatility"] ** 2 / eta * tau**2 + 1) / tau
    spread = 0.5 * PAPER["permanent"] * X**2 + PAPER["fixed"] * X
    above = math.tanh(kappa * tau / 2) * (tau * math.sinh(2 * kappa * T) + 2 * T * math.sinh(kappa * tau))
    cost = spread + eta * X**2 * above / (2 * tau**2 * math.sinh(kappa * T) ** 2)
    above = tau * math.sinh(kappa * T) * math.cosh(kappa * (T - tau)) - T * math.sinh(kappa * tau)
    variance = 0.5 * PAPER["volatility"] ** 2 * X**2 * above / (math.sinh(kappa * T) ** 2 * math.sinh(kappa * tau))
    return cost, variance


@given(aversion=st.floats(1e-8, 1e-4), intervals=st.integers(1, 60))
def test_cost_and_variance_are_the_closed_forms_for_any_risk_aversion(aversion, intervals):
    found = almgren_chriss(X, T, intervals, risk_aversion=aversion, **PAPER)
    cost, variance = closed_forms(aversion, intervals)
    # the yardstick's own rounding: a difference of numbers that nearly cancel at a small kappa
    assert found.expected_cost == pytest.approx(cost, rel=1e-7)
    assert found.variance == pytest.approx(variance, rel=1e-5, abs=1e-5 * X**2)


def test_the_example_of_the_paper():
    found = almgren_chriss(X, T, N, risk_aversion=1e-6, **PAPER)
    kappa = found.urgency / T
    assert kappa == pytest.approx(0.61, abs=0.005)  # per day, as printed
    assert 2 * (math.cosh(kappa) - 1) == pytest.approx(1e-6 * 0.95**2 / 2.375e-6)
    x = [X * math.sinh(found.urgency * (1 - j / N)) / math.sinh(found.urgency) for j in range(N + 1)]
    np.testing.assert_allclose(found.holdings, x, rtol=1e-12, atol=1e-6)
    even = almgren_chriss(X, T, N, **PAPER)
    assert even.expected_cost == pytest.approx(0.5 * 2.5e-7 * X**2 + 0.0625 * X + 2.375e-6 * X**2 / T)
    assert even.variance == pytest.approx(0.95**2 * X**2 * T / 3 * (1 - 1 / N) * (1 - 1 / (2 * N)))
    assert found.expected_cost > even.expected_cost
    assert found.variance < even.variance


@pytest.mark.parametrize("aversion", [0.0, 1e-7, 1e-6, 1e-5])
def test_no_other_trajectory_has_a_lower_cost_plus_risk(aversion):
    found = almgren_chriss(X, T, N, risk_aversion=aversion, **PAPER)

    def objective(inner: np.ndarray) -> float:
        held = np.concatenate([[1.0], inner, [0.0]])
        traded = -np.diff(held)
        return float((2.375e-6 * traded @ traded + aversion * 0.95**2 * held[1:] @ held[1:]) * X**2) / 1e6

    best = minimize(objective, np.linspace(0.8, 0.2, N - 1), tol=1e-14)
    np.testing.assert_allclose(found.holdings[1:-1] / X, best.x, atol=1e-5)


@given(aversion=st.floats(0, 1e6), intervals=st.integers(1, 40))
def test_any_risk_aversion_sells_everything_and_never_buys(aversion, intervals):
    found = almgren_chriss(X, T, intervals, risk_aversion=aversion, **PAPER)
    assert found.holdings[0] == X
    assert found.holdings[-1] == 0
    assert (found.trades >= 0).all()
    assert math.isfinite(found.expected_cost)
    assert found.variance >= 0


def test_the_schedule_of_that_urgency_is_the_same_trajectory():
    found = almgren_chriss(X, T, N, risk_aversion=1e-6, **PAPER)
    schedule = schedules.make(Liquidator(schedule="almgren_chriss", days=T, urgency=found.urgency))
    np.testing.assert_allclose(schedule.remaining(np.arange(N + 1.0)), found.holdings / X, atol=1e-12)


def test_every_fault_has_its_line():
    with pytest.raises(InputError) as caught:
        almgren_chriss(-1, T, 0, volatility=math.nan, temporary=1e-6, risk_aversion=-1)
    assert [fault.partition(" ")[0] for fault in caught.value.faults] == [
        "shares",
        "volatility",
        "risk_aversion",
        "intervals",
    ]
    with pytest.raises(InputError, match="fast is cheaper"):
        almgren_chriss(X, T, 1, volatility=1, temporary=1e-7, permanent=1e-6)
