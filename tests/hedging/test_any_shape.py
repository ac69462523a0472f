"""A price history written out in every known shape reads the same closes back, or is refused in words."""

import csv
import io
from datetime import date, timedelta, timezone

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cqkit.errors import InputError
from hedging import load_closes, load_prices
from hedging.series.reading import Reading

HEADERS = (
    ("date", "close"),
    ("Date", "Price"),
    ("日期", "收盘"),
    ("交易日期", "收盘价"),
    ("净值日期", "单位净值"),
    ("trade_date", "close"),
    ("Datum", "Schluss"),
    ("", "close"),
    ("observation_date", "SP500"),
    ("Date", "Close/Last"),
    ("Date", "PX_LAST"),
)
DATES = {
    "iso": lambda day: day.isoformat(),
    "slashes": lambda day: f"{day.year}/{day.month}/{day.day}",
    "compact": lambda day: f"{day:%Y%m%d}",
    "german": lambda day: f"{day:%d.%m.%Y}",
    "american": lambda day: f"{day:%m/%d/%Y}",
    "british": lambda day: f"{day:%d/%m/%Y}",
    "chinese": lambda day: f"{day.year}年{day.month}月{day.day}日",
    "named": lambda day: f"{day.day}-{MONTHS[day.month - 1]}-{day.year}",
    "named american": lambda day: f"{MONTHS[day.month - 1]} {day.day:02d}, {day.year}",
    "serial": lambda day: str((day - date(1899, 12, 30)).days),
    "midnight": lambda day: f"{day.isoformat()} 00:00:00",
    "zoned": lambda day: f"{day.isoformat()} 00:00:00+08:00",
    "at the close": lambda day: f"{day.isoformat()}T15:00:00",
}
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
NUMBERS = {
    "plain": lambda text: text,
    "thousands": lambda text: grouped(text, ",", "."),
    "european": lambda text: grouped(text, ".", ","),
    "decimal comma": lambda text: text.replace(".", ","),
    "blanks": lambda text: grouped(text, " ", ","),
    "narrow": lambda text: grouped(text, "\u202f", "."),
    "swiss": lambda text: grouped(text, "'", "."),
    "yuan": lambda text: f"¥{text}",
}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "gb18030")
PREAMBLES = ("", "# from a vendor\n", "\n", "沪深300 指数\n\n", "Security{d}IDX Index\nPeriod{d}D\n\n")
FOOTERS = ("", "\n", "\n数据来源：Wind\n", "Source: vendor\n")


def grouped(text, thousands, decimal):
    whole, _, rest = text.partition(".")
    return f"{int(whole):,}".replace(",", thousands) + (decimal + rest if rest else "")


@st.composite
def histories(draw):
    """Weekdays with closes that move by less than a fifth, written with two decimals."""
    first = draw(st.dates(date(1990, 1, 1), date(2040, 1, 1)))
    level = draw(st.floats(2, 90_000))
    days, closes = [], []
    for move in draw(st.lists(st.floats(-0.15, 0.15), min_size=30, max_size=60)):
        first += timedelta(days=3 if first.weekday() == 4 else 2 if first.weekday() == 5 else 1)
        level *= 1 + move
        days.append(first)
        closes.append(f"{level:.2f}")
    return days, closes


@st.composite
def files(draw):
    """A history's bytes in a random shape."""
    days, closes = draw(histories())
    names, delimiter = draw(st.sampled_from(HEADERS)), draw(st.sampled_from(",;\t|"))
    write_day, write_number = (draw(st.sampled_from(sorted(known))) for known in (DATES, NUMBERS))
    volume = draw(st.booleans())
    rows = [
        [DATES[write_day](day), NUMBERS[write_number](close), *(["1234567"] if volume else [])]
        for day, close in zip(days, closes, strict=True)
    ]
    if draw(st.booleans()):
        rows.reverse()
    if draw(st.booleans()):
        rows.append(rows[-1])
    text = io.StringIO()
    text.write(draw(st.sampled_from(PREAMBLES)).format(d=delimiter))
    writer = csv.writer(text, delimiter=delimiter, lineterminator=draw(st.sampled_from(["\n", "\r\n"])))
    writer.writerows([[*names, *(["Volume"] if volume else [])], *rows])
    text.write(draw(st.sampled_from(FOOTERS)))
    return text.getvalue(), draw(st.sampled_from(ENCODINGS)), days, closes


