"""What to run: scenario files, ensembles with their twins, counterfactuals, targets, and results on disk."""

from scenarios.cliff import Cliff, cliff
from scenarios.explain import Explanation, explain
from scenarios.loading import load_scenario, parse_overrides, scenario_names
from scenarios.result import RunResult
from scenarios.run import run
from scenarios.schema import Scenario
from scenarios.store import load, save
from scenarios.targets import TargetResult

__all__ = [
    "Cliff",
    "Explanation",
    "RunResult",
    "Scenario",
    "TargetResult",
    "cliff",
    "explain",
    "load",
    "load_scenario",
    "parse_overrides",
    "run",
    "save",
    "scenario_names",
]
