"""Run a scenario: the ensemble, its twin without the liquidator, counterfactuals and sensitivities, on one noise."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from abm import DailyRecord, Market, Settings, available_workers, run_together
from cqkit.errors import raise_faults
from hedging import HedgeResult
from scenarios.loading import apply, load_scenario
from scenarios.measures import Outcome
from scenarios.result import RunResult, build_result
from scenarios.schema import Scenario
from scenarios.targets import Runs

# Counterfactuals are held against wide bounds, and a sensitivity is a shift between paired paths: fewer paths do.
VARIANT_PATHS = 200
# Paths simulated at a time: bounds the memory of a large ensemble.
BLOCK = 400
MAX_PATHS = 1_000_000

Progress = Callable[[float], None]
_Role = Literal["run", "twin of", "sensitivity"]  # in the order of the fields of `Runs`


@dataclass
class _Job:
    """One market to simulate: how many paths of it, and what came of the blocks so far."""

    settings: Settings
    paths: int
    records: list[DailyRecord] = field(default_factory=list)
    desks: list[HedgeResult] = field(default_factory=list)

    def open(self, seed: int, first: int, block: int) -> Market | None:
        count = min(self.paths - first, block)
        return Market(self.settings, seed, count, first) if count > 0 else None

    def take(self, market: Market) -> None:
        self.records.append(market.record)
        if market.desk_result is not None:
            self.desks.append(market.desk_result)

    def outcome(self) -> Outcome:
        desk = HedgeResult.concatenate(self.desks) if self.desks else None
        return Outcome(self.settings, DailyRecord.concatenate(self.records), desk)


def run(
    scenario: str | Path | Scenario,
    *,
    paths: int = 300,
    seed: int = 1,
    overrides: Mapping[str, Any] | None = None,
    counterfactuals: bool = True,
    workers: int | None = None,
    progress: Progress | None = None,
) -> RunResult:
    """Simulate a scenario and its twin; hold it against its targets.

    Parameters
    ----------
    scenario
        A name (`crowdquake scenarios` lists them), a TOML file, or a loaded scenario.
    paths
        Histories simulated; counterfactuals and sensitivities take at most the first 200 of them.
    seed
        Equal scenario, seed and versions give equal results, whatever the number of workers.
    overrides
        Keys set to other values, as `{"funds.crowding": 0.5}`.
    counterfactuals
        Whether to run the scenario's counterfactuals and sensitivities too.
    workers
        Threads; default: all cores.
    progress
        Told the share of the work done, 0..1.

    Raises
    ------
    InputError
        With a line for every fault in the scenario or the arguments.
    """
    check_arguments(paths, seed, workers)
    checked = load_scenario(scenario, overrides)
    started = time.perf_counter()
    jobs = _jobs(checked, paths, counterfactuals)
    _simulate(list(jobs.values()), paths, seed, workers or available_workers(), progress)
    outcomes = {key: job.outcome() for key, job in jobs.items()}
    runs = Runs(
        *({name: outcome for (kind, name), outcome in outcomes.items() if kind == role} for role in get_args(_Role))
    )
    return build_result(checked, runs, seed, time.perf_counter() - started, overrides or {})


def without_liquidator(scenario: Scenario) -> Settings:
    """The twin's settings: everything the same, and nobody has to liquidate; a large fund holds what it has."""
    nobody = {
        "liquidator": scenario.liquidator.model_copy(update={"size": 0.0}),
        "large_fund": scenario.large_fund.model_copy(update={"sells": False, "unwinds": None}),
    }
    return scenario.settings.model_copy(update=nobody)


def _jobs(scenario: Scenario, paths: int, counterfactuals: bool) -> dict[tuple[_Role, str], _Job]:
    jobs: dict[tuple[_Role, str], _Job] = {
        ("run", "main"): _Job(scenario.settings, paths),
        ("run", "twin"): _Job(without_liquidator(scenario), paths),
    }
    if not counterfactuals:
        return jobs
    few = min(paths, VARIANT_PATHS)
    for variant in scenario.counterfactual:
        altered = apply(scenario, variant)
        jobs["run", variant.name] = _Job(altered.settings, few)
        if variant.twin:
            jobs["twin of", variant.name] = _Job(without_liquidator(altered), few)
    for variant in scenario.sensitivity:
        jobs["sensitivity", variant.name] = _Job(apply(scenario, variant).settings, few)
    return jobs


def _simulate(jobs: list[_Job], paths: int, seed: int, workers: int, progress: Progress | None) -> None:
    """Simulate block after block of paths; within a block, markets that can share noise trade together."""
    total = sum(job.paths * job.settings.clock.days for job in jobs)
    done = 0

    def advance(path_days: int) -> None:
        nonlocal done
        done += path_days
        if progress is not None:
            progress(done / total)

    for first in range(0, paths, BLOCK):
        for group in _sharing_noise(jobs):
            markets = [(job, market) for job in group if (market := job.open(seed, first, BLOCK)) is not None]
            if markets:
                run_together([market for _, market in markets], workers, advance)
            for job, market in markets:
                job.take(market)


def _sharing_noise(jobs: list[_Job]) -> list[list[_Job]]:
    groups: dict[tuple[int, int, int], list[_Job]] = {}
    for job in jobs:
        stocks = job.settings.market
        groups.setdefault((job.settings.clock.bars, stocks.factors, stocks.stocks), []).append(job)
    return list(groups.values())


def check_arguments(paths: int, seed: int, workers: int | None) -> None:
    """Refuse what cannot be run, with a line for every fault."""
    faults = []
    if not 1 <= paths <= MAX_PATHS:
        faults.append(f"paths = {paths}: must lie in 1..{MAX_PATHS}")
    if not 0 <= seed < 2**63:
        faults.append(f"seed = {seed}: must be a whole number from 0 to 2^63 - 1")
    if workers is not None and not 1 <= workers <= 1024:
        faults.append(f"workers = {workers}: must lie in 1..1024")
    raise_faults(faults)
