import importlib

import numpy as np
import pandas as pd
import pytest

from abm import Market
from cqkit.errors import InputError
from scenarios import explain, load_scenario, run
from scenarios.attribution.mechanisms import mechanisms
from scenarios.ensemble import Size

module = importlib.import_module("scenarios.studies.explain")

# Only the liquidator and what news does: two mechanisms, four sets.
TWO = {"funds.forced_sales": False, "index_sector.holding": 0, "impact.half_spread": 0}
# Five, of which the own rule and coming back are there only where somebody is forced to sell.
FIVE = {"impact.half_spread": 0, "index_sector.holding": 0, "funds.headroom": [0.0, 0.02]}


@pytest.fixture(scope="module")
def five(small):
    return explain(small, paths=4, seed=7, overrides=FIVE)


def equal(one, other):
    assert one.parts == other.parts
    assert (one.total, one.total_low, one.total_high) == (other.total, other.total_low, other.total_high)
    pd.testing.assert_frame_equal(one.by_path, other.by_path)


def worth(scenario, **changes):
    """The desk's hedged P&L over the window with sections changed, on the paths of seed 7, shape (3,)."""
    settings = scenario.settings
    for section, values in changes.items():
        settings = settings.model_copy(update={section: getattr(settings, section).model_copy(update=values)})
    market = Market(settings, 7, 3)
    market.run(1)
    pnl, eve = market.desk_result.hedged_pnl, scenario.clock.event_day
    return (pnl[:, eve + settings.clock.horizon] - pnl[:, eve]) / market.desk_result.start_value


def test_parts_add_up_on_every_path_and_in_the_mean(five):
    assert sum(part.value for part in five.parts.values()) == pytest.approx(five.total, abs=1e-9)
    assert five.total == pytest.approx(five.pnl - five.pnl_off, abs=1e-12)
    assert five.by_path.sum(axis=1).mean() == pytest.approx(five.total, abs=1e-9)
    for name, part in five.parts.items():
        assert five.by_path[name].mean() == pytest.approx(part.value, abs=1e-12)


def test_two_mechanisms_by_hand(small):
    checked = load_scenario(small, TWO)
    found = explain(checked, paths=3, seed=7)
    still, nobody = {"fundamentals": False}, {"size": 0.0}
    both, news = worth(checked), worth(checked, liquidator=nobody)
    sales, nothing = worth(checked, market=still), worth(checked, market=still, liquidator=nobody)
    wanted = {
        "fundamentals": ((news - nothing) + (both - sales)) / 2,
        "liquidator": ((sales - nothing) + (both - news)) / 2,
    }
    for name, values in wanted.items():
        np.testing.assert_allclose(found.by_path[name], values, rtol=0, atol=1e-15)
    assert found.parts["fundamentals"].first_in == (news - nothing).mean()
    assert found.parts["fundamentals"].last_in == (both - sales).mean()
    assert found.parts["liquidator"].first_in == (sales - nothing).mean()
    assert found.parts["liquidator"].last_in == (both - news).mean()
    assert (found.pnl, found.pnl_off) == (both.mean(), nothing.mean())


def test_the_liquidator_s_last_in_is_the_difference_to_the_twin(small, five):
    hedges = run(small, paths=4, seed=7, overrides=FIVE, counterfactuals=False).hedges
    book, eve = small.desk.size * small.market.daily_value, small.clock.event_day

    def change(name):
        chosen = hedges[hedges["run"] == name].set_index(["path", "day"])["hedged_pnl"]
        return (chosen.xs(eve + five.window, level="day") - chosen.xs(eve, level="day")).to_numpy() / book

    assert five.parts["liquidator"].last_in == (change("main") - change("twin")).mean()
    assert five.parts["liquidator"].last_in != 0
    assert five.pnl == change("main").mean()


def test_what_is_off_in_the_scenario_is_zero_and_not_simulated(small, monkeypatch):
    made = []

    class Counted(Market):
        def __init__(self, settings, *arguments):
            made.append(settings)
            super().__init__(settings, *arguments)

    monkeypatch.setattr("scenarios.ensemble.Market", Counted)
    found = explain(small, paths=2, overrides=TWO)
    assert len(made) == 4
    assert set(found.off) == {item.name for item in mechanisms()} - {"fundamentals", "liquidator"}
    for name in found.off:
        part = found.parts[name]
        assert (part.value, part.low, part.high, part.first_in, part.last_in) == (0, 0, 0, 0, 0)
        assert (found.by_path[name] == 0).all()


def test_equal_markets_are_simulated_once(five):
    # Five mechanisms make 32 sets; in the 16 without forced sales nobody has a rule or can come back, which leaves 4.
    assert (five.manifest["sets"], five.manifest["markets"]) == (32, 20)


def test_a_mechanism_without_effect_gets_exactly_zero(small):
    # Margins rise, but the desk is topped up from outside and nobody else trades futures.
    rises = TWO | {"futures.volume": 0.1, "futures.noise": 0, "futures.margin_reaction": 5}
    found = explain(small, paths=2, overrides=rises)
    assert "margin_rises" not in found.off
    part = found.parts["margin_rises"]
    assert (part.value, part.first_in, part.last_in) == (0, 0, 0)


