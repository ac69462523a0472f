"""Price files as people have them: each gives the closes of the clean file, or one line that says what is suspected."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from cqkit.errors import InputError
from hedging import load_closes, load_prices
from hedging.series.reading import Reading

CASES = Path(__file__).parent


def right(file):
    """Closes of a clean file, read without our own reader."""
    frame = pd.read_csv(CASES / file)
    return pd.Series(frame.iloc[:, 1].to_numpy(float), index=pd.DatetimeIndex(frame.iloc[:, 0]))


def assert_same(series, expected):
    assert list(series.index) == list(expected.index)
    assert series.tolist() == pytest.approx(expected.tolist(), rel=1e-12)


def notes(file, load=load_prices, **said):
    return " | ".join(load(CASES / file, Reading(**said)).attrs["notes"])


INDEX = [
    ("01-yfinance-three-header-rows/index.csv", "read as Yahoo Finance (yfinance): column Close"),
    ("02-investing-com-newest-first/index.csv", "read as Investing.com: column Price"),
    ("02-investing-com-newest-first/index-iso-thousands.csv", "column Close"),
    ("02-investing-com-newest-first/index-mdy.csv", "dates as MM/DD/YYYY"),
    ("03-chinese-columns-gbk/index-utf8.csv", "read as AKShare or EastMoney: column 收盘"),
    ("03-chinese-columns-gbk/index-gbk.csv", "read as GBK"),
    ("05-tushare-trade-date-newest-first/index.csv", "read as Tushare: column close"),
    ("05-tushare-trade-date-newest-first/index-date-renamed.csv", "newest first, turned round"),
    ("08-semicolon-decimal-comma/index.csv", "semicolons between cells; decimal commas; dates as DD.MM.YYYY"),
    ("08-semicolon-decimal-comma/index-comma-quoted.csv", "decimal commas"),
    ("08-semicolon-decimal-comma/index-english-names.csv", "decimal commas"),
    ("10-excel-serial-and-xlsx/index-serial.csv", "dates as Excel's day numbers"),
    ("11-wind-footer/index.csv", "read as Wind: column 收盘价"),
    ("11-wind-footer/index-utf8-footer.csv", "row 247 left out (数据来源：Wind)"),
    ("12-duplicate-last-row/index.csv", "the same day and price again left out: 2024-08-30 (row 246)"),
    ("14-open-zero-or-blank/index-zero.csv", "open is blank or 0 in 5 rows (2, 3, 4 and 2 more): unknown there"),
    ("14-open-zero-or-blank/index-blank.csv", "open is blank or 0 in 5 rows"),
    ("17-timezone-csv/index-local.csv", "days as stamped (UTC+0800)"),
    ("19-parquet-unnamed-index/index.parquet", "column close"),
    ("20-intraday-and-dst/index-1500.csv", "column close"),
    ("20-intraday-and-dst/index-1500-short.csv", "column close"),
    ("20-intraday-and-dst/index-1500-excel.csv", "column close"),
    ("22-unnamed-index-column/index.csv", "column close"),
    ("55-odd-csv-dialects/blank-line.csv", "column close"),
    ("55-odd-csv-dialects/bloomberg.csv", "read as Bloomberg: column PX_LAST"),
    ("55-odd-csv-dialects/comment.csv", "column close"),
    ("55-odd-csv-dialects/cr.csv", "column Close"),
    ("55-odd-csv-dialects/crlf.csv", "column Close"),
    ("55-odd-csv-dialects/narrow.csv", "column close"),
    ("55-odd-csv-dialects/px-last.csv", "column PX_LAST"),
    ("55-odd-csv-dialects/tab.csv", "tabs between cells"),
    ("55-odd-csv-dialects/trailing.csv", "column close"),
    ("55-odd-csv-dialects/utf16.csv", "column close"),
    ("55-odd-csv-dialects/yuan.csv", "column close"),
]


@pytest.mark.parametrize(("file", "said"), INDEX, ids=[file for file, _ in INDEX])
def test_the_base_series_in_another_shape_gives_its_closes_and_says_how(file, said):
    assert_same(load_prices(CASES / file)["close"], right("base_index.csv"))
    assert said in notes(file)
    assert "244 rows from 2023-09-01 to 2024-08-30" in notes(file)


@pytest.mark.parametrize("file", ["fund.csv", "fund-date-renamed.csv"])
def test_a_fund_s_unit_value_is_taken_and_its_cumulative_one_named(file):
    file = f"04-fund-nav-chinese/{file}"
    assert_same(load_closes(CASES / file), right("base_fund.csv"))
    assert "column 单位净值 taken, not 累计净值" in notes(file, load_closes)
    asked = load_closes(CASES / file, Reading(column="累计净值"))
    assert asked.tolist() == pytest.approx((right("base_fund.csv") + 0.2).tolist())


def test_the_adjusted_close_of_a_fund_is_taken_and_said():
    file = "15-close-and-adj-close/fund.csv"
    closes, returns = load_closes(CASES / file), right("base_fund.csv")
    assert (closes / closes.iloc[0]).tolist() == pytest.approx((returns / returns.iloc[0]).tolist(), abs=2e-4)
    assert "read as Yahoo Finance: column Adj Close" in notes(file, load_closes)
    assert "column Adj Close taken, not Close, which differs" in notes(file, load_closes)
    assert load_closes(CASES / file, Reading(column="Close")).iloc[0] == 1.5


@pytest.mark.parametrize(("file", "source"), [("vix.csv", "."), ("vix-new.csv", ""), ("vix-cleaned.csv", None)])
def test_days_without_a_value_at_fred_are_left_out_and_named(file, source):
    file = f"06-fred-missing-dot/{file}"
    closes = load_closes(CASES / file)
    assert_same(closes, right("06-fred-missing-dot/vix-cleaned.csv"))
    if source is not None:
        assert "read as FRED: column VIXCLS" in notes(file, load_closes)
        assert "9 rows without a price left out: 2023-09-04 (row 3)" in notes(file, load_closes)


def test_points_between_thousands_are_told_by_the_whole_file():
    file = "09-thousands-point-silent/index.csv"
    assert_same(load_prices(CASES / file)["close"], right("09-thousands-point-silent/index-right.csv"))
    assert "1.038 is 1038, as whole numbers stand beside it" in notes(file)


def test_adjusted_bars_may_differ_in_their_last_bit():
    prices = load_prices(CASES / "13-high-below-close-by-rounding/index.csv")
    assert (prices["high"] >= prices["close"]).all()


@pytest.mark.parametrize(
    ("file", "row"),
    [
        ("16-empty-price-row-on-holiday/index.csv", "2023-12-01 (row 62)"),
        ("55-odd-csv-dialects/na.csv", "2023-11-13 (row 52)"),
    ],
)
def test_a_row_without_a_price_is_left_out_and_named(file, row):
    expected = right("base_index.csv")
    closes = load_prices(CASES / file)["close"]
    assert_same(closes, expected[expected.index.isin(closes.index)])
    assert len(closes) == 243
    assert f"1 row without a price left out: {row}" in notes(file)


@pytest.mark.parametrize(("file", "base"), [("index-utc.csv", "base_index.csv"), ("fund-utc.csv", "base_fund.csv")])
def test_days_turned_into_utc_are_suspected_and_read_with_their_zone(file, base):
    path = CASES / "17-timezone-csv" / file
    with pytest.raises(InputError) as caught:
        load_closes(path)
    (fault,) = caught.value.faults
    assert "dates fall on a Sunday, as 2023-09-03 (row 3): 2023-09-03 16:00 UTC is midnight of 2023-09-04" in fault
    assert "--tz" in fault
    assert_same(load_closes(path, Reading(tz="Asia/Shanghai")), right(base))


@pytest.mark.parametrize(
    ("file", "fault"),
    [
        ("10-excel-serial-and-xlsx/index.xlsx", "is no readable Excel workbook: open it and save it as .xlsx or CSV"),
        ("20-intraday-and-dst/hourly.csv", "50 rows on 3 days, 24 of them on 2023-10-28: must be one row a day"),
        ("35-negative-price/wti.csv", "row 4: close = -37.63: must be positive"),
    ],
)
def test_what_cannot_be_known_is_one_line(file, fault):
    with pytest.raises(InputError) as caught:
        load_prices(CASES / file)
    (line,) = caught.value.faults
    assert line.startswith(f"{Path(file).name}: {fault}")


@pytest.mark.parametrize("tz", ["Asia/Tokyo", "America/Los_Angeles"])
def test_zone_locale_and_folder_of_the_process_change_nothing(tmp_path, tz):
    """The same files, in another process, give the same prices and notes."""
    files = [CASES / file for file, _ in INDEX[::5]]
    script = (
        "import sys; from hedging.series.loading import load_prices\n"
        "for file in sys.argv[1:]:\n"
        "    prices = load_prices(file)\n"
        "    ends = prices.index[0], prices.index[-1]\n"
        "    print(*ends, repr(float(prices['close'].sum())), *map(ascii, prices.attrs['notes']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, files)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "TZ": tz, "LC_ALL": "C", "PYTHONPATH": str(CASES.parent.parent)},
    )
    expected = []
    for file in files:
        prices = load_prices(file)
        told = map(ascii, prices.attrs["notes"])
        expected.append(
            " ".join([str(prices.index[0]), str(prices.index[-1]), repr(float(prices["close"].sum())), *told])
        )
    assert done.stdout.splitlines() == expected
