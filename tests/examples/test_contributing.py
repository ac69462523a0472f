"""The code in CONTRIBUTING.md, loaded as a user's plug-in, does what the page says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from last_bar import trade_a_day_under

from abm import Flow, Market, check_law
from crowdquake import charts
from hedging import load_prices, make_policy
from scenarios import conduct, explain, load_scenario, run
from scenarios.studies import parse_study
from validation import ROWS, Trial
from validation.board import judge

HOUSE = Path(__file__).parents[2]
TEXT = (HOUSE / "CONTRIBUTING.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module", autouse=True)
def parts(plug_for_all, tmp_path_factory):
    """All code of the page in one file, plugged in."""
    path = tmp_path_factory.mktemp("parts") / "parts.py"
    path.write_text("\n\n".join(re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL)), encoding="utf-8")
    return plug_for_all(path)


def test_every_kind_of_part_has_code():
    kinds = re.findall(r"^\| \[[^]]+\]\(#([a-z-]+)\)", TEXT, flags=re.MULTILINE)
    sections = dict(re.findall(r"^### ([^\n]+)\n(.*?)(?=^##)", TEXT, flags=re.MULTILINE | re.DOTALL))
    anchors = {re.sub(r"[^a-z -]", "", title.lower()).replace(" ", "-"): text for title, text in sections.items()}
    assert len(kinds) == 12
    assert anchors.keys() == set(kinds)
    assert all(text.count("```python") == 1 for text in anchors.values())


def pages():
    texts = (HOUSE / "README.md", HOUSE / "CONTRIBUTING.md", *HOUSE.glob("examples/*.md"), *HOUSE.glob("docs/*.md"))
    return [(path, path.read_text(encoding="utf-8")) for path in texts]


def test_what_pages_link_to_and_speak_of_is_there():
    for page, text in pages():
        linked = {page.parent / link for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)}
        packages = "abm|cqkit|crowdquake|docs|examples|hedging|scenarios|tests|validation"
        named = {HOUSE / path for path in re.findall(rf"`((?:{packages})/[\w/.-]*)`", text)}
        assert {str(path) for path in linked | named if not path.exists()} == set(), page.name


def test_the_architecture_names_every_folder():
    told = (HOUSE / "docs" / "architecture.md").read_text(encoding="utf-8")
    packages = [HOUSE / name for name in ("abm", "cqkit", "crowdquake", "hedging", "scenarios", "validation")]
    folders = {path.parent.name for package in packages for path in package.glob("*/__init__.py")}
    assert {folder for folder in folders if f"`{folder}/`" not in told} == set()


@pytest.mark.slow
def test_the_law_pays_for_no_round_trip():
    check_law("steep")


@pytest.mark.slow
def test_a_market_takes_the_law_the_schedule_and_the_inhabitant(small):
    asked = {"impact.law": "steep", "liquidator.schedule": "halving", "liquidator.starts": 0.0}
    settings = load_scenario(small, {**asked, "liquidator.days": 3, "bargain_hunter.size": 0.02}).settings
    market = Market(settings, seed=3, paths=2)
    first = settings.clock.event_day
    for _ in range(first):
        market.step(2)
    trade_a_day_under(lambda rates: np.sign(rates) * np.abs(rates) ** 0.6, market)
    market.run(2)
    assert market.record.ledger_residual.max() < 1e-12
    sold = -market.record.flows[:, first : first + 4, Flow.LIQUIDATOR] / settings.liquidator.size
    np.testing.assert_allclose(sold, [[0.5, 0.25, 0.25, 0]] * 2, atol=1e-12)
    falls = (market.record["crowded_book"] < 0).sum(axis=1)
    np.testing.assert_allclose(market.inhabitants["bargain_hunter"].state.units, 0.02 * falls)
    assert np.ptp(market.record["price_spread"]) > 0


def test_a_target_reads_the_measure_and_a_chart_draws_the_run(small, tmp_path):
    target = {"name": "spread", "kind": "design", "low": -1, "high": 1, "statistic": "median"}
    target["measure"] = {"name": "spread_rise", "days": 3}
    found = run(small, paths=3, overrides={"target": [target]}, counterfactuals=False)
    table = found.daily[found.daily["run"] == "main"].pivot_table(index="path", columns="day", values="price_spread")
    event = found.scenario.clock.event_day
    assert found.targets[0].measured == pytest.approx((table[event + 2] - table[event - 1]).median())
    (own,) = (item for item in charts.of(found) if item.name == "mispricing")
    assert charts.save(own.draw(found), tmp_path, own.name)[0].is_file()


def test_a_policy_and_an_indicator_go_by_name():
    assert make_policy("share", share="0.8").share == 0.8
    assert make_policy("timing", indicator="below_start", gap="0.1").indicator.parameters == (("gap", 0.1),)


def test_an_explanation_has_the_mechanism_and_a_scenario_is_studied(small):
    found = explain(small, paths=2, orders=4)
    assert found.total == pytest.approx(sum(part.value for part in found.parts.values()))
    assert found.parts["intraday"].title == "Margin calls within the day"
    lowest = conduct(parse_study("without_own_rule"), small, paths=3).tables()["lowest"]
    assert list(lowest) == ["path", "on", "off"]
    assert (lowest["on"] != lowest["off"]).any()


def test_the_board_has_the_row():
    found = judge(ROWS["half_in_half_the_time"], Trial(fast=True))
    assert found.verdict == "reproduced"


def test_a_command_answers_and_a_format_is_read(command, small_file, tmp_path):
    dates = json.loads(command("days", small_file, "--json").out)["days"]
    assert len(dates) == 12
    for ending, mark in ((".csv", ","), (".psv", "|")):
        (tmp_path / f"index{ending}").write_text(f"date{mark}close\n2007-01-02{mark}100\n2007-01-03{mark}98.5\n")
    csv, psv = (load_prices(tmp_path / f"index{ending}") for ending in (".csv", ".psv"))
    pd.testing.assert_frame_equal(psv, csv)
