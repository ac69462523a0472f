import numpy as np
import pytest
import QuantLib
from hypothesis import given
from hypothesis import strategies as st

from hedging.options.black76 import (
    ABOVE_CEILING,
    BAD_TERMS,
    BELOW_INTRINSIC,
    EXPIRED,
    NO_PRICE,
    black_price,
    implied_volatility,
)

forwards, strikes = st.floats(50, 200), st.floats(50, 200)
volatilities, years, rates = st.floats(0.05, 2), st.floats(0.02, 3), st.floats(-0.02, 0.15)


def oracle(call, forward, strike, volatility, time, rate):
    kind = QuantLib.Option.Call if call else QuantLib.Option.Put
    return QuantLib.blackFormula(kind, strike, forward, volatility * time**0.5, np.exp(-rate * time))


@given(st.booleans(), forwards, strikes, volatilities, years, rates)
def test_the_price_is_quantlibs(call, forward, strike, volatility, time, rate):
    ours = black_price(call, forward, strike, volatility, time, rate)
    assert ours == pytest.approx(oracle(call, forward, strike, volatility, time, rate), rel=1e-9, abs=1e-10)


@given(st.booleans(), forwards, st.floats(0.7, 1.4), st.floats(0.1, 2), st.floats(0.05, 3), rates)
def test_the_implied_volatility_of_quantlibs_price_is_its_volatility(call, forward, moneyness, volatility, time, rate):
    strike = forward * moneyness
    price = oracle(call, forward, strike, volatility, time, rate)
    implied = implied_volatility(call, price, forward, strike, time, rate)
    intrinsic = max(forward - strike if call else strike - forward, 0) * np.exp(-rate * time)
    if price - intrinsic > 1e-7 * price:  # below that the price's digits do not hold the volatility
        assert implied.reason == ""
        assert implied.volatility == pytest.approx(volatility, rel=1e-6)


@given(forwards, strikes, volatilities, years, rates)
def test_call_less_put_is_forward_less_strike(forward, strike, volatility, time, rate):
    call, put = (black_price(kind, forward, strike, volatility, time, rate) for kind in (True, False))
    assert call - put == pytest.approx(np.exp(-rate * time) * (forward - strike), abs=1e-9)


@given(forwards, strikes, volatilities, years, st.floats(0.01, 100))
def test_scaling_all_prices_leaves_the_implied_volatility(forward, strike, volatility, time, scale):
    call = strike > forward
    price = black_price(call, forward, strike, volatility, time)
    once = implied_volatility(call, price, forward, strike, time).volatility
    scaled = implied_volatility(call, scale * price, scale * forward, scale * strike, time).volatility
    if price > 1e-100:
        assert scaled == pytest.approx(once, rel=1e-9)


def test_out_of_the_money_prices_keep_their_volatility_down_to_the_smallest_number():
    volatility = np.array([0.02, 0.05, 0.2, 1.0, 3.0])
    for call, strike in ((True, 150.0), (False, 60.0)):
        price = black_price(call, 100.0, strike, volatility, 1.0)
        found = implied_volatility(call, price, 100.0, strike, 1.0).volatility
        np.testing.assert_allclose(found[price > 1e-300], volatility[price > 1e-300], rtol=1e-10)


def test_without_volatility_or_time_an_option_is_worth_its_intrinsic_value():
    assert black_price([True, False], 110.0, 100.0, [0.0, 0.0], 1.0).tolist() == [10.0, 0.0]
    assert black_price([True, False], 110.0, 100.0, 0.3, 0.0).tolist() == [10.0, 0.0]


@pytest.mark.parametrize(
    ("call", "price", "forward", "time", "reason"),
    [
        (True, 9.99, 110, 1, BELOW_INTRINSIC),
        (True, 10.0, 110, 1, BELOW_INTRINSIC),
        (True, 110, 110, 1, ABOVE_CEILING),
        (False, 100, 110, 1, ABOVE_CEILING),
        (True, 0, 110, 1, NO_PRICE),
        (True, np.nan, 110, 1, NO_PRICE),
        (True, 12, 110, 0, EXPIRED),
        (True, 12, -110, 1, BAD_TERMS),
        (True, 12, np.nan, 1, BAD_TERMS),
    ],
)
def test_a_price_that_invites_arbitrage_has_no_volatility_and_a_reason(call, price, forward, time, reason):
    implied = implied_volatility([call, True], [price, 12.0], [forward, 110.0], 100.0, [time, 1.0])
    assert np.isnan(implied.volatility[0])
    assert implied.reason.tolist() == [reason, ""]
    assert implied.volatility[1] > 0
