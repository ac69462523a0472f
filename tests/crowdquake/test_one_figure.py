"""A figure is one number: in the target, in the table, in the chart and in the pack."""

from __future__ import annotations

import pytest

import crowdquake
from crowdquake import charts
from crowdquake.charts.funds import KINDS
from crowdquake.charts.legs import both_legs_share
from crowdquake.report import make_pack
from scenarios import save, scenario_names
from scenarios.measures import LEGS

FIGURES = {
    "crowd_trough": lambda measure: f"{measure.kind}_fund_trough" if measure.kind else "fund_trough",
    "forced_share": lambda _: "forced_share",
}


OFTEN = ("quake-2007", "china-2024")  # the others take long, and have no figure that these have not


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=[] if name in OFTEN else pytest.mark.slow) for name in scenario_names()],
)
def found(request, tmp_path_factory):
    """A scenario's run on few paths, and the pack that is made of it."""
    run = crowdquake.run(request.param, paths=2, seed=2, counterfactuals=False)
    return run, make_pack([save(run, tmp_path_factory.mktemp("run") / "result")])


def told_in_pack(document, section, title):
    """A row of a table of the pack."""
    rows = [
        row
        for item in document.sections
        if item.name == section
        for part in item.parts
        if part.kind == "table"
        for row in part.rows
    ]
    return next(row for row in rows if row[0].startswith(title))


def test_targets_measure_the_key_figures(found):
    run, _ = found
    figures, horizon = run.summary()["figures"], run.scenario.clock.horizon
    of_run = {target.name: target for target in run.scenario.target if target.run == "main"}
    for result in run.targets:
        target = of_run.get(result.name)
        if target is None or target.against or target.minus_twin or target.reduce != "median":
            continue
        days = getattr(target.measure, "days", None)
        if target.measure.name in FIGURES and days in {None, horizon}:
            figure = figures[FIGURES[target.measure.name](target.measure)]["median"]
            assert result.measured == pytest.approx(target.scale * figure, rel=1e-12)


def test_both_legs_lose_in_one_share_of_paths(found):
    run, _ = found
    if not set(LEGS["both"]) <= set(run.daily):
        pytest.skip("no futures funds")
    for result in run.targets:
        if result.name == "funds.both_legs_lose":
            assert result.measured == both_legs_share(run)
    if run.daily[LEGS["futures"][0]].abs().max() > 0:
        assert f"in {100 * both_legs_share(run):.0f} % of paths" in charts.both_legs(run).get_suptitle().replace(
            "\n", " "
        ).replace("\u00a0", " ")


def test_charts_and_pack_say_what_the_table_says(found):
    run, document = found
    figures = run.summary()["figures"]
    loss = figures.get("desk_hedge_loss")
    if loss is not None and not run.hedges.empty:
        told = f"{100 * loss['median']:.1f} %"
        assert told in charts.hedge_desk(run).get_suptitle().replace("\u00a0", " ").replace("\n", " ")
        assert told_in_pack(document, "figures", "desk: largest loss")[1] == told.replace(" ", "\u00a0")
    kinds = [kind for kind in KINDS if f"{kind}_fund_trough" in figures]
    for name in [f"{kind}_fund_trough" for kind in kinds] or ["fund_trough"]:
        lowest = figures[name]["median"]
        if lowest is not None and run.scenario.large_fund.book == 0:
            shown = charts.fund_nav(run).get_suptitle().replace("\u00a0", " ")
            assert f"{-min(100 * lowest, 0.0):.1f} %" in shown
    trough = figures["fund_trough"]["median"]
    if trough is not None:
        assert told_in_pack(document, "figures", "median fund, lowest")[1] == f"{100 * trough + 0.0:.1f}\u00a0%"
    if run.manifest.get("desk"):
        chance = run.manifest["desk"]["main"]["call_probability"]
        assert document.front.answer[0].count(f"{100 * chance:.1f}\u00a0%") >= (chance > 0)
        assert figures["desk_margin_call"]["share"] == chance
