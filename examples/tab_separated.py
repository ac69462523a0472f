"""A table format: tab-separated text, wherever a series, a book or a list of quotes is read.

$ crowdquake hedge --index index.tsv --start 2007-06-29 --end 2008-03-19 --plugin examples/tab_separated.py
"""

from __future__ import annotations

from pathlib import Path

from cqkit.errors import InputError
from cqkit.readers.base import READERS, Cells, read_bytes


@READERS.register(".tsv")
def read_tsv(path: Path) -> Cells:
    """Split a file into its header and rows."""
    try:
        lines = read_bytes(path).decode("utf-8").splitlines()
    except UnicodeDecodeError:
        raise InputError(f"{path.name}: is no text in UTF-8: save it so") from None
    if not lines:
        raise InputError(f"{path.name}: is empty: must have a header row and rows of data")
    return Cells([[cell.strip() for cell in line.split("\t")] for line in lines], first_row=1)
