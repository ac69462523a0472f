"""Leverage targeting in one asset: the loop gain and the move at its fixed point."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from abm.crowding import all_rounds, deleveraging_loop, must_sell, response
from validation.figures import Figure, exact
from validation.row import row
from validation.trial import Trial

FUNDS, LEVERAGE, DEPTH = 10, 8, 200.0


@row(
    paper="Adrian and Shin 2010; Greenwood, Landier and Thesmar 2015",
    place="leverage targeting, all rounds (arithmetic)",
    states="n funds alike with assets A at leverage l in a market of depth D amplify a move r to r / (1 - g), "
    "g = n (l - 1) A / D; at g = 1 nothing holds.",
    kind="closed form",
    certainty="computed",
    run="abm.crowding.deleveraging_loop and all_rounds on ten funds",
    tolerance="1e-6, as printed",
)
def leverage_targeting_loop(trial: Trial) -> Iterator[Figure]:  # noqa: ARG001
    """Ten funds, assets 1 each, leverage 8, depth 200: g = 10 x 7 / 200 = 0.35, and 1 % becomes 1 / 0.65 = 1.538462 %.

    g = 1 at 10 (l - 1) / 200 = 1: leverage 21.
    """
    books, equity = np.ones((FUNDS, 1)), np.full(FUNDS, 1 / LEVERAGE)
    depth = np.array([DEPTH])
    loop = deleveraging_loop(books, equity, depth)
    sold = all_rounds(must_sell(books, equity, np.array([-0.01])), response(books, equity, depth)).sum()
    yield exact("loop gain", loop.gain, 0.35, 1e-9)
    yield exact("move after all rounds, %", 1 + 100 * sold / DEPTH, 1.538462, 1e-6)
    yield exact("critical leverage", LEVERAGE * loop.critical, 21.0, 1e-6)
