"""One record of terms for replay, book, reserve and the user's own hedges."""

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest
from hedging_worlds import BOOK

import crowdquake as cq
import hedging
from cqkit.errors import InputError
from hedging import IF, FullHedge, HedgeBook, Terms, contract, replay, roll_schedule, simulate_reserve

DATES = pd.bdate_range("2015-07-01", periods=60)
INDEX = 4000.0 * np.exp(np.cumsum(0.02 * np.random.default_rng(3).standard_normal(60)))


def same_accounts(one, other):
    for name in one.record_names():
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


def test_the_user_s_terms_are_the_engine_s():
    assert cq.Terms is hedging.Terms


def test_a_change_by_name_is_a_field_of_the_terms():
    told = replay(FullHedge(), INDEX, start_value=BOOK, terms=Terms(reserve=0.2, margin=0.15, cost=0.001))
    same_accounts(told, replay(FullHedge(), INDEX, start_value=BOOK, reserve=0.2, margin=0.15, cost=0.001))
    base = Terms(reserve=0.1, cost=0.001)
    same_accounts(told, replay(FullHedge(), INDEX, start_value=BOOK, terms=base, reserve=0.2, margin=0.15))
    with pytest.raises(TypeError, match="margn"):
        replay(FullHedge(), INDEX, start_value=BOOK, margn=0.15)


def test_a_contract_may_be_given_by_name():
    by_name = replay(FullHedge(), INDEX, start_value=BOOK, contract="IF")
    same_accounts(by_name, replay(FullHedge(), INDEX, start_value=BOOK, contract=contract("IF")))
    assert Terms(IF, margin=0.2).traded() == replace(IF, initial_margin=0.2)
    assert Terms(contract("IF"), margin=0.2).traded().rules == ()


def test_rolls_by_the_calendar_and_margins_by_date_follow_from_dates():
    terms = Terms("IF", exchange_margins=True, roll_spread=0.004, roll_days_before=1, reserve=0.5)
    listed = contract("IF")
    by_hand = replay(
        FullHedge(),
        INDEX,
        start_value=BOOK,
        contract=listed,
        margin_rates=listed.margins_on(DATES),
        roll_days=roll_schedule(DATES, listed, days_before_expiry=1).days,
        roll_spread=0.004,
        reserve=0.5,
    )
    same_accounts(replay(FullHedge(), INDEX, start_value=BOOK, terms=terms, dates=DATES), by_hand)
    assert by_hand.roll_costs.any()
    assert len(set(np.round(by_hand.margin[0] / INDEX, 6))) > 1


def test_the_basis_of_the_terms_is_that_of_the_data_unless_it_is_told_otherwise():
    agreed = replay(FullHedge(), INDEX, start_value=BOOK, terms=Terms(basis=-0.02))
    same_accounts(agreed, replay(FullHedge(), INDEX, start_value=BOOK, basis=-0.02))
    same_accounts(agreed, replay(FullHedge(), INDEX, start_value=BOOK, terms=Terms(basis=0.01), basis=-0.02))


@pytest.mark.parametrize(
    ("terms", "fault"),
    [
        (Terms(roll_spread=0.01), "roll_spread: must be left out where neither dates nor roll days are known"),
        (Terms("IF", exchange_margins=True), "exchange_margins: must be left out where no dates are known"),
        (Terms(exchange_margins=True), "exchange_margins: contract IF-2008-report has no margins by date|no dates"),
        (Terms(futures="closes.csv"), "futures = closes.csv: must be closes: files are read by `hedge`"),
        (Terms(roll_days=[3], roll_spread=0.01, roll_days_before=2), "roll_days_before = 2: must be left out where"),
        (Terms(margin=15.0), r"margin = 15: must lie in 0\.0001\.\.1"),
        (Terms(cost=1.0), r"cost = 1: must lie in 0\.\.0\.1"),
    ],
)
def test_terms_that_a_replay_cannot_keep_are_named(terms, fault):
    with pytest.raises(InputError, match=fault):
        replay(FullHedge(), INDEX, start_value=BOOK, terms=terms)


def test_a_book_must_be_told_what_its_terms_promise():
    opened = {"start_value": BOOK, "days": 2, "start_price": np.array([4000.0])}
    with pytest.raises(InputError, match="start_futures: must be given, and futures at every close"):
        HedgeBook(FullHedge(), **opened, basis=-0.01)
    with pytest.raises(InputError, match="margin_rate: must be given with exchange margins"):
        HedgeBook(FullHedge(), **opened, contract="IF", exchange_margins=True)


def test_a_simulation_takes_the_same_terms():
    terms = Terms(margin=0.2, cost=0.001)
    options = {"days": 5, "start_value": BOOK, "paths": 20}
    model = hedging.make_path_model("gbm")
    told = simulate_reserve(FullHedge(), model, **options, terms=terms)
    np.testing.assert_array_equal(
        told.required, simulate_reserve(FullHedge(), model, **options, margin=0.2, cost=0.001).required
    )


def test_terms_say_what_differs_from_the_report_s():
    assert Terms().changes() == {}
    changed = Terms("folder/my.toml", cost=0.001, reserve=0.3, futures="folder/closes.csv").changes()
    assert changed == {"contract": "my.toml", "cost": 0.001, "futures": "closes.csv", "reserve": 0.3}
    assert set(Terms().as_json()) == {field.name for field in fields(Terms)} - {"reserve", "roll_days"}
