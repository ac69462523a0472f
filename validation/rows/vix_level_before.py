"""VIX, 8 August 2007: its level before the index fell."""

from validation.row import scenario_row

scenario_row(
    "vix_level_before",
    "quake-2007",
    ("volatility_index.level.2007-08-08",),
    paper="CBOE volatility index, daily closes",
    place="8 August 2007",
    states="The VIX stood at 21.45.",
    kind="out of sample",
    certainty="verified",
)
