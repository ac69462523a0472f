"""CBOE 1993, Whaley 1993: how the first volatility index weighs its two months."""

from __future__ import annotations

from collections.abc import Iterator

from hedging.options.gauge import month_weights, trading_days
from validation.figures import Figure, exact
from validation.row import row
from validation.trial import Trial


@row(
    paper="Whaley 1993",
    place="construction of the CBOE volatility index of 1993 (VXO)",
    states="The near month weighs (N2 - 22) / (N2 - N1), the next (22 - N1) / (N2 - N1), in trading days N_c - 2"
    " int(N_c / 7).",
    kind="closed form",
    certainty="secondary",
    run="hedging.options.gauge",
    tolerance="1e-12",
)
def vxo_weights(trial: Trial) -> Iterator[Figure]:  # noqa: ARG001
    """16 and 51 calendar days are 12 and 37 trading days: weights 15 / 25 and 10 / 25.

    Equal volatilities stay as they are.
    """
    near, following = trading_days(16), trading_days(51)
    weights = month_weights(near, following)
    yield exact("trading days among 16 and 51", near + following, 49, 0)
    yield exact("weight of the near month", weights.near, 0.6, 1e-12)
    yield exact("index of two months at 20 %", 20 * weights.near + 20 * weights.following, 20.0, 1e-12)
    yield exact("index with 22 days left in the near month at 18 %", 18 * month_weights(22, 42).near, 18.0, 1e-12)
