"""Each indicator against pandas, or on the smallest path that shows its rule."""

import numpy as np
import pandas as pd
import pytest
from hedging_worlds import price_paths
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cqkit.errors import InputError
from hedging import Prices, indicator_names, join_series, load_closes, load_prices, make_indicator, register_indicator
from hedging.indicators import INDICATORS


@pytest.fixture
def scratch_register():
    with INDICATORS.scratch():
        yield


@st.composite
def bars(draw, days=25):
    close = draw(price_paths(days=days))
    up, down = (draw(hnp.arrays(float, close.shape, elements=st.floats(0, 0.03))) for _ in range(2))
    return Prices(close, high=close * np.exp(up), low=close / np.exp(down))


def ema(values, n):
    return pd.DataFrame(values.T).ewm(span=n, adjust=False).mean().to_numpy().T


def switched(on, off):
    """On where told, off where told, as before elsewhere, off at first."""
    state = pd.DataFrame(np.where(on, 1.0, np.where(off, 0.0, np.nan)).T).ffill().fillna(0.0)
    return state.to_numpy().T == 1


def agree(found, expected, *gaps):
    """Equal, but for paths on which what is compared differs by rounding only somewhere."""
    clear = ~np.any([np.abs(gap) < 1e-9 for gap in gaps], axis=0).any(axis=1)
    np.testing.assert_array_equal(found[clear], expected[clear])


@given(prices=bars(), n=st.integers(1, 30))
def test_ema_both_is_on_when_both_averages_fall_and_off_when_both_rise(prices, n):
    high, low = (np.diff(ema(part, n), axis=1, prepend=part[:, :1]) for part in (prices.high, prices.low))
    found = make_indicator("ema_both", n=n).path(prices)
    agree(found, switched((high < 0) & (low < 0), (high > 0) & (low > 0)), high[:, 1:], low[:, 1:])


@given(prices=bars(), n=st.integers(1, 30))
def test_ema_channel_is_on_below_and_off_above_the_channel(prices, n):
    below, above = ema(prices.low, n) - prices.close, prices.close - ema(prices.high, n)
    agree(make_indicator("ema_channel", n=n).path(prices), switched(below > 0, above > 0), below[:, 1:], above[:, 1:])


@given(prices=bars(), fast=st.integers(1, 6), more=st.integers(1, 10))
def test_ma_cross_is_on_while_the_fast_mean_is_the_lower(prices, fast, more):
    quick, slow = (
        pd.DataFrame(prices.close.T).rolling(n, min_periods=1).mean().to_numpy().T for n in (fast, fast + more)
    )
    found = make_indicator("ma_cross", fast=fast, n=fast + more).path(prices)
    agree(found, switched(quick < slow, quick > slow), quick[:, 1:] - slow[:, 1:])


@given(prices=bars(), fast=st.integers(1, 12), more=st.integers(1, 14), signal=st.integers(1, 9))
def test_macd_is_on_while_below_its_signal_line(prices, fast, more, signal):
    gap = ema(prices.close, fast) - ema(prices.close, fast + more)
    line = ema(gap, signal)
    found = make_indicator("macd", fast=fast, slow=fast + more, signal=signal).path(prices)
    agree(found, switched(gap < line, gap > line), (gap - line)[:, 1:])


@given(prices=bars(), n=st.integers(1, 10))
def test_donchian_switches_on_breakouts_from_the_range_of_the_days_before(prices, n):
    top = pd.DataFrame(prices.high.T).rolling(n, min_periods=1).max().shift().to_numpy().T
    bottom = pd.DataFrame(prices.low.T).rolling(n, min_periods=1).min().shift().to_numpy().T
    expected = switched(prices.close < bottom, prices.close > top)
    np.testing.assert_array_equal(make_indicator("donchian", n=n).path(prices), expected)


def test_contrarian_switches_on_in_calm_and_off_in_panic():
    gauge = [20.0, 21.0, 22.0, 23.0, 21.5, 15.0, 20.0, 40.0, 30.0, 10.0]
    prices = Prices(np.full(10, 3000.0), gauge=gauge)
    on = make_indicator("contrarian", n=8, extreme=0.0, least=3).path(prices)[0]
    # 23 is above all before, but the state is off already; 15 is below all; 40 above; 10 below.
    assert on.tolist() == [False] * 5 + [True, True] + [False, False, True]


def test_contrarian_compares_with_the_last_days_only():
    gauge = [50.0, 50.0, 20.0, 22.0, 21.0, 19.0, 25.0]
    prices = Prices(np.full(7, 3000.0), gauge=gauge)
    # On the last day 50 lies out of reach.
    short = make_indicator("contrarian", n=3, extreme=0.0, least=1).path(prices)[0]
    long = make_indicator("contrarian", n=9, extreme=0.0, least=1).path(prices)[0]
    assert (short[-2:].tolist(), long[-2:].tolist()) == ([True, False], [True, True])


