"""The 2008 report's full hedge on the real series, erratum included: its own reserve formula gives 71.75 %."""

import pytest

from hedging import FullHedge, join_series, load_closes, replay

BOOK = 50_000 * 100 * 4.695


@pytest.fixture(scope="module")
def series(real_data):
    return load_closes(real_data / "csi300_ohlc.csv"), load_closes(real_data / "fund_000011_nav.csv")


@pytest.fixture(scope="module")
def rise_of_2007(series):
    return join_series(*series, "2007-06-29", "2008-03-19", base_nav=4.695)


def test_the_window_is_the_report_s(rise_of_2007):
    assert len(rise_of_2007.dates) - 1 == 176
    assert rise_of_2007.index.max() / rise_of_2007.index[0] - 1 == pytest.approx(0.56139, abs=5e-6)
    # The fund also reports on calendar month ends.
    assert any("4 dates that csi300_ohlc.csv does not have" in note for note in rise_of_2007.notes)


@pytest.mark.parametrize(
    ("round_contracts", "contracts", "reserve", "total_return"),
    [(False, 20.7886, 0.71753, 0.21694), (True, 21, 0.72483, 0.21583)],
)
def test_the_full_hedge_through_the_rise_of_2007(rise_of_2007, round_contracts, contracts, reserve, total_return):
    result = replay(
        FullHedge(),
        rise_of_2007.index,
        rise_of_2007.spot,
        start_value=BOOK,
        round_contracts=round_contracts,
    )
    assert result.contracts_max == pytest.approx(contracts, abs=5e-5)
    assert result.required_reserve == pytest.approx(reserve, abs=5e-6)
    assert result.total_return == pytest.approx(total_return, abs=5e-6)


def test_the_excess_return_is_the_report_s(rise_of_2007):
    result = replay(FullHedge(), rise_of_2007.index, rise_of_2007.spot, start_value=BOOK)
    assert result.undiluted_return == pytest.approx(0.37260, abs=5e-6)


def test_the_full_hedge_through_2005(series):
    joined = join_series(*series, "2004-12-31", "2005-12-30")
    result = replay(FullHedge(), joined.index, joined.spot, start_value=BOOK)
    assert result.required_reserve == pytest.approx(0.15389, abs=5e-6)
    assert result.total_return == pytest.approx(0.06461, abs=5e-6)
