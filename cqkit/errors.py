"""The project's exceptions."""

from __future__ import annotations

from collections.abc import Sequence


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
        # What a cell holds may break a line.
        faults = tuple(fault if fault.isprintable() else " ".join(fault.split()) for fault in faults)
        # Passing them on as args keeps the exception picklable, so that it survives the trip from a worker.
        super().__init__(*faults)
        self.faults: tuple[str, ...] = faults

    def __str__(self) -> str:
        return "\n".join(self.faults)


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
