"""Khandani and Lo 2007: what the contrarian portfolio makes on quiet days."""

from validation.row import scenario_row

scenario_row(
    "khandani_lo_calm",
    "quake-2007",
    ("khandani_lo.calm_mean", "khandani_lo.calm_sd"),
    paper="Khandani and Lo 2007",
    place="table 2, 2006 and 2007",
    states="A quiet day brings +0.13 % on average, with a standard deviation of 0.52 %.",
    kind="in sample",
    certainty="verified",
)
