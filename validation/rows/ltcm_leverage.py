"""Long-Term Capital Management 1998: leverage and assets as the capital went."""

from validation.row import scenario_row

scenario_row(
    "ltcm_leverage",
    "ltcm-1998",
    ("leverage.1998-08-31", "assets.1998-09-22"),
    paper="Lowenstein 2000; New York Times, 26 September 1998",
    place="end of August, and before the rescue",
    states="Assets of USD 125bn on equity of 2.28bn, 55 times; about USD 100bn of assets on 22 September.",
    kind="in sample",
    certainty="secondary",
)
