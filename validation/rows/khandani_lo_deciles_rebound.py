"""Khandani and Lo 2007: the rebound of 10 August by capitalisation decile."""

from validation.row import scenario_row

scenario_row(
    "khandani_lo_deciles_rebound",
    "quake-2007",
    tuple(f"khandani_lo.D{decile}.2007-08-10" for decile in (1, 4, 5, 10)),
    paper="Khandani and Lo 2007",
    place="table 3, by capitalisation decile",
    states="10 August 2007 within deciles 1, 4, 5, 10: -0.33, +7.90, +8.77, +2.39 %.",
    kind="in sample",
    certainty="verified",
)
