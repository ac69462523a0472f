"""Files of prices that say less than they should: each is read, or one line tells what settles it."""

from datetime import date

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from cqkit.errors import InputError
from hedging import hedge, load_closes, load_prices
from hedging.series.reading import Reading

DAYS = pd.bdate_range("2024-01-02", periods=12)
CLOSES = [3500.0, 3535.74, 3550.85, 3496.81, 3536.06, 3556.12, 3534.34, 3512.5, 3490.25, 3501.0, 3520.75, 3511.5]


@pytest.fixture
def write(tmp_path):
    def written(text, encoding="utf-8"):
        path = tmp_path / "prices.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return written


def refusal(path, load=load_closes, **said):
    with pytest.raises(InputError) as caught:
        load(path, Reading(**said))
    (fault,) = caught.value.faults
    return fault


def assert_read(found):
    assert found.index.equals(DAYS)
    assert found.tolist() == CLOSES


def table(write_day, mark=",", header="date{m}close"):
    rows = [f"{write_day(day)}{mark}{close}" for day, close in zip(DAYS, CLOSES, strict=True)]
    return "\n".join([header.format(m=mark), *rows]) + "\n"


@pytest.mark.parametrize("mark", [" ", "   "])
def test_blanks_between_cells_are_read(write, mark):
    found = load_closes(write(table(lambda day: day.date(), mark)))
    assert_read(found)
    assert "blanks between cells" in found.attrs["notes"][0]


def test_lines_with_blanks_of_unequal_numbers_are_told(write):
    assert "blanks between cells?" in refusal(write("date close\n2024-01-02 15:00 3500\n2024-01-03 15:00 3501\n"))


YFINANCE = (
    "Price,Close,Close,High,High,Open,Open\nTicker,^GSPC,MSFT,^GSPC,MSFT,^GSPC,MSFT\nDate,,,,,,\n"
    "2024-01-02,4742.83,370.87,4754.33,375.9,4745.2,373.86\n2024-01-03,4704.81,370.6,4729.29,373.26,4725.07,369.01\n"
)
BY_TICKER = (
    "Ticker,MSFT,MSFT,AAPL,AAPL\nPrice,Close,Adj Close,Close,Adj Close\nDate,,,,\n"
    "2024-01-02,370.87,368,185.64,184\n2024-01-03,370.6,367,184.25,183\n"
)


def test_two_tickers_of_yfinance_are_told_and_one_is_chosen(write):
    path = write(YFINANCE)
    assert refusal(path) == (
        "prices.csv: columns of 2 securities, ^GSPC, MSFT: must be one: choose it with --column, as --column '^GSPC'"
    )
    prices = load_prices(path, Reading(column="msft"))
    assert prices["close"].tolist() == [370.87, 370.6]
    assert prices["high"].tolist() == [375.9, 373.26]
    assert "MSFT of 2 securities" in prices.attrs["notes"][0]
    assert load_closes(path, Reading(column="Open ^GSPC")).tolist() == [4745.2, 4725.07]
    assert load_closes(write(BY_TICKER), Reading(column="AAPL Close")).tolist() == [185.64, 184.25]
    assert load_closes(write(BY_TICKER), Reading(column="AAPL")).tolist() == [184, 183]


def test_names_that_pandas_has_numbered_are_of_two_securities_or_told(write):
    numbered = YFINANCE.replace("Price,Close,Close,High,High,Open,Open", "Price,Close,Close.1,High,High.1,Open,Open.1")
    assert load_prices(write(numbered), Reading(column="MSFT"))["open"].tolist() == [373.86, 369.01]
    assert "2 securities" in refusal(write(numbered))
    path = write("date,Close,Close.1\n2024-01-02,1.5,2.5\n")
    assert refusal(path) == "prices.csv: column close occurs 2 times (Close, Close.1): name one with --column"
    assert load_closes(path, Reading(column="Close.1")).tolist() == [2.5]


def test_a_frame_of_two_tickers_is_told_as_its_file_is():
    names = pd.MultiIndex.from_product([["Close", "Open"], ["SPY", "MSFT"]], names=["Price", "Ticker"])
    frame = pd.DataFrame([[1.0, 5, 2, 6], [3.0, 7, 4, 8]], index=DAYS[:2], columns=names)
    assert "series: columns of 2 securities, SPY, MSFT" in refusal(frame)
    assert load_closes(frame, Reading(column="MSFT")).tolist() == [5, 7]


