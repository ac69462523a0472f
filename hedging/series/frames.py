"""Frames in place of files: the same cells, so that they are read in the same way."""

from __future__ import annotations

import math
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from cqkit.errors import InputError
from cqkit.readers import Cells
from cqkit.tables import read_cells

# What a series may be read from.
Source: TypeAlias = str | PathLike[str] | pd.DataFrame | pd.Series


def cells_of(source: Source, name: str) -> tuple[str, Cells]:
    """What a source is called in messages, and its cells; a frame's rows are counted from 1, its index is a column.

    Raises
    ------
    InputError
        When it is no file or frame, or is empty.
    """
    if isinstance(source, pd.Series):
        source = source.to_frame(source.name if source.name is not None else "close")
    if isinstance(source, pd.DataFrame):
        named = str(source.attrs.get("file", name))
        return named, _cells_of_frame(source, named)
    try:
        path = Path(source)
    except TypeError:
        kind = type(source).__name__
        raise InputError(
            f"{name}: of type {kind}: must be a file, or a frame of pandas with dates as its index"
        ) from None
    return path.name or str(path), read_cells(path)


def _cells_of_frame(frame: pd.DataFrame, name: str) -> Cells:
    """A frame as text; an index of numbers from 0 is no column."""
    if frame.empty:
        raise InputError(f"{name}: is empty: must have a row a day")
    if not (isinstance(frame.index, pd.RangeIndex) and frame.index.name is None):
        frame = frame.reset_index(names=[name or "" for name in frame.index.names])
    header = [_level(frame.columns, level) for level in range(frame.columns.nlevels)]
    columns = [[_text(value) for value in frame.iloc[:, place].tolist()] for place in range(frame.shape[1])]
    rows = [list(row) for row in zip(*columns, strict=True)]
    return Cells([*header, *rows], first_row=1 - len(header))


def _level(columns: pd.Index[Any], level: int) -> list[str]:
    return [str(value).strip() for value in columns.get_level_values(level)]


def _text(value: Any) -> str:
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.isoformat(sep=" ")
    return repr(value) if isinstance(value, float) else str(value).strip()
