import builtins

import numpy as np
import pandas as pd
import pytest
from hedging_worlds import price_paths
from hypothesis import given
from hypothesis import strategies as st

from cqkit.errors import CrowdquakeError, InputError
from hedging import Prices, join_series, load_closes, make_volatility, register_volatility, volatility_names


def log_returns(close):
    return pd.DataFrame(np.log(close[:, 1:] / close[:, :-1]).T)


@given(close=price_paths(days=30), window=st.integers(2, 12), least=st.integers(2, 12))
def test_rolling_is_the_standard_deviation_of_the_last_returns(close, window, least):
    rolling = make_volatility("rolling", window=window, least=least).path(Prices(close))
    expected = log_returns(close).rolling(window, min_periods=min(least, window)).std(ddof=1).T * np.sqrt(250)
    assert np.isnan(rolling[:, 0]).all()
    np.testing.assert_allclose(rolling[:, 1:], expected, atol=1e-6)


@given(close=price_paths(days=15), decay=st.floats(0.5, 0.99))
def test_ewma_is_the_weighted_mean_of_squares_seeded_with_the_first(close, decay):
    found = make_volatility("ewma", decay=decay, least=1).path(Prices(close))
    squares = log_returns(close) ** 2
    expected = np.sqrt(250 * squares.ewm(alpha=1 - decay, adjust=False).mean().T)
    np.testing.assert_allclose(found[:, 1:], expected, atol=1e-12)


@pytest.mark.parametrize("name", ["rolling", "ewma"])
@given(close=price_paths(days=20), start=st.integers(1, 15))
def test_history_at_once_is_history_day_by_day(name, close, start):
    volatility, prices, memory = make_volatility(name, least=2), Prices(close), {}
    whole = volatility.path(prices)
    for days in range(start, 21):
        np.testing.assert_array_equal(volatility.latest(prices.upto(days), memory), whole[:, days - 1])


def test_a_day_seen_before_is_refused():
    volatility, memory = make_volatility("rolling"), {}
    volatility.latest(Prices([1.0, 2.0]), memory)
    with pytest.raises(InputError, match="volatility rolling: 2 closes: must be more than the 2 seen before"):
        volatility.latest(Prices([1.0, 2.0]), memory)


@pytest.mark.parametrize("name", ["rolling", "ewma", "garch"])
def test_a_market_that_never_moves_has_none(name):
    assert (make_volatility(name).path(Prices(np.full((2, 130), 3000.0)))[:, -1] == 0).all()


@pytest.mark.parametrize("name", ["rolling", "ewma", "garch"])
def test_it_is_annualised(name):
    walk = np.exp(np.random.default_rng(2).normal(0, 0.30 / np.sqrt(250), (8, 1501)).cumsum(axis=1))
    parameters = {"rolling": {"window": 1500}, "ewma": {"decay": 0.99}, "garch": {}}[name]
    last = make_volatility(name, **parameters).latest(Prices(walk), {})
    assert last.mean() == pytest.approx(0.30, rel=0.08)


def test_the_report_s_volatility_in_2007_is_44_88_percent(real_data):
    joined = join_series(load_closes(real_data / "csi300_ohlc.csv"), None, "2007-06-29", "2008-03-19")
    whole = Prices(np.append(joined.history, joined.index[0]))
    assert make_volatility("rolling").latest(whole, {})[0] == pytest.approx(0.4488, abs=5e-5)


@pytest.fixture(scope="module")
def calm_and_wild():
    """Returns of a GARCH(1, 1), by its own recursion."""
    rng = np.random.default_rng(4)
    variance, returns = 1e-4, []
    for shock in rng.standard_normal(1600):
        returns.append(shock * np.sqrt(variance))
        variance = 2e-6 + 0.1 * returns[-1] ** 2 + 0.88 * variance
    return np.exp(np.cumsum([0.0, *returns])), np.sqrt(250 * variance)


def test_garch_forecasts_the_next_day(calm_and_wild):
    close, true = calm_and_wild
    assert make_volatility("garch").latest(Prices(close), {})[0] == pytest.approx(true, rel=0.1)


def test_garch_is_arch_s_own_forecast(calm_and_wild):
    arch = pytest.importorskip("arch")
    close = calm_and_wild[0][:800]
    returns = np.log(close[1:] / close[:-1])
    fit = arch.arch_model(100 * returns, mean="Zero", vol="GARCH", p=1, q=1).fit(disp="off")
    ahead = np.sqrt(250 * fit.forecast(horizon=1).variance.to_numpy()[-1, 0]) / 100
    assert make_volatility("garch").latest(Prices(close), {})[0] == pytest.approx(ahead, rel=1e-3)


def test_between_fits_garch_moves_on_with_its_parameters(calm_and_wild):
    garch, close = make_volatility("garch", refit=5), calm_and_wild[0]
    memory, fits = {}, []
    for days in range(1000, 1013):
        garch.latest(Prices(close[:days]), memory)
        fits.append(tuple(memory["parameters"][:, 0]))
    assert [fits.index(fit) for fit in fits] == [0] * 5 + [5] * 5 + [10] * 3
    # Just after a fit it is what a fresh one says.
    fresh = garch.latest(Prices(close[:1010]), {})
    later = {}
    for days in (1000, 1005, 1010):
        value = garch.latest(Prices(close[:days]), later)
    np.testing.assert_array_equal(value, fresh)


def test_without_arch_garch_says_what_to_install(monkeypatch):
    real = builtins.__import__

    def without_arch(name, *arguments):
        if name == "arch":
            raise ImportError
        return real(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", without_arch)
    with pytest.raises(CrowdquakeError, match=r"needs the package arch: .*extra finance"):
        make_volatility("garch").latest(Prices(np.linspace(1, 2, 150) ** 2), {})


def test_wrong_parameters_are_named():
    assert {"ewma", "garch", "rolling"} <= set(volatility_names())
    with pytest.raises(InputError, match="volatility rolling: window = 1: must be at least 2"):
        make_volatility("rolling", window=1)
    with pytest.raises(InputError, match=r"volatility ewma: decay = 1.0: must lie between 0 and 1"):
        make_volatility("ewma", decay="1")
    with pytest.raises(InputError, match=r"volatility = roling: must be one of .*did you mean rolling\?"):
        make_volatility("roling")
    with pytest.raises(InputError, match="volatility garch: is registered already"):
        register_volatility("garch")(type(make_volatility("garch")))
