"""Read a user's table file as text cells, so that every later complaint can name a row."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from cqkit.errors import InputError, raise_faults
from cqkit.readers import reader_of


@dataclass(frozen=True)
class Table:
    """A file's cells, stripped of spaces at their ends.

    Attributes
    ----------
    file : str
        The file's name without its folder.
    columns : tuple of str
        Column names in lower case.
    rows : list of list of str
        One cell a column; a missing value is the empty string.
    first_row : int
        Number of the first row as a user counts: 2 in a CSV, whose header is row 1; 1 in Parquet.
    """

    file: str
    columns: tuple[str, ...]
    rows: list[list[str]]
    first_row: int


def read_table(path: str | PathLike[str]) -> Table:
    """Read a table with a header, by the reader for its ending (`cqkit.readers`); any other is read as CSV.

    Raises
    ------
    InputError
        When the file is missing, a folder, unreadable or empty, or its columns or rows are malformed.
    """
    path = Path(path)
    (header, *rows), header_row = reader_of(path)(path)
    columns = tuple(name.lower() for name in header)
    if not rows:
        raise InputError(f"{path.name}: has no rows of data: must have at least one")
    first_row = header_row + 1
    raise_faults(
        [
            f"{path.name}: column {name} occurs {columns.count(name)} times: must occur once"
            for name in sorted({name for name in columns if name and columns.count(name) > 1})
        ]
        + [
            f"{path.name}: row {row}: {len(cells)} cells: must have {len(columns)}, as the header has"
            for row, cells in enumerate(rows, first_row)
            if len(cells) != len(columns)
        ]
    )
    return Table(file=path.name, columns=columns, rows=rows, first_row=first_row)
