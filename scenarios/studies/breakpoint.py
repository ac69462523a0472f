"""Reverse stress: how much crowding, leverage or selling, how little reserve it takes until the desk is called.

One key is turned, on the same paths, until the chance of an event reaches a level; cqkit/crossings.py has the search
and what its interval rests on. A second key makes it a frontier: the same search at each of its values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from abm import Market
from cqkit.arrays import BoolArray
from cqkit.crossings import HALVINGS, crossing, fewest_paths, next_values
from cqkit.errors import InputError
from cqkit.statistics import wilson
from hedging import HedgeResult
from scenarios.dials import NEWS_SCALE, SHOCK, SPEED, Dial, dial_of, market_at
from scenarios.ensemble import Case, Progress, Size
from scenarios.reverse_stress import Breakpoint
from scenarios.schema import Scenario
from scenarios.studies.base import Found, Readings, Study, conduct, register

PATHS = 100
LEVEL = 0.5
POINTS = 5  # of a frontier, at most, by default

Whose = Literal["desk", "crowd"]
Limits = tuple[float, float]
Place = tuple[float, float | None]  # values of the first and of the second key


@register
@dataclass(frozen=True)
class BreakpointStudy(Study):
    """The smallest value of a key at which the chance of a call of the desk, or of a loss, reaches a level.

    `keys` are one or two; `ranges` theirs, None for the box's; `loss` (a ratio to the book of the desk, or to the
    crowd's equity) takes the place of the call; `points` are the values of the second key.
    """

    name: ClassVar[str] = "breakpoint"
    size: ClassVar[Size] = Size(block=100, batch=16)
    keys: tuple[str, ...] = ("funds.crowding",)
    ranges: tuple[Limits | None, ...] = ()
    level: float = LEVEL
    loss: float | None = None
    of: Whose = "desk"
    points: int = POINTS

    def faults(self) -> list[str]:
        found = []
        if not 1 <= len(self.keys) <= 2 or len(set(self.keys)) < len(self.keys):
            found.append(f"vary = {', '.join(self.keys)}: must be one key or two different ones")
        if len(self.ranges) > len(self.keys):
            found.append(
                f"range: given {len(self.ranges)} times for {len(self.keys)} key(s): must be one a key at most"
            )
        if not 0 < self.level < 1:
            found.append(f"level = {self.level:g}: must lie between 0 and 1 (a chance, not percent)")
        if self.loss is not None and not 0 < self.loss <= 10:
            found.append(f"loss = {self.loss:g}: must be above 0 and up to 10 (a ratio, not percent)")
        if self.loss is None and self.of == "crowd":
            found.append("of = crowd: the crowd has no call of its own: must come with a loss")
        if not 2 <= self.points <= 50:
            found.append(f"points = {self.points}: must lie in 2..50")
        if {SHOCK, NEWS_SCALE} <= set(self.keys):
            found.append(f"vary = {', '.join(self.keys)}: the one scales the other: must be varied one at a time")
        return found

    @property
    def rounds(self) -> int:
        return 1 + HALVINGS

    @property
    def event(self) -> str:
        """What the chance is of, in words."""
        if self.loss is None:
            return "a call of the desk"
        whose = "desk of more than {} of its book" if self.of == "desk" else "crowd of more than {} of its equity"
        return f"a loss of the {whose.format(f'{100 * self.loss:g} %')}"

    def check(self, scenario: Scenario) -> None:
        for dial in self.dials(scenario):
            for end in (dial.values[0], dial.values[-1]):
                market_at(scenario, {dial.key: end})  # named as it was given, not as what is tried between
        if self.of == "desk" and scenario.desk.size == 0:
            raise InputError(f"{scenario.name}: has no desk that could be called: desk.size must be above 0")

    def dials(self, scenario: Scenario) -> tuple[Dial, ...]:
        """The keys with the values that are tried first; of the second, as many as the frontier has points."""
        limits = [*self.ranges, *[None] * len(self.keys)]
        first, *second = (dial_of(scenario, key, one) for key, one in zip(self.keys, limits, strict=False))
        return (first, *(replace(dial, values=_spread(dial.values, self.points)) for dial in second))

    def cases(self, scenario: Scenario, paths: int, seed: int) -> dict[Place, Case]:  # noqa: ARG002
        least = fewest_paths(self.level)
        if paths < least:
            raise InputError(
                f"paths = {paths}: must be at least {least}: fewer give no interval at level {self.level:g}"
            )
        dials = self.dials(scenario)
        return self._at(scenario, dials, [(value, other) for other in _others(dials) for value in dials[0].values])

    def further(self, scenario: Scenario, paths: int, seed: int, readings: Readings) -> dict[Place, Case]:  # noqa: ARG002
        dials = self.dials(scenario)
        wanted = [
            (value, other)
            for other, hits in _by_other(readings)
            for value in next_values(hits, self.level, dials[0].values)
        ]
        return self._at(scenario, dials, wanted)

    def _at(self, scenario: Scenario, dials: Sequence[Dial], places: Sequence[Place]) -> dict[Place, Case]:
        longest = next((dial.values[-1] for dial in dials if dial.key == SPEED), None)
        found = {}
        for value, other in places:
            turned = {dials[0].key: value} if other is None else {dials[0].key: value, dials[1].key: other}
            found[value, other] = Case(market_at(scenario, turned, longest))
        return found

    def read(self, key: Any, market: Market) -> BoolArray:  # noqa: ARG002
        if self.loss is None:
            return _desk(market).margin_call_days > 0
        lost = _desk(market).hedge_loss if self.of == "desk" else -market.record["crowd_profit"].min(axis=1)
        return np.asarray(lost > self.loss)

    def result(self, found: Found) -> Breakpoint:
        answers, evaluations = [], []
        for other, hits in _by_other(found.readings):
            rows = [_evaluation(other, value, hits[value]) for value in sorted(hits)]
            seen = [row["probability"] for row in rows]
            answer = crossing(hits, self.level)._asdict()
            answers.append({"other": rows[0]["other"], **answer, "least": min(seen), "most": max(seen)})
            evaluations += rows
        return Breakpoint(
            found.scenario,
            self.dials(found.scenario),
            self.event,
            self.level,
            pd.DataFrame(answers),
            pd.DataFrame(evaluations),
            found.paths,
            found.seed,
            found.manifest,
        )


def breakpoint(  # noqa: A001
    scenario: str | Path | Scenario,
    vary: str | Sequence[str],
    *,
    ranges: Limits | Sequence[Limits | None] | None = None,
    level: float = LEVEL,
    loss: float | None = None,
    of: Whose = "desk",
    points: int = POINTS,
    policy: str | None = None,
    book: str | Path | None = None,
    paths: int = PATHS,
    seed: int = 1,
    overrides: Mapping[str, Any] | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Breakpoint:
    """Find the value of a key at which the chance of a call of the desk, or of a loss, reaches a level.

    Parameters
    ----------
    scenario
        A name, a TOML file, or a loaded scenario.
    vary
        A key that takes any number, as `funds.leverage`, or `shock`, a move of the whole market on the event's day; two
        for a frontier, the second at `points` values.
    ranges
        From where to where, (low, high), one a key; by default the box in which the scenario was tested.
    level
        Of the chance, strictly between 0 and 1.
    loss, of
        A loss beyond this ratio to the desk's book, or to the crowd's equity at the start, in place of a call.
    policy, book
        The desk's hedge policy, and a file of its own holdings (`example` is synthetic); by default the scenario's.
    paths
        Histories, the same at every value; the fewest that give an interval are 6 at level 0.5, 72 at 0.05.
    seed, overrides, workers, executor, progress
        As of `scenarios.run`.

    Raises
    ------
    InputError
        With a line for every fault.
    """
    keys = (vary,) if isinstance(vary, str) else tuple(vary)
    limits: tuple[Any, ...] = () if ranges is None else tuple(ranges)
    if limits and not any(one is None or isinstance(one, Sequence) for one in limits):
        limits = (limits,)
    own = {"desk.policy": policy, "desk.book": book and str(book)}
    found: Breakpoint = conduct(
        BreakpointStudy(keys, limits, level, loss, of, points),
        scenario,
        paths=paths,
        seed=seed,
        overrides={**(overrides or {}), **{key: value for key, value in own.items() if value}},
        workers=workers,
        executor=executor,
        progress=progress,
    )
    return found


def _desk(market: Market) -> HedgeResult:
    result = market.desk_result
    if result is None:
        raise InputError("desk.starts: the desk opens after the market has closed: must be an earlier day")
    return result


def _others(dials: Sequence[Dial]) -> tuple[float | None, ...]:
    return dials[1].values if len(dials) > 1 else (None,)


def _spread(values: Sequence[float], most: int) -> tuple[float, ...]:
    """At most so many of the values, the first and the last among them."""
    places = np.unique(np.linspace(0, len(values) - 1, min(most, len(values))).round().astype(int))
    return tuple(values[place] for place in places)


def _by_other(readings: Readings) -> list[tuple[float | None, dict[float, BoolArray]]]:
    """What was read, by the value of the second key."""
    found: dict[float | None, dict[float, BoolArray]] = {}
    for (value, other), blocks in readings.items():
        found.setdefault(other, {})[value] = np.concatenate(blocks)
    return list(found.items())


def _evaluation(other: float | None, value: float, hit: BoolArray) -> dict[str, Any]:
    share = wilson(int(hit.sum()), hit.size)
    place = {"other": np.nan if other is None else other, "value": value, "hits": int(hit.sum()), "paths": hit.size}
    return {**place, "probability": share.value, "low": share.low, "high": share.high}
