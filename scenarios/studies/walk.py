"""How far a scenario's numbers may go before something breaks: each alone, then pairs of the strongest.

A number is looked at where it moves anything at all. Its plausible range is tried at the ends and half way; between the
last value at which all holds and the first at which something breaks, halves are tried until they are close. Whatever
holds on both sides of the scenario's own value is the tested box. At its corners, and at those of the plausible ranges,
pairs of the strongest are tried. Everything is on the same paths.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from abm import Market
from cqkit.errors import InputError
from cqkit.showing import Shown
from scenarios.ensemble import Case, Size
from scenarios.evidence import Asked, Samples, evidence, read_evidence
from scenarios.schema import Scenario, Target
from scenarios.soundness import Seen, joined, see
from scenarios.studies.base import Found, Readings, Study, register
from scenarios.sweeping.designs import Turned
from scenarios.targets import is_met
from scenarios.twins import has_seller, without_liquidator
from scenarios.walking import Kind, Parameter, Point, Walked, broken, middle, parameters_of, settings_at
from scenarios.walking_tables import corner_rows, parameter_rows, point_rows

SCREEN = 4  # paths on which it is seen whether a number moves anything
OWN: Point = ()
Role = Literal["own", "twin", "screen"]
PATHS = 16


@dataclass(frozen=True, repr=False)
class Walk(Shown):
    """How far the numbers of a scenario may go.

    Attributes
    ----------
    scenario
        Whose numbers they are.
    parameters
        A row a number that moves anything, the strongest first: its `own` value, its plausible range (`low`, `high`),
        where nothing breaks (`tested_low`, `tested_high`), what breaks `below` and `above`; how far it moves the misfit
        from what history says, or without history the crowd's trough (`strength`); where the crowd's loss turns from
        falling to rising or back (`turns`); the box that is `stored` with the scenario (`stored_low`, `stored_high`).
    points
        A row a value tried: key, value, the crowd's median trough and final P&L over its equity at the start, misfit,
        what `broke`, and `why`.
    pairs
        The same of two numbers together, at corners of the tested box and of the plausible ranges (`corner_of`).
    unmoved
        Numbers that change nothing between the ends of their plausible ranges.
    held
        Names of the targets that the scenario meets as it stands, on these paths.
    paths, seed, manifest
        How it came about.
    """

    scenario: Scenario
    parameters: pd.DataFrame
    points: pd.DataFrame
    pairs: pd.DataFrame
    unmoved: tuple[str, ...]
    held: tuple[str, ...]
    paths: int
    seed: int
    manifest: dict[str, Any]

    @property
    def box(self) -> dict[str, tuple[float, float]]:
        """The tested box by key, as a scenario keeps it in `[domain.tested]`."""
        rows = self.parameters.to_dict("records")
        return {row["key"]: (row["tested_low"], row["tested_high"]) for row in sorted(rows, key=lambda row: row["key"])}

    @property
    def lines(self) -> str:
        """The tested box as lines of a scenario file."""
        return "\n".join(
            ["[domain.tested]", *(f'"{key}" = [{low!r}, {high!r}]' for key, (low, high) in self.box.items())]
        )

    def tables(self) -> dict[str, pd.DataFrame]:
        """Frames by the name of the file that they are written to, without its ending."""
        return {"parameters": self.parameters, "points": self.points, "pairs": self.pairs}

    def write_files(self, folder: Path) -> None:
        """Write the tested box as lines for the scenario's file."""
        (folder / "tested.toml").write_text(self.lines + "\n", encoding="utf-8")

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        told = {"scenario": self.scenario.name, "paths": self.paths, "seed": self.seed, "held": list(self.held)}
        tables = {name: frame.to_dict("records") for name, frame in self.tables().items()}
        return {**told, "box": self.box, **tables, "unmoved": list(self.unmoved), "manifest": self.manifest}