def test_a_long_file_of_several_securities_is_told_and_one_is_chosen(write):
    rows = [
        f"{code},{day:%Y%m%d},{close * factor:.2f}"
        for code, factor in (("000300.SH", 1), ("000905.SH", 1.5))
        for day, close in zip(DAYS, CLOSES, strict=True)
    ]
    path = write("\n".join(["ts_code,trade_date,close", *rows]))
    assert refusal(path) == (
        "prices.csv: column ts_code of 2 securities, 000300.SH, 000905.SH: must be one: choose it with --column, "
        "as --column '000300.SH'"
    )
    assert_read(load_closes(path, Reading(column="000300.SH")))
    assert load_closes(path, Reading(column="000905.SH close")).iloc[0] == 5250
    assert "columns found" in refusal(path, column="000905.SH nav")


def test_names_tell_securities_apart_where_there_is_no_code(write):
    rows = [
        f"{day.date()},{name},{close}"
        for day, close in zip(DAYS, CLOSES, strict=True)
        for name in ("沪深300", "中证500")
    ]
    path = write("\n".join(["日期,简称,收盘", *rows]))
    assert "column 简称 of 2 securities, 沪深300, 中证500: must be one" in refusal(path)
    assert_read(load_closes(path, Reading(column="沪深300")))


def test_a_code_that_changes_with_the_days_is_one_security(write):
    rows = [
        f"IF24{1 + n // 6:02d},{day.date()},{close}" for n, (day, close) in enumerate(zip(DAYS, CLOSES, strict=True))
    ]
    assert_read(load_closes(write("\n".join(["contract,date,close", *rows]))))


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("%y%m%d", "may be YYMMDD: say it with --date-format YYMMDD"),
        ("%d%m%Y", "may be DDMMYYYY: say it with --date-format DDMMYYYY"),
        ("%m%d%Y", "may be MMDDYYYY: say it with --date-format MMDDYYYY"),
    ],
)
def test_dates_of_bare_digits_are_told_and_read_as_is_said(write, form, said):
    path = write(table(lambda day: day.strftime(form)))
    assert refusal(path).endswith(said)
    assert_read(load_closes(path, Reading(date_format=said.rsplit(" ", 1)[1])))


@pytest.mark.parametrize("first", [date(1899, 12, 30), date(1904, 1, 1)])
def test_day_numbers_are_told_to_be_of_the_system_by_which_they_are_weekdays(write, first):
    path = write(table(lambda day: (day.date() - first).days))
    found = load_closes(path)
    assert_read(found)
    assert ("from 1904 on" in found.attrs["notes"][0]) == (first.year == 1904)
    assert_read(load_closes(path, Reading(date_format="excel-1904" if first.year == 1904 else "excel")))


def test_a_workbook_of_the_1904_system_has_its_own_dates(tmp_path):
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append(["date", "close"])
    for day, close in zip(DAYS, CLOSES, strict=True):
        book.active.append([day.to_pydatetime(), close])
    book.save(tmp_path / "prices.xlsx")
    assert_read(load_closes(tmp_path / "prices.xlsx"))


