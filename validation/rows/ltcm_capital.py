"""Long-Term Capital Management 1998: its capital, month by month."""

from validation.row import scenario_row

scenario_row(
    "ltcm_capital",
    "ltcm-1998",
    ("return.1998-08", "equity.1998-07-31", "equity.1998-08-31", "equity.1998-09-22", "pnl.1998-09-21"),
    paper="Meriwether's letter to investors, 2 September 1998; Lowenstein 2000",
    place="the letter; New York Times, 26 September 1998",
    states="August -44 %; equity of USD 4.0bn, 2.28bn and 0.6bn on 31 July, 31 August and 22 September.",
    kind="in sample",
    certainty="secondary",
)
