"""Kyle 1985, Huberman and Stanzl 2004: linear permanent impact takes nothing of a round trip."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from abm import round_trip_cost
from validation.figures import Figure, claim, exact
from validation.row import row
from validation.trial import Trial

BARS, TRIPS = 13, 40


@row(
    paper="Kyle 1985; Huberman and Stanzl 2004",
    place="propositions on linear, permanent impact",
    states="Under linear, permanent impact every round trip costs nothing, whatever its schedule; under any "
    "impact that fades it costs something.",
    kind="closed form",
    certainty="computed",
    run="40 random round trips of 26 trades through the engine's kernels: permanent part alone, and the shared law",
    tolerance="1e-6 of what is traded: fills are the geometric mean of a bar's prices",
)
def kyle_round_trip(trial: Trial) -> Iterator[Figure]:
    """Buying q at prices that go from 0 to lambda q costs lambda q^2 / 2; selling it again brings as much."""
    drawn = np.random.default_rng(7).standard_normal((TRIPS, 2 * BARS))
    trades = 0.01 * (drawn - drawn.mean(axis=1, keepdims=True))
    traded = np.abs(trades).sum(axis=1)
    alone = trial.impact.model_copy(update={"strength": 0.0, "permanent": 0.1})
    largest = np.abs(round_trip_cost(trial.impact.law, trades, BARS, impact=alone) / traded).max()
    yield exact("largest cost under permanent impact, over what is traded", largest, 0.0, 1e-6)
    least = (round_trip_cost(trial.impact.law, trades, BARS, impact=trial.impact) / traded).min()
    yield claim("least cost under the shared law, over what is traded", least, low=1e-6)
