import numpy as np
import pandas as pd
import pytest

from hedging import join_series, load_closes, load_prices
from hedging.report2008.example import LABEL, PINS, START_VOLATILITY, example_series, write_example


@pytest.fixture(scope="module")
def example():
    return example_series()


@pytest.fixture(params=list(PINS))
def window(request, example):
    pins = PINS[request.param]
    return pins, join_series(example.index, example.fund, pins.start, pins.end)


def test_the_pins_are_the_reports_published_facts():
    rise = PINS["2007-08"]
    assert (rise.rise, rise.change, rise.excess, rise.peak_day) == (0.5614, 0.03315, 0.3726, 72)
    fall = PINS["2005"]
    assert (fall.rise, fall.change, fall.excess) == (0.04899, -0.077, 0.0746)


def test_the_series_goes_through_its_pins(window):
    pins, joined = window
    index = joined.index / joined.index[0]
    assert (joined.dates[0].date(), joined.dates[-1].date()) == (pins.start, pins.end)
    assert joined.notes == ()
    assert joined.index[0] == pins.start_level
    assert int(index.argmax()) == pins.peak_day
    assert index.max() - 1 == pytest.approx(pins.rise, abs=1e-6)
    assert index[-1] - 1 == pytest.approx(pins.change, abs=1e-6)
    assert joined.spot[-1] - index[-1] == pytest.approx(pins.excess, abs=2e-5)  # a NAV has four decimals


def test_the_rise_of_2007_lasts_176_days_from_a_volatility_of_45_percent(example):
    pins = PINS["2007-08"]
    joined = join_series(example.index, example.fund, pins.start, pins.end)
    assert len(joined.dates) - 1 == 176
    known = np.append(joined.history[-40:], joined.index[0])
    assert np.diff(np.log(known)).std(ddof=1) * np.sqrt(250) == pytest.approx(START_VOLATILITY, abs=1e-4)


def test_the_example_is_the_same_on_every_call_and_nobody_can_spoil_it(example):
    spoilt = example_series()
    spoilt.index.iloc[:] = 1.0
    spoilt.fund.iloc[:] = 1.0
    pd.testing.assert_frame_equal(example_series().index, example.index)
    pd.testing.assert_series_equal(example_series().fund, example.fund)


def test_the_example_says_that_it_is_synthetic(example):
    assert "synthetic" in LABEL
    assert example.index.attrs["file"] == example.fund.attrs["file"] == LABEL


def test_the_bars_are_bars(example):
    bars = example.index
    assert (bars["high"] >= bars[["open", "close"]].max(axis=1)).all()
    assert (bars["low"] <= bars[["open", "close"]].min(axis=1)).all()
    assert (bars["low"] > 0).all()


def test_what_is_written_is_read_back_the_same(example, tmp_path):
    index, fund = write_example(tmp_path)
    pd.testing.assert_frame_equal(load_prices(index), example.index, check_freq=False)
    pd.testing.assert_series_equal(load_closes(fund), example.fund, check_freq=False)
    assert index.read_bytes().startswith(b"date,open,high,low,close\n2004-06-01,")
