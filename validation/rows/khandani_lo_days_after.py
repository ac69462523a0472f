"""Khandani and Lo 2007: the rest of the week after the quake, which no fit has seen."""

from validation.row import scenario_row

scenario_row(
    "khandani_lo_days_after",
    "quake-2007",
    ("khandani_lo.2007-08-14..17",),
    paper="Khandani and Lo 2007",
    place="tables 3 and 7, all stocks",
    states="14 to 17 August 2007: +0.08, -0.38, -0.81 and +0.38 %, -0.18 % a day.",
    kind="out of sample",
    certainty="verified",
)
