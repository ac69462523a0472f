"""What a policy is shown from its seat, whoever keeps the accounts: a book, a fund in a market, a fund on its eve."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from hedging_worlds import BOOK, Chaser, Fixed, policies
from hypothesis import given
from hypothesis import strategies as st

from cqkit.arrays import FloatArray
from cqkit.errors import InputError
from hedging import IF, FuturesContract, HedgePolicy, HedgeView, Prices, PriceTape, Seat, make_policy, policy_names

UNIT = FuturesContract("index future", 1.0, 0.12, "CNY")
PATHS, FUNDS, PAST, DAYS = 3, 2, 80, 4
GENERATOR = np.random.default_rng(5)
HISTORY = np.exp(-np.cumsum(0.02 * GENERATOR.standard_normal((PATHS, PAST)), axis=1)[:, ::-1])
INDEX = np.exp(np.cumsum(0.02 * GENERATOR.standard_normal((PATHS, DAYS)), axis=1))
SPOT = INDEX[:, None] * (1 + 0.01 * GENERATOR.standard_normal((PATHS, FUNDS, DAYS)))
GAINS = 0.01 * GENERATOR.standard_normal((PATHS, FUNDS, DAYS))


@dataclass(frozen=True)
class Witness(HedgePolicy):
    """Remembers all that it was shown."""

    name: ClassVar[str] = "witness"

    def contracts(self, view: HedgeView) -> FloatArray:
        view.memory.setdefault("seen", []).append(view)
        return view.start_contracts


def seat_of_funds(policy, start_basis=-0.01):
    """Funds on paths: a row is a fund on a path, and money is counted in units of its book."""
    rows = PATHS * FUNDS
    tape = PriceTape(Prices(np.ones((rows, 1))), DAYS, Prices(np.repeat(HISTORY, FUNDS, axis=0)))
    futures = np.full(rows, 1 + start_basis)
    return Seat(policy, UNIT, tape, DAYS, start_futures=futures, each="of the funds that follow it")


def lived(seat):
    """Ask on the eve, and after every close."""
    held = np.zeros(PATHS * FUNDS)
    answers = [held := seat.ask(held)]
    earned = np.zeros(PATHS * FUNDS)
    for day in range(DAYS):
        index = np.repeat(INDEX[:, day], FUNDS)
        seat.close(Prices(index[:, None]), SPOT[:, :, day].ravel(), 0.99 * index)
        earned = earned + GAINS[:, :, day].ravel()
        seat.earn(earned)
        answers.append(held := seat.ask(held))
    return answers


def test_a_fund_on_a_path_sees_what_it_has_lived_through():
    seat = seat_of_funds(Witness())
    answers = lived(seat)
    views = seat.ask(answers[-1]) is not None and seat._memory["seen"]
    view = views[DAYS]
    index = np.hstack([np.ones((PATHS, 1)), INDEX])
    np.testing.assert_array_equal(view.prices.close, np.repeat(np.hstack([HISTORY, index]), FUNDS, axis=0))
    np.testing.assert_array_equal(view.index, np.repeat(index, FUNDS, axis=0))
    np.testing.assert_array_equal(view.spot[:, 0], 1)
    np.testing.assert_array_equal(view.spot[:, 1:], SPOT.reshape(-1, DAYS))
    np.testing.assert_array_equal(view.futures, np.repeat(0.99 * index, FUNDS, axis=0))
    np.testing.assert_array_equal(view.futures_pnl[:, 0], 0)
    np.testing.assert_allclose(view.futures_pnl[:, 1:], GAINS.reshape(-1, DAYS).cumsum(axis=1), rtol=1e-12)
    np.testing.assert_array_equal(view.contracts, answers[DAYS - 1])
    assert (view.day, view.days, view.start_value, view.contract) == (DAYS, DAYS, 1.0, UNIT)
    assert [earlier.day for earlier in views[: DAYS + 1]] == list(range(DAYS + 1))


@pytest.mark.parametrize("name", [*policy_names(), "chaser"])
def test_the_hedge_on_the_eve_is_what_the_policy_says_to_a_view_made_by_hand(name):
    policy = Chaser() if name == "chaser" else make_policy(name)
    ones, zeros = np.ones((PATHS, 1)), np.zeros((PATHS, 1))
    prices = Prices(np.hstack([HISTORY, ones]))
    view = HedgeView(0, DAYS, prices, ones, ones - 0.01, zeros, zeros[:, 0], 1.0, UNIT, {})
    try:
        expected = policy.contracts(view)
    except InputError:
        pytest.skip("needs a volatility index")
    seat = Seat(policy, UNIT, PriceTape(Prices(ones), DAYS, Prices(HISTORY)), DAYS, start_futures=ones[:, 0] - 0.01)
    np.testing.assert_array_equal(seat.ask(zeros[:, 0]), expected)


@given(policy=policies(), path=st.integers(0, PATHS - 1))
def test_funds_that_live_through_the_same_hedge_alike(policy, path):
    seat = seat_of_funds(policy)
    answers = np.array(lived(seat)).reshape(DAYS + 1, PATHS, FUNDS)
    alone = Seat(
        policy,
        UNIT,
        PriceTape(Prices(np.ones((1, 1))), DAYS, Prices(HISTORY[path])),
        DAYS,
        start_futures=np.array([0.99]),
    )
    held = alone.ask(np.zeros(1))
    np.testing.assert_allclose(held, answers[0, path, :1], rtol=1e-12)
    earned = np.zeros(1)
    for day in range(DAYS):
        alone.close(Prices(INDEX[path, day]), SPOT[path, :1, day], 0.99 * INDEX[path, day : day + 1])
        earned = earned + GAINS[path, :1, day]
        alone.earn(earned)
        held = alone.ask(held)
        np.testing.assert_allclose(held, answers[day + 1, path, :1], rtol=1e-9)


def test_nothing_that_a_policy_is_shown_can_be_written_to():
    seat = seat_of_funds(Witness())
    lived(seat)
    seat.ask(np.zeros(PATHS * FUNDS))
    view = seat._memory["seen"][-1]
    for shown in (view.prices.close, view.spot, view.futures, view.futures_pnl):
        with pytest.raises(ValueError, match="read-only"):
            shown[:] = 1.0


def test_a_policy_prepares_where_the_whole_path_is_known():
    window = Prices(np.hstack([np.ones((PATHS, 1)), INDEX]))
    timing = make_policy("timing")
    seat = Seat(timing, IF, PriceTape.of(window, Prices(HISTORY)), DAYS, start_value=BOOK)
    assert seat._memory["signal"].shape == (PATHS, DAYS + 1)
    assert "signal" not in seat_of_funds(timing)._memory


@pytest.mark.parametrize("answer", [np.ones(5), np.array([1, 1, 1, np.nan, 1, 1.0])])
def test_an_answer_that_is_no_number_a_row_is_refused_in_the_words_for_a_row(answer):
    funds = "policy fixed: day 0: must answer with one finite number of contracts for each of the funds that follow it"
    with pytest.raises(InputError, match=funds):
        seat_of_funds(Fixed(answer)).ask(np.zeros(6))
    paths = Seat(Fixed(answer), UNIT, PriceTape(Prices(np.ones((6, 1))), DAYS), DAYS)
    with pytest.raises(InputError, match=r"shape \(5,\): must be \(6,\), one number a path|path 3: contracts = nan"):
        paths.ask(np.zeros(6))


def test_futures_are_told_on_every_day_or_on_none():
    seat = seat_of_funds(Witness())
    with pytest.raises(InputError, match="futures: day 1: must be given on every day or on none"):
        seat.close(Prices(np.ones((6, 1))), np.ones(6))
    with pytest.raises(InputError, match=r"futures: shape \(5,\): must be \(6,\)"):
        seat.close(Prices(np.ones((6, 1))), np.ones(6), np.ones(5))
