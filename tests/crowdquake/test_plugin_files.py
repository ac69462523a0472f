"""`--plugin FILE`: parts of the user's own from the command line, and what is said of files that are wrong."""

from __future__ import annotations

import hashlib
import json

import pytest
from forked import crowdquake

# A part of each kind that is registered by a name; the chart and the command come with the command line.
PARTS = '''\
"""Parts of my own."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

import pandas as pd

from abm import inhabitants, laws, schedules
from abm.columns import declare
from abm.inhabitants.base import OwnInhabitant
from abm.sections.base import Section
from crowdquake.charts import chart, style
from hedging import HedgePolicy, HedgeView, register, register_indicator
from scenarios import Case, Found, RunResult, Study, measures, studies
from scenarios.attribution import mechanisms

print("what a file prints is no answer")


@register
@dataclass(frozen=True)
class HalfHedge(HedgePolicy):
    """Short a share of the stock."""

    name: ClassVar[str] = "half"
    share: float = 0.5

    def contracts(self, view: HedgeView) -> np.ndarray:
        return self.share * view.stock_contracts


@register_indicator("always")
def always(prices, days: int = 2):
    """On at every close."""
    return np.ones(prices.close.shape, dtype=bool)


@laws.register("logarithmic")
def logarithmic(rate, impact):
    """Grows with the logarithm of the rate."""
    return math.copysign(math.log1p(abs(rate)), rate)


@schedules.register("at_once")
class AtOnce(schedules.Schedule):
    """All in the first bar."""

    def remaining(self, elapsed):
        return (elapsed <= 0).astype(float)


class DreamerSection(Section):
    """Of somebody who does nothing."""

    depth: float = 2.0


@inhabitants.base.register
class Dreamer(OwnInhabitant):
    """Does nothing."""

    name = "dreamer"
    section = DreamerSection


declare("mean_price", "money", "mean price of all stocks", read=lambda market: market.state.stocks.price.mean(axis=1))


@measures.register
class WorstIndex(measures.Measure):
    """Lowest return of the index on any day."""

    name = "worst_index"

    def values(self, outcome):
        return outcome.record["index"].min(axis=1)


@mechanisms.register
class NoMechanism(mechanisms.Mechanism):
    """One that is never on."""

    name, title = "nothing", "Nothing at all"

    def is_on(self, settings):
        return False

    def off(self, settings):
        return settings


@studies.register
@dataclass(frozen=True)
class Halves(Study):
    """The index in a market of half as much impact."""

    name: ClassVar[str] = "halves"
    share: float = 0.5

    def cases(self, scenario, paths, seed):
        impact = scenario.settings.impact
        weaker = impact.model_copy(update={"strength": self.share * impact.strength})
        return {
            "as it is": Case(scenario.settings),
            "weaker": Case(scenario.settings.model_copy(update={"impact": weaker})),
        }

    def read(self, key, market):
        return market.record["index"].sum(axis=1)

    def tables(self, found: Found):
        rows = [{"case": key, "index": float(np.concatenate(parts).mean())} for key, parts in found.readings.items()]
        return {"halves": pd.DataFrame(rows)}


@chart(RunResult, name="my-chart")
def my_chart(run):
    """The index, day by day."""
    figure, (axes,) = style.new_figure()
    axes.plot(style.band(run, "index")["q50"])
    return style.finish(figure, "The index has a chart of its own", [style.provenance(run)])
'''


GREETING = '''\
"""A command of my own."""

from typing import Annotated

import typer

from crowdquake.commands import command
from crowdquake.commands.base import Json, print_json

print("what a file prints is no answer")


@command("greet")
def greet(name: Annotated[str, typer.Argument()] = "you", as_json: Json = False) -> None:
    """Greet somebody."""
    if as_json:
        print_json({"name": name})
    else:
        print(f"Hello {name}")
'''


@pytest.fixture
def parts(tmp_path):
    path = tmp_path / "my.py"
    path.write_text(PARTS, encoding="utf-8")
    return path


@pytest.fixture
def greeting(tmp_path):
    path = tmp_path / "greeting.py"
    path.write_text(GREETING, encoding="utf-8")
    return path


