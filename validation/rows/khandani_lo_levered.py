"""Khandani and Lo 2007: the same week at 8:1."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from abm.measures import levered
from scenarios.measures import daily_columns
from validation.figures import Figure
from validation.row import row
from validation.trial import Trial, median_figure

PRINTED = (-4.64, -11.33, -11.43, 23.67)


@row(
    paper="Khandani and Lo 2007",
    place="table 7, 8:1",
    states="At 8:1 the four days are -4.64, -11.33, -11.43 and +23.67 %; the three losses compound to -25.1 %.",
    kind="in sample",
    certainty="verified",
    run="the scenario quake-2007, levered by abm.measures.levered; medians over paths",
    tolerance="four times that of the unlevered days, as its scenario has it",
)
def khandani_lo_levered(trial: Trial) -> Iterator[Figure]:
    """(1 - 0.0464) (1 - 0.1133) (1 - 0.1143) = 0.749."""
    scenario, main = trial.scenario("quake-2007"), trial.outcomes("quake-2007")["main"]
    first = main.event_day + 1
    week = levered(daily_columns(main)["khandani_lo"][:, first : first + 4], 8.0)
    ranges = [item for item in scenario.target if item.name.startswith("khandani_lo.2007-08-")][:4]
    for day, (target, printed) in enumerate(zip(ranges, PRINTED, strict=True)):
        name = f"{target.name.partition('.')[2]}, %"
        yield median_figure(
            name, 100 * week[:, day], low=4 * target.low, high=4 * target.high, published=printed, rounding=0.005
        )
    three = 100 * (np.prod(1 + week[:, :3], axis=1) - 1)
    yield median_figure("7 to 9 August compounded, %", three, low=-29.0, high=-20.0, published=-25.1, rounding=0.05)
