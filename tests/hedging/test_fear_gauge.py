import csv
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
import QuantLib
from hypothesis import given, settings
from hypothesis import strategies as st

from cqkit.errors import InputError
from hedging.options.black76 import BELOW_INTRINSIC, black_price
from hedging.options.gauge import OPTIONS, fear_gauge, month_weights, trading_days
from hedging.options.quotes import NO_BID, load_quotes

TODAY = date(2007, 8, 9)
NEAR, FOLLOWING = date(2007, 8, 17), date(2007, 9, 21)
RATE = 0.05


def quote(expiry, strike, call, volatility, spot=702.0, day=TODAY):
    time = (expiry - day).days / 365
    price = float(black_price(call, spot * np.exp(RATE * time), strike, volatility, time, RATE))
    return {
        "date": day,
        "expiry": expiry,
        "strike": strike,
        "type": "call" if call else "put",
        "price": price,
        "spot": spot,
        "rate": RATE,
    }


def flat(*option):
    return 0.25


def chain(smile=flat, spot=702.0, strikes=(690, 695, 700, 705, 710), expiries=None):
    return [
        quote(expiry, strike, call, smile(expiry, strike, call), spot)
        for expiry in expiries or (NEAR, FOLLOWING)
        for strike in strikes
        for call in (True, False)
    ]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("quotes") / "quotes.csv"

    def write(rows):
        if isinstance(rows, str):
            path.write_text(rows)
            return path
        with path.open("w", newline="") as out:
            writer = csv.DictWriter(out, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write


@pytest.fixture(scope="module")
def gauge(file):
    return lambda rows: fear_gauge(load_quotes(file(rows)))


def only(gauge):
    (day,) = gauge.daily.itertuples()
    return day


def on_trading_days(expiry, day=TODAY):
    calendar = (expiry - day).days
    return np.sqrt(calendar / trading_days(calendar))


def test_the_published_recipe_by_hand_and_quantlib(gauge):
    """Means of call and put, then strikes, then months, with volatilities from another library."""
    smile = {(e, k, c): 0.2 + i / 100 for i, (e, k, c) in enumerate(
        (e, k, c) for e in (NEAR, FOLLOWING) for k in (700, 705) for c in (True, False)
    )}  # fmt: skip
    rows = [quote(e, k, c, v) for (e, k, c), v in smile.items()]
    months = []
    for expiry in (NEAR, FOLLOWING):
        time = (expiry - TODAY).days / 365
        means = []
        for strike in (700, 705):
            found = []
            for row in rows:
                if (row["expiry"], row["strike"]) == (expiry, strike):
                    kind = QuantLib.Option.Call if row["type"] == "call" else QuantLib.Option.Put
                    forward, discount = 702 * np.exp(RATE * time), np.exp(-RATE * time)
                    total = QuantLib.blackFormulaImpliedStdDev(kind, strike, forward, row["price"], discount, 0, 0.05)
                    found.append(total / np.sqrt(time) * on_trading_days(expiry))
            means.append(sum(found) / 2)
        months.append(means[0] * (705 - 702) / 5 + means[1] * (702 - 700) / 5)
    # 8 calendar days are 6 trading days, 43 are 31.
    expected = months[0] * (31 - 22) / (31 - 6) + months[1] * (22 - 6) / (31 - 6)
    day = only(gauge(rows))
    assert (day.near_days, day.following_days) == (6, 31)
    assert day.index == pytest.approx(100 * expected, rel=1e-6)


@settings(deadline=None, max_examples=50)  # it writes and reads a file
@given(volatility=st.floats(0.05, 1.5), spot=st.floats(696, 709))
def test_equal_volatilities_on_trading_days_are_the_index(gauge, volatility, spot):
    day = only(gauge(chain(lambda expiry, *_: volatility / on_trading_days(expiry), spot)))
    assert day.index == pytest.approx(100 * volatility, rel=1e-6)
    assert day.near == pytest.approx(volatility, rel=1e-6)
    assert day.following == pytest.approx(volatility, rel=1e-6)


def smiling(expiry, strike, call):
    return 0.3 - (strike - 700) / 500 + 0.02 * call + 0.03 * (expiry == FOLLOWING)


def test_a_spot_at_a_strike_needs_that_strike_only(gauge):
    rows = chain(smiling, spot=700.0)
    whole, alone = gauge(rows), gauge([row for row in rows if row["strike"] == 700])
    assert set(whole.options["strike"]) == {700}
    assert only(whole).index == only(alone).index
    # A hair above the strike the next one hardly counts.
    above = only(gauge(chain(smiling, spot=700.0001)))
    assert above.index == pytest.approx(only(whole).index, rel=1e-4)


def test_with_22_trading_days_left_the_near_month_is_the_index(gauge):
    day = TODAY
    near = day + timedelta(days=30)
    assert trading_days(30) == 22
    rows = [
        quote(expiry, strike, call, smiling(expiry, strike, call))
        for expiry in (near, near + timedelta(days=35))
        for strike in (700, 705)
        for call in (True, False)
    ]
    row = only(gauge(rows))
    assert (row.near_weight, row.following_weight) == (1, 0)
    assert row.index == pytest.approx(100 * row.near)


@given(near=st.integers(1, 60), more=st.integers(1, 60))
def test_the_months_weights_sum_to_one_and_meet_at_22_days(near, more):
    weights = month_weights(near, near + more)
    assert sum(weights) == pytest.approx(1)
    assert weights.near * near + weights.following * (near + more) == pytest.approx(22)


def test_months_in_the_wrong_order_are_refused():
    with pytest.raises(InputError, match="following_days = 20: must exceed near_days, 20"):
        month_weights(20, 20)


def test_the_options_weights_sum_to_one_and_make_the_index(gauge):
    result = gauge(chain(smiling))
    options = result.options
    assert len(options) == OPTIONS
    assert options["weight"].sum() == pytest.approx(1)
    assert 100 * (options["weight"] * options["volatility"]).sum() == pytest.approx(only(result).index)


def test_scaling_spot_strikes_and_prices_leaves_the_index(gauge):
    rows = chain(smiling)
    index = only(gauge(rows)).index

    @settings(deadline=None, max_examples=50)  # it writes and reads a file
    @given(scale=st.floats(0.01, 100))
    def at_any_scale(scale):
        scaled = [row | {name: row[name] * scale for name in ("strike", "price", "spot")} for row in rows]
        assert only(gauge(scaled)).index == pytest.approx(index, rel=1e-8)

    at_any_scale()


def test_the_eight_options_are_picked_from_a_wider_chain(gauge):
    later, weekly, soon = date(2007, 10, 19), date(2007, 9, 28), date(2007, 8, 16)
    wide = chain(smiling, strikes=range(600, 800, 5), expiries=(soon, NEAR, weekly, FOLLOWING, later))
    result = gauge(wide[::-1])
    assert set(zip(result.options["expiry"].dt.date, result.options["strike"], strict=True)) == {
        (expiry, strike) for expiry in (NEAR, FOLLOWING) for strike in (700.0, 705.0)
    }
    assert only(result).index == only(gauge(chain(smiling))).index


def test_a_month_with_less_than_eight_calendar_days_left_is_passed_over(gauge):
    later = date(2007, 10, 19)
    rows = [
        row | {"date": TODAY + timedelta(days=1)}
        for row in chain(smiling, expiries=(NEAR, FOLLOWING, later))
    ]  # fmt: skip
    day = only(gauge(rows))
    assert (day.near_expiry.date(), day.following_expiry.date()) == (FOLLOWING, later)
    assert day.extrapolated


def test_a_strike_with_a_call_only_is_no_strike(gauge):
    rows = [row for row in chain(smiling) if not (row["strike"] == 705 and row["type"] == "put")]
    assert set(gauge(rows).options["strike"]) == {700, 710}


def test_each_date_of_a_file_is_what_it_is_alone(gauge):
    first = chain(smiling)
    second = [
        quote(FOLLOWING if e == NEAR else date(2007, 10, 19), k, c, 0.4, 699.0, date(2007, 8, 23))
        for e in (NEAR, FOLLOWING)
        for k in (695, 700)
        for c in (True, False)
    ]
    both = gauge(second + first)
    assert both.daily.index.tolist() == [pd.Timestamp(2007, 8, 9), pd.Timestamp(2007, 8, 23)]
    assert both.levels.tolist() == [only(gauge(first)).index, only(gauge(second)).index]


def test_an_arbitrage_or_a_missing_bid_leaves_a_date_without_a_value_and_says_why(gauge):
    rows = chain(smiling)
    for row in rows:
        row |= {"bid": row["price"] * 0.99, "ask": row["price"] * 1.01}
        del row["price"]
    calls = [i for i, row in enumerate(rows) if (row["expiry"], row["strike"], row["type"]) == (NEAR, 700, "call")]
    (hit,) = calls
    for bid, ask, reason in ((1.9, 1.91, BELOW_INTRINSIC), (0.0, 1.0, NO_BID)):
        broken = [dict(row) for row in rows]
        broken[hit] |= {"bid": bid, "ask": ask}
        result = gauge(broken)
        day = only(result)
        assert np.isnan(day.index)
        assert day.reason.startswith(f"row {hit + 2}: call 700 of 2007-08-17")
        assert day.reason.endswith(reason)
        assert result.levels.empty
    # What the index does not use may be as bad as it likes.
    far = next(i for i, row in enumerate(rows) if row["strike"] == 690)
    rows[far] |= {"bid": 0.0, "ask": 1.0}
    assert only(gauge(rows)).index > 0


def test_missing_months_and_strikes_are_named(gauge):
    one_month = only(gauge(chain(expiries=(NEAR,))))
    assert one_month.reason == "1 monthly expiries with at least 8 calendar days left: must be 2"
    high = only(gauge(chain(spot=720.0)))
    assert high.reason == "expiry 2007-08-17: no strike above 720 with both a call and a put"


def test_without_rate_or_forward_the_notes_say_what_was_assumed(gauge):
    rows = [{name: value for name, value in row.items() if name != "rate"} for row in chain()]
    notes = gauge(rows).notes
    assert len(notes) == 2
    assert "interest is taken to be 0" in notes[0]


def test_a_forward_stands_for_a_missing_spot(gauge):
    rows = [
        {**row, "forward": 702.0 * np.exp(RATE * (row["expiry"] - TODAY).days / 365)} for row in chain(smiling)
    ]  # fmt: skip
    assert only(gauge(rows)).index == pytest.approx(only(gauge(chain(smiling))).index)
    for row in rows:
        del row["spot"]
    assert only(gauge(rows)).index > 0


HEADER = "date,expiry,strike,type,bid,ask,spot\n"
GOOD = "2007-08-09,2007-08-17,700,call,10,11,702\n"


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("2007-08-09,2007-08-17,0,call,10,11,702", "row 3: strike = 0: must be positive"),
        ("2007-08-09,2007-08-17,700,straddle,10,11,702", "row 3: type = straddle: must be call or put (or c or p)"),
        ("2007-08-09,soon,700,put,10,11,702", "row 3: expiry = soon: must be a date, YYYY-MM-DD"),
        ("2007-08-09,2007-08-09,700,put,10,11,702", "row 3: expiry = 2007-08-09: must be after the date, 2007-08-09"),
        ("2007-08-09,2007-08-17,700,put,12,11,702", "row 3: bid = 12: must not exceed the ask, 11"),
        ("2007-08-09,2007-08-17,700,put,-1,11,702", "row 3: bid = -1: must not be negative (0 is no bid)"),
        ("2007-08-09,2007-08-17,700,c,10,11,702", "row 3: the same option is in row 2 already: keep one of them"),
        ("2007-08-09,2007-08-17,700,put,,11,702",
         "row 3: bid = (empty): must be a number, plain digits with a decimal point"),
        ("2007-08-09,2007-08-17,700,put,10,11,703",
         "row 3: spot = 703: must be the 702 of row 2, as the date is the same"),
    ],
)  # fmt: skip
def test_a_wrong_quote_is_named_with_what_is_allowed(file, row, fault):
    with pytest.raises(InputError) as caught:
        load_quotes(file(HEADER + GOOD + row + "\n"))
    assert caught.value.faults == (f"quotes.csv: {fault}",)


def test_percent_for_a_rate_is_named(file):
    with pytest.raises(InputError, match=r"row 2: rate = 5: must lie in -0.2..1 \(interest a year as a ratio"):
        load_quotes(file("date,expiry,strike,type,price,spot,rate\n2007-08-09,2007-08-17,700,call,10,702,5\n"))


def test_missing_columns_are_named_together(file):
    with pytest.raises(InputError, match="must also have type; bid and ask, or price; spot or forward"):
        load_quotes(file("date,expiry,strike,bid\n2007-08-09,2007-08-17,700,1\n"))
