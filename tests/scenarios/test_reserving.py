"""One account in scenarios, path models and series; mixtures, what is sold, and the answer in a sentence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from abm import Market
from abm.liquidation import cheapest_sale
from abm.settings import Funds, Impact
from cqkit.errors import InputError
from hedging import FuturesContract, Terms, hedge
from hedging.holdings import Holdings
from hedging.reserves import HedgeNeeds, reflection_reserve
from scenarios import load_scenario, reserve

FIELDS = ("required", "undiluted", "first_call", "new_money", "shortfall")
MODEL = "gbm:volatility=0.25"


def holdings(**more):
    value, adv = np.array([2e8, 5e8, 3e8, -1e8]), np.array([1e9, 4e9, np.nan, 1e9])
    nothing = np.full(4, np.nan)
    return Holdings(
        **{
            "name": "mine",
            "tickers": ("AAA", "BBB", "CCC", "DDD"),
            "value": value,
            "price": nothing,
            "adv": adv,
            "volatility": np.array([0.02, 0.01, 0.03, 0.02]),
            "beta": nothing,
            "index_weight": nothing,
            "sector": ("",) * 4,
            "title": ("",) * 4,
            "cash": 0.0,
            "digest": "0" * 64,
            **more,
        }
    )


@pytest.fixture(scope="module")
def found(small_file):
    return reserve([str(small_file), MODEL], reserve=0.105, paths=40, seed=3, crowding=(0.2,))


# -- what happened ----------------------------------------------------------------------------------------------------

SEPTEMBER = "start=2024-09-23,end=2024-10-11"
NEEDED = {"csi300": 0.4837, "csi500": 0.5339, "csi1000": 0.5543}  # of a full hedge in China's rise of 2024, margin 12 %


def test_the_reserves_that_september_2024_asked_for_are_those_of_the_engine_s_own_replay(real_data):
    files = {name: real_data / f"{name}.csv" for name in NEEDED}
    sources = [f"{name}=series:index={file},{SEPTEMBER}" for name, file in files.items()]
    sources.append(f"IF=series:index={files['csi300']},futures={real_data / 'if_main.csv'},{SEPTEMBER}")
    found = {one.source: float(one.needs.required[0]) for one in reserve(sources, margin=0.12).answers}
    assert found == pytest.approx(NEEDED | {"IF": 0.4874}, abs=5e-5)
    terms = Terms(contract=FuturesContract("any", 300.0, 0.12, "CNY"))
    window = {"start": "2024-09-23", "end": "2024-10-11", "terms": terms}
    replays = {name: hedge(file, **window) for name, file in files.items()}
    assert {name: found[name] for name in files} == pytest.approx(
        {name: one.results["full"].required_reserve[0] for name, one in replays.items()}, rel=1e-12
    )


# -- one account -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["full", "full-rebalanced", "minimum-variance:window=5,least=3"])
def test_the_same_policy_on_the_same_paths_is_one_account_in_the_market_in_reserve_and_in_hedge(small_file, policy):
    """The market's closes as a user's files, index and stock book, one path after the other."""
    paths, seed, terms = 3, 5, {"reserve": 0.102, "margin": 0.10}
    answer = reserve(str(small_file), policies=[policy], paths=paths, seed=seed, crowding=(), **terms)
    (in_market,) = answer.answers
    settings = load_scenario(small_file).settings
    market = Market(settings, seed=seed, paths=paths)
    record = market.run(1)
    start = np.ones((paths, 1))
    index = np.cumprod(np.hstack([start, 1 + record["index"]]), axis=1)
    book = index + settings.desk.tilt * np.cumsum(np.hstack([0 * start, record["crowded_book"]]), axis=1)
    past = market.inhabitants["desk"].book._past[:, :-1]
    for path in range(paths):
        days = pd.bdate_range(end=in_market.dates[-1], periods=past.shape[1] + in_market.dates.size)
        closes = pd.Series(np.concatenate([past[path], index[path]]), index=days, name="close")
        stocks = pd.Series(book[path], index=days[past.shape[1] :], name="nav")
        window = {"start": f"{days[past.shape[1]]:%Y-%m-%d}", "end": f"{days[-1]:%Y-%m-%d}"}
        worth = settings.desk.size * settings.market.daily_value
        agreed = Terms(
            contract=FuturesContract("any", 1.0, 0.10, "USD"), gains_fund_margin=True, reserve=0.102, execution="close"
        )
        more = {"accept_jumps": True, "same_currency": True}
        replayed = hedge(closes, stocks, policies=[policy], book=worth, terms=agreed, **window, **more)
        (result,) = replayed.results.values()
        expected = HedgeNeeds.of(result)
        for name in FIELDS:
            np.testing.assert_allclose(
                getattr(in_market.needs, name)[path], getattr(expected, name)[0], rtol=1e-12, atol=1e-12, err_msg=name
            )
        assert in_market.needs.first_day[path] == expected.first_day[0]
        assert in_market.needs.calls[path] == expected.calls[0]


def test_a_series_is_what_hedge_says_of_it(tmp_path):
    rng = np.random.default_rng(2)
    days = pd.bdate_range("2020-01-01", periods=90)
    frame = pd.DataFrame({"close": 100 * np.exp(np.cumsum(rng.normal(0, 0.02, 90)))}, index=days)
    frame.to_csv(tmp_path / "index.csv")
    file = tmp_path / "index.csv"
    window = {"start": "2020-02-03", "end": "2020-04-30"}
    text = f"mine=series:index={file},start={window['start']},end={window['end']}"
    answer = reserve([text], reserve=0.11, policies=["full", "partial"])
    again = hedge(file, policies=["full", "partial"], reserve=0.11, **window)  # each by its own defaults
    for one in answer.answers:
        np.testing.assert_array_equal(one.needs.required, again.results[one.policy].required_reserve)
        np.testing.assert_array_equal(one.needs.new_money, HedgeNeeds.of(again.results[one.policy]).new_money)
    assert answer.reserves["reserve"].isna().all()  # one history bounds no quantile
    assert "one history" in answer.sentence
    assert answer.calls.loc[0, "first_most_frequent"] in {f"{day:%Y-%m-%d}" for day in days}


def test_a_series_without_dates_ends_with_its_last_day():
    days = pd.bdate_range("2020-01-01", periods=90)
    frame = pd.DataFrame({"close": np.linspace(100, 120, 90)}, index=days)
    (one,) = reserve(frame, days=30).answers
    assert (one.dates[0], one.dates[-1]) == (days[-31], days[-1])


def test_a_desk_keeps_the_account_of_all_other_sources(found):
    """No reserve of another size, no cut of both legs, no trade over the day after."""
    needs = {one.source: one.needs for one in found.answers}
    assert {one.reserve for one in needs.values()} == {0.105}
    assert len({one.start_value for one in needs.values()}) == 1
    assert len({one.days for one in needs.values()}) == 1
    for one in needs.values():
        np.testing.assert_allclose(one.new_money, np.maximum(one.required - 0.105, 0), atol=1e-7)


@pytest.mark.parametrize("key", ["desk.reserve=0.2", "desk.margin=0.2", "desk.policy=none"])
def test_what_is_said_of_all_sources_is_not_set_for_one(small_file, key):
    name, _, value = key.partition("=")
    with pytest.raises(InputError, match="said for all sources alike"):
        reserve(str(small_file), overrides={name: value})


def test_a_market_in_which_nothing_happens_needs_what_a_brownian_index_needs(small_file):
    """No liquidator, no impact, no passing noise: the reflection formula at the index's own volatility."""
    calm = {"liquidator.size": 0.0, "impact.strength": 0.0, "impact.permanent": 0.0, "market.transient_volatility": 0.0}
    scenario = load_scenario(small_file, calm | {"clock.days": 20})
    answer = reserve(scenario, policies=["full"], margin=0.1, paths=400, seed=2, crowding=())
    moves = np.log1p(Market(scenario.settings, seed=2, paths=400).run(1)["index"])
    volatility = moves.std() * np.sqrt(250)
    for row in answer.reserves.dropna(subset="reserve").to_dict("records"):
        truth = reflection_reserve(volatility, row["confidence"], 20 / 250, 0.1, bars_per_year=250)
        assert row["low"] <= truth <= row["high"]


