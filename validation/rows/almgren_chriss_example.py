"""Almgren and Chriss 2000: cost, half-life and holdings of their example."""

from __future__ import annotations

from collections.abc import Iterator

from abm import almgren_chriss
from validation.figures import Figure, exact
from validation.row import row
from validation.trial import Trial

# A million shares at USD 50 in five days: 30 % volatility a year of 250 days, a spread of 1/8, 5 million shares a day.
EXAMPLE = {"volatility": 0.948683, "temporary": 2.5e-6, "permanent": 2.5e-7, "fixed": 0.0625}


@row(
    paper="Almgren and Chriss 2000",
    place="table 1 and section 2, at a risk aversion of 1e-6",
    states="The example's optimal sale costs USD 910,477.84 on average, and half-lives of the position are "
    "1.6495 days.",
    kind="closed form",
    certainty="verified",
    run="abm.almgren_chriss with the parameters of their table 1",
    tolerance="half of the last printed digit, with a volatility of six digits",
)
def almgren_chriss_example(trial: Trial) -> Iterator[Figure]:  # noqa: ARG001
    """eta~ = 2.5e-6 - 2.5e-7 / 2 = 2.375e-6; kappa~^2 = 1e-6 x 0.9 / 2.375e-6 = 0.37895.

    2 (cosh kappa - 1) = 0.37895 gives kappa = 0.60625 a day and 1 / kappa = 1.6495 days. Sold in equal parts it costs
    gamma X^2 / 2 + epsilon X + eta~ X^2 / 5 = 125,000 + 62,500 + 475,000 = 662,500, which is the least.
    """
    found = almgren_chriss(1e6, 5.0, 5, risk_aversion=1e-6, **EXAMPLE)
    even = almgren_chriss(1e6, 5.0, 5, **EXAMPLE)
    yield exact("expected cost, USD", found.expected_cost, 910_477.84, 1.0)
    yield exact("1 / kappa, days", 5.0 / found.urgency, 1.6495, 5e-5)
    yield exact("expected cost of an even sale, USD", even.expected_cost, 662_500.0, 0.5)
