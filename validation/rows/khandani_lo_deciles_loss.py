"""Khandani and Lo 2007: losses of 7 to 9 August by capitalisation decile, a hump."""

from validation.row import scenario_row

scenario_row(
    "khandani_lo_deciles_loss",
    "quake-2007",
    tuple(f"khandani_lo.D{decile}.2007-08-07..09" for decile in (1, 3, 4, 5, 8, 10)),
    paper="Khandani and Lo 2007",
    place="table 3, by capitalisation decile",
    states="7 to 9 August 2007 within deciles 1, 3, 4, 5, 8, 10: +2.54, -8.09, -9.33, -8.95, -8.81, -3.46 %.",
    kind="in sample",
    certainty="verified",
)