# -- tables ------------------------------------------------------------------------------------------------------------


def test_tables_are_policy_by_source(found):
    assert list(found.reserves["source"].unique()) == ["small", MODEL]
    assert list(found.calls["source"]) == ["small", MODEL]
    row = found.calls.iloc[0]
    assert row["reserve_money"] == pytest.approx(0.105 * row["book_money"])
    assert row["shortfall_expected_money"] == pytest.approx(row["shortfall_expected"] * row["book_money"])
    assert row["low"] <= row["probability"] <= row["high"]
    assert found.reserves["reserve"].isna().all()  # 40 paths bound none of the quantiles
    assert set(found.reserves["paths_needed"]) == {72, 368, 3688}
    assert set(found.as_json()) >= {"sentence", "reserves", "calls", "sales", "crowding", "notes", "manifest"}


def test_crowding_moves_on_common_noise(found):
    assert found.crowding["crowding"].tolist() == [0.2, Funds().crowding]
    own = next(one for one in found.varied if one.crowding != 0.2)
    np.testing.assert_array_equal(own.needs.required, found.answers[0].needs.required)


def test_a_scenario_is_held_against_its_twin_without_the_liquidator(found, small_file):
    calm = reserve(str(small_file), reserve=0.105, paths=40, seed=3, crowding=(), overrides={"liquidator.size": 0.0})
    in_market, on_model = found.answers
    np.testing.assert_array_equal(in_market.twin.required, calm.answers[0].needs.required)
    assert calm.answers[0].twin is None is on_model.twin
    told = found.calls.set_index("source")["probability_without_liquidator"]
    assert told["small"] == calm.calls.loc[0, "probability"]
    assert np.isnan(told[MODEL])
    assert "without the liquidator" not in calm.sentence
    assert "without the liquidator" in reserve(str(small_file), reserve=0.101, paths=10, crowding=()).sentence


