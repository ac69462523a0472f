from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cqkit.errors import InputError
from hedging.contracts.calendar import expiries, listed_expiries, roll_schedule, third_friday
from hedging.contracts.expiry import expiry_day
from hedging.contracts.files import contract

# Weekdays of 2007 and 2008 but for the holidays of a made-up exchange: Friday 21 March 2008 among them.
HOLIDAYS = ["2007-10-01", "2007-10-02", "2008-01-01", "2008-03-21"]
DAYS = pd.bdate_range("2007-06-29", "2008-12-31").difference(pd.DatetimeIndex(HOLIDAYS))
IF_LISTED, ES = contract("IF"), contract("ES")


@given(year=st.integers(1990, 2100), month=st.integers(1, 12))
def test_the_third_friday_is_a_friday_from_the_15th_to_the_21st(year, month):
    day = third_friday(year, month)
    assert day.weekday() == 4
    assert 15 <= day.day <= 21


def test_a_third_friday_on_a_holiday_moves_to_the_next_trading_day_in_china_and_to_the_one_before_in_chicago():
    assert third_friday(2008, 3) == date(2008, 3, 21)
    assert expiry_day(2008, 3, DAYS, "third-friday-or-next") == date(2008, 3, 24)
    assert expiry_day(2008, 3, DAYS, "third-friday-or-previous") == date(2008, 3, 20)


def test_outside_the_known_days_nothing_is_known_of_holidays():
    assert expiry_day(2008, 3) == date(2008, 3, 21)
    assert expiry_day(2009, 3, DAYS) == date(2009, 3, 20)


def test_the_third_fridays_of_the_real_series_were_trading_days_but_for_the_exchange_s_holidays(real_data):
    closes = pd.read_csv(real_data / "csi300_ohlc.csv", parse_dates=["date"])
    days = pd.DatetimeIndex(closes["date"])
    moved = [day for day in expiries(IF_LISTED, days[days < "2008-12-01"], 0) if day.weekday() != 4]
    # The third Friday of February 2007 fell to the eve of the new year holidays, and was traded.
    assert all(day.weekday() == 0 for day in moved)
    assert pd.Timestamp("2007-07-20") in expiries(IF_LISTED, days)


def test_china_expires_monthly_and_the_e_mini_quarterly():
    months = expiries(IF_LISTED, DAYS, 0)
    assert [day.month for day in months] == [7, 8, 9, 10, 11, 12, *range(1, 13)]
    assert [day.month for day in expiries(ES, DAYS, 0)] == [9, 12, 3, 6, 9, 12]


def test_this_month_the_next_and_two_quarter_months_are_listed():
    listed = [(day.year, day.month) for day in listed_expiries(IF_LISTED, date(2024, 2, 5))]
    assert listed == [(2024, 2), (2024, 3), (2024, 6), (2024, 9)]
    # On the expiry day the old contract still trades, the day after it does not.
    assert listed_expiries(IF_LISTED, date(2024, 2, 16))[0] == pd.Timestamp("2024-02-16")
    assert listed_expiries(IF_LISTED, date(2024, 2, 17))[0] == pd.Timestamp("2024-03-15")
    assert [day.month for day in listed_expiries(ES, date(2024, 2, 5))] == [3, 6, 9, 12, 3]


def test_a_hedge_rolls_at_the_close_of_each_expiry():
    schedule = roll_schedule(DAYS[DAYS <= "2008-03-31"], IF_LISTED)
    frame = schedule.frame()
    assert list(frame["date"]) == list(frame["from"])
    assert frame["date"].iloc[0] == pd.Timestamp("2007-07-20")
    assert frame["date"].iloc[-1] == pd.Timestamp("2008-03-24")
    assert len(frame) == 9
    assert (frame["to"] > frame["from"]).all()


@given(first=st.integers(0, 200), length=st.integers(2, 150), early=st.integers(0, 15), quarterly=st.booleans())
def test_the_contract_held_is_never_past_its_last_day_less_the_days_before(first, length, early, quarterly):
    days = DAYS[first : first + length]
    schedule = roll_schedule(days, ES if quarterly else IF_LISTED, days_before_expiry=early)
    known = schedule.held <= days[-1]
    left = days.searchsorted(schedule.held[known]) - early
    numbers = np.arange(length)[known]
    # Held to the next close, so it must be left on a later day; the last day only closes.
    assert (left[numbers < length - 1] > numbers[numbers < length - 1]).all()
    assert (np.diff(schedule.held.to_numpy()) >= np.timedelta64(0)).all()
    assert set(schedule.days) == set(np.flatnonzero(np.diff(schedule.held.to_numpy()) > np.timedelta64(0)) + 1)
    assert all(0 < day < length - 1 for day in schedule.days)


