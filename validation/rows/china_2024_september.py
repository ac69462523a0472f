"""China, September and October 2024: market-neutral funds called from above."""

from validation.row import scenario_row

scenario_row(
    "china_2024_september",
    "china-2024-09",
    paper="Reuters and Bloomberg, October 2024",
    place="last week of September 2024 and after",
    states="Futures went to a premium of 3 to 4 %; neutral funds lost 4.83 % in the last week and hardly regained it.",
    kind="in sample",
    certainty="verified",
)
