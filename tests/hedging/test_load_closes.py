import duckdb
import numpy as np
import pandas as pd
import pytest

from cqkit.errors import InputError
from hedging import load_closes


@pytest.fixture
def csv(tmp_path):
    """Write a CSV and return its path."""

    def write(text, name="prices.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def faults(path):
    with pytest.raises(InputError) as caught:
        load_closes(path)
    return caught.value.faults


@pytest.mark.parametrize(
    "text",
    [
        "date,close\n2007-06-29,3764.078\n2007-07-02,3757.66\n",
        "\ufeffDate, Close\r\n2007/6/29, 3764.078\r\n2007/7/2, 3757.66\r\n\r\n",
        'close,date\n"3764.078",20070629\n"3757.66",20070702\n,\n',
        "date,code,level\n2007-06-29 00:00:00,IF,3764.078\n2007-07-02 00:00:00,IF,3757.66",
        "date,nav,cum_nav\n2007-06-29,3764.078,1\n2007-07-02,3757.66,1\n",
    ],
    ids=["plain", "spreadsheet", "other order", "only numeric column", "nav"],
)
def test_the_usual_ways_to_write_a_series_are_read(csv, text):
    closes = load_closes(csv(text))
    assert closes.index.equals(pd.DatetimeIndex(["2007-06-29", "2007-07-02"]))
    assert closes.tolist() == [3764.078, 3757.66]
    assert closes.dtype == np.float64


@pytest.mark.parametrize("name", ["prices.parquet", "odd [name]*.pq"])
def test_parquet_reads_like_csv(tmp_path, name):
    path, prices = tmp_path / name, [3764.078, 3757.66 / 3]
    frame = pd.DataFrame({"date": pd.to_datetime(["2007-06-29", "2007-07-02"]), "close": prices})
    with duckdb.connect() as connection:
        connection.register("frame", frame)
        connection.execute(f"COPY frame TO '{path}' (FORMAT parquet)")
    closes = load_closes(path)
    assert closes.index.equals(pd.DatetimeIndex(frame["date"]))
    assert closes.tolist() == prices


def test_a_day_without_a_price_in_parquet_is_left_out_and_named(tmp_path):
    path = tmp_path / "prices.parquet"
    rows = "VALUES (DATE '2007-06-29', 3764.0), (DATE '2007-07-02', NULL)"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT * FROM ({rows}) t(date, close)) TO '{path}' (FORMAT parquet)")
    closes = load_closes(path)
    assert closes.tolist() == [3764]
    assert closes.attrs["notes"][1] == "prices.parquet: 1 row without a price left out: 2007-07-02 (row 2)"


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("2007-07-03,-3", "row 4: close = -3: must be positive"),
        ("2007-07-03,0", "row 4: close = 0: must be positive"),
        ("2007-07-03,inf", "row 4: close = inf: must be finite"),
        ("2007-07-03,1_000", "row 4: close = 1_000: must be a number, plain digits with a decimal point"),
        ("2007-07-03,３７５７", "row 4: close = ３７５７: must be a number, plain digits with a decimal point"),
        ("2007-07-03,2.58M", "row 4: close = 2.58M: must be a price, not a percentage or volume (M)"),
        ("2007-07-03,1.5%", "row 4: close = 1.5%: must be a price, not a percentage or volume (%)"),
        (
            "2007-07-03,3,757",
            "row 4: 3 cells: must have 2, as the header has: a comma between thousands, or a decimal "
            "comma, without quotation marks?",
        ),
        ("3 July 2007,1", "row 4: date = 3 July 2007: must be a date, YYYY-MM-DD"),
        (",1", "row 4: date = (empty): must be a date, YYYY-MM-DD"),
        ("2007-02-30,1", "row 4: date = 2007-02-30: must be a date, YYYY-MM-DD"),
        ("0207-07-03,1", "row 4: date = 0207-07-03: must be a date between the years 1700 and 2200"),
        ("2007-06-29,1", "row 4: date = 2007-06-29: is in row 2 already: keep one of them"),
        ("2007-06-30,1", "row 4: date = 2007-06-30: must be later than the 2007-07-02 above it: sort the rows"),
        ("2007-07-03", "row 4: 1 cells: must have 2, as the header has"),
    ],
)
def test_a_wrong_row_is_named_with_what_is_allowed(csv, row, fault):
    path = csv(f"date,close\n2007-06-29,3764.078\n2007-07-02,3757.66\n{row}\n2007-07-04,3816.17\n")
    assert faults(path) == (f"prices.csv: {fault}",)


def test_a_blank_row_inside_counts_so_that_row_numbers_stay_true(csv):
    path = csv("date,close\n2007-06-29,3764.078\n\n2007-07-02,-1\n")
    assert faults(path) == ("prices.csv: row 4: close = -1: must be positive",)


