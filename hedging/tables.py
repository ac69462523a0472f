"""Read a user's CSV or Parquet file as text cells, so that every later complaint can name a row."""

from __future__ import annotations

import csv
import glob
import io
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from hedging.exceptions import InputError, raise_faults


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
    """Read a CSV file, or a Parquet file if its name ends in .parquet or .pq.

    Raises
    ------
    InputError
        When the file is missing, a folder, unreadable or empty, or its columns or rows are malformed.
    """
    path = Path(path)
    parquet = path.suffix.lower() in {".parquet", ".pq"}
    header, *rows = _parquet_cells(path) if parquet else _csv_cells(path)
    columns = tuple(name.lower() for name in header)
    if not rows:
        raise InputError(f"{path.name}: has no rows of data: must have at least one")
    first_row = 1 if parquet else 2
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


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{path.name}: no such file: must be a CSV or Parquet file") from error
    except IsADirectoryError as error:
        raise InputError(f"{path.name or path}: is a folder: must be a CSV or Parquet file") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path.name}: cannot be read ({reason}): must be a readable file") from error


def _csv_cells(path: Path) -> list[list[str]]:
    """Split a CSV into its header and rows; blank rows at the end do not count."""
    data = _read_bytes(path)
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{path.name}: row {row}: byte {error.start} = 0x{data[error.start]:02x}: must be text in UTF-8: "
            "save the file as CSV in UTF-8"
        ) from error
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]
    except csv.Error as error:
        raise InputError(f"{path.name}: is not a CSV file ({error}): check its quotation marks") from error
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        raise InputError(f"{path.name}: is empty: must have a header row and rows of data")
    return rows


def _parquet_cells(path: Path) -> list[list[str]]:
    """Turn a Parquet file into text; numbers keep every digit."""
    # Only who brings Parquet pays for the import.
    import duckdb  # noqa: PLC0415

    if not _read_bytes(path):
        raise InputError(f"{path.name}: is empty: must be a Parquet file")
    try:
        with duckdb.connect(":memory:") as connection:
            # duckdb takes the name for a pattern: escaped, it stands for this one file.
            query = "SELECT CAST(COLUMNS(*) AS VARCHAR) FROM read_parquet(?)"
            answer = connection.execute(query, [glob.escape(str(path))])
            header = [column[0] for column in answer.description or ()]
            rows = [["" if cell is None else cell.strip() for cell in row] for row in answer.fetchall()]
    except duckdb.Error as error:
        # duckdb's own words name folders, and its functions rather than the user's mistake.
        raise InputError(f"{path.name}: is no readable Parquet file: a CSV must not have this ending") from error
    return [header, *rows]
