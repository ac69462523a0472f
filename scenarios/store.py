"""Results on disk: Parquet frames and a manifest."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from cqkit.errors import InputError
from cqkit.folders import MANIFEST, read_parquet, write_folder, write_parquet
from scenarios.result import RunResult
from scenarios.schema import Scenario
from scenarios.targets import TargetResult, as_json

FRAMES = ("daily", "bands", "funds", "events", "hedges")


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

    def write(beside: Path) -> None:
        _write(result, beside)
        if extras is not None:
            extras(beside)

    write_folder(Path(folder), write)
    return Path(folder)


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
        frames = {name: _typed(read_parquet(folder / f"{name}.parquet")) for name in FRAMES}
        scenario = Scenario.model_validate(content["scenario"])
        targets = [TargetResult(**_untuple(item)) for item in content["targets"]]
        return RunResult(scenario, **frames, targets=targets, manifest=content["manifest"], _figures=content["figures"])
    except (OSError, duckdb.Error, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder}: no result that can be read: {error}") from None


def _write(result: RunResult, folder: Path) -> None:
    for name in FRAMES:
        write_parquet(getattr(result, name), folder / f"{name}.parquet")
    content = {
        "manifest": result.manifest,
        "targets": [as_json(target) for target in result.targets],
        "figures": {"main": result.summary(), **result.counterfactual()},
        "scenario": result.scenario.model_dump(mode="json", by_alias=True),
    }
    text = json.dumps(content, indent=2, allow_nan=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Give columns the types that they had before Parquet, which knows neither categories nor dates by the second."""
    text = {name: str for name in ("run", "kind") if name in frame}  # of a frame without rows nobody can tell
    frame = frame.astype(text).astype({"run": "category"})
    return frame.astype({"date": "datetime64[s]"}) if "date" in frame else frame


def _untuple(item: dict[str, Any]) -> dict[str, Any]:
    interval = item["interval"]
    return item | {"interval": None if interval is None else tuple(interval)}
