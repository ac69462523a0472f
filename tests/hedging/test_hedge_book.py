import numpy as np
import pytest
from hedging_worlds import BOOK, Chaser, Fixed, Keeper, policies, price_paths
from hypothesis import given
from hypothesis import strategies as st

from cqkit.errors import InputError
from hedging import IF, FullHedge, HedgeBook, replay


def open_book(index, policy=None, **options):
    """A book opened on the first column of `index`, shape (paths, days + 1)."""
    return HedgeBook(
        FullHedge() if policy is None else policy,
        contract=IF,
        start_value=BOOK,
        days=index.shape[1] - 1,
        start_price=index[:, 0],
        **options,
    )


def relative(index):
    return index / index[:, :1]


@given(index=price_paths(), policy=policies())
def test_contracts_earn_the_move_to_the_next_close(index, policy):
    result = replay(policy, index, start_value=BOOK)
    earned = -result.contracts[:, :-1] * np.diff(index) * 300
    np.testing.assert_allclose(result.variation[:, 1:], earned, atol=1e-6)
    np.testing.assert_allclose(result.futures_pnl, result.variation.cumsum(axis=1), atol=1e-6)
    np.testing.assert_allclose(result.margin, 0.1 * result.contracts * index * 300)


def test_the_last_close_margins_the_contracts_held_into_it():
    index = np.array([[4000.0, 4100.0, 4300.0]])
    result = replay(Chaser(), index, start_value=BOOK)
    assert result.contracts[0, 1] != result.contracts[0, 0]
    assert result.contracts[0, 2] == result.contracts[0, 1]


@given(index=price_paths(days=5), policy=policies())
def test_a_book_stepped_by_hand_is_the_replay(index, policy):
    book = open_book(index, policy, reserve=0.2, when_exhausted="reduce")
    for day in range(1, 6):
        book.close(index[:, day], relative(index)[:, day])
        assert book.result().days == day
    whole = replay(policy, index, start_value=BOOK, reserve=0.2, when_exhausted="reduce")
    for name in whole.record_names():
        np.testing.assert_array_equal(getattr(book.result(), name), getattr(whole, name))


def test_a_policy_cannot_change_the_records():
    class Vandal(FullHedge):
        def contracts(self, view):
            view.index[:, 0] = 1.0
            return super().contracts(view)

    with pytest.raises(ValueError, match="read-only"):
        open_book(np.full((1, 3), 4000.0), Vandal())


def test_a_policy_sees_the_closes_before_the_start():
    index = np.full((2, 3), 4000.0)
    calm = replay(Chaser(), index, start_value=BOOK, history=[4000.0, 4000.0])
    wild = replay(Chaser(), index, start_value=BOOK, history=[4000.0, 2000.0])
    assert (calm.contracts[:, 0] != wild.contracts[:, 0]).all()


def test_topping_up_keeps_the_position():
    index = np.array([[4000.0, 4400.0, 4800.0]])
    unlimited = replay(FullHedge(), index, start_value=BOOK)
    topped_up = replay(FullHedge(), index, start_value=BOOK, reserve=0.15)
    assert topped_up.margin_call_days == 2
    np.testing.assert_array_equal(topped_up.contracts, unlimited.contracts)
    np.testing.assert_array_equal(topped_up.hedged_pnl, unlimited.hedged_pnl)


@given(
    index=price_paths(largest_move=0.3),
    stock=price_paths(largest_move=0.3),
    policy=policies(),
    reserve=st.floats(0, 0.5),
    gains_fund_margin=st.booleans(),
    round_contracts=st.booleans(),
)
def test_a_forced_reduction_conserves_cash(index, stock, policy, reserve, gains_fund_margin, round_contracts):
    paths, days = min(len(index), len(stock)), min(index.shape[1], stock.shape[1])
    index, spot = index[:paths, :days], relative(stock[:paths, :days])
    book = open_book(
        index,
        policy,
        reserve=reserve,
        when_exhausted="reduce",
        gains_fund_margin=gains_fund_margin,
        round_contracts=round_contracts,
    )
    for day in range(days):
        if day:
            book.close(index[:, day], spot[:, day])
        result = book.result()
        assets = book.account.cash + result.stock_value[:, -1]
        np.testing.assert_allclose(assets, BOOK * (1 + reserve) + result.hedged_pnl[:, -1], atol=1e-6 * BOOK)


