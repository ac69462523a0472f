"""The battery passes what we ship, and names the law that a bad plug-in breaks."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pytest

from cqkit.arrays import FloatArray
from cqkit.errors import InputError
from hedging import (
    CheckError,
    FullHedge,
    HedgeView,
    Indicator,
    Prices,
    check_indicator,
    check_policy,
    indicator_names,
    make_indicator,
    make_policy,
    parse_policy,
    policy_names,
)

VARIANTS = [
    *(
        f"partial:gain={gain},lock_rule={rule}"
        for gain in ("beta", "betadyn")
        for rule in ("ratchet", "level", "daily")
    ),
    "partial:volatility=ewma",
    "partial:volatility=garch,refit=30",
    "partial:method=monte_carlo",
    "partial:method=monte_carlo,model=student_t,draws=100",
    "partial:method=monte_carlo,model=bootstrap,draws=100",
    *(f"timing:indicator={name},size={size}" for name in indicator_names() for size in ("fixed", "spot")),
]


@pytest.mark.parametrize("text", [*policy_names(), *VARIANTS])
def test_every_policy_of_ours_keeps_the_laws(text):
    check_policy(parse_policy(text)[1])


@pytest.mark.parametrize("name", indicator_names())
def test_every_indicator_of_ours_keeps_the_laws(name):
    check_indicator(make_indicator(name))


@dataclass(frozen=True)
class Bad(FullHedge):
    """A full hedge to be spoilt."""

    name: ClassVar[str] = "bad"

    def full(self, view: HedgeView) -> FloatArray:
        return FullHedge().contracts(view)


@dataclass(frozen=True)
class PeeksAhead(Bad):
    def prepare(self, prices, first_day, memory):
        memory["rises"] = prices.close[:, -1] > prices.close[:, first_day]

    def contracts(self, view):
        rises = view.memory.get("rises", np.zeros(len(view.start_price), dtype=bool))
        return np.where(rises, 0.0, self.full(view))


@dataclass(frozen=True)
class PeeksAtTomorrow(Bad):
    def prepare(self, prices, first_day, memory):
        memory["falls"] = np.diff(prices.close, axis=1, append=0.0)[:, first_day:] < 0

    def contracts(self, view):
        falls = view.memory["falls"][:, view.day] if "falls" in view.memory else True
        return np.where(falls, self.full(view), 0.0)


@dataclass(frozen=True)
class KeepsState(Bad):
    calls: list[int] = field(default_factory=list)

    def contracts(self, view):
        self.calls.append(view.day)
        return self.full(view) / len(self.calls)


@dataclass(frozen=True)
class DrawsAnew(Bad):
    def contracts(self, view):
        return self.full(view) * np.random.default_rng().random()


@dataclass(frozen=True)
class WrongShape(Bad):
    def contracts(self, view):
        return self.full(view)[:, None]


@dataclass(frozen=True)
class NotANumber(Bad):
    def contracts(self, view):
        return np.full(len(view.start_price), np.nan)


@dataclass(frozen=True)
class MixesPaths(Bad):
    def contracts(self, view):
        return np.full(len(view.start_price), self.full(view).mean() * view.spot[:, -1].mean())


@dataclass(frozen=True)
class NeedsTheReplay(Bad):
    def prepare(self, prices, first_day, memory):  # noqa: ARG002
        memory["half"] = 0.5

    def contracts(self, view):
        return self.full(view) * view.memory.get("half", 1.0)


@dataclass(frozen=True)
class KnowsPoints(Bad):
    def contracts(self, view):
        return np.where(view.index[:, -1] > 3100, 0.0, self.full(view))


@dataclass(frozen=True)
class KnowsMoney(Bad):
    def contracts(self, view):
        return self.full(view) * (view.start_value < 1.5e7)


@dataclass(frozen=True)
class NeedsMovement(Bad):
    def contracts(self, view):
        spread = np.log(view.prices.close).std(axis=1)
        return np.where(spread > 0, self.full(view), np.nan)


@dataclass(frozen=True)
class NeedsHistory(Bad):
    def contracts(self, view):
        return self.full(view) * view.prices.close[:, -100] / view.prices.close[:, -100]


@dataclass(frozen=True)
class WritesOnItsView(Bad):
    def contracts(self, view):
        view.spot[:] = 1.0
        return self.full(view)


class NotADataclass(Bad):
    pass


@pytest.mark.parametrize(
    ("policy", "law"),
    [
        (PeeksAhead(), "does not look ahead"),
        (PeeksAtTomorrow(), "does not look ahead"),
        (KeepsState(), "gives the same for the same"),
        (DrawsAnew(), "gives the same for the same"),
        (WrongShape(), r"gives one finite number a path and day: .*shape \(3, 1\)"),
        (NotANumber(), "gives one finite number a path and day: .*nan: must be a finite number"),
        (MixesPaths(), "treats a path among many as if it were alone"),
        (NeedsTheReplay(), "gives the same close by close as in a replay"),
        (KnowsPoints(), "asks for 1/x the contracts when prices are times x"),
        (KnowsMoney(), "asks for x times the contracts when the book's value is times x"),
        (NeedsMovement(), "bears prices that never move"),
        (NeedsHistory(), "bears a single day and no history"),
        (WritesOnItsView(), "gives one finite number a path and day: .*read-only"),
        (NotADataclass(), "is a frozen dataclass: NotADataclass lacks"),
    ],
)
def test_a_bad_policy_is_caught_and_its_law_named(policy, law):
    with pytest.raises(CheckError, match=f"policy bad: breaks the law: {law}"):
        check_policy(policy)


def lagging_mean(prices):
    return prices.close < prices.close.cumsum(axis=1) / np.arange(1, prices.days + 1)


def test_a_good_function_passes():
    check_indicator(lagging_mean)


def peeks(prices):
    return prices.close > prices.close.mean(axis=1, keepdims=True)


def peeks_at_the_high_to_come(prices):
    return np.roll(prices.high, -1, axis=1) > prices.close * 1.02


def wrong_shape(prices):
    return prices.close[:, -1] > 3000


def gives_numbers(prices):
    return lagging_mean(prices).astype(float)


def knows_points(prices):
    return prices.close > 3000


def mixes_paths(prices):
    return prices.close > prices.close.mean(axis=0)


def draws_anew(prices):
    return np.random.default_rng().random(prices.close.shape) > 0.5


def writes(prices):
    prices.close[:] = 0
    return prices.close > 0


def needs_two_days(prices):
    return prices.close > prices.close[:, 1:2] * 0


@pytest.mark.parametrize(
    ("indicator", "law"),
    [
        (peeks, "does not look ahead"),
        (peeks_at_the_high_to_come, "does not look ahead"),
        (wrong_shape, r"gives on or off, as bool, for every path and day: .*shape \(3,\)"),
        (gives_numbers, "gives on or off, as bool, for every path and day: .*gives float64"),
        (knows_points, "depends on prices only through their ratios"),
        (mixes_paths, "treats a path among many as if it were alone"),
        (draws_anew, "gives the same for the same"),
        (writes, "gives on or off, as bool, for every path and day: .*read-only"),
        (needs_two_days, "bears a single day"),
    ],
)
def test_a_bad_indicator_is_caught_and_its_law_named(indicator, law):
    with pytest.raises(CheckError, match=f"indicator {indicator.__name__}: breaks the law: {law}"):
        check_indicator(indicator)


def test_an_indicator_that_forgets_a_step_is_caught():
    @dataclass(frozen=True)
    class Forgetful(Indicator):
        name: ClassVar[str] = "forgetful"

        def step(self, prices: Prices, memory):
            memory["count"] = memory.get("count", 0) + 1
            return np.full(prices.paths, memory["count"] % 2 == 0)

        def latest(self, prices: Prices, memory):
            return self.step(prices, memory)

        def path(self, prices: Prices):
            return np.tile(np.arange(prices.days) % 2 == 0, (prices.paths, 1))

    with pytest.raises(CheckError, match="gives the same close by close as for a whole path"):
        check_indicator(Forgetful())


def test_a_broken_law_is_an_assertion_and_an_error_of_ours():
    with pytest.raises(AssertionError):
        check_policy(NotANumber())
    assert not issubclass(CheckError, InputError)


def test_a_registered_policy_of_another_kind_passes_too():
    check_policy(make_policy("timing", indicator="donchian", n=5))
