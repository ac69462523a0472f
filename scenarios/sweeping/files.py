"""Tasks of a sweep as Parquet: a row a path, several tasks a file, and beside the rows what each of them is."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cqkit.errors import InputError
from scenarios.sweeping.reading import PathFigures

META = b"crowdquake.tasks"
FORMAT: dict[str, Any] = {"compression": "none", "use_dictionary": False, "write_statistics": False}  # quick to write


Place = tuple[int, bool, int]


class Task(NamedTuple):
    """A market of a sweep on a block of paths."""

    point: int
    baseline: bool
    block: int
    paths: int  # asked for: the last block of an ensemble may be shorter

    @property
    def place(self) -> Place:
        """Which it is, whatever the number of its paths."""
        return self[:3]

    @property
    def file(self) -> str:
        """Name of the file of tasks that begins with it."""
        return f"p{self.point:06d}-{'baseline' if self.baseline else 'run'}-b{self.block:04d}.parquet"


def as_figures(found: PathFigures | InputError) -> PathFigures:
    """A reading; a market that failed has none but its fault."""
    return found if isinstance(found, PathFigures) else PathFigures(0, {}, {}, (), str(found).splitlines()[0])


def as_parquet(tasks: Mapping[Task, PathFigures]) -> memoryview:
    """A file of tasks; a figure that one of them does not have is null on its paths."""
    counts, found = [one.paths for one in tasks.values()], list(tasks.values())
    columns: dict[str, Any] = {
        "point": np.repeat([task.point for task in tasks], counts),
        "baseline": np.repeat([task.baseline for task in tasks], counts),
        "path": np.concatenate([np.arange(one.first, one.first + one.paths) for one in found]),
    }
    for name in dict.fromkeys(name for one in found for name in one.values):
        parts = [one.values.get(name) for one in found]
        lacking = np.repeat([part is None for part in parts], counts)
        values = np.concatenate([np.zeros(n) if part is None else part for n, part in zip(counts, parts, strict=True)])
        columns[name] = pa.array(values, mask=lacking) if lacking.any() else values
    table = pa.table(columns).replace_schema_metadata({META: json.dumps(_told(tasks)).encode()})
    content = pa.BufferOutputStream()  # Parquet goes to a file in many small pieces
    pq.write_table(table, content, **FORMAT)
    return memoryview(content.getvalue())


def _told(tasks: Mapping[Task, PathFigures]) -> dict[str, list[Any]]:
    """What each task is, in the order of its rows, and the kinds of figures that they have: mostly one for all."""
    kinds: list[Any] = []
    told = []
    for task, found in tasks.items():
        kind = [found.units, list(found.shares)]
        if kind not in kinds:
            kinds.append(kind)
        told.append([*task, found.first, found.paths, kinds.index(kind), found.fault])
    return {"kinds": kinds, "tasks": told}


def read_tasks(path: Path, wanted: Collection[Place] | None = None) -> dict[Task, PathFigures]:
    """Those of a file's tasks that are wanted, by default all; pyarrow.ArrowInvalid if it was cut off."""
    with pq.ParquetFile(path) as file:
        told = json.loads(file.schema_arrow.metadata[META])
        if wanted is not None and not any(tuple(one[:3]) in wanted for one in told["tasks"]):
            return {}
        table = file.read()
    columns = {name: table[name].to_numpy() for name in table.column_names}
    found, start = {}, 0
    for *key, first, paths, kind, fault in told["tasks"]:
        units, shares = told["kinds"][kind]
        values = {name: columns[name][start : start + paths] for name in units}
        start += paths
        task = Task(*key)
        if wanted is None or task.place in wanted:
            found[task] = PathFigures(first, values, units, tuple(shares), fault)
    return found
