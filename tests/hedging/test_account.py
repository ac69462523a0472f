import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedging import IF, MarginAccount

PRICE = np.array([4000.0])


def account_after(move, *, contracts=10.0, reserve=None, gains_fund_margin=False):
    """An account short `contracts` at 4000 after one day's move, in points."""
    account = MarginAccount(IF, 1, reserve=reserve, gains_fund_margin=gains_fund_margin)
    account.settle(np.array([contracts]), np.array([move]))
    account.require(np.array([contracts]), PRICE + move)
    return account


def test_a_rise_costs_a_short_position_its_notional_change():
    assert account_after(50.0).futures_pnl == pytest.approx(-10 * 300 * 50)


def test_losses_add_to_the_capital_need():
    account = account_after(50.0)
    assert account.capital_need == pytest.approx(0.1 * 10 * 300 * 4050 + 10 * 300 * 50)


def test_gains_stand_aside():
    account = account_after(-50.0)
    assert account.capital_need == account.margin


def test_gains_fund_margin_where_that_is_allowed():
    account = account_after(-50.0, gains_fund_margin=True)
    assert account.capital_need == pytest.approx(account.margin - 10 * 300 * 50)
    assert account_after(-1000.0, gains_fund_margin=True).capital_need == 0


def test_without_a_reserve_there_is_no_shortfall():
    account = account_after(2000.0)
    assert account.shortfall == 0
    assert account.deposit == account.margin


@given(
    move=st.floats(-500, 500),
    contracts=st.floats(0, 30),
    reserve=st.floats(0, 2e7),
)
def test_deposit_and_reserve_left_are_the_reserve_less_losses(move, contracts, reserve):
    account = account_after(move, contracts=contracts, reserve=reserve)
    own_money = reserve + min(float(account.futures_pnl[0]), 0.0)
    assert account.deposit + account.reserve_left == pytest.approx(max(own_money, 0.0), abs=1e-6)
    assert account.shortfall == pytest.approx(max(float(account.margin[0]) - own_money, 0.0), abs=1e-6)


def test_money_put_in_meets_a_shortfall():
    account = account_after(50.0, reserve=1e6)
    short_of = account.shortfall
    assert short_of > 0
    account.add(short_of)
    assert account.shortfall == pytest.approx(0, abs=1e-6)
    assert account.cash == pytest.approx(1e6 + short_of + account.futures_pnl)
