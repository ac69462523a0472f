"""Folders of results: written beside and renamed into place, so that none is ever half-written.

A writer fills a hidden folder of its own, which it holds a lock on, and puts it into place under a lock on the folder
above: two writers take turns, and the later one's result stays. What a killed writer left behind is put right by
whoever comes next: a folder that was lost between the two renames is found again, and leavings are removed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pandas as pd
import pyarrow
import pyarrow.parquet

from cqkit.errors import InputError
from cqkit.plain import first_few

try:
    import fcntl
except ImportError:  # no such locks on this system: writers to one folder must then take turns by themselves
    fcntl = None  # type: ignore[assignment]

MANIFEST = "manifest.json"
FOLDER = "folder"  # what manifest.json says of the folder itself: type of the result, when it was written, its files
OF_NOBODY = {"Thumbs.db", "desktop.ini"}  # and hidden files, and Excel's ~$ ones: left by who shows a folder
LONGEST_NAME = 40
RETIRED = "-before"
ROWS_AT_ONCE = 1_000_000  # written to a table


def check_target(folder: Path) -> Path:
    """Refuse to replace anything but an earlier result, before work is begun; return the folder that is meant.

    Raises
    ------
    InputError
        If the path is a file, a folder with something else in it, be it beside a result, or one that cannot be made or
        moved.
    """
    try:
        real = folder.resolve()
        recover(real)
        _check(folder, real)
    except (OSError, ValueError, RuntimeError) as error:  # InputError is a ValueError
        if isinstance(error, InputError):
            raise
        raise InputError(f"{folder}: cannot be used: {getattr(error, 'strerror', None) or error}") from None
    return real


def _check(folder: Path, real: Path) -> None:
    if real.is_dir():
        if any(real.iterdir()):
            _check_content(folder, real)
        if real.is_mount() or Path.cwd().is_relative_to(real):
            raise InputError(f"{folder}: cannot be replaced, being in use: choose a folder inside it")
    elif real.exists():
        raise InputError(f"{folder}: is a file: choose a folder")
    above = next(parent for parent in real.parents if parent.exists())
    if not above.is_dir():
        raise InputError(f"{folder}: {above} is a file: choose a folder that can be made")
    if not os.access(above, os.W_OK | os.X_OK):
        raise InputError(f"{folder}: {above} cannot be written to: choose another folder")


def _check_content(folder: Path, real: Path) -> None:
    """Refuse a folder that holds no result of ours, or more than was written with it."""
    try:
        about = json.loads((real / MANIFEST).read_text(encoding="utf-8"))[FOLDER]
        files = about.get("files") if about["result"] else None
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        raise InputError(f"{folder}: holds something that is not a result: choose another folder") from None
    if files is None:  # written before files were listed
        return
    more = sorted(
        path.name
        for path in real.iterdir()
        if path.name not in files and path.name not in OF_NOBODY and not path.name.startswith((".", "~$"))
    )
    if more:
        raise InputError(
            f"{folder}: holds {first_few(more, 3)} beside a result, which would be lost: move what is yours, or choose "
            "another folder"
        )


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
        with ExitStack() as writing:
            with _locked(real.parent):  # nobody sweeps it away before it is held
                beside = Path(tempfile.mkdtemp(prefix=_prefix(real), dir=real.parent))
                writing.enter_context(_locked(beside))
            beside.chmod(0o755)
            write(beside)
            with _locked(real.parent):
                _check(folder, real)  # another writer may have come first
                _put_into_place(beside, real)
    except OSError as error:
        reason = error.strerror or str(error).splitlines()[0]
        raise InputError(f"{folder}: cannot be written: {reason}") from None
    finally:
        if beside is not None:
            shutil.rmtree(beside, ignore_errors=True)


def recover(folder: Path) -> None:
    """Put right what a killed writer of `folder` left behind: finish its renames, remove its leavings."""
    if not folder.parent.is_dir():
        return
    leavings = _leavings(folder)
    if not leavings:
        return
    with _locked(folder.parent):
        retired = [path for path in leavings if path.name.endswith(RETIRED)]
        for before in retired:
            written = before.with_name(before.name.removesuffix(RETIRED))
            if not folder.exists():  # killed between the two renames: what was written is whole
                (written if (written / MANIFEST).is_file() else before).rename(folder)
            shutil.rmtree(before, ignore_errors=True)
        for path in leavings:
            if path not in retired and path.exists() and not _is_being_written(path):
                shutil.rmtree(path, ignore_errors=True)


def _put_into_place(beside: Path, folder: Path) -> None:
    if not folder.exists():
        beside.rename(folder)
        return
    retired = beside.with_name(beside.name + RETIRED)
    folder.rename(retired)
    try:
        beside.rename(folder)
    except BaseException:
        retired.rename(folder)
        raise
    shutil.rmtree(retired, ignore_errors=True)


def _prefix(folder: Path) -> str:
    """How the hidden folders of `folder` begin; a long name is cut, and told apart by a digest."""
    name = folder.name
    if len(name) > LONGEST_NAME:
        name = f"{name[:LONGEST_NAME]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return f".{name}.writing-"


def _leavings(folder: Path) -> list[Path]:
    pattern = re.compile(re.escape(_prefix(folder)) + rf"[a-z0-9_]{{8}}({RETIRED})?")
    return sorted(path for path in folder.parent.iterdir() if pattern.fullmatch(path.name))


def _is_being_written(folder: Path) -> bool:
    """Whether its writer is still alive, and holds its lock."""
    if fcntl is None:
        return True  # nobody can tell
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock on a folder; a system or a disk that knows no locks goes without."""
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def sole_writer(folder: Path) -> Iterator[None]:
    """Hold the lock on a folder for as long as it is written to; InputError if another process holds it."""
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(f"{folder}: is being written by another process: wait for it") from None
        except OSError:
            pass  # a disk that knows no locks
        yield
    finally:
        os.close(handle)


def write_file(path: Path, content: bytes | memoryview) -> None:
    """Write a file beside its place and rename it into it: it is never half-written; OSError if it cannot be."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def save_file(path: Path, content: bytes) -> None:
    """Write a file that a user named, and the folders above it; InputError if it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, content)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from None


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as Parquet, readable by `pandas.read_parquet`; categories become text, some rows at a time."""
    if len(frame) <= ROWS_AT_ONCE:
        _in_text(frame).to_parquet(path, engine="pyarrow", compression="zstd", index=False)
        return
    parts = (frame.iloc[first : first + ROWS_AT_ONCE] for first in range(0, len(frame), ROWS_AT_ONCE))
    tables = (pyarrow.Table.from_pandas(_in_text(part), preserve_index=False) for part in parts)
    table = next(tables)
    with pyarrow.parquet.ParquetWriter(path, table.schema, compression="zstd") as file:
        file.write_table(table)
        for table in tables:
            file.write_table(table)


def _in_text(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with text for categories."""
    return frame.assign(**{name: frame[name].astype(str) for name in frame.select_dtypes("category").columns})


def read_parquet(path: Path) -> pd.DataFrame:
    """Read a frame from Parquet."""
    return pd.read_parquet(path, engine="pyarrow")
