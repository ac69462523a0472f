"""Caccioli, Bouchaud and Farmer 2012: the leverage at which one's own sale ruins."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from abm.state import Party
from validation.figures import Figure, exact
from validation.row import row
from validation.trial import Trial
from validation.worlds import common_book, driftless, still, trade_silently


@row(
    paper="Caccioli, Bouchaud and Farmer 2012",
    place="critical leverage of a position marked to its own liquidation (arithmetic)",
    states="Selling all of a position at impact I x^d ruins whose leverage times I is above 1 + d: 3/2 for the square "
    "root, 2 for linear impact.",
    kind="closed form",
    certainty="computed",
    run="the liquidator sells its book evenly over a day of 52 bars in a silent market, under the shared "
    "law's square root and under permanent impact alone; equity is what its cash leaves",
    tolerance="1.5 %: the exponentials that stand for one over the root of time are as good as that",
)
def critical_leverage(trial: Trial) -> Iterator[Figure]:
    """Sold at the mean of I x^d over x from 0 to 1, I / (1 + d), equity 1 / l is gone at l I = 1 + d."""
    faint = {"crossover": 1e-9, "permanent": 0.0, "strength": 1e-4}
    yield exact("square root: leverage x impact", _ruinous(trial, **faint), 1.5, 0.0225)
    alone = {"strength": 0.0, "permanent": 1e-4}
    yield exact("linear, permanent: leverage x impact", _ruinous(trial, **alone), 2.0, 0.03)


def _ruinous(trial: Trial, **impact: float) -> float:
    """Impact of selling all, over what selling it costs: the leverage at which that is all equity, times the impact."""
    law = trial.impact.model_copy(update=impact)
    made = still(law, clock={"bars": 52}, liquidator={"starts": 0.0, "days": 1.0, "size": 0.5})
    market = driftless(made)
    trade_silently(market, made.clock.event_day + 1)
    book = made.liquidator.size * common_book(market)
    moved = float(np.abs(book) @ np.abs(market.state.stocks.displacement[0]))
    cost = -float(market.state.ledger.cash[0, Party.LIQUIDATOR])
    return moved / cost
