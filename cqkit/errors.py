"""The project's exceptions."""

from __future__ import annotations

from collections.abc import Sequence

_HALF_LINE = 600  # marks


class CrowdquakeError(Exception):
    """Base of every error that Crowdquake raises on purpose."""


class InputError(CrowdquakeError, ValueError):
    """Something the user gave is wrong.

    Parameters
    ----------
    *faults : str
        One line per fault, saying where it is, what was found and what is allowed.

    Attributes
    ----------
    faults : tuple of str
        The same lines; `str()` joins them with newlines.
    """

    def __init__(self, *faults: str) -> None:
        faults = tuple(map(one_line, faults))
        # Passing them on as args keeps the exception picklable, so that it survives the trip from a worker.
        super().__init__(*faults)
        self.faults: tuple[str, ...] = faults

    def __str__(self) -> str:
        return "\n".join(self.faults)


def one_line(fault: str) -> str:
    """A fault as one line that can be read: what a file has for a name or in a cell may break lines, or fill pages."""
    line = fault if fault.isprintable() else " ".join(fault.split())
    return line if len(line) <= 2 * _HALF_LINE else f"{line[:_HALF_LINE]} ... {line[-_HALF_LINE:]}"


def raise_faults(faults: Sequence[str], most: int = 10) -> None:
    """Raise InputError if there are faults: the first `most`, then a line that counts the rest.

    Parameters
    ----------
    faults : sequence of str
        One line per fault; empty means all is well.
    most : int
        How many to show. A file that is wrong throughout is understood after a few lines.

    Raises
    ------
    InputError
        When `faults` is not empty.
    """
    if len(faults) > most:
        faults = [*faults[:most], f"and {len(faults) - most} more"]
    if faults:
        raise InputError(*faults)
