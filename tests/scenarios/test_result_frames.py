"""The frames of a result, against the arrays that they were made from."""

import importlib

import numpy as np
import pytest

from abm import Market
from scenarios import run
from scenarios.result import QUANTILES
from scenarios.twins import without_liquidator

PATHS, DAYS, FUNDS, EVENT = 5, 12, 12, 5


@pytest.fixture(scope="module")
def market(small):
    """The same ensemble, driven by hand."""
    market = Market(small.settings, seed=13, paths=PATHS)
    market.run()
    return market


def of(frame, name="main"):
    return frame[frame["run"] == name]


def test_daily_has_a_row_a_run_path_and_day_in_that_order(small_run, small):
    daily = small_run.daily
    assert len(daily) == 2 * PATHS * DAYS
    assert not daily.duplicated(["run", "path", "day"]).any()
    main = of(daily)
    assert main["path"].tolist() == np.repeat(np.arange(PATHS), DAYS).tolist()
    dates = main.loc[main["path"] == 3, "date"].to_numpy().astype("datetime64[D]")
    assert dates.tolist() == small.clock.dates.tolist()


def test_daily_holds_the_market_s_own_figures(small_run, market):
    main = of(small_run.daily)
    for name, values in market.record.columns():
        np.testing.assert_array_equal(main[name].to_numpy().reshape(PATHS, DAYS), values, err_msg=name)
    calls = market.record.event_frame().query("kind == 'margin_call'")
    assert len(calls) == main["margin_calls"].sum() > 0


def test_the_twin_s_rows_are_of_the_market_without_its_liquidator(small_run, small):
    twin = Market(without_liquidator(small.settings), seed=13, paths=PATHS)
    record = twin.run()
    np.testing.assert_array_equal(of(small_run.daily, "twin")["index"].to_numpy().reshape(PATHS, DAYS), record["index"])
    assert (of(small_run.daily, "twin")["flow_liquidator"] == 0).all()
    assert of(small_run.daily)["flow_liquidator"].sum() < 0


def test_bands_are_numpy_s_quantiles_over_paths_of_all_runs(small_run, market):
    bands = small_run.bands
    assert set(bands["run"]) == {"main", "twin", "alone"}
    names = [f"q{round(100 * level):02d}" for level in QUANTILES]
    for column in ("index", "flow_forced", "khandani_lo"):
        table = of(bands)[of(bands)["column"] == column]
        values = dict(market.record.columns())[column]
        first = 1 if column == "khandani_lo" else 0
        expected = np.quantile(values[:, first:], QUANTILES, axis=0).T
        np.testing.assert_allclose(table[names].to_numpy()[first:], expected, rtol=1e-12, atol=1e-15)
        assert table[names].to_numpy()[:first].size == 0 or np.isnan(table[names].to_numpy()[:first]).all()


def test_bands_of_nav_are_over_paths_and_funds_and_nothing_on_the_eve(small_run, market):
    table = of(small_run.bands)[of(small_run.bands)["column"] == "nav"]
    change = market.record.nav / market.record.nav[:, EVENT - 1 : EVENT] - 1
    expected = np.median(change.transpose(0, 2, 1).reshape(-1, DAYS), axis=0)
    np.testing.assert_allclose(table["q50"], expected, atol=1e-15)
    assert table["q50"].iloc[EVENT - 1] == 0


def test_events_tell_amounts_in_currency(small_run, market, small):
    events, raw = of(small_run.events).query("kind != 'desk_call'"), market.record.event_frame()
    assert events["amount"].to_numpy() == pytest.approx(raw["amount"].to_numpy() * small.market.daily_value)
    assert set(events["kind"]) >= {"margin_call", "forced_sale"}
    dates = small.clock.dates[events["day"]]
    assert (events["date"].to_numpy().astype("datetime64[D]") == dates).all()


