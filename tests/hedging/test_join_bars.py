import numpy as np
import pandas as pd
import pytest

from cqkit.errors import InputError
from hedging import join_series, load_closes, load_prices

DATES = pd.DatetimeIndex(["2007-06-28", "2007-06-29", "2007-07-02", "2007-07-03", "2007-07-04"])
CLOSE = np.array([3858.0, 3764.0, 3757.0, 3816.0, 3736.0])
WINDOW = "2007-06-29", "2007-07-03"


@pytest.fixture
def bars():
    parts = {"open": CLOSE - 10, "high": CLOSE + 20, "low": CLOSE - 30, "close": CLOSE}
    return pd.DataFrame(parts, index=DATES)


@pytest.fixture
def earlier():
    dates = pd.DatetimeIndex(["2007-06-26", "2007-06-27", "2007-06-28"])
    return pd.Series([4000.0, 3950.0, 1.0], index=dates)


def test_bars_come_with_the_closes(bars):
    joined = join_series(bars, None, *WINDOW)
    np.testing.assert_array_equal(joined.prices.close[0], joined.index)
    np.testing.assert_array_equal(joined.prices.open[0], joined.index - 10)
    np.testing.assert_array_equal(joined.prices.high[0], joined.index + 20)
    np.testing.assert_array_equal(joined.prices.low[0], joined.index - 30)
    np.testing.assert_array_equal(joined.prices_before.close[0], joined.history)
    np.testing.assert_array_equal(joined.prices_before.low[0], joined.history - 30)


def test_a_series_of_closes_has_no_bars(bars):
    joined = join_series(bars["close"], None, *WINDOW)
    assert joined.prices.open is None
    np.testing.assert_array_equal(joined.prices.high, joined.prices.close)


def test_an_earlier_file_comes_before_the_index(bars, earlier):
    joined = join_series(bars["close"], None, *WINDOW, history=earlier)
    assert joined.history.tolist() == [4000.0, 3950.0, 3858.0]
    assert joined.index.tolist() == [3764.0, 3757.0, 3816.0]
    assert joined.dates.equals(DATES[1:4])
    assert joined.notes == ("history: 1 dates from 2007-06-28 on were dropped: index has them",)


def test_days_before_the_bars_are_bars_of_no_height(bars, earlier):
    before = join_series(bars, None, *WINDOW, history=earlier).prices_before
    np.testing.assert_array_equal(before.high[0], [4000, 3950, 3878])
    np.testing.assert_array_equal(before.low[0], [4000, 3950, 3828])
    assert np.isnan(before.open[0, :2]).all()


def test_a_history_that_does_not_come_before_is_refused(bars, earlier):
    with pytest.raises(InputError, match="history: no dates before 2007-06-28: a history must come before the index"):
        join_series(bars, None, *WINDOW, history=earlier.iloc[-1:])


def test_a_bad_history_is_named(bars, earlier):
    with pytest.raises(InputError, match=r"history: 2007-06-26: -1.0: must be positive and finite"):
        join_series(bars, None, *WINDOW, history=earlier.replace(4000.0, -1.0))


def test_a_gauge_takes_its_last_value_on_days_it_does_not_have(bars):
    gauge = pd.Series([20.0, 22.0, 25.0], index=DATES[[1, 2, 4]])
    joined = join_series(bars, None, *WINDOW, gauge=gauge)
    assert joined.prices.gauge[0].tolist() == [20.0, 22.0, 22.0]
    assert np.isnan(joined.prices_before.gauge).all()
    assert joined.notes == (
        "gauge: 1 dates have no value and take the last one: 2007-07-03 that of 2007-07-02 (the oldest is 1 days old)",
    )


def test_a_gauge_begins_no_later_than_the_window(bars):
    with pytest.raises(InputError, match="gauge: no value up to 2007-06-29: must begin no later"):
        join_series(bars, None, *WINDOW, gauge=pd.Series([20.0], index=DATES[2:3]))


def test_a_frame_without_closes_is_refused(bars):
    with pytest.raises(InputError, match="columns found: open, high, low: one must be called close"):
        join_series(bars.drop(columns="close"), None, *WINDOW)


def test_bars_that_do_not_hold_the_close_are_refused(bars):
    bars.loc["2007-07-02", "high"] = 3000.0
    with pytest.raises(InputError, match=r"index: high: path 0, column 1: 3000.0: must not be below"):
        join_series(bars, None, *WINDOW)


def test_the_real_gauge_has_a_value_on_every_day_of_its_index(real_data):
    index, vix = load_prices(real_data / "sp500_ohlc.csv"), load_closes(real_data / "vix_ohlc.csv")
    joined = join_series(index, None, "2000-01-03", "2008-12-30", gauge=vix)
    assert not np.isnan(joined.prices.gauge).any()


def test_the_real_history_reaches_back_to_2002(real_data):
    index, earlier = (load_closes(real_data / f"csi300_{part}.csv") for part in ("ohlc", "close_2002_2004"))
    joined = join_series(index, None, "2004-12-31", "2005-12-30", history=earlier)
    assert len(joined.history) == len(earlier)
    assert joined.history[-1] == earlier.iloc[-1]
