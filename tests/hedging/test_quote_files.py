"""Option quotes in the shapes of vendors: a file as a whole tells dates and decimal marks, and the user overrules."""

import csv
import io
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cqkit.errors import InputError
from hedging import fear_gauge, load_quotes
from hedging.options.black76 import black_price
from hedging.series.reading import Reading

TODAY, EXPIRIES, SPOT, RATE = date(2024, 3, 1), (date(2024, 3, 15), date(2024, 4, 19)), 5137.25, 0.05
HEADER = ["date", "expiry", "strike", "type", "bid", "ask", "spot", "rate"]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def chain():
    """Options at 20 % a year, as numbers and dates."""
    rows = []
    for expiry in EXPIRIES:
        years = (expiry - TODAY).days / 365
        for strike in range(5050, 5225, 25):
            for call in (True, False):
                price = float(black_price(call, SPOT * np.exp(RATE * years), strike, 0.2, years, RATE))
                quotes = [round(0.99 * price, 2), round(1.01 * price, 2)]
                rows.append([TODAY, expiry, strike, "C" if call else "P", *quotes, SPOT, RATE])
    return rows


CHAIN = chain()


def written(rows, header=HEADER, delimiter=",", day=str, number=str, preamble=""):
    text = io.StringIO()
    text.write(preamble)
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow(
            [day(cell) if isinstance(cell, date) else number(cell) if isinstance(cell, float) else cell for cell in row]
        )
    return text.getvalue()


@pytest.fixture
def load(tmp_path):
    def loaded(text, encoding="utf-8", **said):
        (tmp_path / "quotes.csv").write_bytes(text.encode(encoding))
        return load_quotes(tmp_path / "quotes.csv", reading=Reading(**said))

    return loaded


@pytest.fixture(scope="module")
def right(tmp_path_factory):
    path = tmp_path_factory.mktemp("quotes") / "quotes.csv"
    path.write_text(written(CHAIN))
    return load_quotes(path)


def comma(number):
    return str(number).replace(".", ",")


DAYS = {
    "iso": str,
    "compact": "{:%Y%m%d}".format,
    "german": "{:%d.%m.%Y}".format,
    "american": "{:%m/%d/%Y}".format,
    "british": "{:%d/%m/%Y}".format,
    "chinese": lambda day: f"{day.year}年{day.month}月{day.day}日",
    "named": lambda day: f"{day.day}-{MONTHS[day.month - 1]}-{day.year}",
    "serial": lambda day: str((day - date(1899, 12, 30)).days),
    "stamped": "{:%Y-%m-%d} 16:00:00".format,
}
NUMBERS = {
    "plain": str,
    "comma": comma,
    "thousands": lambda number: f"{number:,.2f}",
    "european": lambda number: f"{number:,.2f}".replace(",", " ").replace(".", ","),
    "yuan": "¥{}".format,
}
PREAMBLES = ("", "# from a vendor\n", "\n", "Options of an index\n\n")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.data(),
    delimiter=st.sampled_from(",;\t|"),
    day=st.sampled_from(sorted(DAYS)),
    number=st.sampled_from(sorted(NUMBERS)),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
    preamble=st.sampled_from(PREAMBLES),
)
def test_quotes_in_any_shape_read_the_same(load, right, data, delimiter, day, number, encoding, preamble):
    rows = data.draw(st.permutations(CHAIN))
    found = load(written(rows, HEADER, delimiter, DAYS[day], NUMBERS[number], preamble), encoding)
    pd.testing.assert_frame_equal(found.drop(columns="row"), right.drop(columns="row"), check_exact=True)


def test_how_a_file_was_read_is_said(load):
    notes = load(written(CHAIN, HEADER, ";", DAYS["american"], comma)).attrs["notes"]
    assert notes[0] == "quotes.csv: read (semicolons between cells; decimal commas; dates as MM/DD/YYYY)"


def test_the_order_of_days_and_months_is_told_by_expiries_too(load, right):
    # 01/03/2024 alone may be either; 15/03/2024 beside it may not.
    found = load(written(CHAIN, day=DAYS["british"]))
    assert found["date"].equals(right["date"])
    text = written(CHAIN[:2], day=lambda day: "02/05/2024" if day == TODAY else "03/06/2024")
    with pytest.raises(InputError, match="dates such as 02/05/2024: may be DD/MM/YYYY or MM/DD/YYYY: say which with"):
        load(text)
    assert load(text, date_format="DD/MM/YYYY")["expiry"].iloc[0] == pd.Timestamp("2024-06-03")