@pytest.mark.parametrize("load", [load_closes, lambda path: load_prices(path)["close"]], ids=["closes", "prices"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(file=files())
def test_a_history_in_any_shape_reads_the_same_closes_back(tmp_path, load, file):
    text, encoding, days, closes = file
    path = tmp_path / "prices.csv"
    path.write_bytes(text.encode(encoding))
    found = load(path)
    assert found.index.equals(pd.DatetimeIndex(days))
    assert found.tolist() == [float(close) for close in closes]


@settings(max_examples=60, deadline=None)
@given(history=histories(), index=st.sampled_from(["dates", "column", "text"]))
def test_a_frame_reads_as_its_file_does(history, index):
    days, closes = history
    frame = pd.DataFrame({"close": [float(close) for close in closes]}, index=pd.DatetimeIndex(days))
    if index == "column":
        frame = frame.rename_axis("Date").reset_index()
    if index == "text":
        frame.index = frame.index.strftime("%Y-%m-%d")
    found = load_closes(frame)
    assert found.index.equals(pd.DatetimeIndex(days))
    assert found.tolist() == [float(close) for close in closes]


def test_a_frame_of_yfinance_with_two_levels_of_columns_is_read():
    columns = pd.MultiIndex.from_product(
        [["Close", "High", "Low", "Open", "Volume"], ["^IDX"]], names=["Price", "Ticker"]
    )
    frame = pd.DataFrame([[3.0, 4, 2, 3, 9], [4.0, 5, 3, 4, 9]], index=pd.DatetimeIndex(["2024-01-02", "2024-01-03"]))
    frame.columns = columns
    prices = load_prices(frame)
    assert prices["close"].tolist() == [3, 4]
    assert prices["open"].tolist() == [3, 4]


@pytest.mark.parametrize("ending", [".xlsx", ".xls"])
def test_a_workbook_reads_as_its_table(tmp_path, ending):
    frame = pd.DataFrame({"Date": pd.to_datetime(["2024-01-02", "2024-01-03"]), "Close": [3.5, 4.25]})
    path = tmp_path / f"prices{ending}"
    if ending == ".xlsx":
        frame.to_excel(path, index=False)
    else:  # text by another name, as many sites give it
        path.write_bytes(frame.to_csv(index=False, sep="\t").encode("gb18030"))
    closes = load_closes(path)
    assert closes.index.equals(pd.DatetimeIndex(frame["Date"], name="date"))
    assert closes.tolist() == [3.5, 4.25]


def test_days_and_months_that_may_be_either_are_refused_and_settled_by_the_user(tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text("date,close\n02/01/2024,100\n03/01/2024,101\n04/01/2024,101\n")
    assert list(load_closes(path).index.month) == [1, 1, 1]  # the other way they would be a month apart
    path.write_text("date,close\n01/03/2024,100\n02/05/2024,101\n")
    with pytest.raises(InputError, match="may be DD/MM/YYYY or MM/DD/YYYY: say which with --date-format"):
        load_closes(path)
    assert list(load_closes(path, Reading(date_format="DD/MM/YYYY")).index.month) == [3, 5]
    assert list(load_closes(path, Reading(date_format="%m/%d/%Y")).index.month) == [1, 2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("date,volume\n2024-01-02,100\n", "a volume or change is no price"),
        ("日期,成交量\n2024-01-02,100\n", "a volume or change is no price"),
        ("date,涨跌幅\n2024-01-02,0.1%\n", "a volume or change is no price"),
        ("date,a,b\n2024-01-02,100,1\n", "name it with --column"),
        ("date,A_close,B_close\n2024-01-02,100,1\n", "name it with --column"),
        ("date;close\n2024-01-02;1.038,5\n2024-01-03;1,038.5\n", "both in one file"),
        ("date,close\n2024-01-02,100%\n", "must be a price, not a percentage"),
        ("date,close\n2024-01-02,2.58M\n", "must be a price, not a percentage or volume (M)"),
        ("date|close\n2024-01-02|1,038\n", "may be 1.038 or 1038: say which with --decimal"),
        ("<html><table><tr><td>date</td></tr></table></html>", "is a web page"),
    ],
)
def test_what_cannot_be_meant_is_suspected_in_one_line(tmp_path, text, said):
    path = tmp_path / "prices.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        load_closes(path)
    assert len(caught.value.faults) == 1
    assert said in str(caught.value)


def test_a_mark_between_thousands_or_decimals_is_said(tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text("date,close\n2024-01-02,1.038\n2024-01-03,1.041\n")
    assert load_closes(path).tolist() == [1.038, 1.041]
    assert "1.038 is 1.038; with --decimal , it is 1038" in load_closes(path).attrs["notes"][0]
    assert load_closes(path, Reading(decimal=",")).tolist() == [1038, 1041]


VENDORS = {
    "investing.com, Chinese": '\ufeff"日期","收盘","开盘","高","低","交易量","涨跌幅"\n'
    '"2024年1月3日","3,535.74","3,530.00","3,540.00","3,520.00","1.2M","0.1%"\n'
    '"2024年1月2日","3,500.00","3,490.00","3,510.00","3,480.00","1.2M","0.1%"\n',
    "investing.com, German": '"Datum","Zuletzt","Eröffn.","Hoch","Tief","Vol.","+/- %"\n'
    '"03.01.2024","3.535,74","3.530,00","3.540,00","3.520,00","1,2M","0,1%"\n'
    '"02.01.2024","3.500,00","3.490,00","3.510,00","3.480,00","1,2M","0,1%"\n',
    "nasdaq": "Date,Close/Last,Volume,Open,High,Low\n01/03/2024,$3535.74,9,$3530,$3540,$3520\n"
    "01/02/2024,$3500.00,9,$3490,$3510,$3480\n",
    "stooq": "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>\n"
    "X,D,20240102,000000,3490,3510,3480,3500,0\nX,D,20240103,000000,3530,3540,3520,3535.74,0\n",
    "wind": "沪深300\n代码,日期,开盘价(元),收盘价(元),成交额(百万)\n000300.SH,2024-01-02,3490,3500,12\n"
    "000300.SH,2024-01-03,3530,3535.74,12\n\n数据来源：Wind资讯\n",
    "wind, EDB": "指标名称,沪深300\n频率,日\n单位,点\n2024-01-02,3500\n2024-01-03,3535.74\n数据来源：Wind\n",
    "cboe": "Cboe VIX\nDATE,OPEN,HIGH,LOW,CLOSE\n01/02/2024,3490,3510,3480,3500\n01/03/2024,3530,3540,3520,3535.74\n",
    "ishares": 'iShares Fund\nInception,"May 4, 2000"\n\nAs Of,NAV per Share,Shares Outstanding\n'
    '"Jan 02, 2024",3500,"1,000"\n"Jan 03, 2024",3535.74,"1,000"\n',
    "joinquant": ",open,close,volume,money\n2024-01-02,3490,3500,1,2\n2024-01-03,3530,3535.74,1,2\n",
    "R": '"Open","Close","Volume"\n"2024-01-02",3490,3500,1\n"2024-01-03",3530,3535.74,1\n',
    "a comment as the header": "#date,close,volume\n2024-01-02,3500,1\n2024-01-03,3535.74,1\n",
    "no header": "2024-01-02,3500\n2024-01-03,3535.74\n",
    "spreadsheet's sep": "sep=;\ndate;close\n2024-01-02;3500,00\n2024-01-03;3535,74\n",
    "afternoon": "Date,Close\n1/2/2024 4:00:00 PM,3500\n1/3/2024 4:00:00 PM,3535.74\n1/16/2024 4:00:00 PM,\n",
}


@pytest.mark.parametrize("vendor", VENDORS)
def test_vendors_tables_are_read(tmp_path, vendor):
    path = tmp_path / "prices.csv"
    path.write_text(VENDORS[vendor], encoding="utf-8")
    prices = load_prices(path)
    assert prices["close"].tolist() == [3500, 3535.74]
    assert prices.index.equals(pd.DatetimeIndex(["2024-01-02", "2024-01-03"]))
    if "open" in prices:
        assert prices["open"].tolist() == [3490, 3530]


@pytest.mark.parametrize("zone", ["Asia/Shanghai", timezone(timedelta(hours=8)), timezone(-timedelta(hours=5))])
def test_a_parquet_file_with_a_zone_has_the_days_of_its_zone(tmp_path, zone):
    days = pd.DatetimeIndex(["2024-01-02", "2024-01-03"])
    path = tmp_path / "prices.parquet"
    pd.DataFrame({"close": [1.0, 2]}, index=days.tz_localize(zone)).to_parquet(path)
    assert load_closes(path).index.equals(days)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "date,close\n2024-01-02,3,500.00\n",
            "row 2: 3 cells: must have 2, as the header has: a comma between thousands",
        ),
        ("date close\n2024-01-02 3500 1\n", "blanks between cells?"),
        ("date,close\n########,3500\n", "row 2: date = ########: must be a date"),
        (
            "date,close\n2024-01-02,1.038\n2024-01-03,1.041\n",
            "row 2: 1.038: may be 1.038 or 1038: say which with --dec",
        ),
        ("date,close\n2024-01-02,(3500.0)\n", "row 2: close = (3500.0): must be positive"),
    ],
)
def test_what_an_index_cannot_be_is_suspected(tmp_path, text, fault):
    path = tmp_path / "prices.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        load_prices(path)
    assert fault in caught.value.faults[0]
