"""Futures and option files are read by the same laws as series: a file as a whole, and what the user says of it."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cqkit.errors import InputError
from hedging.futures import load_futures
from hedging.series.reading import Reading

DAYS = pd.bdate_range("2024-01-02", periods=30)
MONTHS = {"2401": (2024, 1), "2402": (2024, 2), "2403": (2024, 3)}
PRICES = {
    month: [round(3500 + 7 * day - 3 * at + 0.25 * (day % 5), 2) for day in range(30)]
    for at, month in enumerate(MONTHS.values())
}


def american(day):
    return f"{day:%m/%d/%Y}"


def comma(price):
    return f"{price:.2f}".replace(".", ",")


def wide(names, write_day=lambda day: day.date(), write=str, mark=","):
    rows = [mark.join([str(write_day(day)), *(write(PRICES[MONTHS[name[-4:]]][at]) for name in names)])
            for at, day in enumerate(DAYS)]  # fmt: skip
    return "\n".join([mark.join(["date", *names]), *rows])


def long(header, cells, write_day=lambda day: day.date(), mark=",", products=("IF",)):
    rows = [
        mark.join([str(write_day(day)), f"{product}{name}", *cells(PRICES[month][at] * (1 + number))])
        for number, product in enumerate(products)
        for name, month in MONTHS.items()
        for at, day in enumerate(DAYS)
    ]
    return "\n".join([header.replace(",", mark), *rows])


@pytest.fixture
def load(tmp_path):
    def loaded(text, settle=False, **said):
        (tmp_path / "futures.csv").write_text(text)
        return load_futures(tmp_path / "futures.csv", settle=settle, reading=Reading(**said))

    return loaded


def assert_read(file, factor=1.0):
    assert file.contracts.index.equals(DAYS)
    for month, prices in PRICES.items():
        assert file.contracts[month].tolist() == pytest.approx([factor * price for price in prices])


NAMES = ["IF2401", "IF2402", "IF2403"]


def test_contracts_in_columns_with_commas_and_american_dates(load):
    file = load(wide(NAMES, american, comma, ";"))
    assert_read(file)
    how = "semicolons between cells; decimal commas; dates as MM/DD/YYYY"
    assert file.notes == (f"futures.csv: read as 3 contracts, a column each ({how})",)


def test_contracts_in_rows_with_commas_and_american_dates(load):
    file = load(long("Date,Symbol,Settle,Close", lambda price: ["9", comma(price)], american, ";"))
    assert_read(file)
    assert "3 contracts, column close (semicolons between cells; decimal commas; dates as MM/DD/YYYY)" in file.notes[0]
    assert file.notes[0].endswith("margins are settled at settle: --settle")


DATES = {
    "iso": "{:%Y-%m-%d}".format,
    "compact": "{:%Y%m%d}".format,
    "german": "{:%d.%m.%Y}".format,
    "american": american,
    "chinese": lambda day: f"{day.year}年{day.month}月{day.day}日",
    "serial": lambda day: str((day.date() - date(1899, 12, 30)).days),
    "stamped": "{:%Y-%m-%d} 15:00:00+08:00".format,
}
NUMBERS = {
    "plain": "{:.2f}".format,
    "comma": comma,
    "thousands": lambda price: f'"{price:,.2f}"',
    "blanks": lambda price: f"{price:,.2f}".replace(",", " ").replace(".", ","),
}
CODES = {"plain": "IF{}", "exchange": "IF{}.CFE", "small": "if{}", "chicago": "ES{}"}
LETTERS = {"2401": "F24", "2402": "G24", "2403": "H24"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    shape=st.sampled_from(["wide", "long"]),
    names=st.permutations(sorted(MONTHS)),
    codes=st.sampled_from(sorted(CODES)),
    mark=st.sampled_from(",;\t|"),
    write_day=st.sampled_from(sorted(DATES)),
    write=st.sampled_from(sorted(NUMBERS)),
    backwards=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
    above=st.sampled_from(["", "# of an exchange\n", "\n", "沪深300 期货\n\n"]),
)
def test_contracts_in_any_shape_read_the_same(
    tmp_path, shape, names, codes, mark, write_day, write, backwards, encoding, above
):
    called = {name: CODES[codes].format(LETTERS[name] if codes == "chicago" else name) for name in names}
    number = NUMBERS["plain" if write == "comma" and mark == "," else write]
    if write == "blanks" and mark == ",":
        number = NUMBERS["thousands"]
    if shape == "wide":
        header = ["日期", *called.values()]
        rows = [
            [DATES[write_day](day), *(number(PRICES[MONTHS[name]][at]) for name in names)]
            for at, day in enumerate(DAYS)
        ]
    else:
        header = ["trade_date", "symbol", "volume", "close"]
        rows = [
            [DATES[write_day](day), called[name], "1234", number(PRICES[MONTHS[name]][at])]
            for at, day in enumerate(DAYS)
            for name in names
        ]
    lines = [mark.join(row) for row in (rows[::-1] if backwards else rows)]
    (tmp_path / "futures.csv").write_bytes((above + "\n".join([mark.join(header), *lines])).encode(encoding))
    assert_read(load_futures(tmp_path / "futures.csv"))


def test_units_in_brackets_are_no_part_of_a_contract_s_code(load):
    assert_read(load(wide(NAMES).replace("IF2401", "IF2401(元)", 1).replace("IF2402", "IF2402 收盘价(元)", 1)))


def test_what_the_user_says_reaches_every_shape(load, tmp_path):
    said = {"date_format": "DD-MM-YYYY", "decimal": ","}
    british = "{:%d-%m-%Y}".format
    assert_read(load(wide(NAMES, british, comma, ";"), **said))
    rows = long("when,code,a,b", lambda price: ["1,5", comma(price)], british, ";")
    assert_read(load(rows.replace("when", "date"), column="b", **said))
    folder = tmp_path / "IF"
    folder.mkdir()
    for name, month in MONTHS.items():
        text = [f"{british(day)};1,5;{comma(price)}" for day, price in zip(DAYS, PRICES[month], strict=True)]
        (folder / f"IF{name}.csv").write_text("\n".join(["date;a;b", *text]))
    (folder / "readme.txt").write_text("nothing to read")
    file = load_futures(folder, reading=Reading(column="b", **said))
    assert_read(file)
    assert file.notes[0].startswith(
        "IF: read as 3 contracts, a file each; the first: IF2401.csv: read column b, 30 rows"
    )
    assert file.notes[-1] == "IF: readme.txt: named by no contract, not read"


def test_stamps_are_turned_into_the_zone(load):
    stamped = wide(NAMES, lambda day: f"{day - pd.Timedelta(hours=8):%Y-%m-%dT%H:%M:%SZ}")
    with pytest.raises(InputError, match="dates fall on a Sunday"):
        load(stamped)
    assert_read(load(stamped, tz="Asia/Shanghai"))


def test_prices_of_contracts_are_those_asked_for(load):
    text = wide(NAMES)
    frame = pd.read_csv(pd.io.common.StringIO(text))
    both = pd.concat(
        [frame[["date"]], frame[NAMES].add_suffix("_close"), (2 * frame[NAMES]).add_suffix(" settlement price")], axis=1
    ).to_csv(index=False)
    assert_read(load(both))
    assert_read(load(both, settle=True), 2)
    assert_read(load(both, column="settlement_price"), 2)
    assert load(both, column="IF2402_close").series.tolist() == PRICES[2024, 2]
    with pytest.raises(InputError, match=r"column = close: must be left out with --settle"):
        load(both, settle=True, column="close")
    # Said of all files, it counts where it fits.
    assert_read(load(text, column="nav", binding=()))
    with pytest.raises(InputError, match="must have nav, as --column says"):
        load(text, column="nav")


def test_contracts_of_several_products_are_told_and_one_is_chosen(load):
    rows = long("date,symbol,close", lambda price: [str(price)], products=("IF", "IH"))
    said = (
        "futures.csv: contracts of 2 products, IF, IH: must be of one: choose it with --column, as --column futures=IF"
    )
    with pytest.raises(InputError) as caught:
        load(rows)
    assert caught.value.faults == (said,)
    assert_read(load(rows, column="IF"))
    assert_read(load(rows, column="IH close"), 2)
    columns = wide([*NAMES, "IH2401"])
    with pytest.raises(InputError) as caught:
        load(columns)
    assert caught.value.faults == (said,)
    assert_read(load(columns, column="if"))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "date,IF2401,IF2402\n2024-01-02,1,2\n2024-01-02,3,4\n",
            "row 3: date = 2024-01-02: is in row 2 already: keep one of them",
        ),
        ("date,IF2401,IF2402\n2024-01-02,1,-2\n", "row 2: if2402 = -2: must be positive"),
        ("date,IF2401,2024-01\n2024-01-02,1,2\n", "2024-01 has 2 columns: must have one"),
        ("date,IF2401,IF2401.CFE\n2024-01-02,1,2\n", "2024-01 has 2 columns: must have one"),
        (
            "date,code,close\n2024-01-02,IF2401,1\n2024-01-02,IF2402,2\n2024-01-02,IF2402,3\n",
            "row 4: 2024-01-02 of 2024-02 comes twice: keep one of them",
        ),
        ("date,code,last\n2024-01-02,IF2401,x\n2024-01-02,IF2402,2\n", "row 2: last = x: must be a number"),
        (
            "date,code,nav\n2024-01-02,IF2401,1\n2024-01-02,IF2402,2\n",
            "columns found: date, code, nav: must have close",
        ),
        (
            "date,IF2401,IF2402\n2024-01-02,1.234,1.235\n2024-01-03,1.300,1.301\n",
            "row 2: 1.234: may be 1.234 or 1234: say",
        ),
    ],
)
def test_faults_are_named(load, text, fault):
    with pytest.raises(InputError) as caught:
        load(text)
    assert fault in caught.value.faults[0]


def test_dates_that_are_none_are_named_before_anything_else(load):
    with pytest.raises(InputError) as caught:
        load("date,contract,close\nsoon,IF2401,1\nlater,IF2402,2\n")
    assert caught.value.faults == (
        "futures.csv: row 2: date = soon: must be a date, YYYY-MM-DD",
        "futures.csv: row 3: date = later: must be a date, YYYY-MM-DD",
    )


def test_blank_days_of_a_contract_are_no_fault(load):
    file = load("date,IF2401,IF2402\n2024-01-02,3500,-\n2024-01-03,,3510\n")
    assert np.isnan(file.contracts.to_numpy()).sum() == 2
    assert date(2024, 1, 2) == file.contracts.index[0].date()
