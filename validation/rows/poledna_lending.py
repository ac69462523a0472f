"""Poledna et al. 2014: lending that follows volatility helps at low leverage and hurts at high leverage."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np

from abm import Market
from cqkit.arrays import FloatArray
from cqkit.statistics import mean_interval
from scenarios import Case
from scenarios.loading import bare, changed
from validation.figures import Figure, claim
from validation.row import row
from validation.trial import Trial

LOW, HIGH = 0.6, 1.15  # of the fund's leverage, 27 to 1
RESCUE = date(1998, 9, 22)


@row(
    paper="Poledna, Thurner, Farmer and Geanakoplos 2014",
    place="abstract (arXiv 1301.6114)",
    states="Credit that depends on volatility, as under Basle II, lowers the risk of default at low leverage and"
    " raises it at high leverage, since funds then delever together.",
    kind="out of sample",
    certainty="verified",
    run="the large fund of ltcm-1998 at a leverage of 16 and of 31, haircuts with their volatility part and "
    "without; share of the paths in which it is ruined before the rescue",
    tolerance="signs: not above 0 at the low leverage, above 0 at the high one",
)
def poledna_lending(trial: Trial) -> Iterator[Figure]:
    """No closed form: a flip of the sign between two leverages."""
    base = bare(trial.scenario("ltcm-1998"))
    days, weight = base.clock.day_of(RESCUE) + 1, base.brokers.volatility_weight
    cases = {}
    for leverage in (LOW, HIGH):
        levered = changed(base, {"large_fund.equity": base.large_fund.equity / leverage})
        for chi in (0.0, weight):
            cases[leverage, chi] = Case(changed(levered, {"brokers.volatility_weight": chi}).settings, days=days)
    found = trial.simulate(cases, _ruined, trial.paths(400, 100))
    ruined = {key: np.concatenate(blocks) for key, blocks in found.items()}
    low, high = (mean_interval(100 * (ruined[leverage, weight] - ruined[leverage, 0.0])) for leverage in (LOW, HIGH))
    yield claim("more often ruined at a leverage of 16, % of paths", low.value, high=0.0, interval=(low.low, low.high))
    yield claim("the same at 31", high.value, low=1e-9, interval=(high.low, high.high))


def _ruined(key: Any, market: Market) -> FloatArray:  # noqa: ARG001
    """1 where the fund has no equity left, else 0, shape (paths,)."""
    return (market.record["large_fund_equity"][:, market.day - 1] <= 0).astype(float)