def test_an_old_workbook_that_cannot_be_read_is_to_be_saved_anew(tmp_path):
    (tmp_path / "prices.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    fault = refusal(tmp_path / "prices.xls")
    assert fault.startswith("prices.xls: is no readable Excel workbook of before 2007 (.xls): open it and save it as")


@pytest.mark.parametrize(
    ("header", "encoding", "called"),
    [
        ("日期,開盤價,最高價,最低價,收盤價,漲跌價差", "cp950", "Big5"),
        ("日期,开盘,最高,最低,收盘,涨跌幅", "gb18030", "GBK (GB18030)"),
        ("日付,始値,高値,安値,終値,出来高", "cp932", "Shift JIS"),
        ("날짜,시가,고가,저가,종가,거래량", "cp949", "EUC-KR"),
    ],
)
def test_names_in_the_encodings_of_east_asia(write, header, encoding, called):
    rows = [f"{day.date()},{close},{close + 9},{close - 9},{close},1" for day, close in zip(DAYS, CLOSES, strict=True)]
    prices = load_prices(write("\n".join([header, *rows]), encoding))
    assert_read(prices["close"])
    assert prices["high"].tolist() == [close + 9 for close in CLOSES]
    assert f"read as {called}" in prices.attrs["notes"][0]


def test_years_of_the_republic_of_china(write):
    header = '"113年01月 發行量加權股價指數歷史資料"\n"日期","收盤指數"\n'
    rows = [f'"{day.year - 1911}/{day:%m/%d}","{close:,.2f}"' for day, close in zip(DAYS, CLOSES, strict=True)]
    found = load_closes(write(header + "\n".join(rows), "cp950"))
    assert_read(found)
    assert "dates in years of the Republic of China (113 is 2024)" in found.attrs["notes"][0]


def test_marks_that_make_no_path_either_way_are_told_whatever_the_prices_are(write):
    prices = ["1.234", "1e-320", "1e308", "1.235"]
    rows = [f"{day.date()},{price}" for day, price in zip(DAYS, prices, strict=False)]
    fault = refusal(write("\n".join(["date,close", *rows])))
    assert "1.234: may be 1.234 or 1234, and prices jump by a factor of more than a million either way: say" in fault
    # A column that is hardly one of numbers tells its marks all the same.
    cells = ["0.1", "x", "1e308", "y", "1e-300", "z"]
    rows = [f"{day.date()},{cell}" for day, cell in zip(DAYS, cells, strict=False)]
    with pytest.raises(InputError, match="row 3: close = x: must be a number"):
        load_closes(write("\n".join(["date,close", *rows])))


@pytest.fixture
def in_dollars(tmp_path):
    """Index and fund in dollars, replayed with a rate file; said of it what is given."""
    days = pd.bdate_range("2024-01-02", periods=60)
    moves = pd.Series(range(60), index=days.strftime("%Y-%m-%d"), name="close")
    (3500 + moves % 7).to_csv(tmp_path / "index.csv", index_label="date")
    (1.5 + 0.01 * (moves % 5)).rename("nav").to_frame().assign(currency="USD").to_csv(
        tmp_path / "fund.csv", index_label="date"
    )

    def replayed(text, **said):
        (tmp_path / "rate.csv").write_text(text)
        files = tmp_path / "index.csv", tmp_path / "fund.csv"
        return hedge(
            *files, start=str(days[0].date()), end=str(days[-1].date()), exchange_rate=tmp_path / "rate.csv", **said
        )

    return days, replayed


@pytest.mark.parametrize(
    ("rate", "said"),
    [
        (1 / 7.2, "0.138889, where one USD has cost about 7 CNY: USD for one CNY suspected: must be CNY for one USD"),
        (720, "720, where one USD has cost about 7 CNY: CNY for 100 USD suspected: must be CNY for one USD"),
    ],
)
def test_a_rate_the_other_way_round_is_doubted(in_dollars, rate, said):
    days, replayed = in_dollars
    rows = "".join(f"{day.date()},{rate}\n" for day in days)
    with pytest.raises(InputError) as caught:
        replayed("date,rate\n" + rows)
    assert caught.value.faults == (f"rate.csv: {said}",)
    right = replayed("date,rate\n" + "".join(f"{day.date()},7.2\n" for day in days))
    assert "fund.csv: turned from USD into CNY by rate.csv, 7.2 CNY for one USD on 2024-01-02" in right.series.notes


def test_what_is_said_of_the_rate_s_file_reaches_it(in_dollars):
    days, replayed = in_dollars
    rows = "".join(f"{day:%d/%m/%Y};1,{100 + n % 3};7,{200 + n % 3}\n" for n, day in enumerate(days[:8]))
    rows += "".join(f"{day:%d/%m/%Y};1,1;7,2\n" for day in days[8:])
    said = {"column": {"exchange_rate": "cny"}, "date_format": {"exchange_rate": "DD/MM/YYYY"}}
    found = replayed("date;usd;cny\n" + rows, **said, decimal={"exchange_rate": ","})
    assert any("7.2 CNY for one USD" in note for note in found.series.notes)


def test_what_is_said_of_the_distributions_file_reaches_it(tmp_path, in_dollars):
    days, replayed = in_dollars
    paid = tmp_path / "paid.csv"
    rows = "".join(f"{day:%m-%d-%Y},1.2,{0.1 if n == 30 else 0}\n" for n, day in enumerate(days))
    paid.write_text("day,price,per unit\n" + rows)
    rates = "date,rate\n" + "".join(f"{day.date()},7.2\n" for day in days)
    said = {"column": {"distributions": "per unit"}, "date_format": {"distributions": "MM-DD-YYYY"}}
    notes = replayed(rates, distributions=paid, **said).series.notes
    assert "fund.csv: 1 distributions of paid.csv put back in" in notes
