"""Long-Term Capital Management 1998: months and days whose news is put in."""

from validation.row import scenario_row

scenario_row(
    "ltcm_put_in",
    "ltcm-1998",
    ("return.1998-05", "return.1998-06", "pnl.1998-08-21"),
    paper="Jorion 2000; Khandani and Lo 2007",
    place="May and June 1998; table 5 for 21 August",
    states="May -6.4 %, June -10.1 %, and USD -550m on 21 August.",
    kind="in sample",
    certainty="memory",
)
