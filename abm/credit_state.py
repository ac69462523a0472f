"""State of those who live on credit, beside `abm/state.py`: the large fund and its predators."""

from __future__ import annotations

from typing import NamedTuple

from cqkit.arrays import FloatArray


class LargeFundState(NamedTuple):
    """The large fund, arrays shaped (paths,); books in units of the crowded book."""

    book: FloatArray  # A
    equity: FloatArray  # E
    goal: FloatArray  # book that it works down to
    pace: FloatArray  # units that it sells per day at most
    order: FloatArray  # of this bar


class PredatorState(NamedTuple):
    """The predators together, arrays shaped (paths,)."""

    book: FloatArray  # short: below 0
    goal: FloatArray  # book that they move to
    order: FloatArray  # of this bar
    speed: float  # share of the way per day


class CreditState(NamedTuple):
    """All of it; with `active` 0 the phases leave it alone."""

    active: int
    fund: LargeFundState
    predators: PredatorState
    collateral: FloatArray  # posted with brokers by the crowd and by the large fund, (paths, 2)
