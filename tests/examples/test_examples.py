"""The examples: each is plugged in and does what it says; none touches a file of the product."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from last_bar import trade_a_day_under

from abm import Flow, Market, check_law, laws, schedules
from cqkit.errors import InputError
from crowdquake import charts
from crowdquake.saving import save
from hedging import CheckError, check_indicator, check_policy, load_prices, make_policy
from scenarios import conduct, explain, load_scenario, run
from scenarios.studies import parse_study

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_every_example_has_a_test_and_a_line_in_the_list():
    names = {path.stem for path in EXAMPLES.glob("*.py")}
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    told = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert {name for name in names if f'"{name}' not in tests} == set()
    assert {name for name in names if f"({name}.py)" not in told} == set()


def test_a_column_of_one_s_own_is_in_the_daily_table_and_in_reach_of_targets(plug, small_file, tmp_path):
    measures = '{ name = "daily", column = "widest_gap", on = 2007-08-07 }', '{ name = "widest_gap_peak", days = 4 }'
    lines = [f'extends = "{small_file}"', 'title = "Gaps"']
    for number, measure in enumerate(measures):
        lines += ["[[target]]", f'name = "gap {number}"', 'kind = "design"', "low = 0", "high = 1"]
        lines += ['statistic = "median"', f"measure = {measure}"]
    scenario = tmp_path / "gaps.toml"
    scenario.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError, match="widest_gap"):
        load_scenario(scenario)

    plug("widest_gap")
    found = run(scenario, paths=3, counterfactuals=False)
    main = found.daily[found.daily["run"] == "main"]
    gaps = main.pivot_table(index="path", columns="day", values="widest_gap").to_numpy()
    event = found.scenario.clock.event_day
    assert (gaps[:, event:] > 0).all()
    on_the_day, peak = (target.measured for target in found.targets)
    assert on_the_day == pytest.approx(np.median(gaps[:, event + 1]))
    assert peak == pytest.approx(np.median(gaps[:, event : event + 4].max(axis=1)))


def test_a_chart_of_one_s_own_is_drawn_after_ours(plug, small_run, tmp_path):
    plug("worst_day_chart")
    *ours, own = charts.of(small_run)
    assert own.name == "worst-day"
    assert "cascade" in {item.name for item in ours}
    _, svg = charts.save(own.draw(small_run), tmp_path, own.name)
    assert "worst day is -" in svg.read_text(encoding="utf-8")


@pytest.mark.usefixtures("plug")
def test_a_command_of_one_s_own_answers_as_ours_do(command):
    plugged = ("--plugin", EXAMPLES / "facts_command.py")
    unknown = command("facts", "china-2024")
    assert (unknown.code, unknown.out) == (2, "")
    found = json.loads(command("facts", "china-2024", "--json", *plugged).out)["facts"]
    assert all(fact["source"] for fact in found)
    assert found[0]["text"] in command("facts", "china-2024", *plugged).out
    refused = command("facts", "china-2042", *plugged)
    assert (refused.code, len(refused.err.splitlines())) == (2, 1)


def test_a_policy_of_one_s_own_keeps_the_laws_that_ours_keep(plug):
    policy = plug("volatility_policy").VolatilityHedge
    check_policy(policy())
    assert make_policy("volatility", full_at=0.4) == policy(full_at=0.4)
    with pytest.raises(InputError, match="policy volatility: full_at = 30: must lie in"):
        make_policy("volatility", full_at=30)


def test_an_indicator_of_one_s_own_keeps_the_laws_that_ours_keep(plug):
    indicator = plug("losing_streak").losing_streak
    check_indicator(indicator)
    check_policy(make_policy("timing", indicator="losing_streak", length=4))


@pytest.mark.slow
def test_an_impact_law_of_one_s_own_moves_prices(plug, small):
    plug("logarithmic_law")
    settings = load_scenario(small, {"impact.law": "logarithmic"}).settings
    market = Market(settings, seed=3)
    law, impact = laws.get("logarithmic"), market.state.impact
    assert law(0.5, impact) == -law(-0.5, impact) > law(0.1, impact) > 0
    for _ in range(settings.clock.event_day):
        market.step(2)
    trade_a_day_under(lambda rates: np.array([law(rate, impact) for rate in rates]), market)
    with pytest.raises(CheckError, match=r"logarithmic: buying 10 days' volume .* earns 0\.1\d* % of what is traded"):
        check_law("logarithmic")


def test_a_schedule_of_one_s_own_says_how_fast_the_liquidator_sells(plug, small):
    plug("accelerating_sale")
    asked = {"liquidator.schedule": "accelerating", "liquidator.starts": 0.0, "liquidator.days": 4}
    settings = load_scenario(small, asked).settings
    left = schedules.make(settings.liquidator).remaining(np.array([0.0, 2.0, 4.0, 9.0]))
    np.testing.assert_allclose(left, [1, 0.75, 0, 0])
    market = Market(settings, seed=3)
    market.run(2)
    first = settings.clock.event_day
    sold = -market.record.flows[0, first : first + 5, Flow.LIQUIDATOR] / settings.liquidator.size
    np.testing.assert_allclose(sold, [1 / 16, 3 / 16, 5 / 16, 7 / 16, 0], atol=1e-12)


def test_a_table_format_of_one_s_own_is_read_like_ours(plug, tmp_path):
    plug("tab_separated")
    rows = [("date", "close"), ("2007-01-02", "100"), ("2007-01-03", "98.5"), ("2007-01-04", "97")]
    for ending, mark in ((".csv", ","), (".tsv", "\t")):
        (tmp_path / f"index{ending}").write_text("\n".join(mark.join(row) for row in rows), encoding="utf-8")
    ours, own = (load_prices(tmp_path / f"index{ending}") for ending in (".csv", ".tsv"))
    pd.testing.assert_frame_equal(own, ours)
    assert own.shape[0] == 3


def test_a_mechanism_of_one_s_own_takes_its_part_in_an_explanation(plug, small):
    bare = {"impact.half_spread": 0.0, "index_sector.holding": 0.0}
    plain = explain(small, paths=3, overrides=bare)
    plug("common_books")
    found = explain(small, paths=3, overrides=bare)
    assert found.parts.keys() - plain.parts.keys() == {"common_books"}
    assert found.total == pytest.approx(sum(part.value for part in found.parts.values()))
    assert found.pnl == pytest.approx(plain.pnl)
    assert found.parts["common_books"].last_in != 0
    apart = explain(small, paths=3, overrides={**bare, "funds.crowding": 0.0})
    assert "common_books" in apart.off


def test_a_study_of_one_s_own_is_put_to_a_scenario(plug, small, tmp_path):
    plug("quiet_days")
    few, many = (conduct(parse_study(f"quiet_days:limit={limit}"), small, paths=5) for limit in (0.002, 0.02))
    table = many.tables()["quiet-days"]
    assert list(table["leverage"]) == [times * small.funds.leverage for times in (0.25, 0.5, 1)]
    assert (table["p10"] <= table["quiet"]).all()
    assert (few.tables()["quiet-days"]["quiet"] < table["quiet"]).all()
    index = run(small, paths=5, counterfactuals=False).daily.query("run == 'main'")["index"]
    assert table["quiet"].iloc[-1] == pytest.approx((index.abs() < 0.02).mean())
    with pytest.raises(InputError, match=r"study quiet_days: limit = 2\.0: must lie in"):
        parse_study("quiet_days:limit=2")
    save(many, tmp_path / "result")
    assert {path.name for path in (tmp_path / "result").iterdir()} == {"quiet-days.csv", "manifest.json"}
