"""Read a user's table file as text cells, so that every later complaint can name a row."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from cqkit.errors import InputError, raise_faults
from cqkit.numbers import is_missing, like_a_number
from cqkit.readers import Cells, reader_of


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
        One cell a column; a missing value is the empty string. Blank rows, comments, what stands above the header
        and sources below the table are left out.
    numbers : tuple of int
        Number of each row as a user counts: the header of a CSV is row 1; Parquet counts rows of data.
    notes : tuple of str
        How the file was read, where it might have been read otherwise; a few words each.
    """

    file: str
    columns: tuple[str, ...]
    rows: list[list[str]]
    numbers: tuple[int, ...]
    notes: tuple[str, ...] = ()


def read_cells(path: str | PathLike[str]) -> Cells:
    """Read a file's cells as they stand, by the reader for its ending (`cqkit.readers`); any other is read as CSV.

    Raises
    ------
    InputError
        When the file is missing, a folder, unreadable or empty.
    """
    path = Path(path)
    return reader_of(path)(path)


def read_table(path: str | PathLike[str]) -> Table:
    """Read a table with a header: the first row that is as wide as most and has no number in it.

    Raises
    ------
    InputError
        When the file is missing, a folder, unreadable or empty, or its columns or rows are malformed.
    """
    path = Path(path)
    return table_of(path.name, read_cells(path))


def table_of(file: str, cells: Cells) -> Table:
    """Make a table of a file's cells; as `read_table`, for a file that is read already."""
    header = _header(cells.rows)
    columns = tuple(name.lower() for name in trimmed(cells.rows[header]))
    rows = {cells.first_row + place: row for place, row in enumerate(cells.rows) if place > header and any(row)}
    while rows and len(columns) > 1 and _is_footer([*rows.values()][-1]):
        rows.popitem()
    if not rows:
        raise InputError(f"{file}: has no rows of data: must have at least one")
    raise_faults(
        [
            f"{file}: column {name} occurs {columns.count(name)} times: must occur once"
            for name in sorted({name for name in columns if name and columns.count(name) > 1})
        ]
        + [fault for number, row in rows.items() for fault in width_faults(file, number, row, len(columns))]
    )
    filled = [fitted(row, len(columns)) for row in rows.values()]
    return Table(file, columns, filled, tuple(rows), cells.notes)


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


def _header(rows: list[list[str]]) -> int:
    """The place of the header: of the rows that are as wide as most, the first, if no number is in it."""
    widths = Counter(len(trimmed(row)) for row in rows if any(row))
    usual = widths.most_common(1)[0][0]
    first = next(place for place, row in enumerate(rows) if any(row))
    for place, row in enumerate(rows):
        if len(trimmed(row)) >= usual > 1:
            named = not any(like_a_number(cell) for cell in row if not is_missing(cell))
            return place if named else first
    return first


def _is_footer(row: list[str]) -> bool:
    """Tell a line of words below a table, as 数据来源：Wind."""
    cells = [cell for cell in row if cell]
    return len(cells) == 1 and row[0] == cells[0] and any(map(str.isalpha, cells[0]))
