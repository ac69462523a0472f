"""Khandani and Lo 2007: the leverage that brings 1998's mean back."""

from __future__ import annotations

from collections.abc import Iterator

from abm.measures import levered
from validation.figures import Figure
from validation.row import row
from validation.trial import Trial

# Mean daily return by year, %, as printed in table 2; leverage as printed in table 6.
MEANS = {1998: 0.57, 1999: 0.44, 2002: 0.45, 2003: 0.21, 2006: 0.15}
PRINTED = {1999: 2.57, 2002: 2.52, 2003: 5.53, 2006: 7.76}
HALF = 0.005


@row(
    paper="Khandani and Lo 2007",
    place="tables 2 and 6",
    states="To earn 1998's mean again takes leverage 2 E[R_1998] / E[R_t]: 2.57 in 1999, 2.52 in 2002, 5.53 in "
    "2003, 7.76 in 2006.",
    kind="closed form",
    certainty="verified",
    run="the leverage at which abm.measures.levered makes the year's mean that of 1998, from means as printed",
    tolerance="what half a unit of the last printed digit of both means can make: the interval shown",
)
def khandani_lo_required_leverage(trial: Trial) -> Iterator[Figure]:  # noqa: ARG001
    """2006: 2 x 0.57 / 0.15 = 7.60, and from 2 x 0.565 / 0.155 = 7.29 to 2 x 0.575 / 0.145 = 7.93."""
    base = MEANS[1998]
    for year, printed in PRINTED.items():
        mean = MEANS[year]
        needed, least, most = (
            above / float(levered(below, 1.0))
            for above, below in ((base, mean), (base - HALF, mean + HALF), (base + HALF, mean - HALF))
        )
        yield Figure(f"{year}, to 1", needed, least, most, printed, 0.005, (least, most))