def test_what_the_user_says_of_quotes_counts(load, right):
    rows = [[*row, 2 * row[4]] for row in CHAIN]
    found = load(written(rows, [*HEADER, "Last Sale"]), column="last sale")
    assert found["price"].tolist() == pytest.approx(
        [2 * row[4] for row in sorted(CHAIN, key=lambda row: (row[1], row[2], row[3] == "C"))]
    )
    with pytest.raises(InputError, match="must have nothing, as --column says"):
        load(written(CHAIN), column="nothing")
    assert load(written(CHAIN, day="{:%y%m%d}".format), date_format="YYMMDD")["expiry"].equals(right["expiry"])
    with pytest.raises(InputError, match="dates such as 240301: may be YYMMDD"):
        load(written(CHAIN, day="{:%y%m%d}".format))
    # Whole thousands and three decimals look alike.
    rows = [["2024-03-01", "2024-03-15", "5.125", kind, "12", "13", "5.137"] for kind in "CP"]
    text = written(rows, HEADER[:-1], ";")
    with pytest.raises(InputError, match=r"may be 5.125 or 5125: say which with --decimal"):
        load(text)
    assert load(text, decimal=",")["strike"].tolist() == [5125, 5125]


def test_prices_that_may_be_thousands_are_told_though_strikes_are_whole(load):
    rows = [["2024-03-01", "2024-03-15", 5125, kind, "9,125", "9,250", 5137] for kind in "CP"]
    with pytest.raises(InputError, match=r"may be 9.125 or 9125: say which with --decimal"):
        load(written(rows, HEADER[:-1], ";"))
    assert load(written(rows, HEADER[:-1], ";"), decimal=",")["price"].tolist() == [9.1875, 9.1875]
    rows = [[*row[:4], "9.125", "9.250", 5137] for row in rows]
    assert load(written(rows, HEADER[:-1]))["price"].tolist() == [9.1875, 9.1875]


def test_strikes_in_thousandths_are_told(load, right):
    header = ["date", "exdate", "strike_price", "cp_flag", "best_bid", "best_offer", "spot", "rate"]
    found = load(written([[*row[:2], 1000 * row[2], *row[3:]] for row in CHAIN], header))
    assert found["strike"].tolist() == right["strike"].tolist()
    assert any("read as thousandths, 5.05e+06 as 5050" in note for note in found.attrs["notes"])


def test_names_of_taiwan(load, right):
    header = ["日期", "到期日", "履約價", "買賣權", "買價", "賣價", "標的價格", "利率"]
    rows = [[*row[:3], {"C": "買權", "P": "賣權"}[row[3]], *row[4:]] for row in CHAIN]
    assert load(written(rows, header), "cp950")["price"].tolist() == right["price"].tolist()


def test_stamps_of_quotes_are_turned_into_the_zone(load, right):
    stamped = written(CHAIN, day=lambda day: f"{day - pd.Timedelta(hours=8):%Y-%m-%dT%H:%M:%SZ}")
    assert load(stamped, tz="Asia/Shanghai")["date"].equals(right["date"])


SIDES = ["OI", "CHNG IN OI", "BID QTY", "BID PRICE", "ASK PRICE"]


def side_by_side(expiry=True, rows=CHAIN):
    """The chain as NSE has it: calls at the left, puts at the right, thousands with commas."""
    header = ["EXPIRY DATE", "DATE", "UNDERLYING VALUE"] if expiry else []
    header += [*SIDES, "STRIKE PRICE", *SIDES[::-1]]
    pairs, rows = zip(rows[::2], rows[1::2], strict=True), []
    for call, put in pairs:
        shared = [f"{call[1]:%d-}{MONTHS[call[1].month - 1]}{call[1]:-%Y}", TODAY, SPOT] if expiry else []
        rows.append([*shared, "-", 5, 50, *call[4:6], f"{call[2]:,.2f}", *put[5:3:-1], 50, 5, "-"])
    return written(rows, header, number="{:,.2f}".format, preamble="CALLS,,PUTS\n")


def test_a_chain_of_nse_is_read_where_it_says_dates_and_spot(load, right):
    found = load(side_by_side())
    assert found["price"].tolist() == pytest.approx(right["price"].tolist(), abs=0.006)
    assert found["expiry"].equals(right["expiry"])
    assert fear_gauge(found).levels.iloc[0] == pytest.approx(20 * np.sqrt(14 / 10), abs=1.5)


