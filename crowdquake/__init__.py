"""Crowdquake: how crowding and forced deleveraging turn into hedge losses and margin calls.

>>> import crowdquake as cq
>>> run = cq.run("quake-2007", paths=200)
>>> run.daily, run.summary()
>>> cq.charts.cascade(run).savefig("cascade.png")
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cqkit.errors import InputError
    from crowdquake import charts
    from hedging import Comparison, ReserveStudy, Terms, hedge, hedge_reserve
    from scenarios import (
        Breakpoint,
        Cliff,
        CrowdingResult,
        Explanation,
        Reserves,
        RunResult,
        Scenario,
        Soundness,
        Sweep,
        TaskFolder,
        breakpoint,  # noqa: A004
        cliff,
        crowding,
        explain,
        load,
        load_scenario,
        reserve,
        run,
        save,
        scenario_names,
        soundness,
        sweep,
        unwind,
    )

__version__ = version("crowdquake")
__all__ = [
    "Breakpoint",
    "Cliff",
    "Comparison",
    "CrowdingResult",
    "Explanation",
    "InputError",
    "ReserveStudy",
    "Reserves",
    "RunResult",
    "Scenario",
    "Soundness",
    "Sweep",
    "TaskFolder",
    "Terms",
    "breakpoint",
    "charts",
    "cliff",
    "crowding",
    "explain",
    "hedge",
    "hedge_reserve",
    "load",
    "load_scenario",
    "reserve",
    "run",
    "save",
    "scenario_names",
    "soundness",
    "sweep",
    "unwind",
]

_HOMES = {
    "Breakpoint": "scenarios",
    "Cliff": "scenarios",
    "Comparison": "hedging",
    "CrowdingResult": "scenarios",
    "Explanation": "scenarios",
    "InputError": "cqkit.errors",
    "RunResult": "scenarios",
    "Scenario": "scenarios",
    "ReserveStudy": "hedging",
    "Reserves": "scenarios",
    "Terms": "hedging",
    "breakpoint": "scenarios",
    "cliff": "scenarios",
    "crowding": "scenarios",
    "explain": "scenarios",
    "hedge": "hedging",
    "hedge_reserve": "hedging",
    "load": "scenarios",
    "load_scenario": "scenarios",
    "reserve": "scenarios",
    "run": "scenarios",
    "save": "crowdquake.saving",
    "scenario_names": "scenarios",
    "soundness": "scenarios",
    "Soundness": "scenarios",
    "Sweep": "scenarios",
    "TaskFolder": "scenarios",
    "sweep": "scenarios",
    "unwind": "scenarios",
}


def __getattr__(name: str) -> Any:
    # Loaded on first use: `crowdquake --help` needs neither numba nor matplotlib.
    if name == "charts":
        return import_module("crowdquake.charts")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
