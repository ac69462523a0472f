"""CSV: text with commas, semicolons, tabs, bars or blanks between the cells, in the encodings that are about."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from cqkit.errors import InputError
from cqkit.readers.base import READERS, Cells, read_bytes
from cqkit.readers.text import (
    BLANKS,
    DELIMITERS,
    decode,
    delimiter_of,
    is_comment,
    sep_line,
    split_at_blanks,
)

_LONGEST_CELL_LINES = 20  # in a quoted cell; more, and its quotation mark was never closed

_FIRST_NAMES = frozenset({"date", "datetime", "time", "timestamp", "trade_date", "日期", "datum"})


@READERS.register(".csv")
@READERS.register(".txt")
def read_csv(path: Path) -> Cells:
    """Split a text file into rows; comments become blank rows, so that rows stay counted, blank ones at the end go."""
    return cells_of_text(path.name, *decode(path.name, read_bytes(path)))


def cells_of_text(name: str, text: str, notes: tuple[str, ...] = ()) -> Cells:
    """Split text into rows of cells.

    Raises
    ------
    InputError
        When nothing is in it, or a quotation mark is not closed.
    """
    if split := split_at_blanks(text):
        rows, blanks = split
        return Cells(rows, 1, (*notes, f"{BLANKS[blanks]} between cells"), blanks)
    delimiter = delimiter_of(text)
    try:
        rows = [
            [cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        ]
    except csv.Error as error:
        raise InputError(f"{name}: is not a CSV file ({error}): check its quotation marks") from error
    for number, row in enumerate(rows, 1):
        if any(cell.count("\n") > _LONGEST_CELL_LINES for cell in row):
            raise InputError(f"{name}: row {number}: a quotation mark is never closed: check its quotation marks")
        if row and is_comment(row[0]):
            _uncomment(row)
        elif number == 1 and sep_line(row, delimiter):
            row.clear()
    while rows and not any(rows[-1]):
        rows.pop()
    if not any(any(row) for row in rows):
        raise InputError(f"{name}: is empty: must have a header row and rows of data")
    if delimiter != ",":
        notes = (*notes, f"{DELIMITERS.get(delimiter, repr(delimiter))} between cells")
    return Cells(rows, 1, notes, delimiter)


def _uncomment(row: list[str]) -> None:
    """Empty a comment; one that names columns is a header, and a date too wide for its column (####) is none."""
    bare = row[0].lstrip("#/ ")
    if len(row) > 1 and bare.lower() in _FIRST_NAMES:
        row[0] = bare
    elif bare or not any(row[1:]):
        row.clear()
