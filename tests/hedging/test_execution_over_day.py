"""Orders that are worked off over the day after they were decided, at an average price that is told."""

import numpy as np
import pytest
from hedging_worlds import BOOK, Chaser, price_paths
from hypothesis import given
from hypothesis import strategies as st

from cqkit.errors import InputError
from hedging import IF, FullHedge, FullRebalancedHedge, HedgeBook


def open_book(index, policy=None, **options):
    """A book opened on the first column of `index`, shape (paths, days + 1)."""
    return HedgeBook(
        FullHedge() if policy is None else policy,
        contract=IF,
        start_value=BOOK,
        days=index.shape[1] - 1,
        start_price=index[:, 0],
        execution="over_day",
        **options,
    )


def run(book, index, fill):
    for day in range(1, index.shape[1]):
        book.close(index[:, day], index[:, day] / index[:, 0], fill=fill[:, day])
    return book.result()


def test_an_order_is_filled_at_the_average_price_of_the_day_after():
    index, fill = np.array([[4000.0, 4100.0, 4300.0]]), np.array([[np.nan, 4060.0, 4220.0]])
    book = open_book(index, FullRebalancedHedge(), cost=0.001)
    full = BOOK / (300 * 4000)
    assert book.contracts == 0
    assert book.wanted == pytest.approx(full)
    book.close(index[:, 1], index[:, 1] / 4000, fill=fill[:, 1])
    assert book.contracts == pytest.approx(full)
    book.close(index[:, 2], index[:, 2] / 4000, fill=fill[:, 2])
    result = book.result()
    # On day 0 nothing is held; of day 1 the fund has the way from its fill to the close; of day 2 all.
    np.testing.assert_allclose(result.contracts[0], [0, full, full], rtol=1e-12)
    np.testing.assert_allclose(result.variation[0], [0, -full * 300 * 40, -full * 300 * 200], rtol=1e-12)
    np.testing.assert_allclose(result.margin[0], [0, 0.1 * full * 300 * 4100, 0.1 * full * 300 * 4300], rtol=1e-12)
    traded = 0.001 * full * 300
    np.testing.assert_allclose(result.costs[0], [0, traded * 4060, traded * (4060 + 4300)], rtol=1e-12)


def test_what_was_held_earns_the_way_to_the_fill_and_what_is_wanted_the_rest():
    index, fill = np.array([[4000.0, 4000.0, 4400.0]]), np.array([[np.nan, 4000.0, 4100.0]])

    class Halving(FullHedge):
        def contracts(self, view):
            return super().contracts(view) / 2**view.day

    result = run(open_book(index, Halving()), index, fill)
    full = BOOK / (300 * 4000)
    np.testing.assert_allclose(result.variation[0, 2], -300 * (full * 100 + full / 2 * 300), rtol=1e-12)


@given(index=price_paths(), share=st.floats(0, 1))
def test_fills_at_the_last_close_make_a_hedge_a_day_late_by_name_only(index, share):
    late = index + share * (np.hstack([index[:, :1], index[:, :-1]]) - index)
    result = run(open_book(index, Chaser()), index, late)
    held = result.contracts
    before = np.hstack([index[:, :1], index[:, :-1]])
    earned = -300 * (np.hstack([held[:, :1] * 0, held[:, :-1]]) * (late - before) + held * (index - late))
    np.testing.assert_allclose(result.variation[:, 1:], earned[:, 1:], atol=1e-4)


@given(index=price_paths(), reserve=st.floats(0, 0.3), whole=st.booleans())
def test_cash_is_conserved_over_the_day(index, reserve, whole):
    book = open_book(index, Chaser(), reserve=reserve, when_exhausted="reduce", round_contracts=whole)
    for day in range(1, index.shape[1]):
        book.close(index[:, day], index[:, day] / index[:, 0], fill=(index[:, day - 1] + index[:, day]) / 2)
        result = book.result()
        assets = book.account.cash + result.stock_value[:, -1]
        np.testing.assert_allclose(assets, BOOK * (1 + reserve) + result.hedged_pnl[:, -1], atol=1e-6 * BOOK)


def test_a_fill_is_told_if_and_only_if_orders_are_worked_off_over_the_day():
    index = np.full((1, 3), 4000.0)
    with pytest.raises(InputError, match="fill: day 1: must be given if and only if execution = over_day"):
        open_book(index).close(index[:, 1], np.ones(1))
    prompt = HedgeBook(FullHedge(), contract=IF, start_value=BOOK, days=2, start_price=index[:, 0])
    with pytest.raises(InputError, match="fill: day 1: must be given if and only if execution = over_day"):
        prompt.close(index[:, 1], np.ones(1), fill=index[:, 1])
    with pytest.raises(InputError, match=r"fill: shape \(2,\): must be \(1,\)"):
        open_book(index).close(index[:, 1], np.ones(1), fill=np.ones(2))
