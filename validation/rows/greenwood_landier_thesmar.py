"""Greenwood, Landier and Thesmar 2015: systemicness and vulnerability of two banks by hand."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from abm.crowding import fire_sales, must_sell
from validation.figures import Figure, exact
from validation.row import row
from validation.trial import Trial


@row(
    paper="Greenwood, Landier and Thesmar 2015",
    place="equations for AV, S(n) and IV(n)",
    states="Banks that keep their leverage sell debt over equity times their loss; systemicness sums to aggregate "
    "vulnerability, and is size x leverage x linkage x exposure.",
    kind="closed form",
    certainty="computed",
    run="abm.crowding.fire_sales on two banks of assets (80, 20) and (30, 30), equity 20 each, depths 1,000 "
    "and 500, the first asset down 10 %",
    tolerance="1e-12",
)
def greenwood_landier_thesmar(trial: Trial) -> Iterator[Figure]:  # noqa: ARG001
    """Losses are 8 and 3; debt over equity 4 and 2, so 32 and 6 are sold. 32 is 25.6 and 6.4.

    Prices fall by 0.0256 and 0.0128, which costs 2.304 and 1.152. 6 is 3 and 3: prices fall by 0.003 and 0.006, which
    costs 0.36 and 0.27. S = 3.456 / 40 and 0.63 / 40, AV = 4.086 / 40, IV = 2.664 / 20 and 1.422 / 20.
    """
    books, equity = np.array([[80.0, 20.0], [30.0, 30.0]]), np.array([20.0, 20.0])
    shock = np.array([-0.1, 0.0])
    sales = must_sell(books, equity, shock)
    found = fire_sales(books, equity, np.array([1000.0, 500.0]), shock)
    yield exact("sold by the first bank", sales[0], 32.0, 1e-12)
    yield exact("sold by the second bank", sales[1], 6.0, 1e-12)
    yield exact("aggregate vulnerability", found.aggregate, 4.086 / 40, 1e-12)
    yield exact("systemicness of the first bank", found.systemicness[0], 3.456 / 40, 1e-12)
    yield exact("systemicness of the second bank", found.systemicness[1], 0.63 / 40, 1e-12)
    yield exact("indirect vulnerability of the first bank", found.vulnerability[0], 2.664 / 20, 1e-12)
    yield exact("indirect vulnerability of the second bank", found.vulnerability[1], 1.422 / 20, 1e-12)
    parts = (found.size * found.sold * found.linkage).sum()
    yield exact("size x sold x linkage, summed, less aggregate vulnerability", parts - found.aggregate, 0.0, 1e-12)
