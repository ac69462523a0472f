import numpy as np
import pytest
from hedging_worlds import price_paths
from hypothesis import given
from hypothesis import strategies as st

from cqkit.errors import InputError
from hedging import Prices, PriceTape

CLOSE = np.array([[3000.0, 3030.0, 2990.0], [500.0, 490.0, 505.0]])


def bars(close, **parts):
    return Prices(close, parts.get("open", close), 1.01 * close, 0.99 * close, parts.get("gauge"))


def test_without_bars_high_and_low_are_the_close_and_the_open_is_unknown():
    prices = Prices(CLOSE)
    assert prices.high is prices.close
    assert prices.low is prices.close
    assert prices.open is None
    assert prices.gauge is None


def test_one_dimension_is_one_path():
    prices = Prices([3000, 3030], gauge=[20, 21])
    assert (prices.paths, prices.days) == (1, 2)
    assert prices.gauge.shape == (1, 2)


@given(close=price_paths(days=5), first=st.integers(0, 3), count=st.integers(1, 3))
def test_a_cut_is_a_view_of_the_same_days(close, first, count):
    prices = bars(close, gauge=close / 100)
    cut = prices.between(first, first + count)
    for name in ("close", "open", "high", "low", "gauge"):
        whole, part = getattr(prices, name), getattr(cut, name)
        np.testing.assert_array_equal(part, whole[:, first : first + count])
        assert np.shares_memory(part, whole)
    assert prices.upto(2).days == 2


def test_a_cut_of_closes_alone_has_no_bars_either():
    cut = Prices(CLOSE).upto(2)
    assert cut.high is cut.close
    assert cut.open is None


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        ({"close": [[1.0]], "high": [[1.0, 2.0]]}, r"high: shape \(1, 2\): must be \(1, 1\), as the closes have"),
        ({"close": np.ones((1, 1, 1))}, r"close: shape \(1, 1, 1\)"),
        ({"close": ["x"]}, "close: .*must be an array of numbers"),
    ],
)
def test_shapes_that_do_not_fit_are_named(parts, fault):
    with pytest.raises(InputError, match=fault):
        Prices(**parts)


@pytest.mark.parametrize(
    ("prices", "fault"),
    [
        (Prices([1.0, np.nan]), "index: path 0, column 1: nan: must be positive and finite"),
        (Prices([2.0, 2.0], low=[0.0, 1.0]), "index: low: path 0, column 0: 0.0: must be positive"),
        (Prices([2.0], high=[1.0]), "index: high: path 0, column 0: 1.0: must not be below open or close"),
        (Prices([2.0], open=[1.0], low=[1.5]), "index: low: path 0, column 0: 1.5: must not be above open or close"),
        (Prices([2.0], gauge=[-1.0]), "index: gauge: path 0, column 0: -1.0: must be positive and finite"),
    ],
)
def test_wrong_values_are_named(prices, fault):
    with pytest.raises(InputError, match=fault):
        prices.check("index")


def test_many_wrong_values_are_counted():
    with pytest.raises(InputError) as caught:
        Prices(np.full((3, 1000), np.nan)).check("index")
    assert len(caught.value.faults) == 6
    assert caught.value.faults[-1] == "index: and 2995 more"


def test_opens_and_gauges_may_be_unknown():
    Prices([2.0, 3.0], open=[np.nan, 2.5], gauge=[20.0, np.nan]).check("index")


def test_a_tape_shows_no_day_before_it_came():
    tape = PriceTape.of(bars(CLOSE), Prices([[1000.0, 1010.0]]))
    assert tape.first_day == 2
    assert tape.whole.days == 5
    for day in range(3):
        np.testing.assert_array_equal(tape.known.close[:, 2:], CLOSE[:, : day + 1])
        if day < 2:
            tape.append(Prices(CLOSE[:, day + 1 : day + 2]))


def test_a_tape_filled_day_by_day_is_one_known_beforehand():
    whole = bars(CLOSE, gauge=CLOSE / 100)
    before = Prices(CLOSE - 5, CLOSE - 6, CLOSE + 1, CLOSE - 7, CLOSE / 90)
    known = PriceTape.of(whole, before)
    filled = PriceTape(whole.upto(1), 2, before)
    assert filled.whole is None
    for day in (1, 2):
        known.append(whole.between(day, day + 1))
        filled.append(whole.between(day, day + 1))
    for name in ("close", "open", "high", "low", "gauge"):
        np.testing.assert_array_equal(getattr(filled.known, name), getattr(known.known, name))


def test_on_a_tape_days_without_bars_shrink_to_their_close():
    tape = PriceTape(Prices(CLOSE[:, :1]), 2)
    tape.append(bars(CLOSE[:, 1:2], gauge=np.full((2, 1), 20.0)))
    tape.append(Prices(CLOSE[:, 2:]))
    known = tape.known
    np.testing.assert_array_equal(known.high[:, [0, 2]], CLOSE[:, [0, 2]])
    np.testing.assert_array_equal(known.high[:, 1], 1.01 * CLOSE[:, 1])
    assert np.isnan(known.open[:, [0, 2]]).all()
    assert np.isnan(known.gauge[:, [0, 2]]).all()
    assert np.isnan(tape.opens).all()


def test_what_a_tape_shows_is_read_only():
    tape = PriceTape.of(bars(CLOSE))
    for prices in (tape.known, tape.whole):
        for name in ("close", "open", "high", "low"):
            assert not getattr(prices, name).flags.writeable
