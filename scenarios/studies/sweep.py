"""Many points of a scenario on the same noise: grids, random samples, indices of what matters, phase diagrams.

Every point is a market with some keys set otherwise, on the same paths as all others. Paths are added to a point until
the standard error of the figure that is asked for is small enough; each finished task (a market on a block of paths) is
on disk before the next, if the sweep has a folder.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from abm import Market, Settings
from cqkit.errors import InputError
from scenarios.crowds import Terms, crowd_in
from scenarios.crowds.assessing import brief
from scenarios.crowds.crowd import depth_in
from scenarios.dials import SPEED, check_listed, dial_of, market_at
from scenarios.ensemble import Case, Progress, Size
from scenarios.schema import Scenario
from scenarios.studies.base import Found, Kept, Readings, Study, conduct, register
from scenarios.sweeping.designs import DESIGNS, Axis, Point, Turned, parse_turned
from scenarios.sweeping.effects import sobol_effects, tornado_effects
from scenarios.sweeping.files import Task, as_figures
from scenarios.sweeping.reading import PathFigures, mean, read_figures, standard_error, together
from scenarios.sweeping.result import Sweep
from scenarios.twins import has_seller, without_liquidator

BLOCK = 50  # paths of a task, fewer of large markets
FIGURE = "forced_share"
STEPS = 5  # of a grid between limits, by default
PATHS = 100


@register
@dataclass(frozen=True)
class SweepStudy(Study):
    """Key figures at many points of a scenario, placed by a design.

    `turned` are the keys; `design` is one of DESIGNS; `points` how many are drawn (the base sample of Sobol indices);
    `figure` is the one that is asked for, whose mean shall have at most the standard error `error`; `baseline` runs
    every point without the liquidator too.
    """

    name: ClassVar[str] = "sweep"
    size: ClassVar[Size] = Size(block=BLOCK, batch=16, whatever_threads=True)
    keep_faults: ClassVar[bool] = True
    turned: tuple[Turned, ...] = (Turned("funds.crowding"), Turned("funds.leverage"))
    design: str = "grid"
    points: int = 64
    figure: str = FIGURE
    error: float | None = None
    baseline: bool = True

    def faults(self) -> list[str]:
        found = []
        if self.design not in DESIGNS:
            return [f"design = {self.design}: must be one of {', '.join(DESIGNS)}"]
        if not self.turned:
            found.append("vary: must name at least one key")
        if not 2 <= self.points <= 100_000:
            found.append(f"points = {self.points}: must lie in 2..100000")
        if self.error is not None and not (math.isfinite(self.error) and self.error > 0):
            found.append(f"error = {self.error:g}: must be above 0, in the unit of the figure")
        if DESIGNS[self.design].ranges:
            title = DESIGNS[self.design].title
            found += [
                f"--vary {one.key}: has bare values: must have limits, as LOW:HIGH, for {title}"
                for one in self.turned
                if one.values
            ]
        return found

    def check(self, scenario: Scenario) -> None:
        """Raise InputError if a market of the scenario has no such figure: before any is simulated."""
        with np.errstate(all="ignore"):  # nothing is traded yet, and nothing known
            self._check_figure(read_figures(Market(scenario.settings, 0, 1)))

    @property
    def rounds(self) -> int:
        return 1 if self.error is None else 6

    def axes(self, scenario: Scenario) -> list[Axis]:
        """The keys with their values and limits; InputError if one of them cannot be turned."""
        return [_axis(scenario, one, self.design) for one in self.turned]

    def places(self, scenario: Scenario, seed: int) -> list[Point]:
        """All points."""
        return DESIGNS[self.design].place(self.axes(scenario), self.points, seed)

    def cases(self, scenario: Scenario, paths: int, seed: int) -> dict[Task, Case]:
        places = self.places(scenario, seed)
        block = self._block(scenario, places)
        begun = paths if self.error is None else min(paths, BLOCK)
        wanted = dict.fromkeys(range(len(places)), range(math.ceil(begun / block)))
        return self._cases(scenario, places, block, wanted, paths)

    def further(self, scenario: Scenario, paths: int, seed: int, readings: Readings) -> dict[Task, Case]:
        if self.error is None:
            return {}
        places = self.places(scenario, seed)
        block = self._block(scenario, places)
        most = math.ceil(paths / block)
        wanted = {
            point: range(len(blocks), self._blocks_wanted(blocks, most))
            for point, blocks in _by_point(readings, baseline=False).items()
        }
        return self._cases(scenario, places, block, wanted, paths)

    def _blocks_wanted(self, blocks: Sequence[PathFigures], most: int) -> int:
        """As many as the standard error seen so far says are needed; at most twice as many as there are."""
        assert self.error is not None
        found = together(blocks)
        if found.fault is not None:
            return len(blocks)
        seen = standard_error(found.values[self.figure], share=self.figure in found.shares) / self.error
        if seen <= 1:
            return len(blocks)
        return min(most, math.ceil(len(blocks) * min(seen**2, 2.0)))

    def _check_figure(self, found: PathFigures) -> None:
        if self.figure not in found.values:
            raise InputError(f"figure = {self.figure}: must be one of {', '.join(sorted(found.values))}")

    def _block(self, scenario: Scenario, places: Sequence[Point]) -> int:
        """Paths of a task: a block of the largest market, so that every task is read as a whole."""
        return self.size.block_of([Case(market) for market in _markets(self, scenario, tuple(places))], BLOCK)

    def _cases(
        self, scenario: Scenario, places: Sequence[Point], size: int, wanted: Mapping[int, range], paths: int
    ) -> dict[Task, Case]:
        """Markets of the points on the blocks wanted of them, of so many of all `paths` each."""
        markets = _markets(self, scenario, tuple(places))
        found: dict[Task, Case] = {}
        for point, blocks in wanted.items():
            if not blocks:
                continue
            settings = markets[point]
            runs = {False: settings}
            if self.baseline and has_seller(settings):
                runs[True] = without_liquidator(settings)
            for baseline, market in runs.items():
                for block in blocks:
                    case = Case(market, size, first=block * size)
                    found[Task(point, baseline, block, case.end(paths) - case.first)] = case
        return found

    def read(self, key: Any, market: Market) -> PathFigures:  # noqa: ARG002
        return read_figures(market)

    def result(self, found: Found) -> Sweep:
        keys = tuple(one.key for one in self.turned)
        places = self.places(found.scenario, found.seed)
        runs = {point: together(blocks) for point, blocks in _by_point(found.readings, baseline=False).items()}
        others = {point: together(blocks) for point, blocks in _by_point(found.readings, baseline=True).items()}
        whole = next((run for run in runs.values() if run.fault is None), None)
        points = pd.DataFrame(
            [_row(n, place, keys, runs[n], others.get(n), self.figure) for n, place in enumerate(places)]
        )
        if self.design == "grid" and len(keys) == 2:
            markets = _markets(self, found.scenario, tuple(places))
            points["loop_gain"] = [_loop_gain(settings, found.seed) for settings in markets]
        return Sweep(
            found.scenario,
            self.design,
            keys,
            self.figure,
            points,
            _figures(whole),
            self._effects(found.scenario, points, places, runs),
            found.manifest | {"design": self.design, "vary": [str(one) for one in self.turned]},
        )

    def _effects(
        self, scenario: Scenario, points: pd.DataFrame, places: Sequence[Point], runs: Mapping[int, PathFigures]
    ) -> pd.DataFrame:
        if self.figure not in points:  # no market of the sweep held
            return pd.DataFrame({"key": [one.key for one in self.turned]})
        if self.design == "sobol":
            return sobol_effects(points[self.figure], points["sample"], [one.key for one in self.turned])
        if self.design == "one-at-a-time":
            ends = {axis.key: (axis.low, axis.high) for axis in self.axes(scenario)}
            return tornado_effects({sample: runs[n] for n, (sample, _) in enumerate(places)}, ends, self.figure)
        return pd.DataFrame({"key": [one.key for one in self.turned]})


def sweep(
    scenario: str | Path | Scenario,
    vary: Sequence[str] | Sequence[Turned] = ("funds.crowding", "funds.leverage"),
    *,
    design: str = "grid",
    points: int = 64,
    figure: str = FIGURE,
    error: float | None = None,
    baseline: bool = True,
    paths: int = PATHS,
    seed: int = 1,
    overrides: Mapping[str, Any] | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    kept: Kept | None = None,
) -> Sweep:
    """Simulate a scenario at many points of some keys, on the same noise.

    Parameters
    ----------
    vary
        Keys, as the command line takes them: `KEY` (over its tested domain), `KEY=VALUE,VALUE`, `KEY=LOW:HIGH`,
        `KEY=LOW:HIGH:STEPS`.
    design
        `grid`, `latin-hypercube`, `sobol` or `one-at-a-time`.
    points
        How many are drawn; of Sobol indices the base sample, a power of 2: it runs (keys + 2) times as many.
    figure, error
        Paths are added to a point, up to `paths`, until the standard error of the figure's mean is at most `error`;
        without it every point has all paths.
    baseline
        Whether every point runs without the liquidator too.
    paths, seed, overrides, workers, executor, progress
        As of `scenarios.run`.
    kept
        Where finished tasks are kept (`TaskFolder`).

    Raises
    ------
    InputError
        With a line for every fault.
    """
    words = [one for one in vary if isinstance(one, str)]
    turned = (*parse_turned(words), *(one for one in vary if isinstance(one, Turned)))
    found: Sweep = conduct(
        SweepStudy(turned, design, points, figure, error, baseline),
        scenario,
        paths=paths,
        seed=seed,
        overrides=overrides,
        workers=workers,
        executor=executor,
        progress=progress,
        kept=kept,
    )
    return found


@lru_cache(maxsize=1)
def _markets(study: SweepStudy, scenario: Scenario, places: tuple[Point, ...]) -> list[Settings]:
    """The market of every point: made once for all that ask for it, who are several."""
    keys = [one.key for one in study.turned]
    speeds = [values[keys.index(SPEED)] for _, values in places] if SPEED in keys else []
    longest = max(speeds, default=None)
    return [market_at(scenario, dict(zip(keys, values, strict=True)), longest) for _, values in places]


def _axis(scenario: Scenario, turned: Turned, design: str) -> Axis:
    if turned.values:
        check_listed(scenario, turned.key, turned.values)
        return Axis(turned.key, turned.values)
    dial = dial_of(scenario, turned.key, turned.limits)
    low, high = dial.values[0], dial.values[-1]
    if design == "grid" and turned.limits is not None:
        steps = turned.steps or STEPS
        return Axis(turned.key, tuple(float(value) for value in np.linspace(low, high, steps)), low, high, dial.own)
    return Axis(turned.key, dial.values, low, high, dial.own)


def _loop_gain(settings: Settings, seed: int) -> float:
    """Loop gain of the crowd's books at the start, on the first path."""
    market = Market(settings, seed, 1)
    crowd, terms = crowd_in(market, 0), Terms()
    return float(brief(crowd, terms, depth_in(market, crowd, terms.flow))["loop_gain"])


