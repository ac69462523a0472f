"""Parquet: every cell turned into text that keeps all its digits."""

from __future__ import annotations

import glob
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cqkit.errors import InputError
from cqkit.readers.base import READERS, Cells, read_bytes


@READERS.register(".parquet")
@READERS.register(".pq")
def read_parquet(path: Path) -> Cells:
    """Turn a Parquet file into text; numbers keep every digit."""
    # Only who brings Parquet pays for the import.
    import duckdb  # noqa: PLC0415

    if not read_bytes(path):
        raise InputError(f"{path.name}: is empty: must be a Parquet file")
    try:
        with duckdb.connect(":memory:") as connection:
            connection.execute("SET TimeZone = 'UTC'")  # the machine's zone has no say
            # duckdb takes the name for a pattern: escaped, it stands for this one file.
            query = "SELECT CAST(COLUMNS(*) AS VARCHAR) FROM read_parquet(?)"
            answer = connection.execute(query, [glob.escape(str(path))])
            header = [column[0] for column in answer.description or ()]
            rows = [["" if cell is None else cell.strip() for cell in row] for row in answer.fetchall()]
    except duckdb.Error as error:
        # duckdb's own words name folders, and its functions rather than the user's mistake.
        raise InputError(f"{path.name}: is no readable Parquet file: a CSV must not have this ending") from error
    # A frame's unnamed index has a name of the writer's making in the file.
    header = ["" if name.startswith("__index_level_") else name for name in header]
    for place, zone in _zones(path).items():
        for row in rows:
            row[place] = _in_zone(row[place], zone)
    return Cells([header, *rows], first_row=0)  # the header is no row of the file


def _zones(path: Path) -> dict[int, str]:
    """The zone of every column of stamps that has one; the file keeps stamps in UTC."""
    import pyarrow.parquet  # noqa: PLC0415

    try:
        types = pyarrow.parquet.read_schema(path).types
    except (pyarrow.ArrowException, OSError):
        return {}
    return {place: str(kind.tz) for place, kind in enumerate(types) if getattr(kind, "tz", None)}


def _in_zone(cell: str, zone: str) -> str:
    """A stamp of UTC as it is in a zone, a name or +08:00; what is no stamp, or of an unknown zone, stays."""
    try:
        there = datetime.strptime(zone, "%z").tzinfo if zone[:1] in ("+", "-") else ZoneInfo(zone)
        return datetime.fromisoformat(cell).astimezone(there).isoformat(sep=" ")
    except (ValueError, OverflowError, ZoneInfoNotFoundError):
        return cell
