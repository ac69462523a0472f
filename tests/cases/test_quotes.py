"""Option quotes as vendors write them: each file gives the index, or one line that says what is suspected."""

from pathlib import Path

import pandas as pd
import pytest

from cqkit.errors import InputError
from hedging import fear_gauge, load_quotes

CASES = Path(__file__).parent
# The clean file that most of the others show in another shape.
RIGHT = 15.38


def gauge(file, **options):
    return fear_gauge(load_quotes(CASES / file, **options))


def index(file, **options):
    (level,) = gauge(file, **options).levels
    return level


@pytest.mark.parametrize(
    "file",
    [
        "46-far-option-without-quote/quotes-clean.csv",
        "46-far-option-without-quote/quotes.csv",
        "46-far-option-without-quote/quotes-bid0.csv",
        "46-far-option-without-quote/quotes-blank.csv",
        "48-spx-and-spxw-same-day/quotes.csv",
        "52-rate-in-percent/quotes-right.csv",
        "53-spot-moves-within-the-snapshot/quotes.csv",
        "54-nse-ce-pe/quotes.csv",
    ],
)
def test_the_index_is_the_clean_file_s(file):
    assert index(file) == pytest.approx(RIGHT, abs=0.006)


def test_a_table_with_calls_and_puts_side_by_side_is_read():
    file = "45-cboe-side-by-side-chain/quotes.csv"
    assert index(file, rate=0.05) == pytest.approx(RIGHT, abs=0.005)
    assert index(file) == pytest.approx(15.44, abs=0.005)
    assert any("CBOE" in note and "5137.08" in note for note in gauge(file).notes)


def test_options_that_nobody_quotes_are_named_in_a_note():
    (note,) = [note for note in gauge("46-far-option-without-quote/quotes.csv").notes if "not read" in note]
    assert "row 3: put 4975 of 2024-03-15: nobody quotes it" in note


def test_an_option_at_the_money_without_a_quote_leaves_no_value(tmp_path):
    text = (CASES / "46-far-option-without-quote/quotes-clean.csv").read_text()
    lines = [
        ",".join([*line.split(",")[:4], "0.0", "0.0", *line.split(",")[6:]])
        if line.startswith("2024-03-01,2024-03-15,5125,P")
        else line
        for line in text.splitlines()
    ]
    (tmp_path / "quotes.csv").write_text("\n".join(lines))
    found = fear_gauge(load_quotes(tmp_path / "quotes.csv"))
    assert found.levels.empty
    assert found.daily["reason"].iloc[0].endswith("nobody quotes it")


def test_of_two_roots_on_one_day_one_is_chosen():
    file = "48-spx-and-spxw-same-day/quotes.csv"
    assert any(note.startswith("quotes.csv: SPXW expires on days on which SPX does") for note in gauge(file).notes)
    assert index(file, root="SPX") == index(file)
    assert gauge(file, root="spxw").levels.empty
    with pytest.raises(InputError, match="root = NDX: must be one of SPX, SPXW, which"):
        gauge(file, root="NDX")


def test_roots_without_a_stem_are_refused(tmp_path):
    text = (CASES / "48-spx-and-spxw-same-day/quotes.csv").read_text().replace("SPXW", "XSP")
    (tmp_path / "quotes.csv").write_text(text)
    with pytest.raises(InputError, match="SPX, XSP expire on the same day: choose one of them with --root"):
        load_quotes(tmp_path / "quotes.csv")


def test_expiries_moved_by_good_friday():
    daily = gauge("50-expiry-moved-by-good-friday/quotes.csv").daily.iloc[0]
    assert daily["near_expiry"] == pd.Timestamp("2025-04-17")
    assert daily["following_expiry"] == pd.Timestamp("2025-05-16")


def test_dividends_left_out_are_told():
    notes = gauge("51-dividends-left-out/quotes.csv").notes
    assert any("without dividends" in note for note in notes)
    assert not gauge("51-dividends-left-out/quotes-forward.csv").notes
    (reason,) = gauge("51-dividends-left-out/quotes-high-dividend.csv").daily["reason"]
    assert reason.endswith("dividends, or another rate, suspected: a column forward settles it")


def test_a_rate_in_percent_is_doubted():
    with pytest.raises(InputError) as caught:
        gauge("52-rate-in-percent/quotes.csv")
    (fault,) = caught.value.faults
    assert fault.startswith("quotes.csv: row 14: rate = 0.5: is 50 % a year")
    assert fault.endswith("percent suspected: write 0.005")


def test_a_spot_that_moves_by_seconds_is_said():
    assert any(
        "0.00078 % within a snapshot" in note for note in gauge("53-spot-moves-within-the-snapshot/quotes.csv").notes
    )


@pytest.mark.parametrize(("call", "put"), [("认购", "认沽"), ("CE", "PE"), ("Call", "PUT"), ("看涨", "看跌")])
def test_words_for_calls_and_puts(tmp_path, call, put):
    text = (CASES / "46-far-option-without-quote/quotes-clean.csv").read_text()
    (tmp_path / "quotes.csv").write_text(text.replace(",C,", f",{call},").replace(",P,", f",{put},"), encoding="utf-8")
    assert fear_gauge(load_quotes(tmp_path / "quotes.csv")).levels.iloc[0] == pytest.approx(RIGHT, abs=0.005)


@pytest.mark.parametrize(
    ("expiry", "written"),
    [
        ("2024-03-15", "20240315"),
        ("2024-03-15", "15-Mar-2024"),
        ("2024-03-15", "Fri Mar 15 2024"),
        ("2024-03-15", "2024年3月15日"),
    ],
)
def test_dates_of_expiries(tmp_path, expiry, written):
    text = (CASES / "46-far-option-without-quote/quotes-clean.csv").read_text()
    header = text.replace("expiry", "expiration", 1).replace("type", "option_type", 1)
    (tmp_path / "quotes.csv").write_text(header.replace(expiry, written), encoding="utf-8")
    assert fear_gauge(load_quotes(tmp_path / "quotes.csv")).levels.iloc[0] == pytest.approx(RIGHT, abs=0.005)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("5_125", "must be a number"),
        ("５１２５", "must be a number"),
        ("5125,0", "row 2: 175.28 and row 14: 5125,0: both in one file: must have one decimal mark"),
        ("inf", "must be finite"),
    ],
)
def test_what_is_no_number_is_refused(tmp_path, number, said):
    text = (CASES / "46-far-option-without-quote/quotes-clean.csv").read_text()
    (tmp_path / "quotes.csv").write_text(text.replace(",5125,", f',"{number}",'), encoding="utf-8")
    with pytest.raises(InputError, match=said):
        load_quotes(tmp_path / "quotes.csv")
