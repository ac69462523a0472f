"""What to run: scenario files, ensembles with their twins, counterfactuals, targets, studies, and results on disk."""

from scenarios.crowds import CrowdingResult
from scenarios.ensemble import Case, Size, simulate
from scenarios.holding import early_warning, nulls
from scenarios.loading import load_scenario, parse_overrides, scenario_names
from scenarios.reserves import Reserves
from scenarios.reserving import reserve
from scenarios.result import RunResult
from scenarios.reverse_stress import Breakpoint
from scenarios.schema import Scenario
from scenarios.store import load, save
from scenarios.studies import Found, Study, StudyResult, conduct
from scenarios.studies.breakpoint import breakpoint  # noqa: A004
from scenarios.studies.cliff import Cliff, cliff
from scenarios.studies.crowding import crowding
from scenarios.studies.domain import Soundness, soundness
from scenarios.studies.explain import Explanation, explain
from scenarios.studies.run import run
from scenarios.studies.sweep import sweep
from scenarios.studies.unwind import Unwinding, Unwindings, unwind
from scenarios.sweeping import Sweep, TaskFolder
from scenarios.targets import TargetResult

__all__ = [
    "Breakpoint",
    "Case",
    "Cliff",
    "CrowdingResult",
    "Explanation",
    "Found",
    "Reserves",
    "RunResult",
    "Scenario",
    "Size",
    "Soundness",
    "Study",
    "StudyResult",
    "Sweep",
    "TargetResult",
    "TaskFolder",
    "Unwinding",
    "Unwindings",
    "breakpoint",
    "cliff",
    "conduct",
    "crowding",
    "early_warning",
    "explain",
    "load",
    "load_scenario",
    "nulls",
    "parse_overrides",
    "reserve",
    "run",
    "save",
    "scenario_names",
    "simulate",
    "soundness",
    "sweep",
    "unwind",
]