def test_what_is_called_is_dated_in_scenarios_and_counted_in_models(found):
    first = found.calls.set_index("source")["first_most_frequent"]
    assert first["small"] in {f"{day:%Y-%m-%d}" for day in found.answers[0].dates}
    assert first[MODEL].startswith("day ")


def test_a_book_is_sold_cheapest_first():
    mine = holdings()
    answer = reserve(MODEL, reserve=0.12, paths=100, days=60, book=mine)
    (one,) = answer.answers
    assert one.needs.start_value == pytest.approx(9e8)
    mean = answer.sales[answer.sales["case"] == "average"]
    expected = cheapest_sale(
        one.needs.new_money[one.needs.called].mean() * 9e8, mine.value, mine.adv, mine.volatility, Impact()
    )
    np.testing.assert_allclose(mean.set_index("ticker")["sold"]["BBB"], expected.sold[1])
    assert mean["sold"].is_monotonic_decreasing
    assert "DDD" not in set(answer.sales["ticker"])  # short
    assert "BBB" in answer.sentence
    assert "BBB" not in repr(answer)
    assert answer.manifest["inputs"]["book"] == {"sha256": "0" * 64}
    assert "AAA" not in str(answer.manifest)


BOOK = """ticker,market value,ADV,volatility,beta,currency
AAA,40000000,900000000,0.02,1.5,USD
BBB,60000000,400000000,0.01,0.5,USD
Cash,5000000,,,,USD
"""


def test_a_book_is_the_desk_s_in_every_scenario_and_is_sold_by_stock(small_file, tmp_path):
    file = tmp_path / "mine.csv"
    file.write_text(BOOK)
    answer = reserve([str(small_file), MODEL], reserve=0.101, paths=20, book=file, crowding=())
    for one in answer.answers:
        assert one.needs.start_value == pytest.approx(1.05e8)
        assert one.needs.currency == "USD"
    assert set(answer.sales["ticker"]) == {"AAA", "BBB"}
    assert answer.manifest["studies"][0]["book"]["digest"] == answer.manifest["inputs"]["book"]["sha256"]
    assert "AAA" not in str(answer.manifest)
    assert any("the book moves 0.86 times as far as the index" in note for note in answer.notes)  # (60 + 30) / 105
    scaled = reserve([str(small_file), MODEL], reserve=0.101, paths=20, book=file, value=2.1e8, crowding=())
    for one, double in zip(answer.answers, scaled.answers, strict=True):
        np.testing.assert_allclose(double.needs.required, one.needs.required, rtol=1e-9)
        assert double.needs.start_value == pytest.approx(2.1e8)
    worst = scaled.sales[scaled.sales["case"] == "worst"]
    assert (worst["of_position"] <= 1 + 1e-9).all()


def test_faults_of_a_book_are_told_once(small_file, tmp_path):
    file = tmp_path / "mine.csv"
    file.write_text(BOOK.replace("0.02", "much"))
    with pytest.raises(InputError) as caught:
        reserve([str(small_file), MODEL], book=file)
    assert len(caught.value.faults) == 1