def _by_point(readings: Readings, *, baseline: bool) -> dict[int, list[PathFigures]]:
    found: dict[int, dict[int, PathFigures]] = {}
    for key, blocks in readings.items():
        task = Task(*key)
        if task.baseline == baseline:
            (whole,) = blocks
            found.setdefault(task.point, {})[task.block] = as_figures(whole)
    return {point: [blocks[n] for n in sorted(blocks)] for point, blocks in sorted(found.items())}


def _row(
    number: int, place: Point, keys: Sequence[str], run: PathFigures, other: PathFigures | None, figure: str
) -> dict[str, Any]:
    sample, values = place
    row: dict[str, Any] = {"point": number, "sample": sample, **dict(zip(keys, values, strict=True))}
    row |= {"paths": run.paths, "fault": run.fault or ""}
    for name, found in run.values.items():
        row[name] = mean(found)
        row[f"{name}_error"] = standard_error(found, share=name in run.shares)
    if other is not None and figure in other.values and not np.isnan(other.values[figure]).all():
        row[f"{figure}_baseline"] = mean(other.values[figure])
    return row


def _figures(whole: PathFigures | None) -> pd.DataFrame:
    if whole is None:
        return pd.DataFrame({"figure": [], "unit": [], "share_of_paths": []})
    rows = [
        {"figure": name, "unit": unit, "share_of_paths": name in whole.shares} for name, unit in whole.units.items()
    ]
    return pd.DataFrame(rows)
