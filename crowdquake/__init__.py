"""Crowdquake: how crowding and forced deleveraging turn into hedge losses and margin calls.

>>> import crowdquake as cq
>>> run = cq.run("quake-2007", paths=200)
>>> run.daily, run.summary()
>>> cq.charts.cascade(run).savefig("cascade.png")

Studies (`run`, `reserve`, `hedge`, `explain`, `breakpoint`, `crowding`, `cliff`, `unwind`, `sweep`, `soundness`,
`nulls`, `early_warning`, `validate`, `replicate_report`) give results with `tables()` and `as_json()`; `save` and
`load` keep them on disk, `compare` sets two side by side, `pack` makes the committee's pack of folders, and `charts`
draws them. `dir(cq)` lists all there is.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from cqkit.showing import render_with

if TYPE_CHECKING:
    from cqkit.errors import InputError
    from crowdquake import charts
    from crowdquake.comparing import compare
    from crowdquake.report import pack
    from hedging import Comparison, ReserveStudy, Terms, hedge, hedge_reserve, replicate_report
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
        early_warning,
        explain,
        load,
        load_scenario,
        nulls,
        reserve,
        run,
        save,
        scenario_names,
        soundness,
        sweep,
        unwind,
    )
    from validation import validate

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
    "compare",
    "crowding",
    "early_warning",
    "explain",
    "hedge",
    "hedge_reserve",
    "load",
    "load_scenario",
    "nulls",
    "pack",
    "replicate_report",
    "reserve",
    "run",
    "save",
    "scenario_names",
    "soundness",
    "sweep",
    "unwind",
    "validate",
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
    "compare": "crowdquake.comparing",
    "crowding": "scenarios",
    "early_warning": "scenarios",
    "explain": "scenarios",
    "hedge": "hedging",
    "hedge_reserve": "hedging",
    "load": "scenarios",
    "load_scenario": "scenarios",
    "nulls": "scenarios",
    "pack": "crowdquake.report",
    "replicate_report": "hedging",
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
    "validate": "validation",
}


def __getattr__(name: str) -> Any:
    # Loaded on first use: `crowdquake --help` needs neither numba nor matplotlib.
    if name == "charts":
        return import_module("crowdquake.charts")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, "__doc__", "__version__"})


render_with(lambda result: str(import_module("crowdquake.notebook").html_of(result)))
