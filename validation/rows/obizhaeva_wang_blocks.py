"""Obizhaeva and Wang 2013, Alfonsi, Fruth and Schied 2010: the cheapest sale in a book that refills exponentially."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from abm.state import Party
from cqkit.arrays import FloatArray
from validation.figures import Figure, claim, exact
from validation.row import row
from validation.trial import Trial
from validation.worlds import driftless, still, trade_silently

TRADES, GAP, SIZE = 4, 40, 0.01  # trades; days from one to the next, each done in one; days of volume in all
KEPT = 0.5  # of a trade's impact until the next


@row(
    paper="Obizhaeva and Wang 2013; Alfonsi, Fruth and Schied 2010",
    place="optimal strategy of a linear book with exponential resilience",
    states="The cheapest of N + 1 equidistant trades sells X / ((N - 1)(1 - a) + 2) first and last, and 1 - a of that "
    "between, a being what is left of a trade's impact at the next.",
    kind="closed form",
    certainty="computed",
    run="outside orders of four trades under the linear law with one exponential, in a silent market; each "
    "trade takes a fortieth of the time to the next",
    tolerance="2 %: a trade that takes a fortieth of the gap is no block",
)
def obizhaeva_wang_blocks(trial: Trial) -> Iterator[Figure]:
    """With a = 1/2 and N = 3 the first trade is X / 3, those between X / 6.

    Cost x'Ax / 2 with A_ij = 2^-|i-j|: the sum of x is 1, A x is 1/2 for every trade, so the cost is 1/4 X^2 of a block
    that moves prices by 1. Four equal trades cost (4 + 2 (3/2 + 2/4 + 1/8)) / 32 = 8.25 / 32 = 0.2578: 3.1 % more.
    """
    first = 1 / ((TRADES - 2) * (1 - KEPT) + 2)
    best = np.array([first, *[first * (1 - KEPT)] * (TRADES - 2), first])
    even = np.full(TRADES, 1 / TRADES)
    costs = [_cost(trial, shares) for shares in (best, even)]
    yield exact("cost of an even sale over the optimal one", costs[1] / costs[0], 8.25 / 8, 0.02)
    beside = best + 0.05 * np.array([1, -1, -1, 1]) / 2
    yield claim("cost of more at both ends, over the optimal one", _cost(trial, beside) / costs[0], low=1.0)
    yield claim("cost of less at both ends, over the optimal one", _cost(trial, 2 * best - beside) / costs[0], low=1.0)


def _cost(trial: Trial, shares: FloatArray) -> float:
    """Money that four trades of so much each cost."""
    rate = -math.log(KEPT) / GAP
    impact = trial.impact.model_copy(
        update={"law": "linear", "strength": 1e-3, "permanent": 0.0, "rates": (rate,), "weights": (1.0,)}
    )
    days = (TRADES - 1) * GAP + 1
    market = driftless(still(impact, clock={"bars": 1, "days": days}, liquidator={"size": 0}))
    for share in shares[:-1]:
        market.submit(SIZE * share * market.state.stocks.adv[0])
        trade_silently(market, GAP)
    market.submit(SIZE * shares[-1] * market.state.stocks.adv[0])
    trade_silently(market, 1)
    return -float(market.state.ledger.cash[0, Party.OUTSIDE]) - SIZE * float(market.state.stocks.adv[0].sum())
