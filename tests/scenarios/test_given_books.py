"""A crowd whose books are given: sizes are kept, and what they settle is refused or left out."""

from __future__ import annotations

import numpy as np
import pytest

from abm import Market
from abm.crowding import average_overlap
from abm.settings import Settings
from cqkit.errors import InputError
from scenarios import load_scenario, run
from scenarios.crowds import crowd_in
from scenarios.grid import points_of
from scenarios.loading import changed

BOOKS = np.array([[30.0, -20.0, -10.0, 0.0], [0.0, 10.0, -30.0, 20.0], [5.0, 5.0, 0.0, -10.0]])
DAILY = 1000.0  # money traded in the whole market on a day


@pytest.fixture
def file(tmp_path):
    """Three funds in four of forty stocks; sides of 30, 30 and 10."""

    def write(books=BOOKS, name="books.csv"):
        rows = [f"F{row},S{column},{value}" for row, book in enumerate(books) for column, value in enumerate(book)]
        path = tmp_path / name
        path.write_text("\n".join(["fund,ticker,market value", *rows]))
        return path

    return write


@pytest.fixture
def given(small_file, file):
    """The small market with these books, and with other keys set."""

    def load(books=BOOKS, **more):
        keys = {"funds.holdings": str(file(books)), "market.daily_value": DAILY}
        return load_scenario(small_file, {**keys, **{key.replace("__", "."): value for key, value in more.items()}})

    return load


def test_sizes_are_kept_and_leverage_gives_the_equity(given):
    scenario = given(funds__leverage=2.0, funds__leverage_spread=0.0)
    market = Market(scenario.settings, seed=1, paths=2)
    sides = np.abs(BOOKS).sum(axis=1) / 2 / DAILY
    for path in range(2):
        np.testing.assert_allclose(market.state.funds.book[path], sides, rtol=1e-12)
        np.testing.assert_allclose(market.state.funds.equity[path], sides / 2, rtol=1e-12)
        np.testing.assert_allclose(market.books(path)[:, :4] * DAILY, BOOKS, atol=1e-12)
        assert not market.books(path)[:, 4:].any()


def test_leverages_differ_and_equity_adds_up(given):
    market = Market(given(funds__leverage=2.0).settings, seed=1, paths=3)
    funds = market.state.funds
    np.testing.assert_allclose(funds.equity.sum(axis=1), 0.035, rtol=1e-12)
    np.testing.assert_allclose(funds.book / funds.equity, funds.leverage, rtol=1e-12)
    assert np.ptp(funds.leverage[0]) > 0


def test_a_row_times_a_thousand_is_a_fund_a_thousand_times_as_large(given):
    larger = BOOKS.copy()
    larger[2] *= 1000
    plain, other = (Market(given(books).settings, seed=1, paths=1).state.funds for books in (BOOKS, larger))
    np.testing.assert_allclose(other.book[0] / plain.book[0], [1, 1, 1000])
    np.testing.assert_array_equal(other.exposure[0].shape, plain.exposure[0].shape)


def test_the_liquidator_holds_what_the_crowd_holds_as_a_whole(given):
    baskets = Market(given().settings, seed=1, paths=1).state.baskets.shares[0]
    whole = BOOKS.sum(axis=0)
    np.testing.assert_allclose(baskets[0, :4], 2 * whole / np.abs(whole).sum())


def test_what_the_books_say_of_the_crowd_is_taken_from_them(given):
    funds = given(funds__leverage=2.0).funds
    assert funds.count == 3
    assert funds.capital * funds.leverage == pytest.approx(70 / DAILY)
    assert funds.crowding == pytest.approx(max(average_overlap(BOOKS), 0))


