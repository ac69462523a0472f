"""Bucci et al. 2019: what is left of an order's impact at the close, and after fifty days."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from validation.figures import Figure
from validation.row import row
from validation.trial import Trial
from validation.worlds import ordered, pressed, silence

SHARE, LASTED, BARS = 0.01, 0.25, 4


@row(
    paper="Bucci, Benzaquen, Lillo and Bouchaud 2019",
    place="abstract (arXiv 1901.05332)",
    states="Impact relaxes to two thirds of its peak at the end of the day, and to about a third after fifty days.",
    kind="out of sample",
    certainty="verified",
    run="an outside order for 1 % of a day's volume in the first quarter of a day, under the shared law; what"
    " is left of its peak at that close and fifty days on",
    tolerance="0.1",
)
def bucci_relaxation(trial: Trial) -> Iterator[Figure]:
    """A memory of one over the root of time leaves (sqrt(1) - sqrt(3/4)) / sqrt(1/4) = 0.27 at the close."""
    market = ordered(np.full(4, SHARE), LASTED, trial.impact, bars=BARS)
    peak, noise = float(pressed(market).mean()), silence(market.settings)
    left = []
    for day in range(51):
        market.state.outside.order[:] = 0.0
        market.trade_path(0, noise, 1 if day == 0 else 0, BARS)
        market.close()
        left.append(float(pressed(market).mean()) / peak)
    yield Figure("left at the close, of the peak", left[0], 2 / 3 - 0.1, 2 / 3 + 0.1, 2 / 3, 0.005)
    yield Figure("left after 50 days, of the peak", left[50], 1 / 3 - 0.1, 1 / 3 + 0.1, 1 / 3, 0.005)
