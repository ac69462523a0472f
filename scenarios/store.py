"""Runs on disk: written as any result is, and read back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from abm.record import KIND
from cqkit.errors import InputError
from cqkit.folders import MANIFEST, read_parquet, recover
from cqkit.storing import write_result
from scenarios.result import FRAMES, RunResult
from scenarios.schema import Scenario
from scenarios.targets import TargetResult


def save(result: RunResult, folder: str | Path, extras: Callable[[Path], None] | None = None) -> Path:
    """Write a run without charts to a folder, replacing an earlier one there in one step (cqkit.storing.write_result).

    Raises
    ------
    InputError
        If the folder holds something else, or cannot be written; what was there before is then untouched.
    """
    return write_result(result, folder, extras)


def load(folder: str | Path) -> RunResult:
    """Read a run back.

    Raises
    ------
    InputError
        If the folder holds no complete run.
    """
    folder = Path(folder)
    try:
        recover(folder.resolve())
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        frames = {name: _typed(read_parquet(folder / f"{name}.parquet")) for name in FRAMES}
        scenario = Scenario.model_validate(content["scenario"])
        targets = [TargetResult(**_untuple(item)) for item in content["targets"]]
        return RunResult(scenario, **frames, targets=targets, manifest=content["manifest"], _figures=content["figures"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder}: no result that can be read: {error}") from None


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Give columns the types that they had before Parquet, which knows neither categories nor dates by the second."""
    frame = frame.astype({"run": str}).astype({"run": "category"})  # of a frame without rows nobody can tell
    if "kind" in frame:
        frame = frame.astype({"kind": KIND})
    return frame.astype({"date": "datetime64[s]"}) if "date" in frame else frame


def _untuple(item: dict[str, Any]) -> dict[str, Any]:
    interval = item["interval"]
    return item | {"interval": None if interval is None else tuple(interval)}