@register
@dataclass(frozen=True)
class WalkStudy(Study):
    """Every number of a scenario across its plausible range, and pairs of the strongest: what breaks, and where."""

    name: ClassVar[str] = "walk"
    size: ClassVar[Size] = Size(block=32, batch=16)
    keep_faults: ClassVar[bool] = True
    beyond_the_box: ClassVar[bool] = True
    vary: tuple[Turned, ...] = ()
    finer: int = 3
    strongest: int = 4

    def faults(self) -> list[str]:
        given = {"finer": (self.finer, 0, 10), "strongest": (self.strongest, 0, 10)}
        return [
            f"{name} = {value}: must lie in {low}..{high}"
            for name, (value, low, high) in given.items()
            if not low <= value <= high
        ]

    def check(self, scenario: Scenario) -> None:
        if not parameters_of(scenario, self.vary):
            raise InputError(f"{scenario.name}: has no number to turn")

    @property
    def rounds(self) -> int:
        return 2 * (3 + self.finer)

    def cases(self, scenario: Scenario, paths: int, seed: int) -> dict[tuple[Role, Point], Case]:  # noqa: ARG002
        return _Course(self, scenario, {}).wanted(min(SCREEN, paths))

    def further(
        self,
        scenario: Scenario,
        paths: int,
        seed: int,  # noqa: ARG002
        readings: Readings,
    ) -> dict[tuple[Role, Point], Case]:
        return _Course(self, scenario, readings).wanted(min(SCREEN, paths))

    def read(self, key: Any, market: Market) -> tuple[Seen, Samples]:  # noqa: ARG002
        return see(market), read_evidence(market)

    def result(self, found: Found) -> Walk:
        course = _Course(self, found.scenario, found.readings)
        course.wanted(SCREEN)  # what cannot be is found anew
        points = course.alone()
        targets, held = course.targets, course.held
        walked = {point: (course.own(point), course.broken(point)) for point in course.points}
        return Walk(
            found.scenario,
            parameter_rows(found.scenario, points, walked, targets),
            point_rows(points, walked, targets),
            corner_rows(course.corners(), walked, targets),
            tuple(one.key for one in course.parameters if one not in points),
            tuple(target.name for target in held),
            found.paths,
            found.seed,
            {**found.manifest, "markets": len(found.readings)},
        )


