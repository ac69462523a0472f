"""Khandani and Lo 2007: returns at 8:1 are four times the unlevered ones."""

from __future__ import annotations

from collections.abc import Iterator

from abm.measures import levered
from validation.figures import Figure, exact
from validation.row import row
from validation.trial import Trial

# Table 7: date, unlevered, 8:1; %.
TABLE = (
    ("30 July", 0.44, 1.77),
    ("1 August", 0.11, 0.43),
    ("2 August", -0.30, -1.22),
    ("7 August", -1.16, -4.64),
    ("8 August", -2.83, -11.33),
    ("9 August", -2.86, -11.43),
    ("10 August", 5.92, 23.67),
    ("13 August", -0.76, -3.05),
    ("16 August", -0.81, -3.24),
    ("20 August", 1.14, 4.58),
)


@row(
    paper="Khandani and Lo 2007",
    place="section 3 and table 7",
    states="A portfolio levered theta:1, long and short together over capital, returns theta / 2 times the "
    "unlevered one.",
    kind="closed form",
    certainty="verified",
    run="abm.measures.levered on the unlevered returns of table 7",
    tolerance="0.025 points: four times the rounding of an unlevered return, and that of the levered one",
)
def khandani_lo_leverage(trial: Trial) -> Iterator[Figure]:  # noqa: ARG001
    """USD 100m long and 100m short on USD 25m is 8:1; unlevered it is 2:1, so 8 / 2 = 4 times: 4 x 5.92 = 23.68."""
    for day, unlevered, printed in TABLE:
        yield exact(f"{day}, 8:1, %", float(levered(unlevered, 8.0)), printed, 0.025)
