"""What a study is: it says its cases, what it reads off each market, and its tables."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

import pandas as pd

from abm import Market
from abm.desk_facts import desk_facts
from abm.holdings import holdings_notes
from abm.index_path import EXAMPLE
from cqkit.errors import InputError
from cqkit.manifest import manifest
from cqkit.plugins import Plugin, PluginRegistry, parse_spec
from cqkit.showing import Shown
from scenarios.domain import refuse_outside
from scenarios.ensemble import Case, Progress, Size, check_arguments, simulate
from scenarios.loading import load_scenario
from scenarios.schema import Scenario

Readings = Mapping[Any, list[Any]]  # by case what was read off its market, a reading a block of paths


class Kept(Protocol):
    """Where readings are kept for longer than a process lives, by case."""

    def find(self, keys: Collection[Any]) -> Mapping[Any, list[Any]]:
        """The readings of those cases that were simulated before."""

    def put(self, found: Mapping[Any, Any]) -> None:
        """Keep readings of cases that ended together, each of one block of paths."""


@dataclass(frozen=True)
class Found:
    """What a study makes its result of.

    Attributes
    ----------
    scenario
        What was studied, checked and with what was set otherwise.
    readings
        By case what was read off its market, a reading a block of paths.
    paths, seed
        Of the ensemble.
    manifest
        How it came about.
    """

    scenario: Scenario
    readings: Readings
    paths: int
    seed: int
    manifest: dict[str, Any]


@dataclass(frozen=True, repr=False)
class StudyResult(Shown):
    """Tables of a study by name, and how they came about."""

    study: str
    scenario: Scenario
    frames: Mapping[str, pd.DataFrame]
    manifest: dict[str, Any] = field(default_factory=dict)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Frames by the name of the file that they are written to, without its ending."""
        return dict(self.frames)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "study": self.study,
            **{name: frame.to_dict("records") for name, frame in self.frames.items()},
            "manifest": self.manifest,
        }


@dataclass(frozen=True)
class Study(Plugin, ABC):
    """A question put to many markets on the same noise; a frozen dataclass whose fields are its parameters.

    A study says its `cases`, what it reads off each market (`read`), and its `tables`; `check` refuses a scenario that
    it cannot be put to. One whose result is more than tables overrides `result`; one that learns from what it has read
    which markets to look at next, `further`.
    """

    kind: ClassVar[str] = "study"
    size: ClassVar[Size] = Size()
    keep_faults: ClassVar[bool] = False  # whether a market that fails is a finding, read as its InputError
    beyond_the_box: ClassVar[bool] = False  # whether it looks where the scenario's laws were not tested

    def check(self, scenario: Scenario) -> None:
        """Raise InputError, a line a fault, if it cannot be put to a scenario; by default it always can."""

    @abstractmethod
    def cases(self, scenario: Scenario, paths: int, seed: int) -> Mapping[Any, Case]:
        """Markets to simulate on `paths` of the ensemble with that seed, by a key of the study's own."""

    def further(self, scenario: Scenario, paths: int, seed: int, readings: Readings) -> Mapping[Any, Case]:  # noqa: ARG002
        """More markets, now that those asked for so far are read, by keys not used before; none ends the study.

        By default all are known beforehand. It must follow from its arguments alone, so that results depend neither on
        workers nor on blocks.
        """
        return {}

    @property
    def rounds(self) -> int:
        """How often at most it asks for markets, the first time included."""
        return 1

    @abstractmethod
    def read(self, key: Any, market: Market) -> Any:
        """What is kept of a market once its days are traded; arrays with a leading path axis, and plain values."""

    def tables(self, found: Found) -> Mapping[str, pd.DataFrame]:
        """Tables by the name of the file that they are written to, without its ending."""
        raise NotImplementedError

    def result(self, found: Found) -> Any:
        """The result; by default the tables and how they came about."""
        return StudyResult(self.name, found.scenario, self.tables(found), found.manifest)


STUDIES: PluginRegistry[Study] = PluginRegistry(Study)
S = TypeVar("S", bound=Study)


def register(study: type[S]) -> type[S]:
    """Class decorator: make a study known by its `name`; InputError when the name is taken."""
    STUDIES.add(study.name, study)
    return study


