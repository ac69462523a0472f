"""Run a scenario: the ensemble, its twin without the liquidator, counterfactuals and sensitivities, on one noise."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple, get_args

import numpy as np

from abm import DailyRecord, Market, Settings
from cqkit.memory import give_back
from hedging import HedgeResult
from scenarios.desk import DeskAccount, DeskSold
from scenarios.ensemble import Case, Progress, Size
from scenarios.loading import apply
from scenarios.measures import Outcome
from scenarios.result import RunResult, build_result
from scenarios.schema import Scenario
from scenarios.studies.base import Found, Study, conduct, register
from scenarios.targets import Runs
from scenarios.twins import without_liquidator

# Counterfactuals are held against wide bounds, and a sensitivity is a shift between paired paths: fewer paths do.
VARIANT_PATHS = 200

_Role = Literal["run", "twin of", "sensitivity"]  # in the order of the fields of `Runs`


class Written(NamedTuple):
    """What a block of paths wrote down."""

    settings: Settings
    record: DailyRecord
    desk: HedgeResult | None
    sold: DeskSold | None  # by the desk


@register
@dataclass(frozen=True)
class RunStudy(Study):
    """A scenario beside its twin, and held against its targets."""

    name: ClassVar[str] = "run"
    size: ClassVar[Size] = Size(block=400, batch=10_000)  # all cases on one drawing of the noise
    counterfactuals: bool = True

    def cases(self, scenario: Scenario, paths: int, seed: int) -> dict[tuple[_Role, str], Case]:  # noqa: ARG002
        cases: dict[tuple[_Role, str], Case] = {
            ("run", "main"): Case(scenario.settings),
            ("run", "twin"): Case(without_liquidator(scenario.settings)),
        }
        if not self.counterfactuals:
            return cases
        few = min(paths, VARIANT_PATHS)
        for variant in scenario.counterfactual:
            altered = apply(scenario, variant)
            cases["run", variant.name] = Case(altered.settings, few)
            if variant.twin:
                cases["twin of", variant.name] = Case(without_liquidator(altered.settings), few)
        for variant in scenario.sensitivity:
            cases["sensitivity", variant.name] = Case(apply(scenario, variant).settings, few)
        return cases

    def read(self, key: Any, market: Market) -> Written:  # noqa: ARG002
        return Written(market.settings, market.record, market.desk_result, DeskSold.of(market))

    def result(self, found: Found) -> RunResult:
        desks = desk_accounts(found.readings)
        return build_result(found.scenario, gather(found.readings), found.manifest, desks)


def gather(readings: Mapping[tuple[_Role, str], list[Written]]) -> Runs:
    """Sort what was read off the cases of a run study by what they are for.

    Blocks of paths are let go as they are joined: both at once are the most that a run needs of memory.
    """
    give_back()
    outcomes = {key: _outcome(blocks) for key, blocks in readings.items()}
    give_back()
    return Runs(
        *({name: outcome for (kind, name), outcome in outcomes.items() if kind == role} for role in get_args(_Role))
    )


def desk_accounts(readings: Mapping[tuple[_Role, str], list[Written]]) -> dict[str, DeskAccount]:
    """The desk's account in the run and in its twin, by name, where there is a desk."""
    found = {}
    for name in ("main", "twin"):
        blocks = [block for block in readings["run", name] if block.desk is not None and block.sold is not None]
        if blocks:
            result = HedgeResult.concatenate([block.desk for block in blocks if block.desk is not None])
            parts = [block.sold for block in blocks if block.sold is not None]
            sold = DeskSold(*(np.concatenate(values) for values in zip(*parts, strict=True)))
            found[name] = DeskAccount(blocks[0].settings, result, sold)
    return found


def _outcome(blocks: list[Written]) -> Outcome:
    settings, desks = blocks[0].settings, [block.desk for block in blocks if block.desk is not None]
    record = DailyRecord.concatenate(block.record for block in blocks)
    blocks.clear()
    return Outcome(settings, record, HedgeResult.concatenate(desks) if desks else None)


def run(
    scenario: str | Path | Scenario,
    *,
    paths: int = 300,
    seed: int = 1,
    overrides: Mapping[str, Any] | None = None,
    counterfactuals: bool = True,
    workers: int | None = None,
    executor: Executor | None = None,
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
    executor
        Does the work in place of threads: any `concurrent.futures.Executor`.
    progress
        Told the share of the work done, 0..1.

    Raises
    ------
    InputError
        With a line for every fault in the scenario or the arguments.
    """
    study = RunStudy(counterfactuals)
    found: RunResult = conduct(
        study,
        scenario,
        paths=paths,
        seed=seed,
        overrides=overrides,
        workers=workers,
        executor=executor,
        progress=progress,
    )
    return found