def answer(*words):
    done = crowdquake(*words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_a_scenario_asks_for_parts_of_one_s_own_by_name_and_a_run_has_one_s_own_chart(parts, small_file, tmp_path):
    words = ("run", small_file, "--paths", 2, "--no-counterfactuals", "--set", "desk.policy=half", "--json")
    found = answer(*words, "--out", tmp_path / "result", "--plugin", parts)
    usual = answer(*words[:5], "--json")
    assert found["summary"] != usual["summary"]
    digest = hashlib.sha256(parts.read_bytes()).hexdigest()
    assert found["manifest"]["plugins"] == [{"file": "my.py", "sha256": digest}]
    assert usual["manifest"]["plugins"] == []
    assert found["manifest"]["overrides"] == {"desk.policy": "half"}
    drawn = (tmp_path / "result" / "my-chart.svg").read_text(encoding="utf-8")
    assert "The index has a chart of its own" in drawn


def test_a_study_of_one_s_own_is_put_to_a_scenario_and_saved(parts, small_file, tmp_path):
    words = ("study", "halves:share=0.25", small_file, "--paths", 3, "--seed", 7, "--json")
    found = answer(*words, "--out", tmp_path / "result", "--plugin", parts)
    assert [row["case"] for row in found["halves"]] == ["as it is", "weaker"]
    assert found["halves"][0]["index"] != found["halves"][1]["index"]
    assert (found["manifest"]["paths"], found["manifest"]["seed"]) == (3, 7)
    assert {path.name for path in (tmp_path / "result").iterdir()} == {"halves.csv", "manifest.json"}


def test_a_measure_and_a_column_of_one_s_own_are_targets(parts, small_text, tmp_path):
    own = small_text.replace('measure = { name = "fund_trough", days = 4 }', 'measure = { name = "worst_index" }')
    own = own.replace('column = "khandani_lo"', 'column = "mean_price"')
    (tmp_path / "own.toml").write_text(own, encoding="utf-8")
    found = answer("run", tmp_path / "own.toml", "--paths", 2, "--no-counterfactuals", "--json", "--plugin", parts)
    measured = {target["name"]: target["measured"] for target in found["targets"]}
    assert measured["trough"] < 0
    assert measured["tuesday"] > 0


def test_a_policy_and_an_indicator_of_one_s_own_hedge_a_series(parts, tmp_path):
    index = tmp_path / "prices.csv"
    index.write_text("date,close\n2007-01-02,100\n2007-01-03,110\n2007-01-04,120\n")
    asked = ("--policy", "half:share=0.25", "--policy", "timing:indicator=always,days=1")
    words = ("hedge", "--index", index, "--start", "2007-01-02", "--end", "2007-01-04", *asked, "--json")
    found = answer(*words, f"--plugin={parts}")["policies"]
    assert list(found) == ["half:share=0.25", "timing:indicator=always,days=1"]
    without = crowdquake(*words)
    assert (without.returncode, without.stdout) == (2, "")
    assert "half" in without.stderr


@pytest.mark.parametrize("place", ["before", "after"])
def test_a_command_of_one_s_own_is_found_wherever_its_file_is_named(greeting, place):
    words = ("greet", "me", "--json")
    found = answer("--plugin", greeting, *words) if place == "before" else answer(*words, "--plugin", greeting)
    assert found == {"name": "me"}
    assert "Greet somebody." in crowdquake("--plugin", greeting, "--help").stdout
    unknown = crowdquake("greet", "me")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert unknown.stderr.startswith("error: No such command 'greet'")


def test_all_that_goes_by_name_is_listed_with_whose_it_is(command):
    ours = answer("plugins", "--json")
    kinds = {"command", "chart", "policy", "indicator", "volatility", "return model", "path model", "table format"}
    kinds |= {"impact law", "schedule", "inhabitant", "daily column", "measure", "mechanism", "study", "section"}
    assert kinds <= set(ours)
    assert all(item["from"] == "crowdquake" for items in ours.values() for item in items.values())
    assert all(item["about"] for items in ours.values() for item in items.values())
    assert ours["policy"]["timing"]["parameters"] == {"indicator": "ema_both", "size": "fixed"}
    assert ours["command"]["run"]["parameters"]["--paths"] == 300
    assert {"--set", "--seed", "--out"} <= set(ours["command"]["run"]["parameters"])
    told = command("plugins").out
    assert all(word in told for word in ("minimum-variance", "window=60", "khandani-lo", "hedge-reserve"))


def test_the_list_tells_the_user_s_own_parts(parts, greeting):
    found = answer("plugins", "--json", "--plugin", parts, "--plugin", greeting)
    own = {(kind, name): item["from"] for kind, items in found.items() for name, item in items.items()}
    own = {key: file for key, file in own.items() if file != "crowdquake"}
    assert (
        own.items()
        >= {
            ("policy", "half"): "my.py",
            ("indicator", "always"): "my.py",
            ("impact law", "logarithmic"): "my.py",
            ("schedule", "at_once"): "my.py",
            ("measure", "worst_index"): "my.py",
            ("mechanism", "nothing"): "my.py",
            ("study", "halves"): "my.py",
            ("inhabitant", "dreamer"): "my.py",
            ("daily column", "mean_price"): "my.py",
            ("chart", "my-chart"): "my.py",
            ("command", "greet"): "greeting.py",
        }.items()
    )
    assert found["inhabitant"]["dreamer"]["parameters"] == {"depth": 2.0}
    assert found["daily column"]["mean_price"]["about"] == "mean price of all stocks"
    assert found["policy"]["half"] == {
        "about": "Short a share of the stock.",
        "parameters": {"share": 0.5},
        "from": "my.py",
    }


WRONG = {
    "no such file": (None, "none.py: no such file: must be a Python file"),
    "a syntax error": ("x = 1\ndef f(:\n", "my.py: line 2: not Python: invalid syntax"),
    "an error": ("x = 1\n\ny = x / 0\n", "my.py: line 3: ZeroDivisionError: division by zero"),
    "an error further in": ("def f():\n    raise KeyError('k')\nf()\n", "my.py: line 2: KeyError: 'k'"),
    "a missing module": ("import nothing_of_the_kind\n", "my.py: line 1: ModuleNotFoundError: No module named"),
    "a taken name": (
        "from hedging import register_indicator\n@register_indicator('macd')\ndef mine(prices):\n    return prices\n",
        "my.py: line 2: indicator macd: is registered already: choose another name",
    ),
    "a taken chart": (
        "from crowdquake.charts import chart\n@chart(int, name='cascade')\ndef mine(found):\n    return found\n",
        "my.py: line 2: chart cascade: is registered already: choose another name",
    ),
    "a taken command": (
        "from crowdquake.commands import command\n@command('run')\ndef mine():\n    return None\n",
        "my.py: line 2: command run: is registered already: choose another name",
    ),
    "a program": ("import sys\nsys.exit(3)\n", "my.py: line 2: leaves the program: must only register"),
    "not text": ("x = '\udcff'\n", "my.py: "),
    "a zero byte": ("x = 1\0\n", "my.py: "),
}


@pytest.mark.parametrize(("text", "told"), WRONG.values(), ids=WRONG)
def test_a_file_that_is_wrong_is_one_line_with_the_place(command, tmp_path, monkeypatch, text, told):
    monkeypatch.chdir(tmp_path)
    if text is not None:
        (tmp_path / "my.py").write_text(text, encoding="utf-8", errors="surrogateescape")
    found = command("scenarios", "--plugin", "none.py" if text is None else "my.py")
    assert (found.code, found.out) == (2, "")
    assert found.err.startswith(f"error: {told}")
    assert len(found.err.splitlines()) == 1


def test_a_folder_is_no_plugin_and_a_file_must_be_named(command, tmp_path):
    assert "is a folder: must be a Python file" in command("scenarios", "--plugin", tmp_path).err
    found = command("scenarios", "--plugin")
    assert (found.code, found.out) == (2, "")
    assert "--plugin" in found.err
