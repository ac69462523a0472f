"""What the user says of his files: columns, dates, zone and decimal mark, for one file or for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from cqkit.errors import InputError, raise_faults
from hedging.series.dates import zone_of

FILES: Final = ("index", "spot", "history", "gauge", "futures", "distributions", "exchange_rate")
DECIMALS: Final = {".": ".", ",": ",", "point": ".", "comma": ","}

# For all files, or by file: "Adj Close", or {"spot": "Adj Close"}.
Said: TypeAlias = str | Mapping[str, str] | None


@dataclass(frozen=True)
class Reading:
    """How one file is to be read; what is None is told by the file.

    Attributes
    ----------
    column : str, optional
        The column of prices.
    date_format : str, optional
        DD/MM/YYYY, MM/DD/YYYY, YYMMDD, excel, excel-1904, or a pattern as of `strptime`.
    tz : str, optional
        The exchange's time zone, into which stamps with a zone are turned: Asia/Shanghai.
    decimal : str, optional
        The decimal mark, `.` or `,`.
    binding : tuple of str
        What was said of this file alone; the rest was said of all files and counts where it fits.
    """

    column: str | None = None
    date_format: str | None = None
    tz: str | None = None
    decimal: str | None = None
    binding: tuple[str, ...] = ("column", "date_format", "tz", "decimal")

    def __post_init__(self) -> None:
        if self.column is not None and not self.column.strip():
            raise InputError("column = (empty): must be the name of a column")
        if self.decimal is not None and self.decimal not in DECIMALS:
            raise InputError(f"decimal = {self.decimal[:40]}: must be . or , (or point or comma)")
        if self.tz is not None:
            zone_of(self.tz)


TOLD_BY_THE_FILE: Final = Reading()


def readings(
    column: Said = None, date_format: Said = None, tz: Said = None, decimal: Said = None, files: Sequence[str] = FILES
) -> dict[str, Reading]:
    """What is said of every file, by its name in `files`.

    Raises
    ------
    InputError
        When a file is unknown, or what is said of it is not allowed.
    """
    said = {"column": column, "date_format": date_format, "tz": tz, "decimal": decimal}
    raise_faults(
        [
            f"{name}: {file}: must be one of {', '.join(files)}"
            for name, value in said.items()
            if isinstance(value, Mapping)
            for file in value
            if file not in files
        ]
    )
    found = {}
    for file in files:
        own = {name: value[file] for name, value in said.items() if isinstance(value, Mapping) and file in value}
        of_all = {name: value for name, value in said.items() if isinstance(value, str)}
        found[file] = Reading(**of_all, **own, binding=tuple(own))
    return found


def said_of(name: str, options: Sequence[str] | None) -> Said:
    """Read an option that may be given for all files, `Adj Close`, or for one, `spot=Adj Close`, several times.

    Raises
    ------
    InputError
        When it is given twice for one file, or for all and for one.
    """
    if not options:
        return None
    by_file: dict[str, str] = {}
    for text in options:
        file, equals, value = text.partition("=")
        file = file.strip().replace("-", "_")  # as its option is written
        if not equals or file not in FILES:  # a column's name may have an equals sign in it
            if len(options) > 1:
                raise InputError(f"{name} = {text}: must be file={text} where it is given several times")
            return text
        if file in by_file:
            raise InputError(f"{name} = {text}: given twice for {file}: must be given once")
        by_file[file] = value
    return by_file
