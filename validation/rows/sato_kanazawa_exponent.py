"""Sato and Kanazawa 2024: the exponent of the square-root law."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from validation.figures import Figure
from validation.row import row
from validation.trial import Trial
from validation.worlds import ordered, pressed

DURATIONS = (1 / 13, 0.25, 1.0)


@row(
    paper="Sato and Kanazawa 2024",
    place="abstract: Tokyo Stock Exchange, eight years",
    states="Impact of a metaorder goes with the power 0.489 of its size, with a standard error of 0.0015.",
    kind="in sample",
    certainty="verified",
    run="outside orders for 1 to 20 % of a day's volume, done evenly over half an hour, a quarter of a day "
    "and a day, under the shared law; slope in logs of the move at the order's end",
    tolerance="0.1: what is published of markets and methods lies from 0.4 to 0.6; the square root is put in",
)
def sato_kanazawa_exponent(trial: Trial) -> Iterator[Figure]:
    """A square root of the rate under a memory that fades as one over the root of time gives 1/2 at any duration."""
    shares = np.logspace(-2, np.log10(0.2), 20)
    for lasted in DURATIONS:
        moves = pressed(ordered(shares, lasted, trial.impact))
        slope = float(np.polyfit(np.log(shares), np.log(moves), 1)[0])
        yield Figure(f"exponent of orders over {lasted:.2f} days", slope, 0.389, 0.589, 0.489, 0.0045)