def test_a_chain_without_expiry_date_and_spot_is_told_and_they_may_be_said(load, right, tmp_path):
    with pytest.raises(InputError) as caught:
        load(side_by_side(expiry=False))
    assert caught.value.faults == (
        "quotes.csv: row 2: calls and puts side by side, without date, expiry, spot: must have a column for each, or "
        "say it with --date, --expiry, --spot",
    )
    files = [tmp_path / f"chain-{number}.csv" for number in range(2)]
    for file, expiry in zip(files, EXPIRIES, strict=True):
        file.write_text(side_by_side(expiry=False, rows=[row for row in CHAIN if row[1] == expiry]))
    found = load_quotes(files, date="2024-03-01", expiry=[str(expiry) for expiry in EXPIRIES], spot=SPOT, rate=RATE)
    columns = ["date", "expiry", "strike", "call", "price", "spot", "forward", "rate"]
    pd.testing.assert_frame_equal(found[columns], right[columns], atol=0.006)
    assert fear_gauge(found).levels.iloc[0] == pytest.approx(fear_gauge(right).levels.iloc[0], abs=0.02)
    # What is wrong with an option that is not read is a note, whichever file it is in.
    text = files[1].read_text()
    strike = f'"{CHAIN[14][2]:,.2f}"'
    (tmp_path / "far.csv").write_text("\n".join(
        line.replace("50,", "50,x", 1) if strike in line else line for line in text.splitlines()))  # fmt: skip
    far = load_quotes(
        [files[0], tmp_path / "far.csv"], date="2024-03-01", expiry=[str(day) for day in EXPIRIES], spot=SPOT
    )
    assert any(
        note.startswith("far.csv: 1 option has no price and is not read: row 3: call 5050")
        for note in far.attrs["notes"]
    )
    with pytest.raises(InputError, match="expiry: 1 for 2 files: must be one a file"):
        load_quotes(files, expiry=["2024-03-15"])
    with pytest.raises(InputError, match="strike 5050 of 2024-03-15 is in two files: keep one"):
        load_quotes(files, date="2024-03-01", expiry="2024-03-15", spot=SPOT)
    # NSE names its files by their expiries.
    named = [file.rename(tmp_path / f"chain-NIFTY-{day:%d}-{MONTHS[day.month - 1]}-2024.csv") for file, day in
             zip(files, EXPIRIES, strict=True)]  # fmt: skip
    assert load_quotes(named, date="2024-03-01", spot=SPOT)["expiry"].tolist() == right["expiry"].tolist()


def test_what_is_said_twice_is_refused(load, tmp_path):
    load(written(CHAIN))
    with pytest.raises(InputError) as caught:
        load_quotes(tmp_path / "quotes.csv", date="2024-03-01", spot=5000)
    assert caught.value.faults == (
        "date = 2024-03-01: must be left out: quotes.csv has a column date",
        "spot = 5000: must be left out: quotes.csv has a column spot",
    )


def test_what_is_said_of_all_quotes_is_in_no_style_of_the_file_s(load, right, tmp_path):
    rows = [[row[1], *row[2:6], row[7]] for row in CHAIN]
    text = written(rows, [*HEADER[1:6], "rate"], ";", DAYS["british"], comma)
    (tmp_path / "quotes.csv").write_text(text)
    said = {"date": "2024-03-01", "spot": SPOT, "reading": Reading(date_format="DD/MM/YYYY")}
    found = load_quotes(tmp_path / "quotes.csv", **said)
    pd.testing.assert_frame_equal(found.drop(columns="row"), right.drop(columns="row"))


def test_what_is_said_of_quotes_wrongly_is_named(load, tmp_path):
    text = written([row[2:6] for row in CHAIN], HEADER[2:6])
    (tmp_path / "quotes.csv").write_text(text)
    with pytest.raises(InputError) as caught:
        load_quotes(tmp_path / "quotes.csv", date="soon", expiry="2024-02-30", spot=-1)
    assert caught.value.faults == (
        "date = soon: must be a date, YYYY-MM-DD",
        "expiry = 2024-02-30: must be a date, YYYY-MM-DD",
        "spot = -1: must be positive and finite (index points)",
    )


def test_an_option_s_code_says_what_its_table_does_not(load, right, tmp_path):
    rows = [[f"SPX{row[1]:%y%m%d}{row[3]}{1000 * row[2]:08d}", TODAY, *row[4:6]] for row in CHAIN]
    with pytest.raises(InputError, match=r"must also have date; spot or forward \(or --date, --spot for all quotes\)"):
        load(written(rows, ["contractSymbol", "lastTradeDate", "bid", "ask"]))
    found = load_quotes(tmp_path / "quotes.csv", date="2024-03-01", spot=SPOT, rate=RATE)
    pd.testing.assert_frame_equal(found.drop(columns="row"), right.drop(columns="row"))
    assert any("expiry, type, strike as the options' codes say" in note for note in found.attrs["notes"])


def test_sides_in_another_column_are_read_if_asked_for(load):
    header = ["Expiration Date", "Calls", "Last Sale", "Bid", "Ask", "Strike", "Puts", "Last Sale", "Bid", "Ask"]
    rows = [
        [call[1], "X", 7.5, *call[4:6], call[2], "X", 8.5, *put[4:6]]
        for call, put in zip(CHAIN[::2], CHAIN[1::2], strict=True)
    ]
    text = written(rows, header, preamble="SPX,Last: 5137.25\nDate: 2024-03-01\n")
    assert set(load(text, column="Last Sale")["price"]) == {7.5, 8.5}
    with pytest.raises(InputError, match="column Volume occurs 0 times: must occur for calls and for puts"):
        load(text, column="Volume")
