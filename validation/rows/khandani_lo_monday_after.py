"""Khandani and Lo 2007: the Monday after the quake."""

from validation.row import scenario_row

scenario_row(
    "khandani_lo_monday_after",
    "quake-2007",
    ("khandani_lo.2007-08-13",),
    paper="Khandani and Lo 2007",
    place="tables 3 and 7, all stocks",
    states="13 August 2007: -0.76 %.",
    kind="in sample",
    certainty="verified",
)