def test_scale_multiplies_all_of_it(given):
    assert given(funds__scale=10.0).funds.capital == pytest.approx(10 * given().funds.capital)


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("funds.crowding", 0.5, "how alike they are is measured in them"),
        ("funds.styles", 3, "no style books are drawn"),
        ("funds.capital", 1.5, "their sizes are kept, and leverage gives the equity (funds.scale multiplies them)"),
        ("funds.smallest", 0.1, "they are held as listed"),
    ],
)
def test_what_given_books_settle_is_refused_with_the_reason(given, small_file, file, tmp_path, key, value, why):
    told = f"{key} = {value}: the crowd's books are given (funds.holdings): {why}"
    with pytest.raises(InputError) as caught:
        given(**{key.replace(".", "__"): value})
    assert caught.value.faults == (f"{small_file.name}: {told}",)
    with pytest.raises(InputError) as caught:
        changed(given(), {key: value})
    assert told in caught.value.faults[0]
    path = tmp_path / "mine.toml"
    name = key.removeprefix("funds.")
    path.write_text(f'extends = "{small_file}"\ntitle = "Mine"\n[funds]\nholdings = "{file()}"\n{name} = {value}\n')
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    assert caught.value.faults == (f"mine.toml: {told}",)


def test_a_scenario_makes_room_for_books(small_file, file, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(f'extends = "{small_file}"\ntitle = "Mine"\n[funds]\nholdings = "{file().name}"\n')
    assert load_scenario(path).funds.count == 3


def test_a_number_of_funds_that_the_file_has_not_is_refused(given):
    assert given(funds__count=3).funds.count == 3
    with pytest.raises(InputError, match=r"3 funds and 4 stocks: must be 5 funds \(funds.count\)|3 funds"):
        given(funds__count=5)


def test_there_may_be_nobody(given):
    settings = changed(given(), {"funds.capital": 0}).settings
    assert settings.funds.capital == 0
    assert not Market(settings, seed=1, paths=1).state.funds.book.any()


def test_variants_that_cannot_vary_are_left_out_with_a_note(given):
    scenario = given()
    assert scenario.counterfactual == ()  # the small market's own varies funds.crowding
    assert {target.run for target in scenario.target} == {"main"}
    found = run(scenario, paths=2, seed=1)
    assert "alone" not in found.counterfactual()
    notes = found.manifest["notes"]
    assert any("counterfactual alone is left out: it varies funds.crowding" in note for note in notes)
    assert sum(note.startswith("funds.holdings: 3 funds hold") for note in notes) == 1
    assert [item.name for item in scenario.sensitivity] == ["impact +3 %"]


def test_a_changed_scenario_keeps_its_books(given):
    scenario = changed(given(), {"funds.leverage": 4.0})
    assert scenario.funds.capital * 4 == pytest.approx(70 / DAILY)
    assert len(scenario.remarks) == len(given().remarks)


def test_a_box_is_tried_without_what_cannot_vary(small_text, file, tmp_path):
    path = tmp_path / "boxed.toml"
    box = "\n".join(
        f'[[domain.axis]]\nkey = "{key}"\nvalues = [{low}, {high}]'
        for key, low, high in (("funds.crowding", 0, 1), ("funds.leverage", 1, 3))
    )
    path.write_text(small_text + box)
    scenario = load_scenario(path, {"funds.holdings": str(file()), "market.daily_value": DAILY})
    assert {point.line for point in points_of(scenario)} == {"funds.leverage"}


def test_books_in_another_currency_are_refused(small_file, tmp_path):
    path = tmp_path / "books.csv"
    path.write_text("fund,ticker,market value,currency\nA,X,10,CNY\nA,Y,-10,CNY\nB,X,5,CNY\nB,Z,-5,CNY\n")
    with pytest.raises(InputError, match="books in CNY: must be in the market's USD"):
        load_scenario(small_file, {"funds.holdings": str(path)})


def test_the_sample_crowd_goes_by_its_name(small_file):
    scenario = load_scenario(
        small_file, {"funds.holdings": "example-crowd", "market.stocks": 80, "market.currency": "CNY"}
    )
    assert scenario.funds.count == 10
    assert isinstance(scenario.settings, Settings)


def test_given_books_keep_their_funds_names_when_their_crowding_is_measured(given):
    market = Market(given().settings, seed=1, paths=1)
    crowd = crowd_in(market)
    assert crowd.funds == ("F0", "F1", "F2")
    np.testing.assert_allclose(crowd.holdings[:, :4], BOOKS, atol=1e-9)