@pytest.mark.parametrize("cell", ["", "nan", ".", "-", "N/A", "#N/A N/A", "null"])
def test_a_day_without_a_price_is_left_out_and_named(csv, cell):
    closes = load_closes(csv(f"date,close\n2007-06-29,3764.078\n2007-07-02,{cell}\n2007-07-03,3816.17\n"))
    assert closes.tolist() == [3764.078, 3816.17]
    assert closes.attrs["notes"][1] == "prices.csv: 1 row without a price left out: 2007-07-02 (row 3)"


def test_a_close_that_is_missing_where_the_rest_of_the_bar_is_there_is_a_fault(csv):
    path = csv("date,open,close\n2007-06-29,3760,3764\n2007-07-02,3750,\n")
    assert faults(path) == ("prices.csv: row 3: close = (empty): must be a number, plain digits with a decimal point",)


def test_two_decimal_marks_in_one_file_are_refused(csv):
    path = csv('date,close\n2007-06-29,3764.078\n2007-07-02,"3764,07"\n')
    assert faults(path) == (
        "prices.csv: row 2: 3764.078 and row 3: 3764,07: both in one file: must have one decimal mark: "
        "say which with --decimal",
    )


def test_all_faults_come_at_once_in_the_order_of_rows(csv):
    path = csv("date,close\n2007-06-29,-1\nsoon,0\n2007-06-29,5\n")
    assert [fault.split(": ")[1] for fault in faults(path)] == ["row 2", "row 3", "row 3", "row 4"]


def test_a_file_wrong_throughout_gets_a_short_answer(csv):
    found = faults(csv("date,close\n" + "".join(f"{day},1\n" for day in range(40))))
    assert len(found) == 11
    assert found[-1] == "and 30 more"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "is empty: must have a header row and rows of data"),
        ("\n \n", "is empty: must have a header row and rows of data"),
        ("date,close\n", "has no rows of data: must have at least one"),
        ("who,close\nme,1\n", "columns found: who, close: one must be called date"),
        (
            "date,low,high\n2007-06-29,1,2\n",
            "columns found: date, low, high: must have close or nav, or only one column of numbers"
            ": name it with --column",
        ),
        (
            "date,name\n2007-06-29,a\n",
            "columns found: date, name: must have close or nav, or only one column of numbers: name it with --column",
        ),
        ("date,close,close\n2007-06-29,1,2\n", "column close occurs 2 times: must occur once"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_allowed(csv, text, fault):
    assert faults(csv(text)) == (f"prices.csv: {fault}",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-32"])
def test_encodings_are_told_apart(csv, encoding):
    closes = load_closes(
        csv("日期,收盘,名称\n2007-06-29,3764.078,沪深三百\n2007-07-02,3757.66,沪深三百\n".encode(encoding))
    )
    assert closes.tolist() == [3764.078, 3757.66]
    assert closes.name == "收盘"


def test_bytes_that_are_no_text_are_named(csv):
    assert faults(csv("date,close\n2007-06-29,1\n".encode("utf-16")[:-1]))[0].endswith("save the file as CSV in UTF-8")
    assert faults(csv(b"PK\x03\x04" + bytes(40))) == (
        "prices.csv: is an Excel workbook or a zip archive, no CSV: give its name the ending .xlsx",
    )


def test_an_unclosed_quotation_mark_is_not_a_traceback(csv):
    (fault,) = faults(csv('date,close\n"' + "2007-06-29,1\n" * 20_000))
    assert "check its quotation marks" in fault


def test_a_file_that_is_not_there_or_is_a_folder_is_named(tmp_path):
    assert faults(tmp_path / "none.csv") == ("none.csv: no such file: must be a CSV or Parquet file",)
    assert faults(tmp_path / "none.parquet") == ("none.parquet: no such file: must be a CSV or Parquet file",)
    folder = tmp_path / "folder.csv"
    folder.mkdir()
    assert faults(folder) == ("folder.csv: is a folder: must be a CSV or Parquet file",)
    assert faults("") == (".: is a folder: must be a CSV or Parquet file",)


@pytest.mark.parametrize("name", ["x" * 300 + ".csv", "null\0.csv"])
def test_an_impossible_file_name_is_not_a_traceback(tmp_path, name):
    (fault,) = faults(tmp_path / name)
    assert fault.startswith(f"{name}: cannot be read (")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty: must be a Parquet file"),
        (b"date,close\n2007-06-29,1\n", "is no readable Parquet file: a CSV must not have this ending"),
    ],
)
def test_a_false_parquet_file_is_named(csv, data, message):
    (fault,) = faults(csv(data, "prices.parquet"))
    assert fault == f"prices.parquet: {message}"
