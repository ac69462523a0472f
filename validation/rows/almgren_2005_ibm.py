"""Almgren, Thum, Hauptmann and Li 2005: what an order for IBM costs."""

from __future__ import annotations

from collections.abc import Iterator

from validation.figures import Figure
from validation.row import row
from validation.trial import Trial
from validation.worlds import cost_of_buying

VOLATILITY, SHARE = 0.0157, 0.1
PRINTED = {0.1: 32.0, 0.2: 25.0, 0.5: 18.0}  # days, basis points


@row(
    paper="Almgren, Thum, Hauptmann and Li 2005",
    place="table 3, IBM: 10 % of a day's volume at a daily volatility of 1.57 %",
    states="Bought in a tenth, a fifth and half of a day it costs 32, 25 and 18 basis points.",
    kind="out of sample",
    certainty="secondary",
    run="an outside order under the shared law, in a silent market; mean of what its fills pay above the first price",
    tolerance="20 %",
)
def almgren_2005_ibm(trial: Trial) -> Iterator[Figure]:
    """Ours is two thirds of Y sigma sqrt(0.1), whatever the duration: 2/3 x 1.17 x 157 x 0.316 = 38.7 basis points."""
    for lasted, printed in PRINTED.items():
        cost = 1e4 * cost_of_buying(SHARE, lasted, VOLATILITY, trial.impact)
        yield Figure(f"cost in {lasted:g} days, basis points", cost, 0.8 * printed, 1.2 * printed, printed, 0.5)
