"""Fits: what they look at, what follows from a parameter, and that a known optimum is found."""

from __future__ import annotations

import importlib
import tomllib
from datetime import date
from pathlib import Path

import fit
import pytest
from fit import Fit, Parameter

from scenarios import load_scenario
from scenarios.loading import changed
from scenarios.schema import Target
from scenarios.targets import fitted_targets

FITS = sorted(path.stem for path in Path(fit.__file__).parent.glob("fit_*.py"))
INDEX = {"name": "daily", "column": "index", "on": date(2007, 8, 9)}


@pytest.fixture(params=FITS)
def its(request):
    return importlib.import_module(request.param).FIT


@pytest.fixture
def tiny(small):
    """A small market with what two parameters move, each its own, and a target that nobody may look at."""
    targets = [
        {"name": "trough", "kind": "history", "measure": {"name": "fund_trough", "days": 4}},
        {"name": "high", "kind": "history", "measure": INDEX, "reduce": "p90"},
        {"name": "low", "kind": "input", "measure": INDEX, "reduce": "p10"},
        {"name": "median", "kind": "held-out", "measure": INDEX},
        {"name": "twin", "kind": "context", "measure": INDEX, "run": "twin"},
    ]
    shared = {"low": -1.0, "high": 1.0, "history": 0.0, "statistic": ""}
    return small.model_copy(update={"target": tuple(Target.model_validate(shared | item) for item in targets)})


TWO = Fit("", (Parameter("impact.strength", 0.3, 3.0, log=True), Parameter("market.market_volatility", 0.002, 0.02)))


def test_no_fit_reads_what_is_held_out(its):
    scenario = load_scenario(its.scenario)
    read = fit.to_fit(its, scenario).target
    assert read
    assert {item.kind for item in read} <= {"history", "input", "design"}
    assert {item.name for item in read} | set(its.later) == {
        item.name for item in scenario.target if item in fitted_targets(scenario)
    }


def test_what_is_held_out_is_not_even_measured(tiny, monkeypatch):
    asked = []
    monkeypatch.setattr(fit, "measure_target", lambda target, _: asked.append(target.name) or 0.0)
    assert fit.measure(TWO, tiny, paths=2).keys() == {"trough", "high", "low"}
    assert asked == ["trough", "high", "low"]


def test_a_parameter_that_is_set_is_read_back_and_moves_no_other(its):
    scenario = load_scenario(its.scenario)
    before = fit.parameters(its, scenario)
    for item in its.free:
        value = item.at(0.3)
        after = fit.parameters(its, fit.with_parameters(its, scenario, {item.name: value}))
        assert after == pytest.approx(before | {item.name: value}, rel=1e-9)


def test_the_ranges_hold_what_the_scenario_has(its):
    scenario = load_scenario(its.scenario)
    for item in its.free:
        assert item.low <= item.now(scenario) <= item.high, item.name
        assert item.at(item.place(item.now(scenario))) == pytest.approx(item.now(scenario))


def test_the_lines_to_paste_say_what_was_changed(its):
    scenario = load_scenario(its.scenario)
    better = fit.with_parameters(its, scenario, {item.name: item.at(0.3) for item in its.free})
    table = tomllib.loads("\n".join(fit.toml_lines(scenario, better)))
    lists = {name: inner for name, inner in table.items() if isinstance(inner, list)}
    keys = {
        f"{section}.{key}": value
        for section, inner in table.items()
        if section not in lists
        for key, value in inner.items()
    }
    pasted = changed(scenario, keys | lists)
    assert fit.parameters(its, pasted) == pytest.approx(fit.parameters(its, better), rel=2e-3)


def test_further_off_scores_worse_and_a_range_of_our_own_draws_nobody_to_its_middle(tiny):
    known, wanted = tiny.target[0], tiny.target[0].model_copy(update={"history": None})
    assert [fit.distance(known, value) for value in (0.0, 0.5, 1.0, 2.0)] == [0.0, 0.5, 1.0, 2.0]
    assert [fit.distance(wanted, value) for value in (0.0, 0.5, 1.0, 2.0)] == [0.0, 0.0, 1.0, 3.0]
    assert fit.distance(known, float("nan")) == 10.0
    assert fit.score([known], {"trough": 0.4}) < fit.score([known], {"trough": 0.6})


@pytest.mark.slow
def test_a_search_finds_a_known_optimum(tiny):
    pytest.importorskip("cmaes", reason="needs the extra calib")
    truth = {"impact.strength": 1.0, "market.market_volatility": 0.008}
    found = fit.measure(TWO, fit.with_parameters(TWO, tiny, truth), paths=8)
    targets = [_aiming_at(item, found[item.name]) for item in tiny.target if item.name in found]
    known = tiny.model_copy(update={"target": tuple(targets)})
    start = fit.with_parameters(TWO, known, {"impact.strength": 2.0, "market.market_volatility": 0.004})
    result = fit.search(TWO, start, paths=8, seed=1, trials=240)
    assert result.trials >= 240
    assert result.score < 0.2 * result.before
    assert result.values == pytest.approx(truth, rel=0.1)


def _aiming_at(target: Target, value: float) -> Target:
    room = abs(value) / 2
    return target.model_copy(update={"history": value, "low": value - room, "high": value + room})


def test_a_response_goes_no_further_than_the_key_or_the_box_allows_and_says_so(tiny, monkeypatch, capsys):
    """funds.cut takes at most 1, and the box ends at the leverage that the scenario has."""
    axis = {"key": "funds.leverage", "values": [1.0, 4.0]}
    boxed = changed(tiny, {"funds.cut": 0.95, "funds.leverage": 4.0, "domain": {"axis": [axis]}})
    tried = []

    def measured(_fit, scenario, *_):
        tried.append((scenario.funds.cut, scenario.funds.leverage))
        return {item.name: 0.0 for item in fit.to_fit(TWO, scenario).target}

    monkeypatch.setattr(fit, "measure", measured)
    free = (Parameter("funds.cut", 0.9, 1.0), Parameter("funds.leverage", 3.0, 5.0))
    fit.response(Fit("", free), boxed, paths=2)
    moved = [pair for pair in tried if pair != (0.95, 4.0)]
    assert moved == [pytest.approx(pair) for pair in ((0.855, 4.0), (1.0, 4.0), (0.95, 3.6))]
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in told[-4:]] == [
        ["funds.cut", "-10.0%"],
        ["funds.cut", "+5.3%|"],
        ["funds.leverage", "-10.0%"],
        ["funds.leverage", "+0.0%|"],
    ]
