"""Books of the user's own: tickers, names, blanks, thousands; long-only books are told, packed files refused."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from abm.holdings import own_books
from cqkit.errors import InputError
from scenarios import run

FOLDER = Path(__file__).parent / "62-holdings-13f-and-ishares"
SHAPE = (6, 20)


def books(file):
    return own_books(FOLDER / file, *SHAPE)


def test_tickers_and_names_of_funds_are_no_numbers():
    plain = books("long-short.csv")
    assert plain.notes == () or all("net exposure" in note for note in plain.notes)
    for file, note in (
        ("with-tickers.csv", "row 1 holds the stocks' names"),
        ("with-fund-names.csv", "column 1 holds the funds' names"),
    ):
        found = books(file)
        np.testing.assert_array_equal(found.matrix, plain.matrix)
        assert any(note in said for said in found.notes)


def test_a_blank_is_nothing_held_and_thousands_may_have_commas():
    np.testing.assert_array_equal(books("blank-cells.csv").matrix, books("long-only-13f.csv").matrix)
    np.testing.assert_allclose(books("thousands.csv").matrix, 100 * books("long-short.csv").matrix, atol=1)


def test_long_only_books_are_told():
    (note,) = [note for note in books("long-only-13f.csv").notes if "net exposure" in note]
    assert "6 books are not dollar-neutral: net exposure is +100 % of gross on average" in note


def test_a_run_tells_it_in_its_manifest():
    overrides = {
        "funds.holdings": str(FOLDER / "long-only-13f.csv"),
        "funds.count": 6,
        "market.stocks": 20,
        "funds.scale": 1e8,
    }
    found = run("quake-2007", paths=1, overrides=overrides, counterfactuals=False)
    assert any("not dollar-neutral" in note for note in found.manifest["notes"])


def test_a_list_of_one_fund_s_holdings_is_told():
    with pytest.raises(InputError) as caught:
        books("ishares.csv")
    (fault,) = caught.value.faults
    assert "row 5: Ticker, Name, Sector, Asset Class: a list of holdings, as iShares" in fault


def test_a_fund_too_few_is_told():
    with pytest.raises(InputError, match=r"5 rows and 20 columns: must be 6 rows \(funds.count\) and 20 columns"):
        books("short-row.csv")


@pytest.mark.parametrize("ending", [".zip", ".xz", ".tar", ".zst", ".gz", ".bz2"])
@pytest.mark.parametrize("junk", [b"", b"\x00\x01junk", b"PK\x03\x04", b"1,2\n3,4\n"])
def test_packed_files_are_one_line(tmp_path, ending, junk):
    (tmp_path / f"books{ending}").write_bytes(junk)
    with pytest.raises(InputError) as caught:
        own_books(tmp_path / f"books{ending}", *SHAPE)
    (fault,) = caught.value.faults
    assert fault.endswith("is a packed file: must be CSV, Parquet or Excel: unpack it")


def test_parquet_is_read(tmp_path):
    import pandas as pd  # noqa: PLC0415

    frame = pd.read_csv(FOLDER / "with-tickers.csv")
    frame.to_parquet(tmp_path / "books.parquet")
    np.testing.assert_array_equal(own_books(tmp_path / "books.parquet", *SHAPE).matrix, books("long-short.csv").matrix)


@pytest.mark.parametrize("cell", ["1_000", "１０００", "inf", "nan nan", "1e400"])
def test_what_is_no_number_is_named(tmp_path, cell):
    text = (FOLDER / "long-short.csv").read_text().replace("-2.20", cell, 1)
    (tmp_path / "books.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"row 1: column 5 is .*: must be a finite number, up to 1e18"):
        own_books(tmp_path / "books.csv", *SHAPE)


def test_stocks_with_numbers_for_codes(tmp_path):
    lines = (FOLDER / "long-short.csv").read_text().splitlines()
    codes = ",".join(f"{600000 + 7 * number}" for number in range(20))
    (tmp_path / "books.csv").write_text("\n".join([codes, *lines]))
    np.testing.assert_array_equal(own_books(tmp_path / "books.csv", *SHAPE).matrix, books("long-short.csv").matrix)
    shutil.copy(tmp_path / "books.csv", tmp_path / "copy")
    assert own_books(tmp_path / "copy", *SHAPE).matrix.shape == SHAPE
