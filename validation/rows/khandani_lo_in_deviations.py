"""Khandani and Lo 2007: how many daily deviations the three days were, and how much of them Friday gave back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from scenarios.measures.credit import ColumnTotal
from scenarios.measures.daily import CalmDeviation, Daily
from validation.figures import Figure
from validation.row import row
from validation.trial import Trial, median_figure

FIRST, LAST, FRIDAY = date(2007, 8, 6), date(2007, 8, 9), date(2007, 8, 10)


@row(
    paper="Khandani and Lo 2007",
    place="table 3 and its text",
    states="The three days cost 6.85 %, 13.2 daily standard deviations of 2006; Friday gave 86 % of it back.",
    kind="in sample",
    certainty="verified",
    run="the scenario quake-2007: sums over days by path, medians over paths",
    tolerance="10 to 16 deviations and 75 to 97 %: what half a point a day makes of them",
)
def khandani_lo_in_deviations(trial: Trial) -> Iterator[Figure]:
    """1.16 + 2.83 + 2.86 = 6.85; 6.85 / 0.52 = 13.2; 5.92 / 6.85 = 0.864."""
    main = trial.outcomes("quake-2007")["main"]
    three = -ColumnTotal(column="khandani_lo", after=FIRST, to=LAST).values(main)
    friday = Daily(column="khandani_lo", on=FRIDAY).values(main)
    calm = CalmDeviation(column="khandani_lo").values(main)
    yield median_figure("loss of three days, %", 100 * three, low=5.5, high=8.2, published=6.85, rounding=0.005)
    yield median_figure("the same in daily deviations", three / calm, low=10, high=16, published=13.2, rounding=0.05)
    yield median_figure(
        "given back on Friday, of it", friday / three, low=0.75, high=0.97, published=0.864, rounding=5e-4
    )
