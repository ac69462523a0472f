"""What to run: scenario files, ensembles with their twins, counterfactuals, targets, and results on disk."""

from scenarios.loading import load_scenario, parse_overrides, scenario_names
from scenarios.result import RunResult
from scenarios.run import run
from scenarios.schema import Scenario
from scenarios.store import load, save
from scenarios.targets import TargetResult

__all__ = [
    "RunResult",
    "Scenario",
    "TargetResult",
    "load",
    "load_scenario",
    "parse_overrides",
    "run",
    "save",
    "scenario_names",
]
