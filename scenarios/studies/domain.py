"""Whether a scenario's laws hold wherever a user turns its dials: every point of its box, on the same noise.

Every point is a market beside its twin in which nobody has to sell. `scenarios.grid` says which points, and
`scenarios.soundness` what is asked of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from abm import Market, Settings
from cqkit.errors import InputError
from cqkit.showing import Shown
from scenarios.ensemble import Case, Progress, Size
from scenarios.grid import Point, points_of
from scenarios.judging import Judged, Reading, judge
from scenarios.schema import Scenario
from scenarios.soundness import LEVEL, joined, see
from scenarios.studies.base import Found, Study, conduct, register
from scenarios.twins import without_cause, without_liquidator

PATHS = 16


@dataclass(frozen=True, repr=False)
class Soundness(Shown):
    """What became of every point of a scenario's box.

    Attributes
    ----------
    scenario
        Whose box it is.
    points
        A row a point: impact `law`, `bars`, whether it is a `corner`, the `line` of keys varied with their values `x`
        and `y`, and the same in words (`where`); of the crowd's profit over its equity at the start the median
        `trough` and `final` with their 10-90 % bands, and the mean `less_twin` with its standard error; medians of what
        was `forced` (of its book) and of what `lenders` bore (of its equity); `uncaused`, the share of paths with a
        forced sale where nothing has happened; what it `failed`, requirement by requirement, and `why`.
    steps
        A row for every two values along an axis that hurts, and for each `figure`: its median change, and the `chance`
        of it, adjusted for the number of rows, if no loss shrinks.
    verdicts
        A row a requirement: how often it was judged, how often it failed, and whether it is met.
    paths, seed
        Of the ensemble.
    manifest
        Scenario digest, overrides, seconds, versions.
    """

    scenario: Scenario
    points: pd.DataFrame
    steps: pd.DataFrame
    verdicts: pd.DataFrame
    paths: int
    seed: int
    manifest: dict[str, Any]

    @property
    def sound(self) -> bool:
        """Whether every requirement is met."""
        return bool(self.verdicts["met"].all())

    @property
    def failures(self) -> pd.DataFrame:
        """The points that failed anything."""
        return self.points[self.points["failed"] != ""]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Frames by the name of the file that they are written to, without its ending."""
        return {"verdicts": self.verdicts, "points": self.points, "steps": self.steps}

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        told = {"scenario": self.scenario.name, "paths": self.paths, "seed": self.seed, "sound": self.sound}
        tables = {name: frame.to_dict("records") for name, frame in self.tables().items()}
        return {**told, **tables, "manifest": self.manifest}


@register
@dataclass(frozen=True)
class DomainStudy(Study):
    """The box of a scenario, point by point: whether its laws hold there."""

    name: ClassVar[str] = "domain"
    size: ClassVar[Size] = Size(block=32, batch=16)
    keep_faults: ClassVar[bool] = True

    def check(self, scenario: Scenario) -> None:
        if not scenario.domain.axis:
            raise InputError(f"{scenario.name}: has no box to test: must have a [[domain.axis]]")

    def cases(self, scenario: Scenario, paths: int, seed: int) -> dict[Settings, Case]:  # noqa: ARG002
        """Every market once, whatever the number of points that it stands for."""
        markets = [market for point in points_of(scenario) for market in _markets(point)]
        return {settings: Case(settings) for settings in markets}

    def read(self, key: Any, market: Market) -> Any:  # noqa: ARG002
        return see(market)

    def result(self, found: Found) -> Soundness:
        readings = {key: _reading(blocks) for key, blocks in found.readings.items()}
        points = points_of(found.scenario)
        table, steps, verdicts = judge([_judged(point, readings) for point in points])
        manifest = {**found.manifest, "points": len(points), "markets": len(readings)}
        if 2.0**-found.paths > LEVEL:
            few = f"{found.paths} paths a point are too few to find a step or a gain at fault: 7 or more can"
            manifest["notes"] = [*manifest.get("notes", []), few]
        return Soundness(found.scenario, table, steps, verdicts, found.paths, found.seed, manifest)


def _markets(point: Point) -> tuple[Settings, Settings, Settings]:
    """The point's own, its twin's, and the one in which nothing happens."""
    return point.settings, without_liquidator(point.settings), without_cause(point.usual)


def _judged(point: Point, readings: Mapping[Settings, Reading]) -> Judged:
    own, twin, quiet = _markets(point)
    return Judged(point, readings[own], readings[twin], readings[quiet])


def _reading(blocks: Sequence[Any]) -> Reading:
    faults = [block for block in blocks if isinstance(block, InputError)]
    return str(faults[0]) if faults else joined(blocks)


def soundness(
    scenario: str | Path | Scenario,
    *,
    paths: int = PATHS,
    seed: int = 1,
    overrides: Mapping[str, Any] | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Soundness:
    """Go through the box of a scenario, and say where its laws do not hold.

    Parameters
    ----------
    scenario
        One with a `[domain]`: a name, a TOML file, or a loaded scenario.
    paths
        Histories a point. With fewer than 7 no step and no gain is called a fault, however far it goes.
    seed, overrides, workers, executor, progress
        As of `scenarios.run`.

    Raises
    ------
    InputError
        With a line for every fault in the scenario or the arguments, or if it has no box.
    """
    found: Soundness = conduct(
        DomainStudy(),
        scenario,
        paths=paths,
        seed=seed,
        overrides=overrides,
        workers=workers,
        executor=executor,
        progress=progress,
    )
    return found
