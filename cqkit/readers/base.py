"""What a reader is, and the register of readers by ending of a file's name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from cqkit.errors import InputError
from cqkit.registry import Registry


class Cells(NamedTuple):
    """A file's cells as text, a missing value as the empty string."""

    rows: list[list[str]]  # the first may be a header
    first_row: int  # number of the first of them as a user counts
    notes: tuple[str, ...] = ()  # how the file was read, where it might have been read otherwise; a few words each
    delimiter: str = ""  # what stood between the cells, in a text file


Reader = Callable[[Path], Cells]
READERS: Registry[Reader] = Registry("table format")

# How files begin that are no text: what they are, and the ending that they should have.
_BEGINNINGS: Final = {
    b"PK\x03\x04": ("an Excel workbook or a zip archive", ".xlsx"),
    b"PK\x05\x06": ("an empty zip archive", ""),
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": ("an old Excel workbook", ".xls"),
    b"PAR1": ("a Parquet file", ".parquet"),
    b"\x1f\x8b": ("compressed by gzip", ""),
    b"BZh": ("compressed by bzip2", ""),
    b"\xfd7zXZ\x00": ("compressed by xz", ""),
    b"\x28\xb5\x2f\xfd": ("compressed by zstd", ""),
    b"%PDF-": ("a PDF", ""),
}


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


def what_it_is(data: bytes) -> tuple[str, str] | None:
    """Tell by its first bytes what a file is that is no text, and which ending it should have; None for text."""
    return next((said for beginning, said in _BEGINNINGS.items() if data.startswith(beginning)), None)
