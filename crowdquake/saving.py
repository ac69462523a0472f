"""Any result on disk: tables, manifest.json and the charts that its type has."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from cqkit.results import Result
from cqkit.storing import write_result
from crowdquake import charts
from crowdquake.charts.language import drawn_in, spoken


def save(result: Result, folder: str | PathLike[str], command: str = "", *, lang: str | None = None) -> Path:
    """Write a result's tables, manifest.json and charts to a folder, replacing an earlier one there in one step.

    `command` is what was typed to get it, if anything was; `lang` the language of the charts, "en" or "zh" (extra zh),
    by default that in which charts are drawn now.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If the folder holds something else, or cannot be written; what was there before is then untouched. If there is
        no such language, or its font is missing.
    """
    with drawn_in(lang or spoken()):
        return write_result(result, folder, lambda beside: charts.save_all(result, beside), command)
