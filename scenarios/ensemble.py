"""The one way to simulate many markets on common noise.

A study says which markets (cases), and what it reads off each; they are simulated a block of paths and a batch of cases
at a time, which bounds the memory. Noise is a function of seed, path and day, so that all cases share it, and results
depend neither on blocks and batches nor on who does the work: threads of this process, or any executor.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from threading import Event, Lock
from typing import Any, Generic, TypeVar

import numpy as np

from abm import Market, Settings, available_workers, is_warm, trade_day, warm_up
from abm.market import DailyRule
from abm.opening import bytes_a_path
from abm.steering import Steer
from cqkit.errors import InputError, raise_faults
from cqkit.extensions import carried

MAX_PATHS = 1_000_000
ROOM = 64 * 2**20  # bytes of a market that are worked on at a time
LEAST = 16  # paths of a block that is made smaller for the threads' sake

Progress = Callable[[float], None]
Key = TypeVar("Key", bound=Hashable)
Reading = TypeVar("Reading")
Read = Callable[[Any, Market], Reading]
Finished = Callable[[Mapping[Any, Any]], None]
Day = Callable[[Sequence[Market]], None]  # trades the next day in all these markets


@dataclass(frozen=True)
class Case:
    """A market to simulate.

    Attributes
    ----------
    settings
        What it is made of.
    paths
        So many paths of the ensemble alone; default: all.
    first
        The first of them.
    steer
        Of paths that are simulated whatever the ensemble's number, the market steered along a direction.
    days
        Trading days, counted from the first; default: all.
    rules
        Each is given a market before its first day and makes a daily rule of it, called after each close: what a study
        reads day by day is kept there (`market.rules`).
    """

    settings: Settings
    paths: int | None = None
    days: int | None = None
    rules: tuple[Callable[[Market], DailyRule], ...] = ()
    first: int = 0
    steer: Steer | None = None

    @classmethod
    def steered(cls, settings: Settings, steer: Steer) -> Case:
        """The paths that are steered, each by its score."""
        return cls(settings, paths=steer.scores.size, first=steer.first, steer=steer)

    def end(self, paths: int) -> int:
        """The path after its last, in an ensemble of `paths`."""
        if self.paths is None:
            return paths
        return self.first + self.paths if self.steer is not None else min(self.first + self.paths, paths)

    def blocks(self, size: int, paths: int) -> Iterator[range]:
        """Its paths in an ensemble of `paths`, so many at a time from its first on: a reading is made of each."""
        end = self.end(paths)
        for first in range(self.first, end, size):
            yield range(first, min(first + size, end))

    @property
    def day_count(self) -> int:
        """How many days are traded."""
        return self.settings.clock.days if self.days is None else min(self.days, self.settings.clock.days)

    @property
    def noise(self) -> tuple[int, int, int, Steer | None]:
        """What cases must have alike to share noise: bars, factors, stocks, and how they are steered."""
        market = self.settings.market
        return self.settings.clock.bars, market.factors, market.stocks, self.steer


@dataclass(frozen=True)
class Size:
    """How much is simulated at a time: it bounds the memory, and changes no result."""

    block: int = 100  # paths, fewer where they are large
    batch: int = 16  # cases
    whatever_threads: bool = False  # whether blocks are so large on any number of threads, as what is stored must be

    def block_of(self, cases: Collection[Case], paths: int, threads: int = 1) -> int:
        """Paths in a block: of large markets so few that there is room in memory, else so many that threads end alike.

        Where all cases are one batch, each thread takes whole blocks, unless they would be very small.
        """
        largest = max((bytes_a_path(case.settings) for case in cases), default=1)
        most = max(1, min(self.block, ROOM // largest))
        if self.whatever_threads or len(cases) > self.batch:
            return most
        rounds = math.ceil(paths / (most * threads))
        even = math.ceil(paths / max(rounds * threads, 1))
        return even if LEAST <= even <= most else most


@dataclass(frozen=True)
class _Task(Generic[Key]):
    """Some cases on a block of paths."""

    cases: tuple[tuple[Key, Case], ...]
    first: int
    counts: tuple[int, ...]
    seed: int
    read: Read[Any]
    keep_faults: bool = False

    @property
    def path_days(self) -> int:
        """Work to do."""
        return sum(count * case.day_count for (_, case), count in zip(self.cases, self.counts, strict=True))

    def run(self, day: Day = trade_day) -> list[Any]:
        """Trade all cases together, a `day` at a time, and read off each."""
        if not self.keep_faults:
            return self._trade(day)
        with np.errstate(all="ignore"):  # a market on its way out of its range may divide by nothing
            return self._trade_or_find(day)

    def _trade_or_find(self, day: Day) -> list[Any]:
        """The same; where a market fails, halves are traded anew until it is found, and its reading is the error."""
        try:
            return self._trade(day)
        except InputError as error:
            if len(self.cases) == 1:
                return [error]
        half = len(self.cases) // 2
        parts = [slice(None, half), slice(half, None)]
        halves = [replace(self, cases=self.cases[part], counts=self.counts[part]) for part in parts]
        return [reading for part in halves for reading in part._trade_or_find(day)]

    def _trade(self, day: Day) -> list[Any]:
        lead, most = self.cases[0][1], max(self.counts)
        lift = None if lead.steer is None else lead.steer.lift(lead.settings, self.seed, self.first, most)
        markets = [
            Market(case.settings, self.seed, count, self.first)
            for (_, case), count in zip(self.cases, self.counts, strict=True)
        ]
        for market, (_, case) in zip(markets, self.cases, strict=True):
            market.rules += tuple(rule(market) for rule in case.rules)
            market.lift = lift
        last = [case.day_count for _, case in self.cases]
        while still := [market for market, days in zip(markets, last, strict=True) if market.day < days]:
            day(still)
        return [self.read(key, market) for (key, _), market in zip(self.cases, markets, strict=True)]


Keep = Callable[[_Task[Any], list[Any]], None]  # is given the readings of a task that is done


def simulate(
    cases: Mapping[Key, Case],
    read: Read[Reading],
    *,
    paths: int,
    seed: int,
    size: Size | None = None,
    keep_faults: bool = False,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    finished: Finished | None = None,
) -> dict[Key, list[Reading]]:
    """Simulate all cases and read off each; return its readings by case, a reading a block of paths, in order.

    Parameters
    ----------
    cases
        Markets by a key of the caller's.
    read
        What is kept of a market once its days are traded, `read(key, market)`. For an executor of other processes it
        must be a function of a module or a method of what can be pickled, and so must what it returns.
    paths, seed
        Paths 0 .. paths - 1 of the ensemble with that seed.
    size
        How much at a time.
    keep_faults
        Whether a market that leaves the range in which it means anything is read as the InputError that it stops with;
        by default that ends all.
    workers
        Threads, without an executor; default: all cores.
    executor
        Does the work, a task a block and batch, each on one thread: any `concurrent.futures.Executor`.
    progress
        Told the share of the work done, 0..1.
    finished
        Told the readings of cases that ended together as soon as they are there, in whatever order the work is done;
        without an executor by the thread that did it, before it begins more.
    """
    _compile(cases.values())
    threads = 1 if executor is not None else workers or available_workers()
    cut = _tasks(cases, read, paths, seed, size or Size(), threads)
    tasks = [replace(task, keep_faults=keep_faults) for task in cut]
    total, done = sum(task.path_days for task in tasks), 0

    def advance(path_days: int) -> None:
        nonlocal done
        done += path_days
        if progress is not None:
            progress(min(done / total, 1.0))  # what has to be traded anew is more than all

    def keep(task: _Task[Key], readings: list[Reading]) -> None:
        if finished is not None:
            finished({key: reading for (key, _), reading in zip(task.cases, readings, strict=True)})

    if executor is None:
        answers = _in_threads(tasks, threads, advance, keep)
    else:
        answers = _elsewhere(tasks, executor, advance, keep)
    found: dict[Key, list[Reading]] = {key: [] for key in cases}
    for task, readings in zip(tasks, answers, strict=True):
        for (key, _), reading in zip(task.cases, readings, strict=True):
            found[key].append(reading)
    return found


def _compile(cases: Iterable[Case]) -> None:
    """Compile what they need: all who do the work, and all later runs, then have the same machine code."""
    for case in cases:
        if not is_warm(case.settings):
            warm_up(case.settings)


def _tasks(
    cases: Mapping[Key, Case], read: Read[Any], paths: int, seed: int, size: Size, threads: int
) -> Iterator[_Task[Key]]:
    """Cut the work up: block after block of paths, within one the cases that can share noise, a batch at a time."""
    last = max((case.end(paths) for case in cases.values()), default=0)
    block = size.block_of(list(cases.values()), last, threads)
    groups: dict[tuple[int, Any], list[tuple[Key, Case, int]]] = {}
    for key, case in cases.items():
        for here in case.blocks(block, paths):
            groups.setdefault((here.start, case.noise), []).append((key, case, len(here)))
    for (first, _), group in sorted(groups.items(), key=lambda item: item[0][0]):
        for place in range(0, len(group), size.batch):
            batch = group[place : place + size.batch]
            chosen, counts = tuple((key, case) for key, case, _ in batch), tuple(count for *_, count in batch)
            yield _Task(chosen, first, counts, seed, read)


def _elsewhere(
    tasks: Sequence[_Task[Any]], executor: Executor, advance: Callable[[int], None], keep: Keep
) -> list[list[Any]]:
    """Have the tasks done by an executor."""

    def ended(task: _Task[Any], readings: list[Any]) -> None:
        keep(task, readings)
        advance(task.path_days)

    return _gathered({executor.submit(carried(_Task.run, task)): task for task in tasks}, ended)


def _in_threads(
    tasks: Sequence[_Task[Any]], threads: int, advance: Callable[[int], None], keep: Keep
) -> list[list[Any]]:
    """Do the tasks here, one a thread; threads for which there are none left help with those that are.

    A day's close is the work of one thread: with a task a thread, the others trade meanwhile.
    """
    turn, stopped, left = Lock(), Event(), len(tasks)

    def day(markets: Sequence[Market]) -> None:
        if stopped.is_set():
            raise CancelledError
        trade_day(markets, max(1, threads // left))
        with turn:
            advance(sum(market.paths for market in markets))

    def work(task: _Task[Any]) -> list[Any]:
        nonlocal left
        readings = task.run(day)
        keep(task, readings)
        with turn:
            left -= 1
        return readings

    with ThreadPoolExecutor(threads) as pool:
        try:
            return _gathered({pool.submit(work, task): task for task in tasks})
        except BaseException:
            stopped.set()  # whoever still trades stops at the end of his day
            raise


def _gathered(waiting: Mapping[Future[list[Any]], _Task[Any]], told: Keep | None = None) -> list[list[Any]]:
    """The answers to tasks that are done elsewhere, in the order of the tasks; each is told as soon as it is there."""
    try:
        for done in as_completed(waiting):
            readings = done.result()
            if told is not None:
                told(waiting[done], readings)
    except BaseException:
        for future in waiting:
            future.cancel()
        raise
    return [future.result() for future in waiting]


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