def test_rolling_earlier_rolls_that_many_trading_days_earlier():
    window = DAYS[DAYS <= "2008-03-31"]
    at_expiry, early = roll_schedule(window, IF_LISTED), roll_schedule(window, IF_LISTED, days_before_expiry=3)
    assert early.days == tuple(day - 3 for day in at_expiry.days)


def test_a_window_that_ends_before_an_expiry_still_rolls_ahead_of_it():
    # Friday 20 July less three weekdays is Tuesday 17 July.
    schedule = roll_schedule(DAYS[DAYS <= "2007-07-18"], IF_LISTED, days_before_expiry=3)
    assert list(schedule.rolls) == [pd.Timestamp("2007-07-17")]


def test_opening_on_a_roll_day_is_no_roll_and_neither_is_closing():
    window = DAYS[(DAYS >= "2007-07-20") & (DAYS <= "2007-08-17")]
    schedule = roll_schedule(window, IF_LISTED)
    assert schedule.days == ()
    assert schedule.frame().empty
    assert set(schedule.held) == {pd.Timestamp("2007-08-17")}


@pytest.mark.parametrize(
    ("days", "early", "fault"),
    [
        (DAYS[:1], 0, "trading days: 1 of them: must be at least 2"),
        (DAYS[::-1], 0, "must be at least 2, each later than the last"),
        (DAYS, 16, "days_before_expiry = 16: must lie in 0..15"),
        (DAYS, -1, "days_before_expiry = -1: must lie in 0..15"),
    ],
)
def test_an_impossible_schedule_is_named(days, early, fault):
    with pytest.raises(InputError, match=fault):
        roll_schedule(days, IF_LISTED, days_before_expiry=early)


def test_an_unknown_expiry_rule_is_answered_with_the_choices():
    with pytest.raises(InputError, match="expiry = fifth-friday: must be one of third-friday-or-next"):
        expiry_day(2008, 3, DAYS, "fifth-friday")


@pytest.mark.parametrize(
    ("rule", "march", "expected"),
    [
        # Days on which these exchanges' contracts were last traded.
        ("second-last-business-day", [], date(2024, 3, 28)),  # Hang Seng, but for Good Friday and Easter Monday
        ("second-last-business-day", ["2024-03-29"], date(2024, 3, 27)),
        ("last-business-day", ["2024-03-29"], date(2024, 3, 28)),
        ("second-thursday", [], date(2024, 3, 14)),  # KOSPI 200
        ("second-thursday", ["2024-03-14"], date(2024, 3, 13)),
        ("day-before-second-friday", [], date(2024, 3, 7)),  # Nikkei 225
        ("day-before-second-friday", ["2024-03-07"], date(2024, 3, 6)),
        ("last-thursday", [], date(2024, 3, 28)),  # NIFTY 50 until 2025
        ("third-wednesday-or-next", ["2024-03-20"], date(2024, 3, 21)),  # TAIEX
        ("first-business-day", [], date(2024, 3, 1)),
    ],
)
def test_other_exchanges_have_other_days(rule, march, expected):
    days = pd.bdate_range("2024-01-01", "2024-06-28").difference(pd.DatetimeIndex(march))
    assert expiry_day(2024, 3, days, rule) == expected
    if not march:
        assert expiry_day(2024, 3, None, rule) == expected


@given(
    rule=st.sampled_from(
        ["second-last-business-day", "second-thursday-or-next", "day-before-second-friday", "last-friday"]
    ),
    days_before=st.integers(0, 15),
)
def test_every_rule_makes_a_schedule_of_a_roll_a_month(rule, days_before):
    own = replace(IF_LISTED, expiry=rule)
    schedule = roll_schedule(DAYS, own, days_before_expiry=days_before)
    assert 17 <= len(schedule.days) <= 19
    assert (schedule.held >= schedule.dates).all()


@pytest.mark.parametrize(
    "rule", ["friday", "third-friday-or-sunday", "day-before-last-friday-or-next", "third-saturday"]
)
def test_other_words_are_no_rules(rule):
    with pytest.raises(InputError, match=f"expiry = {rule}: must be one of third-friday-or-next"):
        expiry_day(2024, 3, None, rule)
