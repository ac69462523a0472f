"""Khandani and Lo 2007: the contrarian portfolio on the four days of the quake."""

from validation.row import scenario_row

scenario_row(
    "khandani_lo_week",
    "quake-2007",
    (
        "khandani_lo.2007-08-07",
        "khandani_lo.2007-08-08",
        "khandani_lo.2007-08-09",
        "khandani_lo.2007-08-10",
        "khandani_lo.all_four_signs_right",
    ),
    paper="Khandani and Lo 2007",
    place="tables 3 and 7, all stocks",
    states="7 to 10 August 2007: -1.16, -2.83, -2.86 and +5.92 % a day.",
    kind="in sample",
    certainty="verified",
)
