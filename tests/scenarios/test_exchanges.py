"""Exchanges by name: what they fill in, what a scenario says itself, and a long daily history under their rules."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from abm import Market
from cqkit.errors import InputError
from scenarios import load_scenario
from scenarios.exchanges import exchange_names, rules_of
from scenarios.loading import changed

OWN = """title = "My market"
exchange = "{exchange}"
{more}
"""


def written(folder: Path, exchange: str, more: str = "") -> Path:
    path = folder / "mine.toml"
    path.write_text(OWN.format(exchange=exchange, more=more))
    return path


def test_an_exchange_fills_what_a_scenario_leaves_out_and_what_it_says_itself_wins(tmp_path):
    scenario = load_scenario(written(tmp_path, "china", "[market]\nprice_limit = 0.05"))
    assert scenario.market.price_limit == 0.05
    assert (scenario.market.wide_limit, scenario.futures.price_limit) == (0.2, 0.1)
    assert (scenario.futures_funds.broker_closes, scenario.futures_funds.transfer_days) == ("futures", 1.0)
    free = load_scenario(written(tmp_path, ""))
    assert not free.has_exchange
    assert changed(scenario, {"market.price_limit": 0.0}).market.price_limit == 0


@pytest.mark.parametrize("name", exchange_names())
def test_every_exchange_loads_and_a_command_line_can_name_it(name, tmp_path):
    told = {f"{section}.{key}" for section, table in rules_of(name, "").items() for key in table}
    scenario = load_scenario("china-2024", {"exchange": name})
    assert scenario.exchange == name
    assert scenario.has_exchange
    by_file = load_scenario(written(tmp_path, name))
    for key in told:
        section, _, last = key.partition(".")
        assert getattr(getattr(by_file, section), last) == rules_of(name, "")[section][last]


def test_an_unknown_exchange_is_a_fault_that_says_which_there_are(tmp_path):
    with pytest.raises(
        InputError, match=r"exchange = 'chna': unknown exchange; did you mean china\? \(allowed: china, us"
    ):
        load_scenario(written(tmp_path, "chna"))
    with pytest.raises(InputError, match=r"exchange = 'us': must be set where the scenario is loaded"):
        changed(load_scenario(written(tmp_path, "china")), {"exchange": "us"})


def test_a_counterfactual_can_take_all_halts_away(tmp_path):
    more = """
[[halt]]
date = 2007-08-06
share = 0.4

[[counterfactual]]
name = "no_outage"
set = { "halt" = [] }
"""
    scenario = load_scenario(written(tmp_path, "china", more))
    assert len(scenario.halt) == 1
    assert scenario.counterfactual[0].set == {"halt": ()}
    assert changed(scenario, scenario.counterfactual[0].set).halt == ()


@pytest.mark.slow
def test_two_years_of_daily_history_under_the_rules_run_without_a_fault():
    overrides = {"exchange": "china", "clock.days": 500, "market.stocks": 100, "funds.count": 40, "target": []}
    scenario = load_scenario("china-2024", {**overrides, "counterfactual": [], "sensitivity": []})
    settings = scenario.settings.model_copy(update={"news": ()})
    market = Market(settings, seed=1, paths=4)
    record = market.run(1)
    assert record.ledger_residual.max() < 1e-9
    assert np.isfinite(record["index"]).all()
    assert 0 < record["locked_share"].mean() < 0.1
