import numpy as np
import pandas as pd
import pytest

from cqkit.errors import InputError
from hedging import join_series, load_closes

# Thursday 28 June to Thursday 5 July 2007 without the weekend.
DATES = pd.DatetimeIndex(["2007-06-28", "2007-06-29", "2007-07-02", "2007-07-03", "2007-07-04", "2007-07-05"])


@pytest.fixture
def index():
    return pd.Series([3858.0, 3764.0, 3757.0, 3816.0, 3736.0, 3537.0], index=DATES)


@pytest.fixture
def spot():
    return pd.Series([4.8, 4.7, 4.6, 4.9, 4.5, 4.4], index=DATES)


def fault(*arguments):
    with pytest.raises(InputError) as caught:
        join_series(*arguments)
    return str(caught.value)


def test_the_start_is_the_base_close(index, spot):
    joined = join_series(index, spot, "2007-06-29", "2007-07-04")
    assert joined.dates.equals(DATES[1:5])
    assert joined.index.tolist() == [3764.0, 3757.0, 3816.0, 3736.0]
    np.testing.assert_allclose(joined.spot, [1, 4.6 / 4.7, 4.9 / 4.7, 4.5 / 4.7])
    assert joined.history.tolist() == [3858.0]
    assert joined.notes == ()


def test_without_a_spot_series_the_book_is_the_index(index):
    joined = join_series(index, None, "2007-06-29", "2007-07-04")
    np.testing.assert_allclose(joined.spot, joined.index / 3764.0)


def test_a_date_without_a_close_uses_the_last_one_before_and_says_so(index, spot):
    joined = join_series(index, spot, DATES[1] + pd.Timedelta(days=2), "2007-12-31")
    assert (joined.dates[0], joined.dates[-1]) == (DATES[1], DATES[-1])
    assert joined.notes == (
        "start = 2007-07-01: no close in index, used the one of 2007-06-29",
        "end = 2007-12-31: no close in index, used the one of 2007-07-05, where the file ends",
    )


def test_a_base_nav_stands_in_for_the_first_value(index, spot):
    joined = join_series(index, spot, "2007-06-29", "2007-07-02", 4.695)
    np.testing.assert_allclose(joined.spot, [1, 4.6 / 4.695])
    assert joined.notes == ("spot: 2007-06-29: base NAV 4.695 in place of its own 4.7",)
    without = join_series(index, spot.drop(DATES[1]), "2007-06-29", "2007-07-02", 4.695)
    np.testing.assert_allclose(without.spot, joined.spot)
    assert spot.iloc[1] == 4.7


def test_extra_spot_dates_are_dropped_with_a_note(index, spot):
    extra = pd.concat([spot, pd.Series([4.65], index=[pd.Timestamp("2007-06-30")])]).sort_index()
    joined = join_series(index, extra, "2007-06-29", "2007-07-04")
    assert joined.dates.equals(DATES[1:5])
    assert joined.notes == ("spot: 1 dates that index does not have were dropped: 2007-06-30",)


def test_missing_spot_dates_are_a_fault_that_names_them(index, spot):
    assert fault(index, spot.drop(DATES[2:4]), "2007-06-29", "2007-07-04") == (
        "spot: 2 of 4 dates of index are missing: 2007-07-02, 2007-07-03: add them or choose another window"
    )


def test_files_and_rows_are_named_where_series_come_from_files(tmp_path, index, spot):
    for name, series in (("idx.csv", index), ("fund.csv", spot.drop(DATES[2]))):
        series.rename("close").rename_axis("date").to_csv(tmp_path / name)
    closes, fund = load_closes(tmp_path / "idx.csv"), load_closes(tmp_path / "fund.csv")
    assert "fund.csv: 1 of 3 dates of idx.csv are missing: 2007-07-02 (row 4):" in fault(
        closes, fund, "2007-06-29", "2007-07-03"
    )
    # Row numbers are those of the file, for a slice too.
    assert "missing: 2007-07-02 (row 4):" in fault(closes.iloc[1:], fund, "2007-06-29", "2007-07-03")


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("2007-07-04", "2007-06-29", "start = 2007-07-04: must be before end = 2007-06-29"),
        ("2007-01-01", "2007-07-04", "start = 2007-01-01: must not be before the first close in index, 2007-06-28"),
        ("2007-06-30", "2007-07-01", "index: no close from 2007-06-30 to 2007-07-01: must be at least 2"),
        (
            "2008-01-01",
            "2008-02-01",
            "index: no close from 2008-01-01 on: the file ends on 2007-07-05: choose another window",
        ),
        (
            "June",
            "2007-13-01",
            "start = June: must be a date, YYYY-MM-DD\nend = 2007-13-01: must be a date, YYYY-MM-DD",
        ),
    ],
)
def test_an_impossible_window_is_named(index, spot, start, end, message):
    assert fault(index, spot, start, end) == message


