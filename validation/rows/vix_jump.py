"""VIX and S&P 500, 9 August 2007."""

from validation.row import scenario_row

scenario_row(
    "vix_jump",
    "quake-2007",
    ("index.2007-08-09", "index.2007-08-10", "volatility_index.2007-08-09"),
    paper="CBOE volatility index, daily closes",
    place="9 and 10 August 2007, with the S&P 500",
    states="The S&P 500 fell by 2.96 % and the VIX rose by 5.03 points; the index's fall is put in.",
    kind="in sample",
    certainty="verified",
)
