"""A result on disk: its tables and manifest.json, whatever study it is of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path

import pandas as pd

from cqkit.folders import FOLDER, MANIFEST, write_folder, write_parquet
from cqkit.plain import to_json
from cqkit.results import InFormats, Restorable, Result, WithFiles


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as CSV."""
    frame.to_csv(path, index=False)


def write_result(
    result: Result,
    folder: str | PathLike[str],
    extras: Callable[[Path], object] | None = None,
    command: str = "",
) -> Path:
    """Write a result to a folder, replacing an earlier one there in one step; return the folder.

    Parameters
    ----------
    result
        What to write: a file a table and format, its own files if it has any, and manifest.json.
    folder
        Where; an existing folder is replaced only if a result is in it, or nothing.
    extras
        Writes more (charts) into the folder before it is put into place.
    command
        What was typed to get it, if anything was.

    Raises
    ------
    InputError
        If the folder holds something else, or cannot be written; what was there before is then untouched.
    """
    folder = Path(folder)
    # Looked up here, so that whoever replaces a writer replaces it for all.
    writers = {"csv": write_csv, "parquet": write_parquet}
    formats: Mapping[str, tuple[str, ...]] = result.formats if isinstance(result, InFormats) else {}

    def write(beside: Path) -> None:
        files: dict[str, tuple[str, pd.DataFrame]] = {
            f"{name}.{ending}": (ending, frame)
            for name, frame in result.tables().items()
            for ending in formats.get(name, ("csv",))
        }
        for file, (ending, frame) in files.items():
            writers[ending](frame, beside / file)
        if isinstance(result, WithFiles):
            result.write_files(beside)
        content = result.stored() if isinstance(result, Restorable) else result.as_json()
        written = f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}"
        if extras is not None:
            extras(beside)
        every = sorted([MANIFEST, *(path.name for path in beside.iterdir())])
        about = {"result": type(result).__name__, "written": written, "tables": list(files), "files": every}
        about |= {"command": command} if command else {}
        made = {"manifest": result.manifest} if result.manifest else {}
        text = to_json({FOLDER: about, **content, **made})
        (beside / MANIFEST).write_text(text + "\n", encoding="utf-8")

    write_folder(folder, write)
    return folder