def parse_study(text: str) -> Study:
    """Make a study as a user writes it: `name[:parameter=value,...]`; InputError says what is wrong."""
    _, name, parameters = parse_spec("study", text)
    return STUDIES.make(name, parameters)


def cases_of(study: Study, scenario: Scenario, paths: int, seed: int) -> Mapping[Any, Case]:
    """The markets that a study simulates of a scenario.

    Raises
    ------
    InputError
        With a line for every fault, if it cannot be put to the scenario, or if one of its markets lies outside the box
        in which the scenario was tested.
    """
    study.check(scenario)
    return _within_the_box(study, scenario, study.cases(scenario, paths, seed))


def _within_the_box(study: Study, scenario: Scenario, cases: Mapping[Any, Case]) -> Mapping[Any, Case]:
    if study.beyond_the_box:
        return cases
    markets = (case.settings for case in cases.values())
    refuse_outside(scenario.domain, scenario.name, *markets, own=scenario.settings)
    return cases


def _rounds(
    study: Study, scenario: Scenario, paths: int, seed: int, readings: Readings
) -> Iterator[Mapping[Any, Case]]:
    """What a study asks for, time after time, until it asks for nothing; `readings` grows meanwhile."""
    asked = cases_of(study, scenario, paths, seed)
    while asked:
        yield asked
        asked = _within_the_box(study, scenario, study.further(scenario, paths, seed, readings))
        if twice := [key for key in asked if key in readings]:
            raise InputError(f"study {study.name}: case {twice[0]}: must be asked for once")


def conduct(
    study: Study,
    scenario: str | Path | Scenario,
    *,
    paths: int,
    seed: int = 1,
    overrides: Mapping[str, Any] | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    kept: Kept | None = None,
) -> Any:
    """Put a study to a scenario and return its result.

    Parameters
    ----------
    scenario
        A name (`crowdquake scenarios` lists them), a TOML file, or a loaded scenario.
    paths
        Histories of every case.
    seed
        Equal scenario, seed and versions give equal results, whoever does the work.
    overrides
        Keys set to other values, as `{"funds.crowding": 0.5}`.
    workers, executor, progress
        As of `scenarios.ensemble.simulate`.
    kept
        Where readings are looked for before a case is simulated, and kept as soon as it is.

    Raises
    ------
    InputError
        With a line for every fault in the scenario or the arguments.
    """
    check_arguments(paths, seed, workers)
    checked = load_scenario(scenario, overrides)
    started = time.perf_counter()
    readings: dict[Any, list[Any]] = {}
    for number, cases in enumerate(_rounds(study, checked, paths, seed, readings)):
        known = kept.find(cases) if kept else {}
        readings |= known
        readings |= simulate(
            {key: case for key, case in cases.items() if key not in known},
            study.read,
            paths=paths,
            seed=seed,
            size=study.size,
            keep_faults=study.keep_faults,
            workers=workers,
            executor=executor,
            progress=_part(progress, number, study.rounds),
            finished=kept.put if kept else None,
        )
    if progress is not None:
        progress(1.0)
    untested, outside = checked.domain.note(checked.settings), checked.domain.outside_tested(checked.settings)
    desk = desk_facts(checked.settings, seed, paths)
    notes = [
        *(desk.notes if desk else ()),
        *holdings_notes(checked.funds, checked.market.stocks, checked.listed),
        *checked.remarks,
        *([untested] if untested else []),
        *([f"outside the tested box, where targets were met: {'; '.join(outside)}"] if outside else []),
    ]
    made = manifest(
        **({"notes": notes} if notes else {}),
        **({"outside_tested": outside} if outside else {}),
        **({"book": desk.as_json(checked.market.currency, checked.market.daily_value)} if desk else {}),
        scenario=checked.name,
        digest=checked.digest,
        synthetic_index=checked.market.index_path == EXAMPLE,
        seed=seed,
        paths=paths,
        seconds=time.perf_counter() - started,
        overrides=overrides,
    )
    return study.result(Found(checked, readings, paths, seed, made))


def _part(progress: Progress | None, number: int, rounds: int) -> Progress | None:
    """Tell the share done of one round among as many as there may be."""
    if progress is None:
        return None
    whole = max(rounds, number + 1)
    return lambda share: progress((number + share) / whole)
