"""Results on disk: Parquet through DuckDB and a manifest, written beside and renamed into place."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from hedging import InputError
from scenarios.loading import changed
from scenarios.result import RunResult
from scenarios.schema import Scenario
from scenarios.targets import TargetResult, as_json

FRAMES = ("daily", "bands", "funds", "events", "hedges")
MANIFEST = "manifest.json"


def save(result: RunResult, folder: str | Path, extras: Callable[[Path], None] | None = None) -> Path:
    """Write a result to a folder, replacing an earlier one there in one step.

    Parameters
    ----------
    result
        What to write.
    folder
        Where; an existing folder is replaced only if a result is in it, or nothing.
    extras
        Writes more (charts) into the folder before it is put into place.

    Raises
    ------
    InputError
        If the folder holds something else, or cannot be written; what was there before is then untouched.
    """
    folder = Path(folder)
    check_target(folder)
    beside: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        beside.chmod(0o755)
        _write(result, beside)
        if extras is not None:
            extras(beside)
        _put_into_place(beside, folder)
    except (OSError, duckdb.Error) as error:
        raise InputError([f"{folder}: cannot be written: {getattr(error, 'strerror', None) or error}"]) from None
    finally:
        if beside is not None:
            shutil.rmtree(beside, ignore_errors=True)
    return folder


def check_target(folder: Path) -> None:
    """Refuse to replace anything but an earlier result, before a run is begun.

    Raises
    ------
    InputError
        If the path is a file, or a folder with something else in it.
    """
    if folder.is_dir():
        if any(folder.iterdir()) and not (folder / MANIFEST).is_file():
            raise InputError([f"{folder}: holds something that is not a result: choose another folder"])
    elif folder.exists():
        raise InputError([f"{folder}: is a file: choose a folder"])


def load(folder: str | Path) -> RunResult:
    """Read a result back.

    Raises
    ------
    InputError
        If the folder holds no complete result.
    """
    folder = Path(folder)
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        frames = {name: _read_parquet(folder / f"{name}.parquet") for name in FRAMES}
        scenario = changed(Scenario.model_validate(content["scenario"]), {})
        targets = [TargetResult(**_untuple(item)) for item in content["targets"]]
        return RunResult(
            scenario, **frames, targets=targets, manifest=content["manifest"], _figures=content["figures"]
        )
    except (OSError, duckdb.Error, ValueError, KeyError, TypeError) as error:
        raise InputError([f"{folder}: no result that can be read: {error}"]) from None


def _write(result: RunResult, folder: Path) -> None:
    for name in FRAMES:
        _write_parquet(getattr(result, name), folder / f"{name}.parquet")
    content = {
        "manifest": result.manifest,
        "targets": [as_json(target) for target in result.targets],
        "figures": {"main": result.summary(), **result.counterfactual()},
        "scenario": result.scenario.model_dump(mode="json", by_alias=True),
    }
    (folder / MANIFEST).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _put_into_place(beside: Path, folder: Path) -> None:
    if not folder.exists():
        beside.rename(folder)
        return
    retired = beside.with_name(beside.name + "-before")
    folder.rename(retired)
    try:
        beside.rename(folder)
    except OSError:
        retired.rename(folder)
        raise
    shutil.rmtree(retired, ignore_errors=True)


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    if frame.empty and not len(frame.columns):
        frame = pd.DataFrame({"run": pd.Series([], dtype=str)})
    plain = frame.assign(**{name: frame[name].astype(str) for name in frame.select_dtypes("category").columns})
    with duckdb.connect() as connection:
        connection.register("frame", plain)
        target = str(path).replace("'", "''")
        connection.execute(f"COPY (SELECT * FROM frame) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")


def _read_parquet(path: Path) -> pd.DataFrame:
    with duckdb.connect() as connection:
        return connection.execute("SELECT * FROM read_parquet(?)", [str(path)]).df()


def _untuple(item: dict[str, Any]) -> dict[str, Any]:
    interval = item["interval"]
    return item | {"interval": None if interval is None else tuple(interval)}
