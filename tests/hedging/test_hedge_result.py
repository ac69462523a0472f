import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hedging_worlds import BOOK, policies, price_paths
from hypothesis import given

from cqkit.errors import InputError
from hedging import FullHedge, HedgeResult, replay

# Rises by 10 % and 20 %, then comes back; and does nothing.
INDEX = np.array([[4000.0, 4400.0, 4800.0, 4000.0], [4000.0, 4000.0, 4000.0, 4000.0]])


@pytest.fixture
def called() -> HedgeResult:
    """The first path is short of money on days 1 and 2, the second never."""
    return replay(FullHedge(), INDEX, start_value=BOOK, reserve=0.15)


@given(index=price_paths(), policy=policies())
def test_without_a_reserve_nothing_is_ever_called(index, policy):
    result = replay(policy, index, start_value=BOOK)
    assert (result.margin_call_days == 0).all()
    assert (result.first_call_day == -1).all()
    assert (result.reserve_used == 1).all()
    np.testing.assert_array_equal(result.funded_reserve, result.required_reserve)


def test_a_margin_call_is_every_day_short_of_the_reserve(called):
    # Needs: .10, .11 + .10, .12 + .20, .10 of the book; a loss won back is needed no more.
    np.testing.assert_allclose(called.capital_need[0] / BOOK, [0.10, 0.21, 0.32, 0.10])
    assert called.margin_call_days.tolist() == [2, 0]
    assert called.first_call_day.tolist() == [1, -1]
    np.testing.assert_allclose(called.shortfall_max, [0.17, 0], atol=1e-12)
    np.testing.assert_allclose(called.reserve_used, [0.32 / 0.15, 0.10 / 0.15])


def test_a_reserve_of_nothing_is_used_without_bound():
    result = replay(FullHedge(), INDEX, start_value=BOOK, reserve=0.0)
    assert result.first_call_day.tolist() == [0, 0]
    assert np.isinf(result.reserve_used).all()


def test_the_reserve_dilutes_the_return():
    spot = np.array([1.0, 1.1, 1.2, 1.3])
    alone = replay(FullHedge(), INDEX[0], spot, start_value=BOOK)
    given_one = replay(FullHedge(), INDEX[0], spot, start_value=BOOK, reserve=0.5)
    assert alone.undiluted_return == pytest.approx(0.3)
    assert alone.total_return == pytest.approx(0.3 / 1.32)
    assert given_one.total_return == pytest.approx(0.3 / 1.5)


def test_the_hedge_loss_is_the_deepest_fall_below_the_start():
    spot = np.array([1.0, 1.05, 1.25, 1.3])
    result = replay(FullHedge(), INDEX[0], spot, start_value=BOOK)
    assert result.hedge_loss == pytest.approx(0.05)
    assert replay(FullHedge(), INDEX[1], spot, start_value=BOOK).hedge_loss == 0


def test_the_probability_of_a_call_has_the_wilson_interval():
    index = np.vstack([INDEX[:1], np.repeat(INDEX[1:], 9, axis=0)])
    share, low, high = replay(FullHedge(), index, start_value=BOOK, reserve=0.15).call_probability()
    # Wilson 1927 for 1 of 10.
    assert share == pytest.approx(0.1)
    assert (low, high) == pytest.approx((0.01788, 0.40415), abs=1e-5)


def test_blocks_of_paths_join_in_order(called):
    joined = HedgeResult.concatenate([called, called])
    assert joined.paths == 4
    assert joined.margin_call_days.tolist() == [2, 0, 2, 0]


def test_unlike_results_do_not_join(called):
    with pytest.raises(InputError, match="2 sets"):
        HedgeResult.concatenate([called, replace(called, reserve=0.2)])
    with pytest.raises(InputError, match="0 sets"):
        HedgeResult.concatenate([])


def test_the_frame_has_a_row_for_each_path_and_day(called):
    dates = pd.bdate_range("2007-06-29", periods=4)
    frame = called.frame(dates)
    assert list(frame.columns[:3]) == ["path", "day", "date"]
    assert len(frame) == 8
    row = frame[(frame["path"] == 0) & (frame["date"] == dates[2])].iloc[0]
    assert row["day"] == 2
    assert row["shortfall"] == called.shortfall[0, 2]
    assert row["hedged_pnl"] == called.hedged_pnl[0, 2]
    assert "date" not in called.frame()
    with pytest.raises(InputError, match="dates: 3 of them: must be 4"):
        called.frame(dates[:3])


def test_the_summary_is_plain_numbers(called):
    first, second = called.summary(0), called.summary(1)
    assert json.loads(json.dumps(first)) == first
    assert first["reserve"] == 0.15
    assert first["required_reserve"] == pytest.approx(0.32)
    assert first["return"] == pytest.approx(0)
    assert first["undiluted_return"] == pytest.approx(0)
    assert (first["margin_call_days"], first["first_margin_call_day"]) == (2, 1)
    assert second["first_margin_call_day"] is None
    assert first["shortfall_max"] == pytest.approx(0.17)
    assert first["shortfall_max_money"] == pytest.approx(0.17 * BOOK)
    assert first["contracts_max"] == pytest.approx(BOOK / 1.2e6)
    assert first["reserve_money"] == pytest.approx(0.15 * BOOK)
