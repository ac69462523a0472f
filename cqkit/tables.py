"""A user's table as text cells, so that every later complaint can name a row; rows of one width."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from cqkit.readers import Cells, reader_of


def read_cells(path: str | PathLike[str]) -> Cells:
    """Read a file's cells as they stand, by the reader for its ending (`cqkit.readers`); any other is read as CSV.

    Raises
    ------
    InputError
        When the file is missing, a folder, unreadable or empty.
    """
    path = Path(path)
    return reader_of(path)(path)


def trimmed(row: list[str]) -> list[str]:
    """A row without the empty cells that trailing delimiters leave at its end."""
    last = max((place for place, cell in enumerate(row) if cell), default=-1)
    return row[: last + 1]


def fitted(row: list[str], width: int) -> list[str]:
    """A row cut or filled up with empty cells to this width."""
    return [*row[:width], *[""] * (width - len(row))]


def width_faults(file: str, number: int, row: list[str], width: int) -> list[str]:
    """Say what is wrong with a row that has too few cells, or too many that are not empty."""
    if len(row) >= width >= len(trimmed(row)):
        return []
    suspected = ": a comma between thousands, or a decimal comma, without quotation marks?" if len(row) > width else ""
    return [f"{file}: row {number}: {len(row)} cells: must have {width}, as the header has{suspected}"]
