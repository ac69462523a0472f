"""Small worlds for the hedging tests: price paths, and policies that use all they are shown."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cqkit.arrays import FloatArray
from hedging import FullHedge, HedgePolicy, HedgeView, PartialHedge
from hedging.models.volatility import RollingVolatility

BOOK = 23.475e6


@dataclass(frozen=True)
class Chaser(HedgePolicy):
    """Hedges by a made-up mix of everything in the view, so that a leak of the future would show."""

    name: ClassVar[str] = "chaser"

    def contracts(self, view: HedgeView) -> FloatArray:
        before = view.prices.days - view.day - 1
        past = view.prices.close[:, before - 1] / view.start_price if before else 1.0
        mood = (
            np.log(view.index / view.start_price[:, None]).sum(axis=1)
            + view.spot.sum(axis=1)
            - view.futures_pnl.sum(axis=1) / view.start_value
            + past
        )
        full = view.start_value / (view.contract.multiplier * view.start_price)
        return full * (1 + np.sin(mood)) / 2 + 0.1 * view.contracts * (view.day < view.days)


@dataclass(frozen=True)
class Keeper(HedgePolicy):
    """Hedges fully on the first day and then answers with whatever it is short."""

    name: ClassVar[str] = "keeper"

    def contracts(self, view: HedgeView) -> FloatArray:
        return FullHedge().contracts(view) if view.day == 0 else view.contracts


@dataclass(frozen=True)
class Fixed(HedgePolicy):
    """Answers the same on every path and day, whatever that is worth."""

    answer: FloatArray

    name: ClassVar[str] = "fixed"

    def contracts(self, view: HedgeView) -> FloatArray:  # noqa: ARG002
        return self.answer


@st.composite
def price_paths(draw, paths: int | None = None, days: int | None = None, largest_move: float = 0.1):
    """Positive prices of shape (paths, days + 1) that start anywhere from 500 to 5000."""
    shape = (
        draw(st.integers(1, 4)) if paths is None else paths,
        draw(st.integers(1, 8)) if days is None else days,
    )
    moves = draw(hnp.arrays(float, shape, elements=st.floats(-largest_move, largest_move)))
    start = draw(hnp.arrays(float, (shape[0], 1), elements=st.floats(500, 5000)))
    return start * np.exp(np.hstack([np.zeros((shape[0], 1)), moves.cumsum(axis=1)]))


def policies():
    """Policies that look at little, at much, and at everything."""
    return st.sampled_from([FullHedge(), Chaser(), PartialHedge(volatility=RollingVolatility(least=2))])