def test_forced_sales_of_events_are_the_flow_of_forced_sales(small_run, small):
    sales = of(small_run.events).query("kind == 'forced_sale'").groupby(["path", "day"])["amount"].sum()
    flows = of(small_run.daily).set_index(["path", "day"])["flow_forced"] * -small.market.daily_value
    assert sales.to_numpy() == pytest.approx(flows.reindex(sales.index).to_numpy(), rel=1e-9)
    assert flows.sum() == pytest.approx(sales.sum(), rel=1e-9)


def test_funds_sum_up_what_happened_to_each(small_run, market, small):
    funds, events = of(small_run.funds), of(small_run.events)
    assert len(funds) == PATHS * FUNDS
    since = market.record.nav[:, EVENT:] / market.record.nav[:, EVENT - 1 : EVENT] - 1
    assert funds["trough"].to_numpy() == pytest.approx(since.min(axis=1).ravel())
    assert funds["end"].to_numpy() == pytest.approx(since[:, -1].ravel())
    for kind, column in (("margin_call", "margin_calls"), ("forced_sale", "forced_sales")):
        chosen = events[events["kind"] == kind].groupby(["path", "fund"])["amount"]
        expected = chosen.count() if kind == "margin_call" else chosen.sum()
        found = funds.set_index(["path", "fund"])[column]
        assert found[found > 0].to_dict() == pytest.approx(expected[expected > 0].to_dict())


def test_a_desk_from_the_start_is_dated_from_the_eve_of_the_first_day(small_run, small):
    hedges = of(small_run.hedges)
    path = hedges[hedges["path"] == 2]
    assert path["day"].tolist() == list(range(DAYS + 1))
    assert f"{path['date'].iloc[0]:%Y-%m-%d}" == "2007-07-27"
    assert path["date"].iloc[1:].to_numpy().astype("datetime64[D]").tolist() == small.clock.dates.tolist()


def test_the_eve_of_the_first_day_is_no_holiday(small):
    found = run(small, paths=1, overrides={"clock.holidays": ["2007-07-27"]}, counterfactuals=False)
    assert f"{found.hedges['date'].iloc[0]:%Y-%m-%d}" == "2007-07-26"


def test_a_desk_that_starts_late_is_dated_from_its_first_close(small):
    found = run(small, paths=2, overrides={"desk.starts": "2007-08-03"}, counterfactuals=False)
    path = of(found.hedges)[of(found.hedges)["path"] == 1]
    assert path["day"].tolist() == list(range(8))
    assert [f"{path['date'].iloc[k]:%Y-%m-%d}" for k in (0, 1, -1)] == ["2007-08-03", "2007-08-06", "2007-08-14"]
    assert path["hedged_pnl"].iloc[0] == 0


def test_the_desk_s_loss_is_counted_from_the_eve_whenever_its_hedge_was_put_on(small_run, small):
    late = run(small, paths=5, seed=13, overrides={"desk.starts": "2007-08-01"}, counterfactuals=False)
    for found in (small_run, late):
        main = of(found.hedges)
        table = main.pivot_table(index="path", columns="date", values="hedged_pnl", observed=True)
        window = table.loc[:, "2007-08-03":].iloc[:, :9]
        loss = -(window.sub(window["2007-08-03"], axis=0)).min(axis=1) / (small.desk.size * small.market.daily_value)
        told = found.summary()["figures"]["desk_hedge_loss"]
        assert told["median"] == pytest.approx(loss.median())
        assert told["median"] > 0


def test_differences_are_medians_of_paths_less_their_twins(small_run, market, small):
    twin = Market(without_liquidator(small.settings), seed=13, paths=PATHS)
    twin.run()
    forced = importlib.import_module("abm").Flow.FORCED
    main, other = (-made.record.flows[:, :, forced].sum(axis=1) / made.record.book for made in (market, twin))
    told = small_run.summary()["figures"]["forced_share"]
    assert told["median"] == pytest.approx(np.median(main))
    assert told["twin"] == pytest.approx(np.median(other))
    assert told["difference"] == pytest.approx(np.median(main - other))
