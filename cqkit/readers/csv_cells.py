"""CSV: text in UTF-8, with commas between the cells."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from cqkit.errors import InputError
from cqkit.readers.base import READERS, Cells, read_bytes


@READERS.register(".csv")
def read_csv(path: Path) -> Cells:
    """Split a CSV into its header and rows; blank rows at the end do not count."""
    data = read_bytes(path)
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
    return Cells(rows, first_row=1)