def test_contrarian_passes_over_days_without_a_gauge():
    gauge = np.array([20.0, np.nan, 21.0, 22.0, np.nan, 15.0, np.nan])
    on = make_indicator("contrarian", n=8, extreme=0.0, least=3).path(Prices(np.full(7, 3000.0), gauge=gauge))[0]
    assert on.tolist() == [False] * 5 + [True, True]


def test_contrarian_says_what_it_needs():
    with pytest.raises(InputError, match="indicator contrarian: no volatility index: give one with the prices"):
        make_indicator("contrarian").path(Prices([3000.0, 3100.0]))


def test_on_the_real_gauge_panic_lifts_the_hedge_and_calm_puts_it_on(real_data):
    index, vix = load_prices(real_data / "sp500_ohlc.csv"), load_closes(real_data / "vix_ohlc.csv")
    joined = join_series(index, None, "1998-01-02", "2008-12-30", gauge=vix)
    on = pd.Series(make_indicator("contrarian").path(joined.prices)[0], index=joined.dates)
    # LTCM's autumn, 11 September and Lehman's; the calm of late 2006.
    for day in ("1998-08-31", "2001-09-20", "2008-10-10"):
        assert not on[day]
    assert on["2006-12-15"]
    assert 0.2 < on.mean() < 0.8


@pytest.mark.parametrize("name", sorted({*indicator_names()} - {"contrarian"}))
def test_an_accelerating_fall_switches_on_and_such_a_rise_off(name):
    run = np.arange(60) ** 2 / 2
    on = make_indicator(name).path(Prices(np.append(5000 - run, 5000 - run[-1] + run)))[0]
    assert not on[0]
    assert on[59]
    assert not on[-1]


@pytest.mark.parametrize("name", sorted({*indicator_names()} - {"contrarian"}))
def test_prices_that_never_move_leave_the_hedge_off(name):
    assert not make_indicator(name).path(Prices(np.full(80, 3000.123))).any()


@pytest.mark.parametrize(
    ("name", "parameters", "fault"),
    [
        ("ema_both", {"n": 0}, "indicator ema_both: n = 0: must be at least 1"),
        ("ema_channel", {"n": "many"}, "n = many: must be a whole number"),
        ("ma_cross", {"fast": 20}, "fast = 20: must be less than n = 20"),
        ("macd", {"slow": 5}, "fast = 12: must be less than slow = 5"),
        ("donchian", {"days": 5}, "indicator donchian: days = 5: unknown parameter, must be one of n"),
        ("contrarian", {"extreme": 5}, r"extreme = 5: must lie in 0..0.5 \(a share of the past values\)"),
        ("emaboth", {}, r"indicator = emaboth: must be one of .* \(did you mean ema_both\?\)"),
    ],
)
def test_wrong_parameters_are_named(name, parameters, fault):
    with pytest.raises(InputError, match=fault):
        make_indicator(name, **parameters)


def test_a_function_brings_its_own_parameters(scratch_register):
    @register_indicator("dip")
    def dip(prices: Prices, share: float = 0.1, start=3):
        on = prices.close < (1 - share) * np.maximum.accumulate(prices.close, axis=1)
        on[:, :start] = False
        return on

    prices = Prices([100.0, 80.0, 95.0, 90.0, 79.0])
    assert make_indicator("dip").path(prices)[0].tolist() == [False, False, False, False, True]
    assert make_indicator("dip", share="0.05", start="0").path(prices)[0].tolist() == [False, True, False, True, True]
    assert make_indicator("dip").latest(prices, {}).tolist() == [True]
    assert make_indicator("dip", share=0.2) == make_indicator("dip", share=0.2)
    with pytest.raises(InputError, match="indicator dip: share = lots: must be a number"):
        make_indicator("dip", share="lots")
    with pytest.raises(InputError, match=r"indicator dip: start = 1.5: must be a whole number"):
        make_indicator("dip", start="1.5")
    with pytest.raises(InputError, match=r"shares = 1: unknown parameter, must be one of share, start \(did you"):
        make_indicator("dip", shares=1)


def test_a_function_s_parameters_need_defaults(scratch_register):
    with pytest.raises(InputError, match="indicator dip: share: parameters must have defaults"):
        register_indicator("dip")(lambda prices, share: prices.close > share)


def test_a_function_gives_on_or_off_at_every_close(scratch_register):
    register_indicator("mean")(lambda prices: prices.close.mean(axis=1))
    with pytest.raises(
        InputError, match=r"indicator mean: gives float64 of shape \(1,\): must be bool of shape \(1, 2\)"
    ):
        make_indicator("mean").path(Prices([1.0, 2.0]))


def test_two_indicators_cannot_share_a_name(scratch_register):
    with pytest.raises(InputError, match="indicator macd: is registered already"):
        register_indicator("macd")(lambda prices: prices.close > 0)
