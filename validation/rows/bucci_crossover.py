"""Bucci et al. 2018: small orders press linearly."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from validation.figures import Figure, claim, exact
from validation.row import row
from validation.trial import Trial
from validation.worlds import ordered, pressed


@row(
    paper="Bucci, Benzaquen, Lillo and Bouchaud 2018",
    place="abstract (arXiv 1811.05230)",
    states="Impact is linear in small orders and crosses over to a square root at small shares of volume.",
    kind="in sample",
    certainty="verified",
    run="outside orders for 1e-7 to 1 of a day's volume over a day under the shared law; where the local "
    "slope in logs is 3/4",
    tolerance="crossover below 1 % of volume; slopes of 1 and 1/2 within 0.05 on both sides",
)
def bucci_crossover(trial: Trial) -> Iterator[Figure]:
    """The force q / (q^2 + q0^2)^(1/4) has slope 1 - q^2 / (2 (q^2 + q0^2)): 3/4 at q = q0."""
    shares = np.logspace(-7, 0, 71)
    slopes = np.gradient(np.log(pressed(ordered(shares, 1.0, trial.impact))), np.log(shares))
    found = np.flatnonzero(slopes < 0.75)
    crossover = float("nan")
    if found.size and found[0]:
        # The first crossing: further up the permanent, linear part bends the curve again.
        beside = slice(found[0] - 1, found[0] + 1)
        crossover = float(np.exp(np.interp(-0.75, -slopes[beside], np.log(shares[beside]))))
    yield claim("share of a day's volume at the crossover", crossover, low=1e-5, high=1e-2)
    yield exact("slope of orders of 1e-6 of volume", float(np.interp(np.log(1e-6), np.log(shares), slopes)), 1.0, 0.05)
    yield exact("slope of orders of 10 % of volume", float(np.interp(np.log(0.1), np.log(shares), slopes)), 0.5, 0.05)
