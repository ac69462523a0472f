"""Tasks of a sweep on disk: those that end together are a file, written beside and renamed into place.

A process that is killed loses what it was working on and nothing else: `--resume` reads what is there and goes on. The
folder's plan (sweep.json) says what the tasks are of; tasks of another plan are never mixed in.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa

from cqkit.errors import InputError
from cqkit.folders import sole_writer, write_file
from cqkit.manifest import LIBRARIES, plugins, told
from cqkit.plain import to_json
from scenarios.schema import Scenario
from scenarios.sweeping.files import Task, as_figures, as_parquet, read_tasks
from scenarios.sweeping.reading import PathFigures

PLAN = "sweep.json"
UNFINISHED = ".tasks"
TASKS = "tasks"  # where a result has them
LAYOUT = 3  # of its files: another is not gone on with


def plan_of(scenario: Scenario, study: Any, seed: int, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """What tasks are of: with the same plan the same task gives the same figures; how many paths is left open."""
    return {
        "layout": LAYOUT,
        "scenario": scenario.name,
        "digest": scenario.digest,
        "set": told(overrides),
        "vary": [[one.key, list(one.values), one.limits, one.steps] for one in study.turned],
        "design": study.design,
        "points": study.points,
        "seed": seed,
        "plugins": plugins(),
        "versions": {name: version(name) for name in LIBRARIES},
    }


class TaskFolder:
    """Where finished tasks are kept while a sweep goes on: beside its result, under the result's name and `.tasks`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def beside(cls, result: Path) -> TaskFolder:
        """The folder of a result's unfinished tasks."""
        real = result.resolve()
        return cls(real.with_name(real.name + UNFINISHED))

    @contextmanager
    def opened(self, plan: Mapping[str, Any], result: Path, *, resume: bool) -> Iterator[TaskFolder]:
        """Hold the folder for the time of a sweep by this plan; with `resume` the tasks already there are taken up.

        Raises
        ------
        InputError
            If it holds an unfinished sweep that is not to be taken up, one by another plan, or is being written by
            another process.
        """
        text = to_json(plan) + "\n"
        try:
            if resume and not self._is_begun() and (result / PLAN).is_file():
                _copy(result / PLAN, result / TASKS, self.folder / PLAN, self.folder)
            if self._is_begun():
                self._check(text, resume=resume)
            self.folder.mkdir(parents=True, exist_ok=True)
            with sole_writer(self.folder):
                write_file(self.folder / PLAN, text.encode("utf-8"))
                for leaving in self.folder.glob(".*"):
                    leaving.unlink()
                yield self
        except OSError as error:
            raise InputError(f"{self.folder}: cannot be used: {error.strerror or error}") from None

    def _is_begun(self) -> bool:
        """Whether there is anything but what a process leaves that is killed before the plan is in place."""
        if not self.folder.is_dir():
            return self.folder.exists()
        return any(not path.name.startswith(f".{PLAN}") for path in self.folder.iterdir())

    def _check(self, plan: str, *, resume: bool) -> None:
        found = self.folder / PLAN
        if not found.is_file():
            raise InputError(f"{self.folder}: is in the way: holds something that is no sweep: move it")
        if not resume:
            raise InputError(f"{self.folder}: holds an unfinished sweep: --resume goes on with it, else remove it")
        before, now = json.loads(found.read_text(encoding="utf-8")), json.loads(plan)
        differ = [key for key in now if before.get(key) != now[key]]
        if differ:
            told = ", ".join(differ)
            raise InputError(f"{self.folder}: is a sweep with another {told}: --resume needs the command that began it")

    def find(self, keys: Collection[Any]) -> dict[Any, list[PathFigures]]:
        """What those of the tasks found that are there; a file that was cut off in the middle is removed.

        An earlier sweep on another number of paths may have asked for more of a block, of which the first are taken, or
        for fewer, which are removed: the whole is simulated anew.
        """
        wanted = {task.place: task for task in (Task(*key) for key in keys)}
        found: dict[Any, list[PathFigures]] = {}
        for path in self.folder.glob("*.parquet"):
            try:
                there = read_tasks(path, wanted.keys())
            except pa.ArrowInvalid:
                path.unlink()
                continue
            stale = set()
            for task, figures in there.items():
                asked = wanted[task.place]
                if task.paths == asked.paths or (task.paths > asked.paths and figures.fault is None):
                    found[asked] = [figures.begin(asked.paths)]
                else:
                    stale.add(task)
            if stale:
                self._remove(path, stale)
        return found

    def _remove(self, path: Path, stale: Collection[Task]) -> None:
        """Take tasks out of a file of some."""
        left = {task: figures for task, figures in read_tasks(path).items() if task not in stale}
        if left:
            self._write(left)
        if not left or path.name != next(iter(left)).file:
            path.unlink()

    def _write(self, tasks: Mapping[Task, PathFigures]) -> None:
        write_file(self.folder / next(iter(tasks)).file, as_parquet(tasks))

    def put(self, found: Mapping[Any, PathFigures | InputError]) -> None:
        """Write what tasks found that ended together, in one step."""
        try:
            self._write({Task(*key): as_figures(figures) for key, figures in found.items()})
        except OSError as error:
            reason = error.strerror or str(error).splitlines()[0]
            raise InputError(f"{self.folder}: cannot be written: {reason}; --resume goes on from here") from None

    def move_into(self, folder: Path) -> None:
        """Give a result's folder all tasks, as links to the same files where the disk knows them."""
        _copy(self.folder / PLAN, self.folder, folder / PLAN, folder / TASKS)

    def remove(self) -> None:
        """Remove it, once a result has all of it: the plan last, so that it is a sweep's for as long as it is there."""
        with suppress(OSError):
            for path in self.folder.iterdir():
                if path.name != PLAN:
                    path.unlink()
        shutil.rmtree(self.folder, ignore_errors=True)


def _copy(plan: Path, tasks: Path, plan_into: Path, tasks_into: Path) -> None:
    """Link tasks to another folder, or copy them where the disk knows no links; their plan goes first.

    What is copied in part can then be gone on with.
    """
    tasks_into.mkdir(parents=True, exist_ok=True)
    write_file(plan_into, plan.read_bytes())
    for path in sorted(tasks.glob("*.parquet")):
        try:
            os.link(path, tasks_into / path.name)
        except OSError:
            shutil.copy2(path, tasks_into / path.name)
