"""Books put together, and what is told of them; a simulated crowd day by day."""

from __future__ import annotations

import json
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

import crowdquake
from abm import Market
from cqkit.errors import InputError
from hedging.holdings import Holdings, read_books
from scenarios import crowding
from scenarios.crowds import Terms, assess, crowd_in, crowd_of
from scenarios.crowds.crowd import depth_in
from scenarios.crowds.equity import read_equity


def book(name, values, adv=100.0, volatility=0.02, **more):
    """A book of {ticker: money}."""
    count, unknown = len(values), np.full(len(values), np.nan)
    return Holdings(
        name,
        tuple(values),
        np.array(list(values.values()), dtype=float),
        price=unknown,
        adv=np.full(count, adv),
        volatility=np.full(count, volatility),
        beta=unknown,
        index_weight=more.pop("index_weight", unknown),
        sector=("",) * count,
        title=("",) * count,
        cash=0.0,
        digest="",
        **more,
    )


@pytest.fixture(scope="module")
def found():
    """The sample crowd at leverage 5 beside the sample book."""
    return crowding("example-crowd", leverage=5, desk="example")


def test_stocks_are_matched_by_ticker_whatever_the_order():
    crowd = crowd_of([book("a", {"X": 10, "600000.SH": -5}), book("b", {"600000": 7, "Y": 3, "x": 1})])
    assert crowd.stocks == ("X", "600000.SH", "Y")
    np.testing.assert_array_equal(crowd.holdings, [[10, -5, 0], [1, 7, 3]])


def test_equity_comes_from_the_fund_s_own_before_the_leverage_of_all():
    books = [book("file: a", {"X": 10, "Y": -10}), book("file: b", {"X": 30}), book("file: c", {"X": 12})]
    crowd = crowd_of(books, leverage=4, equity={"a": 8.0}, leverages={"file: b": 3.0})
    assert crowd.funds == ("a", "b", "c")
    np.testing.assert_allclose(crowd.equity, [8, 10, 3])
    assert crowd.levered
    assert not crowd_of(books, equity={"a": 8.0}).levered


def test_faults_of_books_are_told_at_once():
    books = [book("a", {"X": 10}, currency="CNY"), book("b", {"X": 10}, currency="USD"), book("c", {"X": 0})]
    with pytest.raises(InputError) as caught:
        crowd_of(books, equity={"d": 1.0})
    assert caught.value.faults == (
        "books in several currencies, CNY (a), USD (b): must be in one",
        "c: holds no stock: a book must hold something",
        "equity of d: no such fund among a, b, c",
    )


def test_what_is_chosen_is_measured_beside_the_index():
    weights = np.array([0.6, 0.4])
    funds = [book(name, {"X": 60 + tilt, "Y": 40 - tilt}, index_weight=weights) for name, tilt in (("a", 5), ("b", -5))]
    assert assess(crowd_of(funds)).average_cosine == pytest.approx(-1)
    unknown = [replace(fund, index_weight=np.full(2, np.nan)) for fund in funds]
    assert assess(crowd_of(unknown)).average_cosine > 0.9


def test_stocks_of_unknown_volume_are_told_and_move_no_price():
    known, unknown = book("a", {"X": 10, "Y": 10}), book("b", {"Z": 20}, adv=np.nan, volatility=np.nan)
    crowd = crowd_of([known, unknown], leverage=3)
    assert any("ADV of 1 stock is not known" in note and "50.0 %" in note for note in crowd.notes)
    assert any("volatility of 1 stock is not known" in note for note in crowd.notes)
    sales = assess(crowd).sales
    assert sales.sold[1] > 0
    assert sales.systemicness[1] == 0
    nothing = assess(crowd_of([unknown], leverage=3))
    assert nothing.sales is None or nothing.sales.aggregate == 0


def test_without_equity_each_is_taken_to_sell_a_tenth():
    books = [book("a", {"X": 100.0}), book("b", {"X": 50.0})]
    depth = np.array([1000.0])
    sales = assess(crowd_of(books), depth=depth).sales
    # 10 and 5 sold move the price by 1 and 0.5 %, and cost books of 150 together 2.25.
    assert sales.aggregate == pytest.approx(2.25 / 150)
    np.testing.assert_allclose(sales.vulnerability, 0.015)


def test_an_own_book_loses_what_the_funds_sales_cost_its_stocks(found):
    own, measures = found.tables()["own_book"], {item.measure: item.value for item in found.measures}
    gross = own["value"].abs().sum()
    assert measures["own_loss"] == pytest.approx(own["loss"].sum() / gross)
    assert measures["own_loss"] == pytest.approx(found.tables()["by_fund"]["costs_own"].sum() / gross)
    assert measures["own_days_crowd"] > measures["own_days"] > 0
    assert found.crowd.own_name in found.finding()