@dataclass
class _Course:
    """How far a walk has come, from what has been read, and where it goes next."""

    study: WalkStudy
    scenario: Scenario
    readings: Readings
    refused: dict[Point, str] = field(default_factory=dict)  # points at which there can be no market, and why
    _read: dict[tuple[Role, Point], Walked | str] = field(default_factory=dict)
    _broken: dict[Point, dict[Kind, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.targets = evidence(self.scenario)
        self.parameters = parameters_of(self.scenario, self.study.vary)
        self.sold = has_seller(self.scenario.settings)

    def wanted(self, screen: int) -> dict[tuple[Role, Point], Case]:
        """The markets to be read next; a point at which there can be none is remembered, and the walk goes on."""
        while True:
            asked = [key for key in self._next() if key not in self.readings and key[1] not in self.refused]
            if not asked:
                return {}
            if cases := self._cases(asked, screen):
                return cases

    def _cases(self, asked: Sequence[tuple[Role, Point]], screen: int) -> dict[tuple[Role, Point], Case]:
        found, rules = {}, (Asked(self.targets),)
        for role, point in dict.fromkeys(asked):
            try:
                settings = settings_at(self.scenario, point)
            except InputError as error:
                self.refused[point] = str(error).removeprefix(f"{self.scenario.name}: ")
                continue
            if role == "twin":
                settings = without_liquidator(settings)
            found[role, point] = Case(settings, paths=screen if role == "screen" else None, rules=rules)
        return found

    def _next(self) -> list[tuple[Role, Point]]:
        """Where the walk goes: what moves anything, its range, the edges, pairs."""
        screens: list[tuple[Role, Point]] = [
            ("screen", ((one.key, end),)) for one in self.parameters for end in one.ends
        ]
        first: list[tuple[Role, Point]] = [("own", OWN), *screens]
        if not self._all_known(first):
            return first
        for part in (self._origin, self._ranges, self._edges, self._corner_points):
            points = part()
            for keys in ([("own", point) for point in points], self._twins(points)):
                if not self._all_known(keys):
                    return keys
        return []

    def _twins(self, points: Sequence[Point]) -> list[tuple[Role, Point]]:
        """Twins of points at which nothing else breaks, and of those at the ends of plausible ranges."""
        if not self.sold:
            return []
        ends = {(one.key, end) for one in self.parameters for end in one.ends}
        known = (point for point in points if not isinstance(self.own(point), str))
        return [("twin", point) for point in known if {*point} <= ends or not self.broken(point)]

    def _all_known(self, keys: Sequence[tuple[Role, Point]]) -> bool:
        return all(key in self.readings or key[1] in self.refused for key in keys)

    def _origin(self) -> list[Point]:
        return [OWN]

    def _ranges(self) -> list[Point]:
        return [((one.key, value),) for one in self.moving() for value in one.values]

    def _edges(self) -> list[Point]:
        """Half way between the last value at which all holds and the first at which something breaks."""
        found: list[Point] = []
        for one, values in self.alone().items():
            for side in (-1, 1):
                tried = [one.own, *sorted((v for v in values if side * (v - one.own) > 0), key=lambda v: side * v)]
                halved = len(tried) - 1 - sum(side * (value - one.own) > 0 for value in one.values)
                bad = next((place for place, value in enumerate(tried) if self._breaks(one, value)), 0)
                if bad and halved < self.study.finer:
                    found.append(((one.key, middle(tried[bad - 1], tried[bad])),))
        return found

    def _corner_points(self) -> list[Point]:
        return [point for _, point in self.corners()]

    def _breaks(self, one: Parameter, value: float) -> bool:
        return bool(self.broken(OWN if value == one.own else ((one.key, value),)))

    # -- what is known ---------------------------------------------------------------------------------------------

    def moving(self) -> list[Parameter]:
        """The numbers that move anything between the ends of their ranges."""
        own = self.own(OWN)
        return [one for one in self.parameters if any(self._moves(own, ((one.key, end),)) for end in one.ends)]

    def _moves(self, own: Walked | str, point: Point) -> bool:
        there = self.refused.get(point) or self._reading(("screen", point))
        if isinstance(own, str) or isinstance(there, str) or there is None:
            return True
        return any(not _alike(before, after) for before, after in _arrays(own, there))

    def alone(self) -> dict[Parameter, list[float]]:
        """The numbers that move anything, each with all values that were tried of it, its own among them."""
        known: dict[str, list[float]] = {}
        for point in self.points:
            if len(point) == 1:
                known.setdefault(point[0][0], []).append(point[0][1])
        return {one: sorted({one.own, *known.get(one.key, [])}) for one in self.moving()}

    @property
    def points(self) -> list[Point]:
        """All points that were tried, those with no market too."""
        read = (point for role, point in self.readings if role == "own")
        screened = {point for role, point in self.readings if role == "screen"}
        return [*dict.fromkeys([*read, *(point for point in self.refused if point not in screened)])]

    @property
    def held(self) -> tuple[Target, ...]:
        """The targets that the scenario meets as it stands."""
        own = self.own(OWN)
        if isinstance(own, str):
            return ()
        values = own.values(self.targets)
        return tuple(target for target in self.targets if is_met(target, values[target.name]))

    def own(self, point: Point) -> Walked | str:
        """What was read of the market at a point, or why there is none."""
        found = self.refused.get(point) or self._reading(("own", point))
        return "was not read" if found is None else found

    def _reading(self, key: tuple[Role, Point]) -> Walked | str | None:
        if key not in self.readings:
            return None
        if key not in self._read:
            blocks = self.readings[key]
            faults = [block for block in blocks if isinstance(block, InputError)]
            self._read[key] = str(faults[0]) if faults else _joined(blocks)
        return self._read[key]

    def broken(self, point: Point) -> dict[Kind, str]:
        """What breaks at a point, and why."""
        if point not in self._broken:
            twin = self._reading(("twin", point))
            beside = twin.seen if isinstance(twin, Walked) else twin
            found = broken(self.own(point), beside, self.targets, self.held)
            self._broken[point] = {"refused": self.refused[point]} if point in self.refused else found
        return self._broken[point]

    def corners(self) -> Iterator[tuple[str, Point]]:
        """Corners of pairs of the strongest: of the tested box, and of the plausible ranges."""
        points = self.alone()
        walked = {point: (self.own(point), self.broken(point)) for point in self.points if len(point) < 2}
        rows = parameter_rows(self.scenario, points, walked, self.targets)
        known = {one.key: one for one in points}
        tested = {row["key"]: (row["tested_low"], row["tested_high"]) for row in rows.to_dict("records")}
        for first, second in combinations(list(tested)[: self.study.strongest], 2):
            wide = [(known[key].low, known[key].high) for key in (first, second)]
            for corner_of, ends in (("tested", [tested[first], tested[second]]), ("plausible", wide)):
                for one, other in dict.fromkeys(product(*ends)):
                    if one != known[first].own and other != known[second].own:
                        yield corner_of, ((first, one), (second, other))


def _joined(blocks: Sequence[tuple[Seen, Samples]]) -> Walked:
    seen, samples = zip(*blocks, strict=True)
    return Walked(
        joined(seen),
        {
            name: tuple(np.concatenate(parts) for parts in zip(*(part[name] for part in samples), strict=True))
            for name in samples[0]
        },
    )


def _arrays(own: Walked, there: Walked) -> Iterator[tuple[Any, Any]]:
    yield from zip(own.seen, there.seen, strict=True)
    for name, parts in own.samples.items():
        yield from zip(parts, there.samples[name], strict=True)


def _alike(before: Any, after: Any) -> bool:
    """Whether two figures are the same on the paths that both have."""
    paths = min(len(before), len(after))
    return bool(np.array_equal(before[:paths], after[:paths], equal_nan=True))
