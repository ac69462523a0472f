"""The large fund and its predators: their arrays before the first bar."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from abm.inhabitants.base import Opening
from cqkit.arrays import FloatArray, IntArray


class LargeFundState(NamedTuple):
    """The large fund, arrays shaped (paths,); books in units of the crowded book."""

    book: FloatArray  # A
    equity: FloatArray  # E
    goal: FloatArray  # book that it works down to
    pace: FloatArray  # units that it sells per day at most
    order: FloatArray  # of this bar
    closed: IntArray  # 1 after its equity was gone: the account is the lender's
    lenders_loss: FloatArray  # booked for it so far


class PredatorState(NamedTuple):
    """The predators together, arrays shaped (paths,)."""

    book: FloatArray  # short: below 0
    goal: FloatArray  # book that they move to
    order: FloatArray  # of this bar
    speed: float  # share of the way per day


class CreditState(NamedTuple):
    """Those who trade the crowded book on credit, beside the crowd."""

    fund: LargeFundState
    predators: PredatorState
    collateral: FloatArray  # posted with lenders by the crowd and by the large fund, (paths, 2)


def open_large_fund(opening: Opening) -> CreditState:
    """Its whole book on borrowed money; predators have none yet."""
    fund, paths = opening.settings.large_fund, opening.paths
    book, equity = np.full(paths, fund.book), np.full(paths, fund.equity if fund.book > 0 else 0.0)
    nothing = np.zeros((6, paths))
    return CreditState(
        LargeFundState(
            book,
            equity,
            goal=book.copy(),
            pace=nothing[0],
            order=nothing[1],
            closed=np.zeros(paths, dtype=np.int64),
            lenders_loss=nothing[5],
        ),
        PredatorState(nothing[2], goal=nothing[3], order=nothing[4], speed=1 / opening.settings.predators.days),
        collateral=np.zeros((paths, 2)),
    )
