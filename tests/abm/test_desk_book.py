"""A desk's own book in a market: its stocks are there with their own properties, and it is held as listed."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm import Market
from abm.books import market_books
from abm.crowding.leaning import cosine, leaning
from abm.desk_facts import desk_facts
from abm.stocks import draw_stocks
from cqkit.errors import InputError

DAILY = 80e9
HEADER = "ticker,value,adv,volatility,beta,index weight,currency"
ROWS = (
    "A,4e6,4e9,0.03,1.2,0,USD",
    "B,3e6,2e9,0.025,0.8,0,USD",
    "C,-1e6,3e9,0.02,1.0,0,USD",
    "D,2e6,1e9,0.04,1.5,0,USD",
)
CASH = "CASH,1e6,,,,,USD"


@pytest.fixture
def file(tmp_path):
    def written(*rows, header=HEADER, name="book.csv"):
        path = tmp_path / name
        path.write_text("\n".join([header, *rows]))
        return path

    return written


@pytest.fixture
def facts(small):
    def found(path, **sections):
        desk = {"book": path, **sections.pop("desk", {})}
        return desk_facts(small(desk=desk, **sections), 1, 2)

    return found


def said(found, words):
    return [note for note in found.notes if words in note]


@pytest.mark.parametrize("world", ["small", "hedged"])
def test_listed_stocks_have_their_own_properties_and_the_market_adds_up(request, file, world):
    book = file("A,4e6,4e9,0.03,1.2,0.1,USD", "B,3e6,2e9,0.05,0.8,0.02,USD", "C,1e6,3e9,0.04,1.0,0,USD")
    settings = request.getfixturevalue(world)(desk={"book": book})
    stocks = draw_stocks(settings.market, 3, 0, 2, settings.listed)
    for row in range(2):
        np.testing.assert_allclose(stocks.adv[row, :3], np.array([4e9, 2e9, 3e9]) / DAILY)
        np.testing.assert_allclose(stocks.volatility[row, :3], [0.03, 0.05, 0.04])
        np.testing.assert_allclose(stocks.beta[row, :3], [1.2, 0.8, 1.0])
        np.testing.assert_allclose(stocks.index_shares[row, :3], [0.1, 0.02, 0])
        assert stocks.adv[row].sum() == pytest.approx(1)
        assert stocks.index_shares[row].sum() == pytest.approx(1)
        assert stocks.index_shares[row] @ stocks.beta[row] == pytest.approx(1)
        assert stocks.capitalisation[row].sum() == pytest.approx(1)


def test_what_a_book_does_not_say_is_drawn_and_counted(small, file, facts):
    book = file("A,4e6", "B,3e6", header="ticker,value")
    settings = small(desk={"book": book})
    told, drawn = (draw_stocks(settings.market, 3, 0, 2, listed) for listed in (settings.listed, None))
    for name in drawn._fields:
        np.testing.assert_allclose(getattr(told, name), getattr(drawn, name), rtol=1e-12)
    found = facts(book)
    for name in ("ADV", "volatility", "beta", "index weight"):
        assert said(found, f"{name} of 2 stocks is drawn as for synthetic ones")
    assert said(found, "no currency named: taken for the market's, USD")


def test_a_stock_calmer_than_the_market_keeps_a_tenth_of_its_variance(small, file, facts):
    book = file("A,1e6,1e9,0.004,1.0,0,USD", "B,1e6,1e9,0.03,1.0,0,USD")
    settings = small(desk={"book": book})
    sigma = draw_stocks(settings.market, 3, 0, 1, settings.listed).sigma[0]
    assert sigma[0] ** 2 == pytest.approx(0.1 * 0.004**2)
    assert said(facts(book), "1 stocks are calmer than their beta")


@pytest.mark.parametrize("starts", [None, "2007-07-31"])
def test_the_book_is_worth_its_shares_at_their_prices(small, file, starts):
    settings = small(desk={"book": file(*ROWS, CASH), "starts": starts})
    market = Market(settings, seed=2, paths=2)
    prices = [market.state.stocks.price[:, :4].copy()]
    while market.day < market.dates.size:
        market.step()
        prices.append(market.state.stocks.price[:, :4].copy())
    first = 0 if starts is None else 4
    path = np.array(prices[first:])
    shares = np.array([4e6, 3e6, -1e6, 2e6]) / path[0]  # as listed, at the prices at which the hedge is put on
    worth = (shares * path).sum(axis=2) + 1e6
    found = market.desk_result
    assert found.start_value == 9e6
    np.testing.assert_allclose(found.spot_pnl + 9e6, worth.T, rtol=1e-12)


def test_rows_a_thousand_times_as_large_are_the_same_risk(small, file):
    larger = [row.replace("e6", "e9") for row in (*ROWS, CASH)]
    results = [
        Market(small(desk={"book": file(*rows, name=name)}), seed=2, paths=2)
        for rows, name in (((*ROWS, CASH), "a.csv"), (larger, "b.csv"))
    ]
    for market in results:
        market.run(1)
    small_one, large_one = (market.desk_result for market in results)
    assert large_one.start_value == pytest.approx(1000 * small_one.start_value)
    np.testing.assert_allclose(large_one.hedged_pnl, 1000 * small_one.hedged_pnl, rtol=1e-9, atol=1e-3)


@pytest.mark.parametrize("order", list(permutations(ROWS))[1::7])
def test_the_order_of_rows_changes_nothing(small, file, order):
    sections = []
    for name, rows in (("a.csv", ROWS), ("b.csv", order)):
        settings = small(desk={"book": file(*rows, name=name)})
        stocks = draw_stocks(settings.market, 3, 0, 1, settings.listed)
        sections.append((*stocks, *market_books(settings, stocks.index_shares, 3, 0)[:1], settings.listed.weight))
    for one, other in zip(*sections, strict=True):
        np.testing.assert_array_equal(one, other)


# -- how crowded it is -------------------------------------------------------------------------------------------------

VECTORS = st.lists(st.floats(-10, 10), min_size=5, max_size=5).map(np.array).filter(lambda v: np.linalg.norm(v) > 0.1)


@given(VECTORS, VECTORS, st.floats(-1, 1))
def test_a_leaning_position_has_its_size_and_the_cosine_asked_for(position, towards, overlap):
    position = position + np.array([0.3, -0.1, 0.2, 0.5, -0.7])
    if abs(cosine(position, towards)) > 0.999 or np.linalg.norm(position) < 0.01:
        return
    found = leaning(position, towards, overlap)
    assert np.linalg.norm(found) == pytest.approx(np.linalg.norm(position))
    assert cosine(found, towards) == pytest.approx(overlap, abs=1e-9)


@pytest.mark.parametrize("world", ["small", "hedged"])
@pytest.mark.parametrize("overlap", [-0.4, 0.0, 0.7, 1.0])
def test_the_crowds_common_book_has_the_overlap_that_is_set(request, file, world, overlap):
    settings = request.getfixturevalue(world)(desk={"book": file(*ROWS), "overlap": overlap})
    stocks = draw_stocks(settings.market, 3, 0, 3, settings.listed)
    books, *_ = market_books(settings, stocks.index_shares, 3, 0)
    for row in range(3):
        active = settings.listed.active(stocks.beta[row], stocks.index_shares[row])
        assert cosine(active, books[row, 0, :4]) == pytest.approx(overlap, abs=1e-9)
        assert books[row, 0].sum() == pytest.approx(0, abs=1e-12)
        if world == "small":
            assert books[row, 0] @ stocks.beta[row] == pytest.approx(0, abs=1e-12)
            assert np.abs(books[row, 0]).sum() == pytest.approx(2)
    assert desk_facts(settings, 3, 3).overlap == pytest.approx(overlap, abs=1e-9)


@pytest.mark.parametrize("world", ["small", "hedged"])
def test_a_crowded_book_loses_more_when_the_crowd_liquidates(request, file, world):
    rows = [f"S{number},1e6,{adv}e9,0.02,1,0,USD" for number, adv in enumerate((1, 2, 3, 1.5, 2.5, 1))]
    loss = []
    for overlap in (0.0, 1.0):
        settings = request.getfixturevalue(world)(desk={"book": file(*rows), "overlap": overlap})
        market = Market(settings, seed=2, paths=6)
        market.run(1)
        loss.append(market.desk_result.hedge_loss.mean())
    assert loss[1] > loss[0] + 0.01


def test_the_default_is_what_the_tilts_show_where_the_crowd_has_a_lean(hedged, small, file):
    outside = [f"S{number},{value}e6,{value}e9,0.02,1,0,USD" for number, value in enumerate((1, 2, 3, 4))]
    shown = desk_facts(hedged(desk={"book": file(*outside)}), 1, 3)
    assert shown.whence == "tilts"
    assert shown.overlap > 0.8  # liquid stocks outside the index, as the crowd holds
    inside = [row.replace(",1,0,USD", ",1,0.15,USD") for row in outside]
    assert desk_facts(hedged(desk={"book": file(*inside)}), 1, 3).overlap < 0.2
    assumed = desk_facts(small(desk={"book": file(*outside)}), 1, 3)
    assert (assumed.whence, round(assumed.overlap, 9)) == ("assumed", 0.5)
    assert said(assumed, "desk.overlap = 0.50 is assumed")


def test_with_the_crowds_own_books_the_overlap_is_measured(small, file, tmp_path):
    crowd = tmp_path / "crowd.csv"
    crowd.write_text("fund,Z,B,A,Y\nX,1,3,4,-1\nV,2,-3,4,-1\n")
    desk = {"book": file("A,4e6,4e9,0.03,1,0,USD", "B,3e6,2e9,0.025,1,0,USD", "C,1e6,2e9,0.025,1,0,USD")}
    settings = small(desk=desk, funds={"holdings": crowd, "count": 2})
    found = desk_facts(settings, 1, 2)
    assert found.whence == "measured"
    common = np.array([4.0 + 4, 3 - 3, 0])  # A, B and C in all books together
    stocks = draw_stocks(settings.market, 1, 0, 2, settings.listed)
    expected = [cosine(settings.listed.active(stocks.beta[row], stocks.index_shares[row]), common) for row in range(2)]
    assert found.overlap == pytest.approx(np.mean(expected), abs=1e-9)
    crowd.write_text("1,3,4,-1\n2,-3,4,-1\n")
    with pytest.raises(InputError, match=r"no row of tickers"):
        desk_facts(settings, 1, 2)


# -- what is refused, and what is said ---------------------------------------------------------------------------------


def test_a_book_that_is_scaled_says_so(facts, file):
    found = facts(file(*ROWS), desk={"size": 0.001})
    assert said(found, "desk.size = 0.001: the book is scaled by 10, to USD 80,000,000")
    assert found.as_json("USD", DAILY)["value"] == pytest.approx(80e6)


def test_weights_are_worth_the_desks_size(small, file):
    weights = file("A,0.6", "B,0.4", header="ticker,weight")
    assert small(desk={"book": weights, "size": 0.01}).listed.worth == 0.01
    with pytest.raises(InputError, match="weights without a total"):
        _ = small(desk={"book": weights}).listed


@pytest.mark.parametrize(
    ("rows", "sections", "told"),
    [
        (["A,1,1,,,,CNY"], {}, "is in CNY: must be in the market's USD"),
        ([f"S{n},1,1,,,,USD" for n in range(13)], {}, "13 stocks.*market.stocks must be 26 at least, and is 24"),
        (["A,1,75e9,,,,USD"], {}, "its stocks' ADV is 7.5e.10 in all: must be below 0.9"),
        (["A,1,1,,,0.8,USD", "B,1,1,,,0.7,USD"], {}, "index weights add up to 1.5"),
        (["A,1,1,,,,USD", "B,-2,1,,,,USD"], {}, "is worth -1 net of its short positions"),
        (["A,1,1,,,,USD"], {"market": {"instruments": "spreads"}}, "a market of spread trades"),
    ],
)
def test_a_book_that_does_not_fit_the_market_is_told(facts, file, rows, sections, told):
    with pytest.raises(InputError, match=told):
        facts(file(*rows), **sections)


@pytest.mark.parametrize(
    ("desk", "told"),
    [
        ({"book": "example", "tilt": 1.0}, "desk.tilt = 1: must not stand beside desk.book"),
        ({"overlap": 0.5}, "desk.overlap = 0.5: needs a book"),
        ({"history": "past.csv"}, "desk.history = past.csv: needs a book"),
        ({"size": None}, "desk.size: must be a number where there is no desk.book"),
    ],
)
def test_keys_that_contradict_one_another_are_refused(small, desk, told):
    with pytest.raises(ValueError, match=told):
        small(desk=desk)


def test_a_stock_that_the_crowd_could_never_sell_is_named(small, file):
    book = file("A,4e6,4e9,0.03,1.2,0.1,USD", "B,3e6,50000,0.05,0.8,0.02,USD", "C,1e6,3e9,0.04,1.0,0,USD")
    with pytest.raises(InputError, match=r"book: B: the crowd's position, .* days of its volume \(ADV 50,000 in money"):
        Market(small(desk={"book": book}), 1, 2)
