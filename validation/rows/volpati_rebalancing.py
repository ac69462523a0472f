"""Volpati et al. 2020: how much of all trade rebalances a crowded factor."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from abm import Flow
from validation.figures import Figure
from validation.row import row
from validation.trial import Trial


@row(
    paper="Volpati, Benzaquen, Eisler, Mastromatteo, Tóth and Bouchaud 2020",
    place="abstract",
    states="Trades that rebalance momentum portfolios are 1 to 2 % of all order flow.",
    kind="out of sample",
    certainty="verified",
    run="the crowd of quake-2007 before the event: what funds trade of their own accord, over what all trade",
    tolerance="0.5 to 2 %: one to two, and a factor of two below for a crowd that is not momentum alone",
)
def volpati_rebalancing(trial: Trial) -> Iterator[Figure]:
    """Books here change with equity alone.

    Signals that move books are not modelled, so little is traded in calm days.
    """
    outcome = trial.outcomes("quake-2007")["main"]
    calm = np.abs(outcome.record.flows[:, : outcome.event_day])
    # A unit of a book is as much on the long side as on the short one; all trade in a day is 1.
    traded = 2 * calm[:, :, [Flow.REBALANCING, Flow.REENTRY, Flow.FORCED]].sum(axis=2).mean(axis=1)
    yield Figure("share of order flow, %", 100 * float(traded.mean()), 0.5, 2.0, 1.5, 0.5)
