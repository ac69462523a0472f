"""The partial hedge against the same rule written as a plain loop, and its laws."""

import itertools
import math
import statistics

import numpy as np
import pytest
from hedging_worlds import BOOK, price_paths
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cqkit.errors import InputError
from hedging import IF, HedgeView, PartialHedge, Prices, make_policy, make_volatility, replay

GAINS, LOCK_RULES = ("beta", "betadyn"), ("ratchet", "level", "daily")
SOON = make_volatility("rolling", least=2)


def one_path(index, spot, history, policy):
    """Contracts along one path, from the report's rule in words."""
    past, contracts = list(history), []
    z = statistics.NormalDist().inv_cdf(1 - policy.confidence)
    beta_gain = dynamic_gain = peak = locked = futures = 0.0
    for day, (today, stock) in enumerate(zip(index[:-1], spot[:-1], strict=True)):
        if day:
            variation = -contracts[-1] * (today - index[day - 1]) * 300 / BOOK
            futures += variation
            before = beta_gain, dynamic_gain
            beta_gain = today / index[0] - 1 + futures
            moved = (today - index[day - 1]) / index[0]
            dynamic_gain += spot[day - 1] / (index[day - 1] / index[0]) * moved + variation
            risen = (beta_gain - before[0], dynamic_gain - before[1])
            locked += max(risen[GAINS.index(policy.gain)], 0)
        gain = beta_gain if policy.gain == "beta" else dynamic_gain
        peak = max(peak, gain)
        base = {"ratchet": peak, "level": max(gain, 0), "daily": locked}[policy.lock_rule]
        budget = max(gain - (policy.lock * base - policy.loss_limit), 0)
        known = [*past, *index[: day + 1]][-41:]
        returns = [math.log(b / a) for a, b in itertools.pairwise(known)]
        ratio = 1.0
        if len(returns) >= 2:
            deviation = statistics.stdev(returns)
            sigma = deviation * math.sqrt(250) if deviation > 1e-7 else 0.0
            years = (len(index) - 1 - day) / 250
            shock = (policy.drift - sigma**2 / 2) * years + z * sigma * math.sqrt(years)
            loss = max(-math.expm1(shock) * stock, 0)
            ratio = 0.0 if loss <= budget else 1 - budget / loss
        contracts.append(ratio * stock * BOOK / (300 * today))
    return contracts


@given(
    index=price_paths(paths=2, days=8, largest_move=0.06),
    stock=price_paths(paths=2, days=8, largest_move=0.06),
    history=price_paths(paths=1, days=45, largest_move=0.04),
    gain=st.sampled_from(GAINS),
    lock_rule=st.sampled_from(LOCK_RULES),
    loss_limit=st.floats(0, 0.2),
    confidence=st.floats(0.55, 0.999),
    lock=st.floats(0, 1),
    drift=st.floats(-0.2, 0.2),
)
@settings(deadline=None)
def test_it_is_the_report_s_rule_written_as_a_loop(index, stock, history, **parameters):
    # Moves that drown in rounding are a matter of the volatility.
    for moves in (np.diff(np.log(index)), np.diff(np.log(history))):
        assume(((moves == 0) | (np.abs(moves) > 1e-5)).all())
    policy = PartialHedge(volatility=SOON, **parameters)
    spot = stock / stock[:, :1]
    result = replay(policy, index, spot, start_value=BOOK, history=history)
    for path in range(2):
        expected = one_path(index[path], spot[path], history[0], policy)
        np.testing.assert_allclose(result.contracts[path, :-1], expected, rtol=1e-6, atol=1e-5)


@st.composite
def states(draw):
    """A partial hedge's parameters, and one close that it may see."""
    before, today, stock = draw(price_paths(paths=1, days=44)), draw(st.floats(0.7, 1.4)), draw(st.floats(0.6, 1.6))
    futures = draw(st.floats(-0.3, 0.3)) * BOOK

    def view():
        index = np.array([[3000.0, 3000.0 * today]])
        return HedgeView(
            day=1,
            days=100,
            prices=Prices(np.hstack([before * 3000 / before[0, -1], index])),
            spot=np.array([[1.0, stock]]),
            futures_pnl=np.array([[0.0, futures]]),
            contracts=np.zeros(1),
            start_value=BOOK,
            contract=IF,
            memory={"gain": np.zeros(1), "locked": np.zeros(1)},
            futures=index,
        )

    return view


