from pathlib import Path

import pandas as pd
import pytest

from cqkit.errors import InputError
from hedging import hedge, hedge_reserve
from hedging.series.reading import Reading, readings, said_of

CASES = Path(__file__).parent.parent / "cases"
WINDOW = {"start": "2024-01-02", "end": "2024-06-28"}


def book_return(*files, **said):
    comparison = hedge(*files, **WINDOW, **said)
    return comparison.as_json()["policies"]["full"]["undiluted_return"], comparison.series.notes


@pytest.fixture(scope="module")
def right():
    return book_return(CASES / "base_index.csv", CASES / "base_fund.csv")[0]


def test_the_base_figures_are_those_of_the_cases(right):
    assert right == pytest.approx(0.04338, abs=5e-6)


@pytest.mark.parametrize(
    ("index", "spot", "said"),
    [
        ("03-chinese-columns-gbk/index-gbk.csv", "04-fund-nav-chinese/fund.csv", {}),
        ("08-semicolon-decimal-comma/index.csv", "15-close-and-adj-close/fund.csv", {}),
        ("17-timezone-csv/index-utc.csv", "17-timezone-csv/fund-utc.csv", {"tz": "Asia/Shanghai"}),
        ("02-investing-com-newest-first/index.csv", "base_fund.csv", {"column": {"spot": "nav"}}),
        ("02-investing-com-newest-first/index-mdy.csv", "base_fund.csv", {"date_format": "MM/DD/YYYY"}),
        ("10-excel-serial-and-xlsx/index-serial.csv", "base_fund.csv", {"decimal": "."}),
    ],
)
def test_files_in_other_shapes_give_the_base_s_result(right, index, spot, said):
    found, notes = book_return(CASES / index, CASES / spot, **said)
    assert found == pytest.approx(right, abs=2e-4)
    assert any(note.startswith(Path(index).name) for note in notes)


def test_frames_in_place_of_files_give_the_same(right):
    index = pd.read_csv(CASES / "base_index.csv", index_col="date", parse_dates=True)
    fund = pd.read_csv(CASES / "base_fund.csv")
    found, notes = book_return(index, fund)
    assert found == pytest.approx(right, rel=1e-12)
    assert notes[0] == "index: read column close, 244 rows from 2023-09-01 to 2024-08-30"
    assert hedge_reserve(index=index, paths=20, days=10).notes[0] == notes[0]


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"column": "volume"}, "column = volume: no file has it: columns read are close, nav"),
        ({"column": {"spot": "foo"}}, "base_fund.csv: columns found: date, nav: must have foo, as --column says"),
        ({"column": {"fund": "nav"}}, "column: fund: must be one of index, spot, history, gauge, futures"),
        ({"column": " "}, "column = (empty): must be the name of a column"),
        ({"tz": "Mars"}, "tz = Mars: must be a time zone, as Asia/Shanghai or UTC"),
        ({"decimal": ";"}, "decimal = ;: must be . or , (or point or comma)"),
        ({"date_format": "soon"}, "date_format = soon: must be as DD/MM/YYYY or %d/%m/%Y"),
        ({"date_format": {"index": "DD/MM/YYYY"}}, "must be a date in the format %d/%m/%Y"),
    ],
)
def test_what_is_said_wrongly_is_named(said, fault):
    with pytest.raises(InputError) as caught:
        hedge(CASES / "base_index.csv", CASES / "base_fund.csv", **WINDOW, **said)
    assert fault in caught.value.faults[0]


def test_options_are_for_all_files_or_for_one():
    assert said_of("column", None) is None
    assert said_of("column", ["Adj Close"]) == "Adj Close"
    assert said_of("column", ["a=b"]) == "a=b"
    assert said_of("column", ["spot=Adj Close", "index=Close"]) == {"spot": "Adj Close", "index": "Close"}
    assert said_of("column", ["exchange-rate=CNY"]) == {"exchange_rate": "CNY"}
    assert readings(column={"spot": "nav"}, tz="UTC")["spot"] == Reading("nav", tz="UTC", binding=("column",))
    for wrong in (["spot=a", "spot=b"], ["a", "spot=b"]):
        with pytest.raises(InputError, match="column = "):
            said_of("column", wrong)
