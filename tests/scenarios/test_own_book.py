"""A scenario with a book of the desk's own: what it replaces, what its digest sees, what is told of it."""

from __future__ import annotations

import json

import pytest

from cqkit.errors import InputError
from hedging.holdings import SAMPLE, read_book
from scenarios import load_scenario, run
from scenarios.loading import changed

MARKET = {"market.currency": "CNY", "market.stocks": 130}


@pytest.fixture
def scenario(small_text, tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(small_text + "\n", encoding="utf-8")
    return path


def test_a_book_takes_the_place_of_size_and_tilt(scenario):
    before = load_scenario(scenario)
    assert before.desk.tilt is not None
    found = load_scenario(scenario, {**MARKET, "desk.book": "example"})
    assert (found.desk.size, found.desk.tilt) == (None, None)
    assert found.desk_size == pytest.approx(100e6 / found.market.daily_value)
    scaled = load_scenario(scenario, {**MARKET, "desk.book": "example", "desk.size": 0.002})
    assert scaled.desk_size == 0.002
    assert changed(scaled, {"desk.reserve": 0.2}).desk_size == 0.002
    with pytest.raises(InputError, match=r"desk.tilt = 1: must not stand beside desk.book"):
        load_scenario(scenario, {**MARKET, "desk.book": "example", "desk.tilt": 1.0})


def test_a_book_lies_beside_the_scenario_that_names_it_and_counts_with_what_is_in_it(scenario, tmp_path):
    (tmp_path / "deep").mkdir()
    text = (
        'extends = "../small.toml"\ntitle = "own"\n[market]\nstocks = 130\ncurrency = "CNY"\n[desk]\nbook = "b.csv"\n'
    )
    (tmp_path / "deep" / "own.toml").write_text(text)
    (tmp_path / "deep" / "b.csv").write_bytes(SAMPLE.read_bytes())
    found = load_scenario(tmp_path / "deep" / "own.toml")
    assert found.desk.book == tmp_path / "deep" / "b.csv"
    (tmp_path / "elsewhere.csv").write_bytes(SAMPLE.read_bytes())
    moved = changed(found, {"desk.book": str(tmp_path / "elsewhere.csv")})
    assert moved.digest == found.digest
    (tmp_path / "elsewhere.csv").write_bytes(SAMPLE.read_bytes().replace(b"SYN001,", b"SYN999,"))
    assert moved.digest != found.digest


def test_a_fault_in_the_book_is_told_before_anything_is_simulated(scenario, tmp_path):
    (tmp_path / "b.csv").write_text("ticker,shares,price\nA,1,x\nB,y,2\n")
    with pytest.raises(InputError) as caught:
        load_scenario(scenario, {**MARKET, "desk.book": str(tmp_path / "b.csv")})
    assert [line.split(": ")[1] for line in caught.value.faults] == ["row 2", "row 3"]


def test_the_manifest_has_the_books_hash_and_none_of_its_holdings(scenario):
    found = run(scenario, paths=2, overrides={**MARKET, "desk.book": "example"}, counterfactuals=False)
    book = read_book("example")
    assert found.manifest["book"]["digest"] == book.digest
    assert found.manifest["book"]["overlap"] == pytest.approx(0.5)
    assert any("desk.overlap = 0.50 is assumed" in note for note in found.manifest["notes"])
    written = json.dumps([found.manifest, found.stored()])
    assert not any(ticker in written for ticker in book.tickers)
    assert not any(title in written for title in book.title if title)
    held = found.hedges.groupby(["run", "path"], observed=True)["stock_value"].first()
    assert held.to_numpy() == pytest.approx(100e6)