def test_tables_agree_with_each_other(found):
    tables = found.tables()
    funds, pairs, stocks = tables["by_fund"], tables["by_pair"], tables["by_stock"]
    measures = tables["measures"].set_index("measure")["value"]
    assert funds["systemicness"].sum() == pytest.approx(measures["aggregate_vulnerability"])
    assert pairs["overlap"].mean() == pytest.approx(measures["overlap"])
    assert stocks["long"].sum() + stocks["short"].sum() == pytest.approx(funds["gross"].sum())
    loop = tables["loop"].set_index("flow")
    assert loop.loc[0.1, "gain"] == pytest.approx(measures["loop_gain"])
    assert loop["gain"].is_monotonic_decreasing


def test_the_sample_crowd_has_one_fund_that_others_sales_profit(found):
    funds = found.tables()["by_fund"].set_index("fund")
    assert funds.loc["Hazel Contrarian", "vulnerability"] < 0
    assert (funds.drop("Hazel Contrarian")["vulnerability"] > 0).all()


def test_doubling_all_money_changes_no_ratio(found):
    books = read_books(["example-crowd"])
    double = [replace(item, value=2 * item.value, adv=2 * item.adv) for item in books]
    plain, other = (assess(crowd_of(funds, leverage=5)) for funds in (books, double))
    assert other.sales.aggregate == pytest.approx(plain.sales.aggregate)
    assert other.loop.gain == pytest.approx(plain.loop.gain)
    assert other.crowd_most == pytest.approx(plain.crowd_most)


def test_files_hold_the_networks_and_the_manifest_no_holding(found, tmp_path):
    folder = crowdquake.save(found, tmp_path / "found")
    network = nx.read_graphml(folder / "fund-fund.graphml")
    assert nx.is_directed(network)
    into = sum(data["weight"] for *_, data in network.in_edges("fund:Elm Neutral", data=True))
    assert into == pytest.approx(found.tables()["by_fund"].set_index("fund").loc["Elm Neutral", "vulnerability"])
    assert nx.is_bipartite(nx.read_graphml(folder / "fund-asset.graphml"))
    assert (folder / "who-endangers-whom.png").is_file()
    text = (folder / "manifest.json").read_text(encoding="utf-8")
    assert set(json.loads(text)["manifest"]["digests"]) == {"books", "desk"}
    assert not any(word in text for word in ("SYN0", "Neutral", '"gross"', '"equity"'))
    for told in (repr(found), repr(found.crowd)):
        assert "SYN0" not in told
        assert "Neutral" not in told


def test_a_network_of_very_many_edges_is_written_with_the_largest(found, tmp_path, monkeypatch):
    monkeypatch.setattr("scenarios.crowds.result.MOST_EDGES", 30)
    found.write_files(tmp_path)
    network, whole = nx.read_graphml(tmp_path / "fund-fund.graphml"), found.networks()["fund-fund"]
    assert (network.number_of_nodes(), network.number_of_edges()) == (10, 30)
    values = sorted((abs(data["value"]) for *_, data in whole.edges(data=True)), reverse=True)
    assert min(abs(data["value"]) for *_, data in network.edges(data=True)) == pytest.approx(values[29])


def test_a_file_of_equity_is_read_or_told_by_its_rows(tmp_path):
    path = tmp_path / "equity.csv"
    path.write_text('fund,equity\nAlder Neutral,"180,000,000"\nElm Neutral,6e7\n')
    assert read_equity(path) == ({"Alder Neutral": 1.8e8, "Elm Neutral": 6e7}, {})
    path.write_text("Fund;Leverage\na;3\nb;2.5\n")
    assert read_equity(path) == ({}, {"a": 3.0, "b": 2.5})
    path.write_text("fund,equity\na,0\nb,much\na,5\n")
    with pytest.raises(InputError) as caught:
        read_equity(path)
    assert [fault.partition(": ")[2][:5] for fault in caught.value.faults] == ["row 2", "row 3", "row 4"]
    path.write_text("fund,size\na,5\n")
    with pytest.raises(InputError, match="must have fund, and equity or leverage"):
        read_equity(path)


def test_a_list_may_have_a_column_of_equity_or_leverage(tmp_path):
    path = tmp_path / "books.csv"
    path.write_text("fund,ticker,market value,equity\nA,X,100,20\nA,Y,-100,\nB,X,30,10\n")
    np.testing.assert_allclose(crowding(path).crowd.equity, [20, 10])
    other = tmp_path / "equity.csv"
    other.write_text("fund,leverage\nA,4\n")
    np.testing.assert_allclose(crowding(path, equity=other).crowd.equity, [50, 10])
    path.write_text("ticker,market value,leverage\nX,100,4\n")
    np.testing.assert_allclose(crowding(path).crowd.equity, [25])
    path.write_text("ticker,market value,leverage\nX,100,none at all\n")
    with pytest.raises(InputError, match=r"books.csv: row 2: leverage = none at all"):
        crowding(path)


