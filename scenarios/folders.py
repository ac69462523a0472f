"""Folders of results: written beside and renamed into place, so that none is ever half-written."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd

from hedging import InputError

MANIFEST = "manifest.json"


def check_target(folder: Path) -> Path:
    """Refuse to replace anything but an earlier result, before work is begun; return the folder that is meant.

    Raises
    ------
    InputError
        If the path is a file, a folder with something else in it, or one that cannot be made or moved.
    """
    try:
        real = folder.resolve()
        if real.is_dir():
            if any(real.iterdir()) and not (real / MANIFEST).is_file():
                raise InputError(f"{folder}: holds something that is not a result: choose another folder")
            if real.is_mount() or Path.cwd().is_relative_to(real):
                raise InputError(f"{folder}: cannot be replaced, being in use: choose a folder inside it")
        elif real.exists():
            raise InputError(f"{folder}: is a file: choose a folder")
        above = next(parent for parent in real.parents if parent.exists())
        if not above.is_dir():
            raise InputError(f"{folder}: {above} is a file: choose a folder that can be made")
        if not os.access(above, os.W_OK | os.X_OK):
            raise InputError(f"{folder}: {above} cannot be written to: choose another folder")
    except (OSError, ValueError, RuntimeError) as error:  # InputError is a ValueError
        if isinstance(error, InputError):
            raise
        raise InputError(f"{folder}: cannot be used: {getattr(error, 'strerror', None) or error}") from None
    return real


def write_folder(folder: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a new folder, and put it in the place of `folder` in one step.

    An existing folder is replaced only if a result is in it, or nothing. `write` must leave a manifest.

    Raises
    ------
    InputError
        If the folder holds something else, or cannot be written; what was there before is then untouched.
    """
    real = check_target(folder)
    beside: Path | None = None
    try:
        real.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{real.name[:40]}-", dir=real.parent))
        beside.chmod(0o755)
        write(beside)
        _put_into_place(beside, real)
    except (OSError, duckdb.IOException) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise InputError(f"{folder}: cannot be written: {reason}") from None
    finally:
        if beside is not None:
            shutil.rmtree(beside, ignore_errors=True)


def _put_into_place(beside: Path, folder: Path) -> None:
    if not folder.exists():
        beside.rename(folder)
        return
    retired = beside.with_name(beside.name + "-before")
    folder.rename(retired)
    try:
        beside.rename(folder)
    except BaseException:
        retired.rename(folder)
        raise
    shutil.rmtree(retired, ignore_errors=True)


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as Parquet; categories become text."""
    plain = frame.assign(**{name: frame[name].astype(str) for name in frame.select_dtypes("category").columns})
    with duckdb.connect() as connection:
        connection.register("frame", plain)
        target = str(path).replace("'", "''")
        connection.execute(f"COPY (SELECT * FROM frame) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")


def read_parquet(path: Path) -> pd.DataFrame:
    """Read a frame from Parquet."""
    with duckdb.connect() as connection:
        return connection.execute("SELECT * FROM read_parquet(?)", [str(path)]).df()
