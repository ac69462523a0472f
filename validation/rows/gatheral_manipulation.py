"""Gatheral 2010: which impact lets nobody earn by trading to and fro."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from abm import round_trip_cost
from abm.law_check import BARS, LEAST, SIZES, RoundTrip, grid_of_round_trips, planned_round_trip
from abm.settings import Impact
from validation.figures import Figure, claim
from validation.row import row
from validation.trial import Trial


@row(
    paper="Gatheral 2010",
    place="lemma 4.1 and section 4.2",
    states="Under a square root of the rate, impact that fades as one over the root of time lets no round trip earn "
    "anything; impact that fades exponentially does.",
    kind="closed form",
    certainty="secondary",
    run="a grid of 5,400 round trips, and plans of 64 trades that a search by gradient comes to, through the "
    "engine's kernels",
    tolerance="1e-7 of what is traded, which the geometric mean of a bar's prices misses",
)
def gatheral_manipulation(trial: Trial) -> Iterator[Figure]:
    """The exponents of size and of decay have to add up to 1 at least: 1/2 and 1/2 do, and an exponential has none."""
    impact, law = trial.impact, trial.impact.law
    sizes = SIZES[3:4] if trial.fast else SIZES
    planned = [planned_round_trip(law, bars, size=size, impact=impact) for bars in BARS[::5] for size in sizes]
    shares = [_earned(trip, law, impact) for trip in (*grid_of_round_trips(), *planned)]
    yield claim("most that a round trip earns under the shared law, over what is traded", max(shares), high=LEAST)
    fading = impact.model_copy(update={"law": "square_root", "rates": (1.0,), "weights": (1.0,), "permanent": 0.0})
    trip = planned_round_trip("square_root", 13, size=1.0, impact=fading, starts=2)
    yield claim("most under an exponential decay of one day", _earned(trip, "square_root", fading), low=1e-5)


def _earned(trip: RoundTrip, law: str, impact: Impact) -> float:
    cost = round_trip_cost(law, trip.trades, trip.bars, impact=impact)
    return float(-cost / np.abs(trip.trades).sum())
