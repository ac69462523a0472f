"""1998 against its targets, its reference figures, and what it shares with August 2007."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

import numpy as np
import pytest

from scenarios import load_scenario, run
from scenarios.loading import apply

STORED = Path(__file__).parent / "reference" / "ltcm-1998.json"
COLUMNS = (
    "large_fund_equity",
    "large_fund_haircut",
    "crowd_equity",
    "predators_book",
    "makers_capacity",
    "flow_forced",
)
# Each mechanism, the counterfactual that turns it off, and what it must not be then.
MECHANISMS = {
    "capital returned": "capital_not_returned",
    "an early seller": "no_early_seller",
    "news": "no_news",
    "haircuts": "constant_haircuts",
    "the fund's own sales": "fund_holds",
    "other desks": "no_crowd",
    "predators": "no_predators",
    "market makers' losses": "steady_makers",
    "square-root impact": "linear_impact",
    "rescue and orderly unwinding": "fire_sale",
}


@pytest.mark.slow
def test_every_target_of_1998_is_met():
    found = run("ltcm-1998", paths=200, seed=1)
    assert len(found.targets) == len(found.scenario.target)
    missed = [f"{item.name}: {item.measured} not in {item.low}..{item.high}" for item in found.targets if not item.met]
    assert not missed, "\n".join(missed)
    assert found.manifest["ledger_residual"] < 1e-9


def test_the_targets_are_those_that_were_agreed(real_data):
    path = real_data.parent / "targets" / "ltcm-1998.toml"
    if not path.is_file():
        pytest.skip(f"the agreed targets are not here: {path}")
    agreed = tomllib.loads(path.read_text(encoding="utf-8"))["target"]
    wanted = {item["name"]: (item["low"], item["high"], item["kind"], item.get("history")) for item in agreed}
    ours = {item.name: (item.low, item.high, item.kind, item.history) for item in load_scenario("ltcm-1998").target}
    assert ours == wanted


def test_one_market_two_histories():
    assert load_scenario("ltcm-1998").impact == load_scenario("quake-2007").impact


@pytest.mark.parametrize("name", MECHANISMS.values(), ids=MECHANISMS.keys())
def test_every_mechanism_is_turned_off_by_a_counterfactual(name):
    scenario = load_scenario("ltcm-1998")
    variant = next(item for item in scenario.counterfactual if item.name == name)
    assert apply(scenario, variant).settings != scenario.settings


def test_ltcm_1998_gives_its_stored_figures():
    """To renew: CROWDQUAKE_RENEW=1 python -m pytest tests/scenarios/test_ltcm_1998.py."""
    found = run("ltcm-1998", paths=4, seed=1, counterfactuals=False)
    main = found.daily[found.daily["run"] == "main"]
    weeks = main[main["date"].isin(["1998-06-30", "1998-08-21", "1998-08-31", "1998-09-22", "1998-10-15"])]
    figures = {name: weeks.groupby("day")[name].mean().tolist() for name in COLUMNS}
    if os.environ.get("CROWDQUAKE_RENEW"):
        STORED.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    for name in COLUMNS:
        np.testing.assert_allclose(figures[name], stored[name], rtol=1e-9, atol=1e-12, err_msg=name)
