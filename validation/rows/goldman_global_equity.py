"""Reuters, 14 August 2007: what Goldman Sachs Global Equity Opportunities lost."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from abm.crowding import fire_sales
from validation.figures import Figure, claim, exact
from validation.row import row
from validation.trial import Trial


@row(
    paper="Khandani and Lo 2007",
    place="footnote 1, and Reuters, 14 August 2007",
    states="A fund at about 6 times its equity lost more than 30 % of it: about 5 % of its assets.",
    kind="closed form",
    certainty="verified",
    run="the direct loss of abm.crowding.fire_sales, books of 6 on equity of 1",
    tolerance="exact",
)
def goldman_global_equity(trial: Trial) -> Iterator[Figure]:  # noqa: ARG001
    """6 x 5 % = 30 %; USD 1.9bn of 5.5bn is 34.5 %, 5.8 % of six times that."""
    books, depth = np.array([[3.0, -3.0]]), np.array([1e9, 1e9])
    found = fire_sales(books, np.array([1.0]), depth, np.array([-0.05, 0.05]))
    yield exact("loss at 5 % of assets, a ratio to equity", found.direct[0], 0.30, 1e-12)
    yield claim("what it has to sell to be back at its leverage, of its book", found.sold[0], low=0.30)