def test_a_market_with_futures_is_taken_apart_too(small):
    state = {"date": "2007-08-07", "move": 0.01, "to": "index", "cause": "state_buying"}
    hedged = {
        "futures.volume": 0.1,
        "futures.noise": 0,
        "funds.kind": "futures",
        "market.index_share": 0.5,
        "liquidator.kind": "futures",
        "desk.price_taker": False,
        "desk.size": 0.05,
        "news": [state],
        "funds.forced_sales": False,
        "futures_funds.restoring": 0,
        "futures_funds.rehedging": 0,
        "impact.half_spread": 0,
        "index_sector.holding": 0,
    }
    found = explain(small, paths=2, seed=7, overrides=hedged)
    acting = {"fundamentals", "liquidator", "futures", "state_buying", "desk_impact"}
    assert {name for name, part in found.parts.items() if part.value != 0} == acting
    assert sum(part.value for part in found.parts.values()) == pytest.approx(found.total, abs=1e-9)


def test_nothing_that_acts_leaves_nothing_to_explain(small):
    found = explain(small, paths=2, overrides=TWO | {"market.fundamentals": False, "liquidator.size": 0})
    assert (found.total, found.manifest["sets"]) == (0, 1)
    assert all(part.value == 0 for part in found.parts.values())


@pytest.mark.parametrize("workers", [1, 3])
def test_parts_do_not_depend_on_the_number_of_workers(small, five, workers):
    equal(five, explain(small, paths=4, seed=7, overrides=FIVE, workers=workers))


@pytest.mark.parametrize(("batch", "block"), [(1, 50), (5, 3), (100, 1)])
def test_parts_do_not_depend_on_batches_and_blocks(small, five, monkeypatch, batch, block):
    monkeypatch.setattr(module.ExplainStudy, "size", Size(block, batch))
    equal(five, explain(small, paths=4, seed=7, overrides=FIVE))


def test_the_first_paths_are_the_same_however_many_follow(small, five):
    few = explain(small, paths=2, seed=7, overrides=FIVE)
    pd.testing.assert_frame_equal(few.by_path, five.by_path.head(2))
    assert not explain(small, paths=2, seed=8, overrides=FIVE).by_path.equals(few.by_path)


def test_drawn_orders_add_up_too_and_come_near_all_of_them(small, five):
    drawn = explain(small, paths=4, seed=7, overrides=FIVE, orders=2000)
    assert (drawn.orders, five.orders) == (2000, None)
    assert drawn.total == five.total
    assert sum(part.value for part in drawn.parts.values()) == pytest.approx(drawn.total, abs=1e-9)
    for name, part in drawn.parts.items():
        whole = five.parts[name]
        assert (part.first_in, part.last_in) == (whole.first_in, whole.last_in)
        assert part.value == pytest.approx(whole.value, abs=0.05 * (abs(whole.first_in) + abs(whole.last_in)) + 1e-12)


def test_orders_are_drawn_where_there_are_too_many_sets(small, monkeypatch):
    monkeypatch.setattr(module, "MOST_EXACT", 4)
    monkeypatch.setattr(module, "MOST_HISTORIES", 63)
    assert explain(small, paths=1, overrides=FIVE).orders is None  # 32 histories
    assert explain(small, paths=2, overrides=FIVE).orders == module.ORDERS  # 64


def test_intervals_are_student_s_and_missing_on_a_single_path(small, five):
    part, by_path = five.parts["liquidator"], five.by_path["liquidator"]
    half = 3.182446 * by_path.std() / 2  # 3 degrees of freedom, 4 paths
    assert (part.low, part.high) == pytest.approx((part.value - half, part.value + half), rel=1e-6)
    alone = explain(small, paths=1, seed=7, overrides=TWO)
    assert np.isnan([alone.total_low, alone.parts["liquidator"].high]).all()


def test_the_window_ends_with_the_run_and_a_later_start_of_the_hedge_is_allowed_before_the_event(small):
    found = explain(small, paths=2, overrides=TWO | {"desk.starts": "2007-08-03", "clock.window": 100})
    assert found.window == small.clock.days - small.clock.event_day
    assert (f"{found.eve}", f"{found.last}") == ("2007-08-03", "2007-08-14")
    short = explain(small, paths=2, overrides=TWO | {"clock.window": 1})
    assert (f"{short.eve}", f"{short.last}", short.window) == ("2007-08-03", "2007-08-06", 1)


def test_the_table_and_plain_values_hold_every_mechanism(five):
    frame = five.frame()
    assert list(frame) == ["mechanism", "title", "value", "low", "high", "first_in", "last_in"]
    assert list(frame["mechanism"]) == [item.name for item in mechanisms()]
    found = five.as_json()
    assert set(found["parts"]["other"]) == {"title", "value", "low", "high", "first_in", "last_in"}
    assert found["parts"]["liquidator"]["value"] == five.parts["liquidator"].value
    assert (found["paths"], found["seed"], found["scenario"]) == (4, 7, "small")


def test_progress_rises_to_one(small):
    told = []
    explain(small, paths=2, overrides=TWO, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)


@pytest.mark.parametrize(
    ("overrides", "orders", "fault"),
    [
        ({"desk.size": 0}, None, "desk.size = 0: must be above 0"),
        ({"desk.starts": "2007-08-06"}, None, "desk.starts = 2007-08-06: must not be after 2007-08-03"),
        ({}, 5, "orders = 5: must be an even number in 4..10000"),
        ({}, 2, "orders = 2"),
    ],
)
def test_what_cannot_be_explained_is_refused_before_anything_runs(small, monkeypatch, overrides, orders, fault):
    monkeypatch.setattr("scenarios.ensemble.Market", None)
    with pytest.raises(InputError) as raised:
        explain(small, paths=2, overrides=overrides, orders=orders)
    assert len(raised.value.faults) == 1
    assert fault in raised.value.faults[0]


def test_arguments_out_of_range_are_all_told(small):
    with pytest.raises(InputError) as raised:
        explain(small, paths=0, seed=-1, workers=0)
    assert [fault.split(" =")[0] for fault in raised.value.faults] == ["paths", "seed", "workers"]
