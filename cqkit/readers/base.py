"""What a reader is, and the register of readers by ending of a file's name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from cqkit.errors import InputError
from cqkit.registry import Registry


class Cells(NamedTuple):
    """A file's cells as text, a missing value as the empty string."""

    rows: list[list[str]]  # the first may be a header
    first_row: int  # number of the first of them as a user counts


Reader = Callable[[Path], Cells]
READERS: Registry[Reader] = Registry("table format")


def reader_of(path: Path) -> Reader:
    """The reader of a file by the ending of its name; what has no known ending is read as CSV."""
    suffix = path.suffix.lower()
    return READERS[suffix] if suffix in READERS else READERS[".csv"]


def read_bytes(path: Path) -> bytes:
    """Read a file whole; InputError says why it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{path.name}: no such file: must be a CSV or Parquet file") from error
    except IsADirectoryError as error:
        raise InputError(f"{path.name or path}: is a folder: must be a CSV or Parquet file") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path.name}: cannot be read ({reason}): must be a readable file") from error
