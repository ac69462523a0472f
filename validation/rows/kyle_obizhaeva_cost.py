"""Kyle and Obizhaeva 2016: cost of 5 % of a day's volume in their benchmark stock."""

from __future__ import annotations

from collections.abc import Iterator

from validation.figures import Figure
from validation.row import row
from validation.trial import Trial
from validation.worlds import cost_of_buying


@row(
    paper="Kyle and Obizhaeva 2016",
    place="calibrated cost functions, benchmark stock",
    states="5 % of a day's volume of the benchmark stock (volatility 2 %) costs 20.7 basis points under the "
    "linear, 29.1 under the square-root function.",
    kind="out of sample",
    certainty="memory",
    run="an outside order over a day under the shared law, with the half-spread of the scenarios",
    tolerance="30 %",
)
def kyle_obizhaeva_cost(trial: Trial) -> Iterator[Figure]:
    """Square root: 2.08 + 12.08 sqrt(5) = 29.1; linear: 8.21 + 2.50 x 5 = 20.7."""
    cost = 1e4 * (cost_of_buying(0.05, 1.0, 0.02, trial.impact) + trial.impact.half_spread)
    yield Figure("cost, basis points (square root)", cost, 0.7 * 29.1, 1.3 * 29.1, 29.1, 0.05)
