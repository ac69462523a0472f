"""Series that a user did not mean so: each is told in a note, or refused with the option that settles it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cqkit.errors import InputError
from hedging import Terms, hedge, hedge_reserve, load_closes, load_prices, replicate_report

CASES = Path(__file__).parent
WINDOW = {"start": "2024-01-02", "end": "2024-06-28"}


def case(number):
    return next(CASES.glob(f"{number}-*"))


def replayed(number, index="index.csv", spot=None, **asked):
    folder = case(number)
    files = {name: folder / asked.pop(name) for name in ("gauge", "distributions", "exchange_rate") if name in asked}
    return hedge(folder / index, None if spot is None else folder / spot, **files, **(WINDOW | asked))


def figures(found):
    return found.as_json()["policies"][next(iter(found.results))]


def said(found, words):
    return [note for note in found.series.notes if words in note]


def refused(*asked, **more):
    with pytest.raises(InputError) as caught:
        replayed(*asked, **more)
    return "\n".join(caught.value.faults)


def write(path, dates, values, name="close"):
    pd.DataFrame({"date": [f"{day:%Y-%m-%d}" for day in dates], name: values}).to_csv(path, index=False)
    return path


def test_a_unit_value_that_pays_out_is_doubted():
    found = replayed(23, spot="fund-unit.csv")
    (note,) = said(found, "a distribution")
    assert "fund-unit.csv: -30.1 % on 2024-04-10 (row 147)" in note
    assert "while index.csv moved -0.5 %" in note
    assert "--distributions" in note


def test_the_cumulative_value_is_not():
    found = replayed(23, spot="fund-adjusted.csv")
    assert not said(found, "a distribution")
    assert figures(found)["undiluted_return"] == pytest.approx(0.04338, abs=5e-6)
    assert figures(found)["hedge_loss"] == pytest.approx(0.00988, abs=5e-6)


def test_what_was_paid_out_is_put_back(tmp_path):
    unit, whole = (pd.read_csv(case(23) / name) for name in ("fund-unit.csv", "fund-adjusted.csv"))
    ratio = unit["nav"] / whole["nav"]
    day = int(np.argmax(ratio < 0.9))
    paid = unit["nav"][day - 1] * whole["nav"][day] / whole["nav"][day - 1] - unit["nav"][day]
    write(tmp_path / "paid.csv", [pd.Timestamp(unit["date"][day])], [paid], "distribution")
    found = replayed(23, spot="fund-unit.csv", distributions=tmp_path / "paid.csv")
    assert not said(found, "a distribution, a split")
    assert figures(found)["undiluted_return"] == pytest.approx(0.04338, abs=1e-4)


@pytest.mark.parametrize("factor", [1000, 100, 10, 2, 3, 1.5])
@pytest.mark.parametrize("where", ["index", "spot"])
def test_a_change_of_unit_or_a_split_is_refused_unless_it_is_meant(tmp_path, factor, where):
    folder = case(38)
    for name in ("index", "fund"):
        table = pd.read_csv(folder / f"{name}.csv")
        if name == ("index" if where == "index" else "fund"):
            table.iloc[150:, 1] /= factor
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    files = (tmp_path / "index.csv", tmp_path / "fund.csv")
    with pytest.raises(InputError, match=r"\(row 152\).*--accept-jumps"):
        hedge(*files, **WINDOW)
    if where == "spot":
        assert said(hedge(*files, **WINDOW, accept_jumps=True), ": accepted")


def test_a_move_that_index_and_fund_share_is_none_of_their_own(tmp_path):
    days = pd.bdate_range("2024-01-02", periods=8)
    moves = np.array([1, 1.01, 1, 0.99, 0.7, 0.71, 0.7, 0.72])
    index, fund = write(tmp_path / "i.csv", days, 3000 * moves), write(tmp_path / "f.csv", days, 2 * moves)
    found = hedge(index, fund, start="2024-01-02", end="2024-01-11")
    assert not said(found, "-29")


def test_a_margin_account_is_not_settled_weekly():
    assert "fund-weekly.csv: rows are 7 days apart, one a week" in refused(29, spot="fund-weekly.csv")
    fault = refused(29, index="index-weekly.csv", spot="fund-weekly.csv", policies=["partial"])
    assert "index-weekly.csv: rows are 7 days apart, one a week" in fault
    assert "--weekly" in fault
    assert "one a month" in refused(29, index="index-monthly.csv")


def test_weeks_are_annualised_as_weeks():
    found = replayed(29, index="index-weekly.csv", spot="fund-weekly.csv", policies=["partial"], weekly=True)
    assert said(found, "annualised by 52")
    assert found.series.prices.a_year == 52
    both = replayed(29, spot="fund-weekly.csv", common_dates=True, weekly=True)
    assert both.series.prices.a_year == 52


def test_two_calendars_are_joined_on_common_dates_when_asked():
    assert "--common-dates" in refused(30, spot="fund-hk.csv")
    found = replayed(30, spot="fund-hk.csv", common_dates=True)
    assert said(found, "index.csv: 7 dates that fund-hk.csv does not have were dropped")
    assert figures(found)["undiluted_return"] == pytest.approx(0.04338, abs=5e-6)


def test_a_fall_from_the_peak_is_not_a_fall_below_the_start():
    found = figures(replayed(32, spot="fund.csv", start="2024-03-01", end="2024-03-08"))
    assert found["hedge_loss"] == pytest.approx(0.10)
    assert found["drawdown"] == pytest.approx(0.125)


def test_a_fund_in_another_money_is_refused_unless_a_rate_is_given(tmp_path):
    fault = refused(33, spot="fund-usd.csv")
    assert "fund-usd.csv: currency USD, and the contract is in CNY" in fault
    assert "--exchange-rate" in fault
    assert figures(replayed(33, spot="fund-usd.csv", same_currency=True))["undiluted_return"] == pytest.approx(
        0.04338, abs=5e-6
    )
    assert "currency HKD" in refused(33, spot="fund.csv", currency="HKD")
    dates = pd.DatetimeIndex(pd.read_csv(case(33) / "index.csv")["date"])
    rate = write(tmp_path / "cny.csv", dates, np.linspace(7.0, 7.28, len(dates)))
    found = replayed(33, spot="fund-usd.csv", exchange_rate=rate)
    own, (first, last) = replayed(33, spot="fund.csv"), (dates.get_loc(day) for day in WINDOW.values())
    moved = np.linspace(7.0, 7.28, len(dates))[last] / np.linspace(7.0, 7.28, len(dates))[first]
    assert found.series.spot[-1] == pytest.approx(own.series.spot[-1] * moved)


def test_a_book_too_small_for_a_contract_is_told():
    found = replayed(34, spot="fund.csv", book=400_000, terms=Terms(round_contracts=True))
    assert said(found, "book of CNY 400,000: 0.40 of one contract")
    assert said(found, "nothing is hedged")


@pytest.mark.parametrize(
    ("start", "end", "fault"),
    [
        ("2025-01-02", "2025-06-02", "no close from 2025-01-02 on: the file ends on 2024-08-30"),
        ("2024-06-29", "2024-06-30", "no close from 2024-06-29 to 2024-06-30"),
        ("2024-05-06", "2024-05-06", "1 close from 2024-05-06 to 2024-05-06"),
        ("2020-01-01", "2024-02-01", "must not be before the first close in index.csv, 2023-09-01"),
    ],
)
def test_a_window_that_the_file_does_not_have_is_named(start, end, fault):
    assert fault in refused(36, spot="fund.csv", start=start, end=end)


def test_a_window_that_goes_on_after_the_file_ends_there():
    assert said(replayed(36, spot="fund.csv", end="2025-05-06"), "used the one of 2024-08-30, where the file ends")


def test_an_expiry_without_a_row_is_told_and_a_lone_hole_is_doubted():
    found = replayed(38, index="index-hole.csv", terms=Terms("IF", roll_spread=0.002))
    assert not [note for note in said(found, "2024-02-16, when") if "is a row missing" in note]
    (note,) = said(found, "2024-03-15, when a contract expires")
    assert "is a row missing?" in note
    assert "2024-03-18" in note
    assert said(found, "weekdays have no row and are taken for holidays: 2024-02-12 to 02-16, 2024-03-15")


def test_a_partial_hedge_without_a_past_says_so():
    found = replayed(40, index="index-short.csv", policies=["partial"])
    assert said(found, "no volatility is known before 2024-01-16")


def test_a_contract_before_its_launch_is_told():
    found = replayed(44, start="2008-01-02", end="2008-03-14", terms=Terms("IF"))
    assert said(found, "contract IF: launched on 2010-04-16")


def test_dates_at_weekends_are_told():
    found = replayed(58, index="index-shifted.csv", terms=Terms("IF", roll_spread=0.002))
    (note,) = said(found, "at a weekend")
    assert "48 on a Sunday" in note
    assert "a day early" in note
    assert "a day early" in refused(58, index="index-shifted.csv", spot="fund.csv")


CONTRARIAN = "timing:indicator=contrarian"


def test_an_american_gauge_is_known_a_day_later_in_shanghai():
    late = replayed(69, gauge="vix.csv", policies=[CONTRARIAN])
    known = replayed(69, gauge="vix-as-known-in-shanghai.csv", policies=[CONTRARIAN])
    np.testing.assert_array_equal(late.results[CONTRARIAN].contracts, known.results[CONTRARIAN].contracts)
    assert said(late, "--gauge-lag 0")
    early = replayed(69, gauge="vix.csv", policies=[CONTRARIAN], gauge_lag=0)
    assert (early.results[CONTRARIAN].contracts != late.results[CONTRARIAN].contracts).any()


def test_a_stale_gauge_is_refused_and_an_old_value_is_dated(tmp_path):
    table = pd.read_csv(case(69) / "vix.csv")
    table[(table["date"] < "2024-02-01") | (table["date"] > "2024-03-15")].to_csv(tmp_path / "gauge.csv", index=False)
    fault = refused(69, gauge=tmp_path / "gauge.csv", policies=[CONTRARIAN])
    assert "gauge.csv: 2024-02-19: the last value is that of 2024-01-31" in fault
    table[table["date"] != "2024-03-05"].to_csv(tmp_path / "gauge.csv", index=False)
    found = replayed(69, gauge=tmp_path / "gauge.csv", policies=[CONTRARIAN])
    (note,) = said(found, "take the last one")
    assert "2024-03-05 that of 2024-03-04 (row 122)" in note


def test_closes_beyond_all_numbers_are_a_fault(tmp_path):
    days = pd.bdate_range("2024-01-02", periods=4)
    path = write(tmp_path / "i.csv", days, ["100", "1e308", "101", "102"])
    with pytest.raises(InputError, match=r"1e\+308: must lie in"):
        hedge(path, start="2024-01-02", end="2024-01-05")


def test_a_need_that_was_met_is_called_once():
    found = figures(replayed(27, start="2024-03-01", end="2024-03-14", reserve=0.15, book=10_000_000))
    assert [call["date"] for call in found["margin_calls"]] == ["2024-03-05"]
    assert found["margin_calls"][0]["amount"] == pytest.approx(1_150_000)
    assert (found["margin_call_days"], found["first_margin_call"]) == (1, "2024-03-05")


def test_the_report_on_other_years_runs_on_the_example_and_says_so():
    folder = case(59)
    found = replicate_report(load_prices(folder / "index.csv"), load_closes(folder / "fund.csv"))
    assert found.synthetic
    assert any("the series do not reach" in note for note in found.notes)


def test_days_are_not_drawn_from_weeks():
    with pytest.raises(InputError, match=r"index-weekly.csv: rows are 7 days apart"):
        hedge_reserve(model="bootstrap", days=20, paths=10, index=case(29) / "index-weekly.csv")


def test_a_past_with_a_change_of_unit_is_refused_unless_it_is_meant(tmp_path):
    table = pd.read_csv(case(29) / "index.csv")
    table.loc[100:, "close"] /= 100
    table.to_csv(tmp_path / "past.csv", index=False)
    asked = {"model": "bootstrap", "days": 20, "paths": 10, "index": tmp_path / "past.csv"}
    with pytest.raises(InputError, match=r"past.csv: a factor of 0.0099.*\(row 102\).*--accept-jumps"):
        hedge_reserve(**asked)
    assert any(": accepted" in note for note in hedge_reserve(**asked, accept_jumps=True).notes)


@pytest.mark.parametrize("column", ["nav_usd", "NAV (USD)"])
def test_money_in_the_name_of_the_prices_is_read(tmp_path, column):
    table = pd.read_csv(case(33) / "fund.csv")
    table.rename(columns={"nav": column}).to_csv(tmp_path / "fund.csv", index=False)
    with pytest.raises(InputError, match="currency USD, and the contract is in CNY"):
        hedge(case(33) / "index.csv", tmp_path / "fund.csv", **WINDOW)


def test_a_monthly_book_is_reckoned_by_months(tmp_path):
    table = pd.read_csv(case(33) / "fund.csv", parse_dates=["date"])
    months = table["date"].dt.month
    table[months != months.shift(-1)].to_csv(tmp_path / "fund.csv", index=False)
    found = hedge(case(33) / "index.csv", tmp_path / "fund.csv", **WINDOW, common_dates=True, weekly=True)
    assert found.series.prices.a_year == 12
    assert len(found.series.dates) == 7


def test_payments_may_be_a_frame():
    unit = pd.read_csv(case(23) / "fund-unit.csv", parse_dates=["date"], index_col="date")
    paid = pd.DataFrame({"amount": [0.44]}, index=pd.DatetimeIndex(["2024-04-10"], name="date"))
    found = hedge(case(23) / "index.csv", unit, **WINDOW, distributions=paid)
    assert said(found, "spot: 1 distributions of distributions put back in")
    assert not said(found, "a distribution, a split")
