"""Torre 1997, Almgren et al. 2005 and others: how strong the square-root law is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from validation.figures import Figure, claim
from validation.row import row
from validation.trial import Trial
from validation.worlds import ordered, pressed


@row(
    paper="Tóth et al. 2011",
    place="square-root law, Y of order one",
    states="An order for Q of V shares moves the price by Y sigma sqrt(Q / V), Y from 0.5 to 1.",
    kind="in sample",
    certainty="secondary",
    run="outside orders for 1, 5 and 10 % of a day's volume over a day, under the shared law",
    tolerance="0.5 to 1, as several sources have it",
)
def square_root_strength(trial: Trial) -> Iterator[Figure]:
    """At Y = 1 and sigma = 2 %, 1 % of volume moves the price by 20 basis points, 10 % by 63."""
    shares = np.array([0.01, 0.05, 0.05, 0.1])
    strength = pressed(ordered(shares, 1.0, trial.impact)) / np.sqrt(shares)
    for share, found in zip(shares[[0, 1, 3]], strength[[0, 1, 3]], strict=True):
        yield claim(f"Y at {100 * share:.0f} % of volume", found, low=0.5, high=1.0)
