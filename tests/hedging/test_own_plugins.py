"""A user's own policy and indicator, as the README shows them, and a user's own volatility and return model."""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

import hedging

INDEX = 4000 * np.exp(np.random.default_rng(3).normal(0, 0.02, (2, 120)).cumsum(axis=1))
OPTIONS = {"start_value": 2e7, "history": INDEX[:, :60]}


@pytest.fixture(autouse=True)
def scratch_registers():
    registries = (hedging.POLICIES, hedging.INDICATORS, hedging.VOLATILITIES, hedging.RETURN_MODELS)
    with ExitStack() as stack:
        for registry in registries:
            stack.enter_context(registry.scratch())
        yield


def test_a_policy_of_one_s_own_is_ten_lines():
    from hedging import HedgePolicy, HedgeView, check_policy, register  # noqa: PLC0415

    @register
    @dataclass(frozen=True)
    class DrawdownHedge(HedgePolicy):
        """Hedge the stock in full once it is `limit` below its highest close."""

        name: ClassVar[str] = "drawdown"
        limit: float = 0.10

        def contracts(self, view: HedgeView) -> np.ndarray:
            peak = np.maximum(view.memory.get("peak", 0.0), view.spot[:, -1])
            view.memory["peak"] = peak
            return np.where(view.spot[:, -1] < (1 - self.limit) * peak, view.stock_contracts, 0.0)

    check_policy(DrawdownHedge())
    label, policy = hedging.parse_policy("mine=drawdown:limit=0.02")
    assert (label, policy) == ("mine", DrawdownHedge(0.02))
    result = hedging.replay(policy, INDEX[:, 60:], **OPTIONS)
    assert 0 < (result.contracts > 0).mean() < 1


def test_an_indicator_of_one_s_own_is_ten_lines():
    from hedging import Prices, check_indicator, make_policy, register_indicator, replay  # noqa: PLC0415

    @register_indicator("two_lows")
    def two_lows(prices: Prices, days: int = 2) -> np.ndarray:
        """On after a run of falling lows."""
        falls = np.diff(prices.low, axis=1, prepend=np.inf) < 0
        falls[:, 0] = False
        on = falls.copy()
        for lag in range(1, days):
            on[:, lag:] &= falls[:, :-lag]
        return on

    check_indicator(two_lows)
    policy = make_policy("timing", indicator="two_lows", days=3)
    result = replay(policy, INDEX[:, 60:], **OPTIONS)
    assert 0 < (result.contracts > 0).mean() < 0.5


def test_a_volatility_of_one_s_own_feeds_the_partial_hedge():
    @hedging.register_volatility("fixed")
    @dataclass(frozen=True)
    class FixedVolatility(hedging.Volatility):
        level: float = 0.30

        def step(self, prices, memory):  # noqa: ARG002
            return np.full(prices.paths, self.level)

    calm, wild = (hedging.make_policy("partial", volatility="fixed", level=level) for level in (0.1, 0.6))
    hedging.check_policy(wild)
    less, more = (hedging.replay(policy, INDEX[:, 60:], **OPTIONS).contracts[:, 0] for policy in (calm, wild))
    assert (less < more).all()


def test_a_return_model_of_one_s_own_feeds_monte_carlo():
    @hedging.register_return_model("coin")
    @dataclass(frozen=True)
    class CoinReturns(hedging.ReturnModel):
        def shocks(self, rng, days, draws, prices):  # noqa: ARG002
            return rng.choice([-1.0, 1.0], size=draws)

    policy = hedging.make_policy("partial", method="monte_carlo", model="coin")
    hedging.check_policy(policy)
    assert np.isfinite(hedging.replay(policy, INDEX[:, 60:], **OPTIONS).total_return).all()


def test_whatever_goes_by_name_says_in_a_line_what_it_is_and_where_it_was_written():
    @hedging.register_indicator("two_days")
    def two_days(prices: hedging.Prices, days: int = 2) -> np.ndarray:
        """On after two days."""
        return np.zeros(prices.close.shape, dtype=bool)

    assert hedging.INDICATORS.about("two_days") == "On after two days."
    assert hedging.INDICATORS.parameters("two_days") == {"days": 2}
    assert hedging.INDICATORS.origin("two_days") == __name__
    for registry in (
        hedging.POLICIES,
        hedging.INDICATORS,
        hedging.VOLATILITIES,
        hedging.RETURN_MODELS,
        hedging.PATH_MODELS,
    ):
        assert all(registry.about(name) for name in registry.names())
        assert all(isinstance(registry.make(name, {}), registry.base) for name in registry.names())
