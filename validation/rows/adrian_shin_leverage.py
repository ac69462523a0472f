"""Adrian and Shin 2014: leverage that keeps the chance of default constant."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cqkit.statistics import bootstrap
from validation.figures import Figure
from validation.row import row
from validation.trial import Trial

FIRST = 60  # trading days: the haircuts have come a long way by then


@row(
    paper="Adrian and Shin 2014",
    place="abstract; value at risk over equity is constant",
    states="Intermediaries' leverage is inversely proportional to their unit value at risk: d ln leverage / d ln"
    " VaR = -1.",
    kind="out of sample",
    certainty="verified",
    run="the scenario ltcm-1998 with haircuts that follow volatility alone: regression over paths and days of"
    " the log of the leverage that lenders allow on the log of the volatility that they watch",
    tolerance="0.2",
)
def adrian_shin_leverage(trial: Trial) -> Iterator[Figure]:
    """A haircut of 1 + chi (sigma / sigma_0 - 1) has slope chi s / (1 - chi + chi s) at s times calm volatility."""
    outcome = trial.outcomes("ltcm-1998", "no_credit_haircuts")["no_credit_haircuts"]
    record, brokers = outcome.record, outcome.settings.brokers
    rescue = outcome.settings.rescue.day(outcome.settings.clock)
    moves = record["crowded_book"]
    variance, watched = np.full(record.paths, brokers.calm_volatility**2), []
    for day in range(rescue):
        variance = brokers.memory * variance + (1 - brokers.memory) * moves[:, day] ** 2
        watched.append(np.sqrt(variance))
    volatility = np.log(np.array(watched[FIRST:])).T
    allowed = -np.log(record["large_fund_haircut"][:, FIRST:rescue])

    def slope(chosen: np.ndarray) -> float:
        x, y = volatility[chosen].ravel(), allowed[chosen].ravel()
        return float(np.cov(x, y)[0, 1] / x.var(ddof=1))

    every = np.arange(record.paths)
    yield Figure("d ln leverage / d ln volatility", slope(every), -1.2, -0.8, -1.0, 0.0, bootstrap(slope, record.paths))
