"""What a row of the board is: a published result, where it stands, what is run, and what is allowed and why."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from cqkit.registry import Registry
from validation.figures import Figure

if TYPE_CHECKING:
    from validation.trial import Trial

Kind = Literal["out of sample", "in sample", "closed form"]
Certainty = Literal["verified", "computed", "secondary", "memory"]

CERTAINTIES: dict[Certainty, str] = {
    "verified": "the source was read",
    "computed": "a closed form or arithmetic, which anybody can check",
    "secondary": "read in another source that quotes it",
    "memory": "from memory: the source was not read, and nothing is asserted",
}
EVIDENCE: dict[str, Kind] = {"history": "in sample", "input": "in sample", "held-out": "out of sample"}


class CannotBeExpressedError(Exception):
    """The product lacks what a published result is about; the text says what."""


class NotRunError(Exception):
    """A row was not run, for want of data or because `--fast` leaves it out; the text says why."""


@dataclass(frozen=True)
class Row:
    """A published quantitative result, and how it is held against ours.

    Attributes
    ----------
    name
        Of the row and of its file.
    paper, place, statement
        Whose, where in it, and what it says.
    kind
        Whether the laws were fitted to it (in sample), not (out of sample), or whether it is a closed form.
    certainty
        How surely the published number is known (`CERTAINTIES`).
    run, tolerance
        What is run; what is allowed, and why.
    compute
        Gives the figures. It may say that the product cannot express the result, or that it was not run.
    worked
        The result worked by hand, where an outsider can.
    targets
        The scenario whose targets it reads, and their names; none: all that history gives and that are of its kind.
    """

    name: str
    paper: str
    place: str
    statement: str
    kind: Kind
    certainty: Certainty
    run: str
    tolerance: str
    compute: Callable[[Trial], Iterable[Figure]]
    worked: str = ""
    targets: tuple[str, tuple[str, ...]] | None = None


class _Rows(Registry[Row]):
    """Rows by name."""

    def parameters(self, name: str) -> dict[str, Any]:
        return {"paper": self[name].paper}

    def about(self, name: str) -> str:
        return self[name].statement


ROWS = _Rows("validation row")


def row(
    *, paper: str, place: str, states: str, kind: Kind, certainty: Certainty, run: str, tolerance: str
) -> Callable[[Callable[[Trial], Iterable[Figure]]], Row]:
    """Return a decorator that makes a function of a trial a row; its docstring is the result worked by hand.

    Parameters
    ----------
    paper, place, states, kind, certainty, run, tolerance
        As of `Row`; `states` is what the paper says.

    Raises
    ------
    InputError
        When the function's name is taken.
    """

    def known(compute: Callable[[Trial], Iterable[Figure]]) -> Row:
        worked = inspect.cleandoc(compute.__doc__ or "")
        name = compute.__name__
        made = Row(name, paper, place, states, kind, certainty, run, tolerance, compute, worked)
        ROWS.add(name, made, source=compute)
        return made

    return known


def scenario_row(
    name: str,
    scenario: str,
    targets: tuple[str, ...] = (),
    *,
    paper: str,
    place: str,
    states: str,
    kind: Kind,
    certainty: Certainty,
) -> Row:
    """Make targets of a scenario a row: numbers, ranges and statistics are the scenario's own.

    Without names it has all targets that history gives: those of kind history in sample, held-out ones out of sample.

    Raises
    ------
    InputError
        When the name is taken.
    """

    def compute(trial: Trial) -> list[Figure]:
        return trial.figures(scenario, targets, kind)

    made = Row(
        name,
        paper,
        place,
        states,
        kind,
        certainty,
        f"the scenario {scenario}",
        "the ranges that the scenario's file gives its targets",
        compute,
        targets=(scenario, targets),
    )
    ROWS.add(name, made, source=compute)
    return made
