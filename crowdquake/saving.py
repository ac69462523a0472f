"""Any result on disk: tables, manifest.json and the charts that its type has."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from cqkit.results import Result
from cqkit.storing import write_result
from crowdquake import charts


def save(result: Result, folder: str | PathLike[str], command: str = "") -> Path:
    """Write a result's tables, manifest.json and charts to a folder, replacing an earlier one there in one step.

    `command` is what was typed to get it, if anything was.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If the folder holds something else, or cannot be written; what was there before is then untouched.
    """
    return write_result(result, folder, lambda beside: charts.save_all(result, beside), command)
