"""Aymanns, Caccioli, Farmer and Tan 2016: the leverage cycle of value at risk."""

from __future__ import annotations

from collections.abc import Iterator

from abm.market import RESIDENTS
from validation.figures import Figure
from validation.row import CannotBeExpressedError, NotRunError, row
from validation.trial import Trial


@row(
    paper="Aymanns, Caccioli, Farmer and Tan 2016",
    place="abstract",
    states="A bank that keeps its value at risk makes leverage cycles of 10 to 15 years.",
    kind="out of sample",
    certainty="verified",
    run="fifty years of a bank under a value-at-risk rule and an investor who holds it against fundamentals",
    tolerance="a period of 8 to 17 years",
)
def aymanns_cycle(trial: Trial) -> Iterator[Figure]:  # noqa: ARG001
    """Needs a bank that adjusts to a leverage target in both directions over years."""
    if "bank" not in {kind.name for kind in RESIDENTS}:
        raise CannotBeExpressedError(
            "a bank that moves to a target of leverage in both directions over decades, and an investor against it"
        )
    raise NotRunError("there is a bank by now: this row has to be written")
