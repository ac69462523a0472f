"""Cont and Schaanning 2019: the index ranks funds by what their distress costs the others."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy

from abm import Market
from abm.crowding import contagion_index, liquidity_overlap
from cqkit.statistics import bootstrap
from scenarios.crowds import crowd_in
from scenarios.crowds.crowd import depth_in
from validation.figures import Figure, claim
from validation.row import row
from validation.trial import Trial
from validation.worlds import silence, still

FUNDS = 25


@row(
    paper="Cont and Schaanning 2019",
    place="ranking of institutions by the indirect contagion index",
    states="The index ranks institutions as the losses that their fire sales cause others do.",
    kind="out of sample",
    certainty="secondary",
    run="25 funds of the engine under the shared law, each liquidated alone over a day in a silent market; Spearman's "
    "correlation of the index with what that costs all others",
    tolerance="0.9: the index is of first order, the law a square root",
)
def cont_schaanning_ranking(trial: Trial) -> Iterator[Figure]:
    """No closed form: the simulated loss is that of a square root of what is sold, the index's is linear."""
    crowd = {"count": FUNDS, "capital": 0.5, "crowding": 0.6, "capital_spread": 1.0, "severity": [0.0, 0.0]}
    made = still(trial.impact, clock={"bars": 13}, funds=crowd, market={"stocks": 100}, liquidator={"size": 0})
    first = Market(made)
    holdings = crowd_in(first)
    index = contagion_index(liquidity_overlap(holdings.holdings, depth_in(first, holdings, 0.1))).weights
    books = first.books()
    losses = np.array([_cost(Market(made), books, fund) for fund in range(FUNDS)])
    found = float(scipy.stats.spearmanr(index, losses).statistic)
    interval = bootstrap(lambda chosen: float(scipy.stats.spearmanr(index[chosen], losses[chosen]).statistic), FUNDS)
    yield claim("rank correlation of index and losses", found, low=0.9, interval=interval)


def _cost(market: Market, books: np.ndarray, fund: int) -> float:
    """What all other funds lose when one is sold out."""
    market.submit(-books[fund])
    market.trade_path(0, silence(market.settings))
    others = np.delete(books, fund, axis=0).sum(axis=0)
    return -float(others @ (market.state.stocks.price[0] - 1))
