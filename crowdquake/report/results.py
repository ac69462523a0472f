"""Results on disk, as the pack reads them: what study each is of, its manifest, its tables."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cqkit.errors import InputError, raise_faults
from cqkit.folders import FOLDER, MANIFEST, read_parquet, recover
from hedging import HedgeResult
from hedging.reserves import HedgeNeeds
from scenarios import RunResult, load

# Columns of names, which may look like a number or like nothing: "007", "NA".
NAMES = ("policy", "source", "series", "fund", "ticker", "title", "scenario", "case")
NO_RESULT = "holds no result: give a folder that --out wrote"


@dataclass(frozen=True, eq=False)
class ResultFolder:
    """A result on disk.

    Attributes
    ----------
    label
        The folder's name, told apart from those of the other folders.
    folder
        Where it is.
    study
        Type of the result, as "RunResult".
    content
        What manifest.json holds.
    """

    label: str
    folder: Path
    study: str
    content: dict[str, Any]

    @property
    def manifest(self) -> dict[str, Any]:
        """How it came about; of several markets studied as one, that of the first besides."""
        made: dict[str, Any] = self.content.get("manifest") or {}
        studies = made.get("studies") or [{}]
        return {**studies[0], **made}

    @property
    def scenarios(self) -> list[str]:
        """Names of the scenarios that it is of, in their order."""
        made: dict[str, Any] = self.content.get("manifest") or {}
        return [str(one["scenario"]) for one in (made, *(made.get("studies") or ())) if one.get("scenario")]

    @property
    def written(self) -> str:
        """Date on which it was written, YYYY-MM-DD."""
        return str(self.content[FOLDER].get("written", ""))[:10]

    @property
    def command(self) -> str:
        """What was typed to get it; empty if it was made from Python."""
        return str(self.content[FOLDER].get("command", ""))

    @property
    def files(self) -> list[str]:
        """Names of the tables' files."""
        return [str(name) for name in self.content[FOLDER]["tables"]]

    def has(self, table: str) -> bool:
        """Whether there is a table of that name."""
        return any(name.partition(".")[0] == table for name in self.files)

    def table(self, name: str) -> pd.DataFrame:
        """A table; InputError if its file cannot be read."""
        file = next(item for item in self.files if item.partition(".")[0] == name)
        path = self.folder / file
        try:
            return read_parquet(path) if path.suffix == ".parquet" else _read_csv(path)
        except (OSError, ValueError) as error:
            raise InputError(f"{path}: cannot be read: {' '.join(str(error).split())}") from None

    @cached_property
    def run(self) -> RunResult:
        """The run, of a folder that holds one."""
        return load(self.folder)

    @cached_property
    def accounts(self) -> dict[str, HedgeResult]:
        """The desk's accounts by run, main and twin, made again of their rows; none without a desk."""
        frame = self.run.hedges
        return {str(name): _accounts(rows, self.run) for name, rows in frame.groupby("run", observed=True)}

    @cached_property
    def needs(self) -> dict[str, HedgeNeeds]:
        """What the desk's hedge needed by path, by run."""
        return {name: HedgeNeeds.of(result) for name, result in self.accounts.items()}

    @cached_property
    def account_dates(self) -> pd.DatetimeIndex:
        """Dates of the desk's closes, the one at which the hedge is put on first."""
        frame = self.run.hedges
        return pd.DatetimeIndex(frame.loc[(frame["run"] == "main") & (frame["path"] == 0), "date"])


def read_results(folders: Sequence[str | Path]) -> tuple[ResultFolder, ...]:
    """Read result folders.

    Raises
    ------
    InputError
        With a line for every folder that holds no whole result.
    """
    given = [Path(folder) for folder in folders]
    labels = _labels(given)
    found: list[ResultFolder] = []
    faults: list[str] = []
    for folder, label in zip(given, labels, strict=True):
        try:
            found.append(_read(folder, label))
        except InputError as error:
            faults += error.faults
    raise_faults(faults)
    return tuple(found)


def _read(folder: Path, label: str) -> ResultFolder:
    try:
        recover(folder.resolve())
        if not folder.is_dir():
            raise InputError(f"{folder}: {'is a file: give a folder' if folder.exists() else 'no such folder'}")
        if not (folder / MANIFEST).is_file():
            raise InputError(f"{folder}: {NO_RESULT}")
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RuntimeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{folder}: {MANIFEST} cannot be read: {error}") from None
    if not isinstance(content, dict) or not isinstance(content.get("manifest", {}), dict):
        raise InputError(f"{folder}: {NO_RESULT}")
    about = content.get(FOLDER)
    about = about if isinstance(about, dict) else {}
    study, tables = about.get("result"), about.get("tables")
    if not isinstance(study, str) or not isinstance(tables, list):
        raise InputError(f"{folder}: does not say what study it is of: write it anew with --out")
    missing = [str(name) for name in tables if not (folder / Path(str(name)).name).is_file()]
    if missing:
        raise InputError(f"{folder}: {', '.join(missing)}: missing: the result is not whole, write it anew with --out")
    return ResultFolder(label, folder, study, content)


def _read_csv(path: Path) -> pd.DataFrame:
    """A table that we wrote: names are text as they stand, elsewhere nothing is NaN."""
    others = [name for name in pd.read_csv(path, nrows=0) if name not in NAMES]
    nothing: Any = {name: [""] for name in others}
    return pd.read_csv(path, dtype=dict.fromkeys(NAMES, str), keep_default_na=False, na_values=nothing)


def _labels(folders: Sequence[Path]) -> list[str]:
    """Names of folders; those with the same one are told apart by the folder above, or by a number."""
    names = [folder.resolve().name for folder in folders]
    twice = {name for name, count in Counter(names).items() if count > 1}
    longer = [
        f"{folder.resolve().parent.name}/{name}" if name in twice else name
        for folder, name in zip(folders, names, strict=True)
    ]
    seen: Counter[str] = Counter()
    labels = []
    for label in longer:
        seen[label] += 1
        labels.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return labels


def _accounts(rows: pd.DataFrame, run: RunResult) -> HedgeResult:
    paths, days = int(rows["path"].max()) + 1, int(rows["day"].max()) + 1
    ordered = rows.sort_values(["path", "day"], kind="stable")
    records = {
        name: ordered[name].to_numpy(dtype=np.float64).reshape(paths, days) for name in HedgeResult.record_names()
    }
    return HedgeResult(
        **records,
        start_value=float(run.manifest["desk"]["main"]["book_money"]),
        reserve=run.scenario.desk.reserve,
        currency=run.scenario.market.currency,
    )
