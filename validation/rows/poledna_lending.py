"""Poledna et al. 2014: lending that follows volatility helps at low leverage and hurts at high leverage."""

from __future__ import annotations

from collections.abc import Iterator
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

LOW, HIGH = 6.0, 22.0  # ends of the box of ltcm-1998


@row(
    paper="Poledna, Thurner, Farmer and Geanakoplos 2014",
    place="abstract (arXiv 1301.6114)",
    states="Credit that depends on volatility, as under Basle II, lowers the risk of default at low leverage and"
    " raises it at high leverage, since funds then delever together.",
    kind="out of sample",
    certainty="verified",
    run="the desks of ltcm-1998 at leverage 6 and 22, haircuts with their volatility part and without; share "
    "of the desks that default",
    tolerance="signs: not above 0 at the low leverage, above 0 at the high one",
)
def poledna_lending(trial: Trial) -> Iterator[Figure]:
    """No closed form: a flip of the sign between two leverages."""
    base = bare(trial.scenario("ltcm-1998"))
    cases = {
        (leverage, weight): Case(
            changed(base, {"funds.leverage": leverage, "brokers.volatility_weight": weight}).settings, days=105
        )
        for leverage in (LOW, HIGH)
        for weight in (0.0, base.brokers.volatility_weight)
    }
    found = trial.simulate(cases, _defaulted, trial.paths(200, 40))
    shares = {key: np.concatenate(blocks) for key, blocks in found.items()}
    weight = base.brokers.volatility_weight
    low, high = (100 * (shares[leverage, weight] - shares[leverage, 0.0]) for leverage in (LOW, HIGH))
    at_low, at_high = mean_interval(low), mean_interval(high)
    yield claim("more defaults at leverage 6, % of desks", at_low.value, high=0.0, interval=(at_low.low, at_low.high))
    yield claim(
        "more defaults at leverage 22, % of desks", at_high.value, low=0.0, interval=(at_high.low, at_high.high)
    )


def _defaulted(key: Any, market: Market) -> FloatArray:  # noqa: ARG001
    """Share of the funds that have no equity left, shape (paths,)."""
    return (market.record.nav[:, market.day - 1] <= 0).mean(axis=1)