@given(
    state=states(),
    gain=st.sampled_from(GAINS),
    lock_rule=st.sampled_from(LOCK_RULES),
    method=st.sampled_from(["closed_form", "monte_carlo"]),
    low=st.floats(0.01, 0.98),
    step=st.floats(0.001, 0.5),
)
def test_at_the_same_state_a_higher_confidence_never_lowers_the_hedge(state, low, step, **parameters):
    high = min(low + step, 0.99)
    less, more = (PartialHedge(confidence=c, **parameters).contracts(state()) for c in (low, high))
    assert (more >= less).all()


@given(state=states(), low=st.floats(0, 0.5), step=st.floats(0.001, 0.5))
def test_at_the_same_state_a_larger_loss_limit_never_raises_the_hedge(state, low, step):
    strict, lax = (PartialHedge(loss_limit=limit).contracts(state()) for limit in (low, low + step))
    assert (lax <= strict).all()


@given(state=states(), lock_rule=st.sampled_from(LOCK_RULES))
def test_it_never_hedges_more_than_the_stock(state, lock_rule):
    view = state()
    asked = PartialHedge(lock_rule=lock_rule).contracts(view)
    assert ((asked >= 0) & (asked <= view.stock_contracts)).all()


def test_without_a_known_volatility_it_hedges_in_full():
    index = 4000 * np.exp(np.random.default_rng(0).normal(0, 0.02, (3, 31)).cumsum(axis=1))
    partial, full = (
        replay(make_policy(name), index, start_value=BOOK).contracts for name in ("partial", "full-rebalanced")
    )
    # Ten returns are known on day 10.
    np.testing.assert_allclose(partial[:, :10], full[:, :10])
    assert (partial[:, 10:-1] < full[:, 10:-1]).all()


def test_a_market_that_never_moves_needs_no_hedge():
    result = replay(PartialHedge(), np.full(30, 4000.0), start_value=BOOK, history=np.full(50, 4000.0))
    assert (result.contracts == 0).all()


@pytest.fixture(scope="module")
def walk():
    """A window of two months after as much history."""
    closes = 4000 * np.exp(np.random.default_rng(5).normal(0, 0.02, (2, 91)).cumsum(axis=1))
    return {"index": closes[:, 50:], "history": closes[:, :50], "start_value": BOOK}


def test_monte_carlo_converges_to_the_closed_form(walk):
    exact = replay(PartialHedge(), **walk).total_return
    miss = []
    for draws in (100, 10_000, 1_000_000):
        hedges = [PartialHedge(method="monte_carlo", draws=draws, seed=seed) for seed in range(3)]
        miss.append(np.mean([np.abs(replay(hedge, **walk).total_return - exact) for hedge in hedges]))
    assert miss[0] > 3 * miss[1] > 9 * miss[2]
    assert miss[2] < 1e-4


@pytest.mark.parametrize("model", ["normal", "student_t", "bootstrap"])
def test_the_same_seed_gives_the_same_contracts_and_another_one_others(walk, model):
    def contracts(seed):
        return replay(make_policy("partial", method="monte_carlo", model=model, seed=seed), **walk).contracts

    np.testing.assert_array_equal(contracts(1), contracts(1))
    assert (contracts(1) != contracts(2)).any()


@pytest.mark.parametrize(
    ("parameters", "fault"),
    [
        (
            {"loss_limit": 5.0},
            r"policy partial: loss_limit = 5.0: must lie in 0..1 \(a share of the book, not percent\)",
        ),
        ({"confidence": 90}, r"confidence = 90: must lie between 0 and 1 \(a probability, not percent\)"),
        ({"confidence": 1.0}, "confidence = 1.0: must lie between 0 and 1"),
        ({"confidence": math.nan}, "confidence = nan: must be a number"),
        ({"lock": -0.5}, r"lock = -0.5: must lie in 0..1"),
        ({"gain": "alpha"}, "gain = alpha: must be one of beta, betadyn"),
        ({"lock_rule": "ratched"}, r"lock_rule = ratched: must be one of .* \(did you mean ratchet\?\)"),
        ({"draws": 1.5}, r"draws = 1.5: must be a whole number"),
        ({"draws": 0}, "draws = 0: must be at least 10"),
        ({"volatility": 0.3}, r"volatility = 0.3: must be a volatility"),
        ({"model": make_policy("partial", method="monte_carlo", model="student_t").model}, "or method = monte_carlo"),
    ],
)
def test_wrong_parameters_are_named(parameters, fault):
    with pytest.raises(InputError, match=fault):
        PartialHedge(**parameters)