@given(index=price_paths(largest_move=0.3), reserve=st.floats(0, 0.5), round_contracts=st.booleans())
def test_a_forced_reduction_leaves_no_shortfall_unless_nothing_is_left(index, reserve, round_contracts):
    book = open_book(index, reserve=reserve, when_exhausted="reduce", round_contracts=round_contracts)
    for day in range(1, index.shape[1]):
        book.close(index[:, day], relative(index)[:, day])
        assert ((book.account.shortfall < 1e-6 * BOOK) | (book.held == 0)).all()
        if round_contracts:
            np.testing.assert_array_equal(book.contracts, np.round(book.contracts))


def test_a_forced_reduction_cuts_both_legs_by_shortfall_over_margin_and_stock():
    index = np.array([[4000.0, 4400.0, 4400.0], [4000.0, 4000.0, 4000.0]])
    result = replay(FullHedge(), index, start_value=BOOK, reserve=0.15, when_exhausted="reduce")
    # Need after a rise of 10 %: margin .11 and loss .10 of the book, so .06 short.
    cut = 0.06 / (0.11 + 1.10)
    assert result.shortfall[0, 1] == pytest.approx(0.06 * BOOK)
    np.testing.assert_allclose(result.contracts[0, 1:] / result.contracts[0, 0], 1 - cut)
    np.testing.assert_allclose(result.stock_value[0, 1:] / BOOK, 1.1 * (1 - cut))
    assert result.shortfall[0, 2] == pytest.approx(0, abs=1e-6)
    assert result.margin_call_days[1] == 0
    np.testing.assert_allclose(result.contracts[1], result.contracts[1, 0])


def test_a_policy_that_keeps_what_it_has_keeps_its_hedge_ratio_after_a_reduction():
    index = np.array([[4000.0, 4400.0, 4800.0, 5200.0]])
    options = {"start_value": BOOK, "reserve": 0.15, "when_exhausted": "reduce"}
    kept, full = replay(Keeper(), index, **options), replay(FullHedge(), index, **options)
    assert kept.margin_call_days == 3
    np.testing.assert_allclose(kept.contracts, full.contracts)


def test_a_jump_beyond_the_stock_book_liquidates_it():
    index = np.array([[1000.0, 4000.0, 5000.0]])
    spot = np.ones_like(index)
    result = replay(FullHedge(), index, spot, start_value=BOOK, reserve=0.2, when_exhausted="reduce")
    assert result.contracts[0, 1:].tolist() == [0.0, 0.0]
    assert result.stock_value[0, 1:].tolist() == [0.0, 0.0]
    assert result.variation[0, 2] == 0


def test_whole_contracts_are_the_nearest():
    index = np.full((1, 3), 3764.078)
    assert replay(FullHedge(), index, start_value=BOOK, round_contracts=True).contracts_max == 21


def test_every_wrong_parameter_is_named():
    with pytest.raises(InputError) as caught:
        HedgeBook(
            FullHedge(),
            contract=IF,
            start_value=-1.0,
            days=0,
            start_price=np.array([4000.0]),
            reserve=70.0,
            when_exhausted="pray",
        )
    assert caught.value.faults == (
        "start_value = -1.0: must be positive and finite",
        "days = 0: must be at least 1",
        "reserve = 70.0: must lie in 0..5 (a ratio to the book, not percent)",
        "when_exhausted = pray: must be one of top_up, reduce",
    )


def test_a_book_takes_one_close_a_path_and_no_more_days_than_it_was_opened_for():
    index = np.full((2, 2), 4000.0)
    book = open_book(index)
    with pytest.raises(InputError, match=r"spot: shape \(1,\): must be \(2,\)"):
        book.close(index[:, 1], np.ones(1))
    book.close(index[:, 1], np.ones(2))
    with pytest.raises(InputError, match="day 2: the book was opened for 1 days"):
        book.close(index[:, 1], np.ones(2))


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (np.ones(3), r"policy fixed: day 0: contracts of shape \(3,\): must be \(2,\)"),
        (np.array([1.0, np.nan]), "policy fixed: day 0: path 1: contracts = nan: must be a finite number"),
    ],
)
def test_a_policy_that_gives_no_numbers_is_named(answer, fault):
    with pytest.raises(InputError, match=fault):
        open_book(np.full((2, 3), 4000.0), Fixed(answer))


def test_history_belongs_to_the_same_paths():
    with pytest.raises(InputError, match="history"):
        open_book(np.full((2, 3), 4000.0), history=np.ones((3, 5)))
