"""Cont and Schaanning 2019: the indirect contagion index of two funds by hand."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from abm.crowding import contagion_index, liquidity_overlap
from validation.figures import Figure, exact
from validation.row import row
from validation.trial import Trial


@row(
    paper="Cont and Schaanning 2019",
    place="definition of liquidity-weighted overlaps and of the indirect contagion index",
    states="The index is the Perron vector of Omega_ij = sum_k x_ik x_jk / D_k.",
    kind="closed form",
    certainty="secondary",
    run="abm.crowding.contagion_index on funds that hold (10, 0) and (10, 20), depths 100 and 400",
    tolerance="1e-10",
)
def cont_schaanning_index(trial: Trial) -> Iterator[Figure]:  # noqa: ARG001
    """Omega is ((1, 1), (1, 2)); its eigenvalues are (3 +- sqrt 5) / 2, the vector (1, golden ratio)."""
    found = contagion_index(liquidity_overlap(np.array([[10.0, 0.0], [10.0, 20.0]]), np.array([100.0, 400.0])))
    golden = (1 + np.sqrt(5)) / 2
    yield exact("largest eigenvalue", found.eigenvalue, (3 + np.sqrt(5)) / 2, 1e-10)
    yield exact("index of the second fund over that of the first", found.weights[1] / found.weights[0], golden, 1e-10)
    yield exact("share of the trace", found.share, (3 + np.sqrt(5)) / 6, 1e-10)
