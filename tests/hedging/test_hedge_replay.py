import numpy as np
import pytest
from hedging_worlds import BOOK, Chaser, policies, price_paths
from hypothesis import assume, given
from hypothesis import strategies as st

from cqkit.errors import InputError
from hedging import FullHedge, FuturesContract, HedgeResult, replay

RATIOS = (
    "required_reserve",
    "total_return",
    "undiluted_return",
    "shortfall_max",
    "hedge_loss",
    "margin_call_days",
)


def same_ratios(one: HedgeResult, other: HedgeResult):
    for name in RATIOS:
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-9, err_msg=name)


@given(index=price_paths(), margin=st.floats(0.01, 0.5))
def test_the_full_hedge_needs_margin_and_one_plus_margin_times_the_largest_rise(index, margin):
    rise = index.max(axis=1) / index[:, 0] - 1
    assume((rise > 0).all())
    contract = FuturesContract("X", 50.0, margin, "USD")
    result = replay(FullHedge(), index, start_value=1e6, contract=contract)
    np.testing.assert_allclose(result.required_reserve, margin + (1 + margin) * rise, rtol=1e-9)


@given(index=price_paths(days=6), policy=policies(), today=st.integers(0, 5), data=st.data())
def test_no_policy_looks_ahead(index, policy, today, data):
    future = data.draw(st.permutations(range(today + 1, 7)))
    shuffled = index[:, [*range(today + 1), *future]]
    known = replay(policy, index, start_value=BOOK).contracts[:, : today + 1]
    # The last column repeats the one before it, so it is no decision.
    np.testing.assert_array_equal(replay(policy, shuffled, start_value=BOOK).contracts[:, : today + 1], known)


@given(index=price_paths(paths=3, days=4), stock=price_paths(paths=3, days=4), policy=policies())
def test_many_paths_at_once_are_one_path_at_a_time(index, stock, policy):
    options = {"start_value": BOOK, "reserve": 0.2, "when_exhausted": "reduce"}
    together = replay(policy, index, stock, **options)
    apart = [replay(policy, index[path], stock[path], **options) for path in range(3)]
    stacked = HedgeResult.concatenate(apart)
    for name in together.record_names():
        np.testing.assert_array_equal(getattr(stacked, name), getattr(together, name))


@given(index=price_paths(), policy=policies(), scale=st.floats(0.01, 100))
def test_scaling_prices_leaves_ratios(index, policy, scale):
    options = {"start_value": BOOK, "reserve": 0.2}
    once, scaled = replay(policy, index, **options), replay(policy, scale * index, **options)
    same_ratios(once, scaled)
    np.testing.assert_allclose(scaled.contracts * scale, once.contracts, rtol=1e-7, atol=1e-6)
    np.testing.assert_allclose(scaled.capital_need, once.capital_need, rtol=1e-7, atol=1e-6 * BOOK)


@given(index=price_paths(), policy=policies(), scale=st.floats(0.01, 100))
def test_scaling_the_book_scales_money_and_leaves_ratios(index, policy, scale):
    once = replay(policy, index, start_value=BOOK, reserve=0.2)
    scaled = replay(policy, index, start_value=scale * BOOK, reserve=0.2)
    same_ratios(once, scaled)
    np.testing.assert_allclose(scaled.capital_need, scale * once.capital_need, rtol=1e-9)
    np.testing.assert_allclose(scaled.contracts, scale * once.contracts, rtol=1e-9)


@given(index=price_paths(), policy=policies())
def test_gains_that_fund_margin_never_raise_the_need(index, policy):
    aside = replay(policy, index, start_value=BOOK)
    funding = replay(policy, index, start_value=BOOK, gains_fund_margin=True)
    assert (funding.capital_need <= aside.capital_need).all()
    losing = aside.futures_pnl <= 0
    np.testing.assert_allclose(funding.capital_need[losing], aside.capital_need[losing], atol=1e-6)


@given(index=price_paths(), policy=policies(), share=st.floats(0.01, 0.99))
def test_a_margin_call_comes_exactly_when_the_reserve_is_less_than_required(index, policy, share):
    required = replay(policy, index[:1], start_value=BOOK).required_reserve[0]
    # A hair above, since the ratio times the book may round to less than the need.
    enough = replay(policy, index[:1], start_value=BOOK, reserve=required * (1 + 1e-12))
    short = replay(policy, index[:1], start_value=BOOK, reserve=required * share)
    assert enough.margin_call_days == 0
    assert short.margin_call_days > 0
    assert short.shortfall_max == pytest.approx(required * (1 - share))


def test_the_index_hedged_with_itself_earns_nothing():
    index = np.array([1000.0, 1100.0, 900.0, 1300.0])
    result = replay(FullHedge(), index, start_value=BOOK)
    np.testing.assert_allclose(result.hedged_pnl, 0, atol=1e-6)


def test_only_the_ratio_of_the_stock_book_to_its_start_counts():
    index, nav = np.array([1000.0, 1100.0, 900.0]), np.array([4.695, 5.0, 4.8])
    same_ratios(
        replay(Chaser(), index, nav, start_value=BOOK),
        replay(Chaser(), index, nav / nav[0], start_value=BOOK),
    )


@pytest.mark.parametrize(
    ("index", "spot", "fault"),
    [
        ([4000.0], None, "days = 0: must be at least 1"),
        ([], None, r"index: shape \(1, 0\): must be"),
        (np.ones((2, 2, 2)), None, r"index: shape \(2, 2, 2\)"),
        ([4000.0, np.nan], None, "index: path 0, column 1: nan: must be positive and finite"),
        ([4000.0, np.inf], None, "index: path 0, column 1: inf"),
        ([4000.0, 4100.0], [1.0, 0.0], "spot: path 0, column 1: 0.0"),
        ([4000.0, 4100.0], [1.0, -3.0], "spot: path 0, column 1: -3.0"),
        ([4000.0, 4100.0], [1.0, 1.1, 1.2], r"spot: shape \(1, 3\): must be \(1, 2\)"),
        (["a", "b"], None, "index: .*must be an array of numbers"),
    ],
)
def test_bad_prices_are_named(index, spot, fault):
    with pytest.raises(InputError, match=fault):
        replay(FullHedge(), index, spot, start_value=BOOK)


def test_a_history_may_be_empty():
    index = np.full((2, 4), 4000.0)
    without, empty = replay(Chaser(), index, start_value=BOOK), replay(Chaser(), index, start_value=BOOK, history=[])
    np.testing.assert_array_equal(empty.contracts, without.contracts)


def test_history_for_other_paths_is_refused():
    with pytest.raises(InputError, match="history: 3 paths: must be 1 or 2"):
        replay(FullHedge(), np.ones((2, 4)), start_value=BOOK, history=np.ones((3, 4)))
