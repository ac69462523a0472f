"""Bucci et al. 2020: co-impact, and why a vanishing order seems to move prices."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from abm import Market
from cqkit.arrays import FloatArray
from cqkit.statistics import mean_interval
from validation.figures import Figure, claim
from validation.row import row
from validation.trial import Trial
from validation.worlds import silence, still

DAYS, OTHERS, SMALL, LARGE = 4000, 20, 1e-5, 0.05
CORRELATIONS = (0.0, 0.1, 0.2)


@row(
    paper="Bucci, Mastromatteo, Eisler, Lillo, Bouchaud and Lehalle 2020",
    place="abstract (arXiv 1804.09565)",
    states="The market reacts to net flow: an order's average impact has a finite intercept as its size goes to "
    "0, which grows with the correlation of its sign with others'.",
    kind="out of sample",
    certainty="verified",
    run="4,000 stock-days under the shared law with twenty other orders of 1 % of volume each, whose signs "
    "agree with one's own with a correlation of 0, 0.1 and 0.2; mean move with the sign of one's own "
    "order",
    tolerance="signs, beyond a 95 % interval",
)
def bucci_co_impact(trial: Trial) -> Iterator[Figure]:
    """Under a sign correlation c others' net flow is n c Q on average.

    Its square root is there however small one is.
    """
    moves = {(c, own): _mean(trial, c, own) for c in CORRELATIONS for own in (SMALL, LARGE)}
    zero, some, more = (moves[c, SMALL] for c in CORRELATIONS)
    estimate = mean_interval(zero)
    yield claim(
        "intercept without correlation, in daily volatilities",
        abs(estimate.value),
        high=2 * (estimate.high - estimate.value),
    )
    for name, values in (("intercept at 0.1", some), ("rise of the intercept from 0.1 to 0.2", more - some)):
        found = mean_interval(values)
        yield claim(f"{name}, in daily volatilities", found.value, low=0.0, interval=(found.low, found.high))
    found = mean_interval(moves[0.0, LARGE])
    yield claim("impact of 5 % of volume without correlation", found.value, low=0.0, interval=(found.low, found.high))


def _mean(trial: Trial, correlation: float, own: float) -> FloatArray:
    """Move of each stock in the direction of one's own order, in daily volatilities, shape (stocks,)."""
    random = np.random.default_rng([trial.seed, 7])
    made = still(trial.impact, clock={"bars": 1}, liquidator={"size": 0}, market={"stocks": DAYS})
    market = Market(made)
    sign = np.where(random.random(DAYS) < 0.5, 1.0, -1.0)
    agrees = random.random((OTHERS, DAYS)) < (1 + correlation) / 2
    others = 0.01 * (sign * np.where(agrees, 1.0, -1.0)).sum(axis=0)
    market.submit((others + own * sign) * market.state.stocks.adv[0])
    market.trade_path(0, silence(made))
    return sign * market.state.stocks.displacement[0] / market.state.stocks.volatility[0]
