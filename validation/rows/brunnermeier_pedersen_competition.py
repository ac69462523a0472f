"""Brunnermeier and Pedersen 2005: more predators, less overshooting."""

from __future__ import annotations

from collections.abc import Iterator

from abm.settings import sections
from validation.figures import Figure
from validation.row import CannotBeExpressedError, NotRunError, row
from validation.trial import Trial


@row(
    paper="Brunnermeier and Pedersen 2005",
    place="proposition on the number of predators",
    states="The more predators compete, the less the price overshoots.",
    kind="out of sample",
    certainty="secondary",
    run="ltcm-1998 over numbers of predators",
    tolerance="sign",
)
def brunnermeier_pedersen_competition(trial: Trial) -> Iterator[Figure]:  # noqa: ARG001
    """Needs predators that foresee one another; ours are one mechanical rule of a size."""
    if "count" not in sections()["predators"].model_fields:
        raise CannotBeExpressedError(
            "predators are one mechanical rule, predators.size; there is no number of them to vary"
        )
    raise NotRunError("predators have a number by now: this row has to be written")