@pytest.mark.parametrize("base_nav", [0.0, -1.0, float("nan"), float("inf")])
def test_a_base_nav_is_positive(index, spot, base_nav):
    message = fault(index, spot, "2007-06-29", "2007-07-04", base_nav)
    assert message == f"base_nav = {base_nav}: must be positive and finite"


def test_a_base_nav_needs_a_spot_series(index):
    assert "without a spot series" in fault(index, None, "2007-06-29", "2007-07-04", 4.695)


def test_series_made_by_hand_are_checked_too(index, spot):
    message = fault(index.iloc[::-1], spot.replace(4.6, np.nan), "2007-06-29", "2007-07-04")
    assert "index: dates are unsorted or occur twice" in message
    assert "spot: 2007-07-02: nan: must be positive and finite" in message
    assert "index: index of type int64: must be dates" in fault(
        index.reset_index(drop=True), None, "2007-06-29", "2007-07-04"
    )
    assert "without a time zone" in fault(index.tz_localize("UTC"), None, "2007-06-29", "2007-07-04")


def with_gap(days):
    """Four weekdays, a hole of so many calendar days, and four weekdays more."""
    before = pd.bdate_range("2007-06-25", "2007-06-28")
    after = pd.bdate_range(before[-1] + pd.Timedelta(days=days), periods=4)
    dates = before.append(after)
    return pd.Series(np.linspace(3700.0, 3800.0, len(dates)), index=dates)


def test_a_hole_that_no_holiday_explains_is_noted_with_its_rows(tmp_path):
    series = with_gap(32)
    series.rename("close").rename_axis("date").to_csv(tmp_path / "idx.csv")
    joined = join_series(load_closes(tmp_path / "idx.csv"), None, series.index[0], series.index[-1])
    assert joined.notes == (
        "idx.csv: read column close, 8 rows from 2007-06-25 to 2007-08-02",
        "idx.csv: 1 gap of more than 15 days: 2007-06-28 (row 5) to 2007-07-30 (row 6), 32 days: "
        "add the missing rows, unless the exchange was closed",
    )
    # The same hole in what policies look back on is noted, too, but not what comes after the window.
    (note,) = join_series(series, None, series.index[5], series.index[-1]).notes
    assert note.startswith("index: 1 gap of more than 15 days: 2007-06-28 to 2007-07-30, 32 days")
    assert join_series(series, None, series.index[0], series.index[3]).notes == ()


def test_a_holiday_is_no_hole():
    series = with_gap(15)
    assert join_series(series, None, series.index[0], series.index[-1]).notes == ()


def test_a_hole_between_the_history_s_file_and_the_index_s_is_noted():
    series = with_gap(32)
    (note,) = join_series(series.iloc[4:], None, series.index[4], series.index[-1], history=series.iloc[:4]).notes
    assert "2007-06-28 to 2007-07-30, 32 days" in note


def test_a_hole_long_before_the_window_is_left_alone():
    old = pd.Series([3000.0], index=pd.DatetimeIndex(["2005-01-04"]))
    index = pd.concat([old, with_gap(3)])
    recent = index.copy()
    recent.index = recent.index.where(recent.index > "2006", pd.Timestamp("2006-09-01"))
    assert join_series(index, None, "2007-06-26", "2007-06-28").notes == ()
    assert "2006-09-01 to 2007-06-25, 297 days" in join_series(recent, None, "2007-06-26", "2007-06-28").notes[0]


def test_many_holes_get_a_short_answer():
    dates = pd.date_range("2007-01-01", periods=8, freq="40D")
    series = pd.Series(np.full(8, 4000.0), index=dates)
    (note,) = join_series(series, None, dates[0], dates[-1]).notes
    assert note.startswith("index: 7 gaps of more than 15 days: 2007-01-01 to 2007-02-10, 40 days; ")
    assert "; 2007-03-22 to 2007-05-01, 40 days and 4 more: add" in note


def test_two_rows_are_a_window_and_one_is_not(tmp_path):
    (tmp_path / "two.csv").write_text("date,close\n2007-06-29,3764.078\n2007-07-02,3757.66\n")
    two = load_closes(tmp_path / "two.csv")
    joined = join_series(two, None, "2007-06-29", "2007-07-02")
    assert (len(joined.dates), len(joined.history)) == (2, 0)
    assert fault(two.iloc[:1], None, "2007-06-29", "2007-07-02") == (
        "two.csv: 1 close from 2007-06-29 to 2007-07-02: must be at least 2"
    )
