"""Thurner, Farmer and Geanakoplos 2012: leverage makes fat tails."""

from __future__ import annotations

from collections.abc import Iterator

from abm.sections.crowd import KINDS
from validation.figures import Figure
from validation.row import CannotBeExpressedError, NotRunError, row
from validation.trial import Trial


@row(
    paper="Thurner, Farmer and Geanakoplos 2012",
    place="figures of the return distribution over the maximal leverage",
    states="Kurtosis is above 6 and the tail index about 3 at a maximal leverage of 5 and more; unlevered, "
    "returns are near normal.",
    kind="out of sample",
    certainty="secondary",
    run="value funds that buy below a known value up to a maximal leverage, one asset that clears at every step",
    tolerance="kurtosis above 6, tail index 2.3 to 3.6 at 5; kurtosis below 4 at 1",
)
def thurner_tails(trial: Trial) -> Iterator[Figure]:  # noqa: ARG001
    """Needs funds whose demand is in proportion to mispricing, and a price that clears; ours are moved by impact."""
    if "value" not in KINDS:
        raise CannotBeExpressedError(
            "funds whose demand is in proportion to mispricing, up to a maximal leverage, and a price that clears "
            f"(kinds of funds: {', '.join(KINDS)})"
        )
    raise NotRunError("there are value funds by now: this row has to be written")
