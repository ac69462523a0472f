"""What rows are run with: paths, seed, what is set otherwise; ensembles are simulated once for all of them."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from abm.settings import Impact
from cqkit.arrays import FloatArray
from cqkit.errors import InputError
from cqkit.statistics import bootstrap
from scenarios import Case, Scenario, load_scenario, scenario_names, simulate
from scenarios.ensemble import Read
from scenarios.measures import Outcome
from scenarios.studies.run import RunStudy, gather
from scenarios.targets import Runs, TargetResult, evaluate_targets
from validation.figures import Figure
from validation.row import EVIDENCE, CannotBeExpressedError, Kind, NotRunError

DATA = "CROWDQUAKE_DATA"
PATHS, FAST_PATHS = 200, 40  # of a scenario's run


class Trial:
    """The run of a board.

    Parameters
    ----------
    fast
        Whether few paths do, and long runs are left out.
    seed
        Of everything that chance has a part in.
    overrides
        Scenario keys set otherwise in all scenarios, as `{"impact.strength": 1.5}`.
    workers
        Threads; default: all cores.
    """

    def __init__(
        self,
        *,
        fast: bool = False,
        seed: int = 1,
        overrides: Mapping[str, Any] | None = None,
        workers: int | None = None,
    ) -> None:
        self.fast, self.seed, self.overrides, self.workers = fast, seed, dict(overrides or {}), workers
        self._scenarios: dict[str, Scenario] = {}
        self._runs: dict[str, Runs] = {}
        self._targets: dict[str, dict[str, TargetResult]] = {}

    # -- what rows read --------------------------------------------------------------------------------------------

    def paths(self, usual: int = PATHS, fast: int = FAST_PATHS) -> int:
        """How many paths a run has."""
        return fast if self.fast else usual

    def scenario(self, name: str) -> Scenario:
        """A scenario, with what is set otherwise."""
        if name not in self._scenarios:
            self._scenarios[name] = load_scenario(name, self.overrides)
        return self._scenarios[name]

    @cached_property
    def impact(self) -> Impact:
        """The law of impact that the scenarios share."""
        return self.scenario("quake-2007").impact

    def outcomes(self, name: str, *variants: str) -> Mapping[str, Outcome]:
        """The main run of a scenario, and counterfactuals of it by name, on the same paths."""
        self._run(name, variants)
        return self._runs[name].outcomes

    def figures(self, name: str, targets: Sequence[str], kind: Kind) -> list[Figure]:
        """Targets of a scenario as figures: ranges, statistics and history are the scenario's own.

        Raises
        ------
        InputError
            For a target that the scenario does not have, or that is no evidence of this kind: what a scenario asks of
            itself proves nothing.
        CannotBeExpressedError
            Without a scenario of that name.
        """
        if name not in scenario_names():
            raise CannotBeExpressedError(f"a scenario {name}")
        known = {item.name: item for item in self.scenario(name).target}
        given = [item.name for item in known.values() if item.kind != "input" and EVIDENCE.get(item.kind) == kind]
        targets = targets or given
        for target in targets:
            if target not in known:
                raise InputError(f"{name}: target {target}: there is none of that name")
            if EVIDENCE.get(known[target].kind) != kind:
                raise InputError(f"{name}: target {target}: is of kind {known[target].kind}: no figure {kind}")
        runs = {run for target in targets for run in known[target].runs.values()} - {"main"}
        self._run(name, sorted(runs))
        return [_figure(self._targets[name][target]) for target in targets]

    def simulate(self, cases: Mapping[Any, Case], read: Read[Any], paths: int) -> dict[Any, list[Any]]:
        """Markets of a row's own, on common noise: what was read off each, a reading a block of paths."""
        return simulate(cases, read, paths=paths, seed=self.seed, workers=self.workers)

    def data(self, file: str) -> Path:
        """A file of the real series, which are not part of the project; NotRunError where it is not here."""
        folder = Path(os.environ.get(DATA, ""))
        if not os.environ.get(DATA) or not (folder / file).is_file():
            raise NotRunError(f"needs {file}, which is not part of the project: {DATA} names the folder that has it")
        return folder / file

    # -- in parts --------------------------------------------------------------------------------------------------

    def _run(self, name: str, variants: Sequence[str]) -> None:
        """Simulate what has not been simulated yet of a scenario."""
        made = self._runs.get(name, Runs({}, {}, {}))
        wanted = [run for run in ("main", *variants) if run not in made.outcomes]
        if not wanted:
            return
        study, scenario, paths = RunStudy(), self.scenario(name), self.paths()
        cases = study.cases(scenario, paths, self.seed)
        chosen = {key: case for key, case in cases.items() if key[0] != "sensitivity" and key[1] in wanted}
        readings = simulate(chosen, study.read, paths=paths, seed=self.seed, size=study.size, workers=self.workers)
        found = gather(readings)
        self._runs[name] = Runs({**made.outcomes, **found.outcomes}, {**made.twins, **found.twins}, {})
        self._targets[name] = {item.name: item for item in evaluate_targets(scenario, self._runs[name])}


def median_figure(
    name: str,
    values: FloatArray,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    published: float | None = None,
    rounding: float = 0.0,
) -> Figure:
    """Median over paths, shape (paths,), with its bootstrap interval, as a figure."""
    values = values[np.isfinite(values)]
    if not values.size:
        return Figure(name, None, low, high, published, rounding)
    interval = bootstrap(lambda chosen: float(np.median(values[chosen])), values.size)
    return Figure(name, float(np.median(values)), low, high, published, rounding, interval)


def _figure(target: TargetResult) -> Figure:
    name = f"{target.name}: {target.statistic}"
    return Figure(name, target.measured, target.low, target.high, target.history, 0.0, target.interval)
