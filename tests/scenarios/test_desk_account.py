"""What a run tells of its desk: calls by date, sales by stock, what they cost, contracts with a name."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hedging.holdings import read_book
from scenarios import load, run, save

MARKET = {"market.currency": "CNY", "market.stocks": 130}
THIN = {"desk.reserve": 0.101, "desk.book": "example", **MARKET}


@pytest.fixture(scope="module")
def scenario(small_text, tmp_path_factory):
    path = tmp_path_factory.mktemp("desk") / "small.toml"
    path.write_text(small_text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def reducing(scenario):
    return run(scenario, paths=12, overrides={**THIN, "desk.when_exhausted": "reduce"}, counterfactuals=False)


@pytest.fixture(scope="module")
def topped_up(scenario):
    return run(scenario, paths=12, overrides={**THIN, "desk.when_exhausted": "top_up"}, counterfactuals=False)


def main(frame):
    return frame[frame["run"] == "main"]


def test_first_calls_by_date_add_up_to_the_chance_of_a_call(topped_up):
    calls, told = main(topped_up.desk_calls), topped_up.manifest["desk"]["main"]
    assert calls["share"].sum() == pytest.approx(told["call_probability"])
    assert calls["share_so_far"].iloc[-1] == pytest.approx(told["call_probability"])
    usual = calls.sort_values(["paths", "date"], ascending=[False, True], kind="stable")["date"].iloc[0]
    assert told["first_call"]["first_most_frequent"] == f"{usual:%Y-%m-%d}"
    hedges = main(topped_up.hedges)
    first = hedges[hedges["called"] > 0].groupby("path")["date"].min()
    assert first.value_counts().sort_index().to_dict() == calls.set_index("date")["paths"].to_dict()


def test_a_cut_sells_every_position_by_the_same_share(reducing):
    book, told = read_book("example"), reducing.manifest["desk"]["main"]
    sales = main(reducing.desk_sales)
    average = sales[sales["case"] == "average"]
    assert told["paths_selling"] > 0
    assert average["of_position"].std() == pytest.approx(0, abs=1e-12)
    held = dict(zip(book.tickers, book.value, strict=True))
    assert average.set_index("ticker")["held"].to_dict() == pytest.approx(held)
    stocks = told["sold_mean_money"] * book.value.sum() / book.total  # its cash is cut with it
    assert average["sold"].sum() == pytest.approx(stocks)
    assert (average["cost"] > 0).all()


def test_what_is_held_is_told_by_stock_values_and_profits(reducing):
    hedges = main(reducing.hedges)
    sold = main(reducing.events).query("kind == 'desk_sale'")
    worst = main(reducing.desk_sales).query("case == 'worst'")["of_position"].iloc[0]
    assert sold["fund"].eq(-1).all()
    # In money of the days on which it is sold, which is near that of the start.
    largest = sold.groupby("path")["amount"].sum().max() / hedges["stock_value"].iloc[0]
    assert largest == pytest.approx(worst, rel=0.2)


@pytest.mark.parametrize("result", ["reducing", "topped_up"])
def test_the_desks_calls_are_events(request, result):
    found = request.getfixturevalue(result)
    called = main(found.hedges).query("called > 0")
    events = main(found.events).query("kind == 'desk_call'")
    assert events["amount"].sum() == pytest.approx(called["called"].sum())
    assert sorted(events["date"].unique()) == sorted(called["date"].unique())
    assert main(found.events)["path"].is_monotonic_increasing


def test_where_outside_money_meets_calls_the_cheapest_sale_is_told(topped_up):
    told, sales = topped_up.manifest["desk"]["main"], main(topped_up.desk_sales)
    assert "nothing was sold" in told["sale"]
    assert not main(topped_up.events)["kind"].eq("desk_sale").any()
    for case, money in (("average", "new_money_mean_money"), ("worst", "new_money_most_money")):
        assert sales[sales["case"] == case]["sold"].sum() == pytest.approx(told[money])


def test_contracts_are_those_of_the_named_contract(scenario, topped_up):
    assert topped_up.hedges["contract"].unique().tolist() == ["index future worth CNY 1,000,000 at the start"]
    first = main(topped_up.hedges).query("day == 0")["contracts"]
    assert first.to_numpy() == pytest.approx(100.0)  # a book of 100 million, hedged in full
    named = {**MARKET, "desk.book": "example", "desk.contract": "IF", "desk.index_level": 3000.0}
    found = run(scenario, paths=1, overrides=named, counterfactuals=False)
    assert found.hedges["contract"].unique().tolist() == ["IF"]
    assert found.hedges["contracts"].iloc[0] == pytest.approx(100e6 / (300 * 3000))
    with pytest.raises(ValueError, match=r"desk.contract = IF: needs desk.index_level"):
        run(scenario, paths=1, overrides={"desk.contract": "IF"}, counterfactuals=False)


def test_without_a_book_the_desk_is_told_in_all(scenario):
    found = run(scenario, paths=12, overrides={"desk.reserve": 0.101}, counterfactuals=False)
    sales = main(found.desk_sales)
    assert sales["title"].unique().tolist() == ["in all"]
    assert np.isfinite(sales["cost"]).all()


def test_a_desk_is_told_in_json_and_read_back(reducing, tmp_path):
    told = json.loads(json.dumps(reducing.as_json()))["desk"]
    assert {row["ticker"] for row in told["sales"]} == set(read_book("example").tickers)
    assert sum(row["paths"] for row in told["first_calls"]) == round(12 * told["main"]["call_probability"])
    found = load(save(reducing, tmp_path / "result"))
    assert found.desk() == reducing.desk()