def test_a_history_fills_volatility_and_gives_comomentum(tmp_path):
    random, days = np.random.default_rng(1), 60
    tickers = [f"S{number:02d}" for number in range(40)]
    returns = 0.01 * random.standard_normal((days, 40))
    returns[:, :4] += 0.02 * random.standard_normal((days, 1))  # what the funds hold moves together
    prices = np.cumprod(1 + returns, axis=0)
    dates = np.datetime64("2024-01-01") + np.arange(days)
    lines = [",".join(["date", *tickers])]
    lines += [",".join([str(day), *(f"{price:.8f}" for price in row)]) for day, row in zip(dates, prices, strict=True)]
    (tmp_path / "history.csv").write_text("\n".join(lines))
    rows = [f"S{number:02d},{100 if number < 4 else 1},5000" for number in range(40)]
    (tmp_path / "books.csv").write_text("\n".join(["ticker,market value,ADV", *rows]))
    found = crowding(tmp_path / "books.csv", history=tmp_path / "history.csv", leverage=2)
    assert found.crowd.priced.all()
    assert found.comomentum > 0.2
    assert "comomentum" in {item.measure for item in found.measures}


def test_books_of_a_market_are_what_its_funds_hold(small):
    market = Market(small.settings, seed=3, paths=2)
    crowd = crowd_in(market, 1)
    money = small.settings.market.daily_value
    np.testing.assert_allclose(crowd.gross.sum() / money, 2 * market.record.book[1], rtol=0.02)
    assert assess(crowd).average_cosine == pytest.approx(market.record.overlap[1], rel=1e-9)
    np.testing.assert_allclose(crowd.adv.sum(), money)
    # The market's own law made linear at a flow moves a price by as much as the law does.
    depth, impact = depth_in(market, crowd, 0.1), small.settings.impact
    effect = 0.1 / (0.1**2 + impact.crossover**2) ** 0.25
    np.testing.assert_allclose(0.1 * crowd.adv / depth, impact.strength * crowd.volatility * effect, rtol=1e-12)


def test_the_hedge_desk_stands_beside_a_simulated_crowd(small):
    market = Market(small.settings, seed=3, paths=2)
    crowd = crowd_in(market, 1)
    # The index and a unit of the crowded book, in the desk's size.
    held = market.state.stocks.index_shares[1] + market.state.baskets.shares[1, 0]
    np.testing.assert_allclose(crowd.own, small.settings.desk_size * small.market.daily_value * held)
    nobody = small.settings.model_copy(update={"desk": small.desk.model_copy(update={"size": 0.0})})
    assert crowd_in(Market(nobody, seed=3, paths=1)).own is None


def test_futures_funds_are_measured_by_the_stocks_that_they_hold(futures_file):
    from scenarios import load_scenario  # noqa: PLC0415

    market = Market(load_scenario(futures_file).settings, seed=3, paths=1)
    crowd = crowd_in(market)
    np.testing.assert_allclose(crowd.gross / crowd.currency.count("USD"), crowd.holdings.sum(axis=1))  # long only
    assert (crowd.gross / crowd.equity > 1).any()
    assert assess(crowd).average_cosine == pytest.approx(market.record.overlap[0], rel=1e-9)


def test_a_simulated_crowd_is_measured_day_by_day(small):
    found = crowding(small, paths=3, seed=2)
    days = small.clock.days
    daily = found.daily.pivot(index="day", columns="measure", values="q50")
    assert len(daily) == days
    assert found.daily["date"].nunique() == days
    market = Market(small.settings, seed=2, paths=3)
    seen = []
    for _ in range(small.clock.event_day):
        market.step()
        seen.append(np.median([assess(crowd_in(market, path)).average_cosine for path in range(3)]))
    np.testing.assert_allclose(daily["overlap"][: small.clock.event_day], seen, rtol=1e-12)
    eve = crowd_in(market)
    np.testing.assert_array_equal(found.crowd.holdings, eve.holdings)  # path 0 at the close before the event
    measured = {item.measure: item.value for item in found.measures}
    assert measured["loop_gain"] == pytest.approx(assess(eve, Terms(), depth_in(market, eve, 0.1)).loop.gain, rel=1e-9)


def test_watching_a_market_changes_nothing_in_it(small, small_run):
    found = crowding(small, paths=5, seed=7)
    eve = small.clock.event_day - 1
    leverage = found.daily.pivot(index="day", columns="measure", values="q50")["leverage"][eve]
    daily = small_run.daily
    of_run = daily[(daily["run"] == "main") & (daily["day"] == eve)]["crowd_leverage"].median()
    assert leverage == pytest.approx(2 * of_run, rel=0.1)  # gross at market, and per side in units


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"books": "example", "leverage": 0}, "leverage = 0: must lie in 0..1000"),
        ({"books": "example", "move": 2}, "move = 2: must lie in 0..1"),
        ({"books": "example", "shock": "rates"}, "shock = rates: must be crowd or market"),
        ({"books": "example", "flow": 0}, "flow = 0: must lie in"),
        ({"books": ["example", "quake-2007"]}, "2 books, and one is a scenario"),
        ({"books": "quake-2007", "leverage": 3}, "leverage: is for files of holdings"),
        ({"books": "quake-2007", "flow": 0}, "flow = 0: must lie in"),
        ({"books": "quake-2077"}, "quake-2077: no such file, and no scenario of that name"),
    ],
)
def test_what_cannot_be_asked_is_one_line(arguments, told):
    with pytest.raises(InputError) as caught:
        crowding(**arguments)
    (fault,) = caught.value.faults
    assert told in fault
