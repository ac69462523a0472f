import numpy as np
import pytest
from hedging_worlds import BOOK, Chaser, Keeper, price_paths
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cqkit.errors import InputError
from hedging import FullHedge, HedgeBook, Prices, TimingHedge, replay
from hedging.contracts.specification import IF


@st.composite
def bars(draw):
    """Closes with opens anywhere near the close before."""
    close = draw(price_paths())
    gaps = draw(hnp.arrays(float, close.shape, elements=st.floats(-0.05, 0.05)))
    opens = np.hstack([close[:, :1], close[:, :-1]]) * np.exp(gaps)
    return Prices(close, opens, np.maximum(opens, close), np.minimum(opens, close))


@given(index=bars())
def test_orders_wait_for_the_open(index):
    result = replay(Chaser(), index, start_value=BOOK, execution="next_open")
    held, close, opens = result.contracts, index.close, index.open
    overnight = -held[:, :-1] * (opens[:, 1:] - close[:, :-1]) * 300
    # The last day's contracts are those that were traded at its open.
    intraday = -held[:, 1:] * (close[:, 1:] - opens[:, 1:]) * 300
    np.testing.assert_allclose(result.variation[:, 1:], overnight + intraday, atol=1e-4)


@given(index=bars())
def test_the_hedge_starts_at_the_first_open_and_is_margined_from_that_close(index):
    result = replay(FullHedge(), index, start_value=BOOK, execution="next_open")
    wanted = BOOK / (300 * index.close[:, 0])
    assert (result.contracts[:, 0] == 0).all()
    np.testing.assert_allclose(result.contracts[:, 1:], wanted[:, None] * np.ones((1, index.days - 1)))
    assert (result.margin[:, 0] == 0).all()
    np.testing.assert_allclose(result.margin[:, 1:], 30 * result.contracts[:, 1:] * index.close[:, 1:])


@given(index=price_paths())
def test_opens_at_the_last_close_make_a_hedge_a_day_late_by_name_only(index):
    opens = np.hstack([index[:, :1], index[:, :-1]])
    prices = Prices(index, opens, np.maximum(opens, index), np.minimum(opens, index))
    late = replay(FullHedge(), prices, start_value=BOOK, execution="next_open")
    prompt = replay(FullHedge(), prices, start_value=BOOK)
    np.testing.assert_allclose(late.futures_pnl, prompt.futures_pnl, atol=1e-4)


def test_a_policy_that_keeps_what_it_has_keeps_what_was_traded_at_the_open():
    index = np.array([[4000.0, 4100.0, 4200.0, 4300.0]])
    result = replay(Keeper(), Prices(index, index), start_value=BOOK, execution="next_open")
    np.testing.assert_allclose(result.contracts[0, 1:], BOOK / (300 * 4000))


@given(index=bars(), reserve=st.floats(0, 0.3), whole=st.booleans())
def test_cash_is_conserved_at_the_next_open(index, reserve, whole):
    days = index.days - 1
    book = HedgeBook(
        Chaser(),
        contract=IF,
        start_value=BOOK,
        days=days,
        start_price=index.upto(1),
        reserve=reserve,
        when_exhausted="reduce",
        round_contracts=whole,
        execution="next_open",
    )
    for day in range(1, days + 1):
        spot = index.close[:, day] / index.close[:, 0]
        book.close(index.close[:, day], spot, open=index.open[:, day])
        result = book.result()
        assets = book.account.cash + result.stock_value[:, -1]
        np.testing.assert_allclose(assets, BOOK * (1 + reserve) + result.hedged_pnl[:, -1], atol=1e-6 * BOOK)


@given(index=bars())
def test_a_book_told_its_bars_day_by_day_is_the_replay(index):
    book = HedgeBook(
        TimingHedge(),
        contract=IF,
        start_value=BOOK,
        days=index.days - 1,
        start_price=index.upto(1),
        execution="next_open",
    )
    for day in range(1, index.days):
        parts = {name: getattr(index, name)[:, day] for name in ("open", "high", "low")}
        book.close(index.close[:, day], index.close[:, day] / index.close[:, 0], **parts)
    whole = replay(TimingHedge(), index, start_value=BOOK, execution="next_open")
    np.testing.assert_array_equal(book.result().contracts, whole.contracts)


@pytest.mark.parametrize("index", [Prices([4000.0, 4100.0]), Prices([4000.0, 4100.0], open=[4000.0, np.nan])])
def test_a_missing_open_is_named(index):
    with pytest.raises(InputError, match="execution = next_open: day 1: no open price: give the open of every day"):
        replay(FullHedge(), index, start_value=BOOK, execution="next_open")


def test_an_unknown_execution_is_named():
    with pytest.raises(InputError, match="execution = tomorrow: must be one of close, next_open"):
        replay(FullHedge(), [4000.0, 4100.0], start_value=BOOK, execution="tomorrow")
