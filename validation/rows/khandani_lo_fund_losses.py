"""Khandani and Lo 2007: what leading quantitative funds lost."""

from validation.row import scenario_row

scenario_row(
    "khandani_lo_fund_losses",
    "quake-2007",
    ("funds.trough_median", "funds.trough_p10", "funds.recovered_share_of_trough"),
    paper="Khandani and Lo 2007",
    place="introduction and footnote 1, quoting the Wall Street Journal",
    states="Leading quantitative funds lost 5 to 30 % within days; the contrarian portfolio regained 86 % on Friday.",
    kind="in sample",
    certainty="verified",
)
