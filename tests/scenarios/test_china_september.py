"""September 2024: what is put in, what was predicted before anything was fitted, and what is met."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from abm.index_path import dated_moves
from scenarios import load_scenario, run
from scenarios.loading import apply

SEPTEMBER = "china-2024-09"
# Shown as missed; docs/china-2024-09.md says why.
MISSED = {
    "futures.basis_2024-09-27",
    "futures.basis_2024-09-30",
    "futures.basis_2024-10-08",
    "funds.regained_by_8_october",
    "funds.calls_30_over_27_september",
    "funds.forced_less_than_in_february",
    "counterfactual.reserve_30_forced",
    "counterfactual.both_legs_basis",
}
ON_THE_EDGE = {"counterfactual.no_outage_calls"}  # 0.91 where 0.9 is allowed


def test_the_news_of_september_is_what_the_indices_did(real_data):
    closes = pd.read_csv(real_data / "china-2024-09.csv", index_col="date")
    moves = np.log(closes[["CSI300_close", "CSI500_close", "CSI1000_close"]]).diff()
    real = {"index": moves.iloc[:, 1:].mean(axis=1), "large_caps": moves.iloc[:, 0]}
    scenario = load_scenario(SEPTEMBER)
    put_in = pd.DataFrame(dated_moves(scenario.settings), columns=["market", "index", "small_caps", "large_caps"])
    put_in.index = scenario.clock.dates.astype(str)
    days = [str(item.date) for item in scenario.news]
    for name, series in real.items():
        told = put_in["market"] + put_in[name]
        np.testing.assert_allclose(told[days], series[days], atol=2e-4, err_msg=name)


def test_the_crowd_is_that_of_february_but_for_what_a_fact_says():
    ours, february = (load_scenario(name).settings.model_dump(mode="json") for name in (SEPTEMBER, "china-2024"))
    changed = {
        part: {key for key in ours[part] if ours[part][key] != february[part][key]}
        for part in ("funds", "futures_funds")
    }
    rules = {"broker_closes", "top_up_days", "transfer_days"}
    assert changed == {
        "funds": {"leverage", "capital"},
        "futures_funds": {"swap_share", "deposit", "deposit_floor"} | rules,
    }


def test_the_blind_run_differs_by_what_was_fitted_alone():
    scenario = load_scenario(SEPTEMBER)
    (blind,) = (item for item in scenario.counterfactual if item.name == "blind")
    assert blind.set == {"futures.diverted": 0.3}
    ours, before = (one.settings.model_dump() for one in (scenario, apply(scenario, blind)))
    ours["futures"]["diverted"] = 0.3
    assert ours == before
    held = {item.name: item for item in scenario.target}
    for name, item in held.items():
        if item.kind == "history":
            other = held[f"blind.{name}"]
            assert (other.low, other.high, other.measure, other.run) == (item.low, item.high, item.measure, "blind")


@pytest.mark.slow
def test_of_september_2024_the_funds_loss_is_met_and_its_premium_and_forced_sales_are_missed():
    found = {item.name: item for item in run(SEPTEMBER, paths=30, seed=1).targets}
    missed = {name for name, item in found.items() if not item.met and item.kind not in ("context",)}
    assert missed - ON_THE_EDGE == MISSED
    assert found["blind.funds.cash_trough"].measured > found["funds.cash_trough"].measured
