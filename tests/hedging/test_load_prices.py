import numpy as np
import pytest

from cqkit.errors import InputError
from hedging import load_closes, load_prices

BARS = """date,open,high,low,close
2007-06-28,4000,4050,3950,3858
2007-06-29,3860,3870,3700,3764
"""


@pytest.fixture
def write(tmp_path):
    def to_file(text, name="index.csv"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return to_file


def test_whole_bars_are_read(write):
    prices = load_prices(write(BARS.replace("3858", "3990")))
    assert sorted(prices.columns) == ["close", "high", "low", "open"]
    assert prices.loc["2007-06-29"].to_dict() == {"open": 3860, "high": 3870, "low": 3700, "close": 3764}
    assert prices.attrs["file"] == "index.csv"


def test_a_file_of_closes_has_closes(write):
    for text in ("date,close\n2007-06-28,4000\n", "date,nav\n2007-06-28,4000\n", "date,x\n2007-06-28,4000\n"):
        prices = load_prices(write(text))
        assert list(prices.columns) == ["close"]
        assert prices["close"].tolist() == [4000]


def test_some_parts_of_the_bar_may_be_missing(write):
    prices = load_prices(write("date,high,close,volume\n2007-06-28,4050,4000,many\n"))
    assert sorted(prices.columns) == ["close", "high"]


def test_highs_and_lows_that_do_not_hold_open_and_close_are_named_by_row(write):
    with pytest.raises(InputError) as caught:
        load_prices(write("date,open,high,low,close\n2007-06-28,4100,4050,4020,4000\n2007-06-29,1,2,1,2\n"))
    assert caught.value.faults == (
        "index.csv: row 2: high = 4050: must not be below the open of 4100",
        "index.csv: row 2: low = 4020: must not be above the close of 4000",
    )


def test_bad_cells_are_named_by_row(write):
    with pytest.raises(InputError) as caught:
        load_prices(write("date,open,close\n2007-06-28,-1,4000\n2007-06-29,4000,\n"))
    assert caught.value.faults == (
        "index.csv: row 2: open = -1: must be positive",
        "index.csv: row 3: close = (empty): must be a number, plain digits with a decimal point",
    )


@pytest.mark.parametrize("cell", ["0", "", "-", "0.00"])
def test_an_open_that_is_unknown_is_no_fault_but_said(write, cell):
    prices = load_prices(write(f"date,open,close\n2007-06-28,{cell},4000\n2007-06-29,4000,4010\n"))
    assert np.isnan(prices["open"].iloc[0])
    assert prices["open"].iloc[1] == 4000
    assert "index.csv: open is blank or 0 in 1 row (2): unknown there" in prices.attrs["notes"]


def test_rounding_of_adjusted_bars_is_no_fault(write):
    prices = load_prices(write("date,high,low,close\n2007-06-28,3056.1814499999996,3000,3056.18145\n"))
    assert prices["high"].tolist() == prices["close"].tolist() == [3056.18145]
    prices = load_prices(write("date,high,low,close\n2007-06-28,3056.18,3000.12,3056.1834\n"))
    assert prices["high"].tolist() == [3056.1834]
    with pytest.raises(InputError, match=r"high = 3056\.17: must not be below the close of 3056\.18"):
        load_prices(write("date,high,low,close\n2007-06-28,3056.17,3000.12,3056.1834\n"))


def test_closes_do_not_mind_a_bad_bar(write):
    path = write(BARS)
    assert load_closes(path).tolist() == [3858, 3764]
    with pytest.raises(InputError, match="row 2: low = 3950: must not be above the close of 3858"):
        load_prices(path)


def test_the_real_bars_are_sound(real_data):
    prices = load_prices(real_data / "csi300_ohlc.csv")
    np.testing.assert_array_equal(prices["close"], load_closes(real_data / "csi300_ohlc.csv"))
    assert (prices["high"] >= prices[["open", "close"]].max(axis=1)).all()
