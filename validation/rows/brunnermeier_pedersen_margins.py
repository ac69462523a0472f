"""Brunnermeier and Pedersen 2009: margins that rise with volatility feed the spiral."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

from scenarios.measures import Outcome
from scenarios.measures.credit import LargeFundLoss
from scenarios.measures.crowd import ForcedShare
from validation.figures import Figure
from validation.row import row
from validation.trial import Trial, median_figure

EVE, RESCUE = date(1998, 7, 31), date(1998, 9, 22)


@row(
    paper="Brunnermeier and Pedersen 2009",
    place="abstract; margins that destabilise",
    states="Margins that rise as prices move destabilise: forced sales and losses exceed those under constant margins.",
    kind="out of sample",
    certainty="verified",
    run="the scenario ltcm-1998 with haircuts as they are, and without their volatility part, on the same noise",
    tolerance="signs, beyond a 95 % interval",
)
def brunnermeier_pedersen_margins(trial: Trial) -> Iterator[Figure]:
    """No closed form: their margin is sigma + theta |move|, ours a haircut that follows volatility with a lag."""
    runs = trial.outcomes("ltcm-1998", "no_volatility_haircuts")
    main, constant = runs["main"], runs["no_volatility_haircuts"]
    few = constant.record.paths
    for name, found in (
        ("desks' forced sales, more by, of their book", ForcedShare().values),
        ("the fund's loss to 22 September, more by, USD bn", _loss),
    ):
        yield median_figure(name, found(main)[:few] - found(constant), low=0.0)


def _loss(outcome: Outcome) -> np.ndarray:
    return 3.5 * LargeFundLoss(after=EVE, to=RESCUE).values(outcome)
