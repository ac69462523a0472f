"""China, February 2024: small stocks and swap-financed funds."""

from validation.row import scenario_row

scenario_row(
    "china_2024_february",
    "china-2024",
    paper="Chinese financial press, February 2024",
    place="week to 2 February and after, as quoted in secondary sources",
    states="The CSI 2000 -16.78 % in the first week, -24.7 % to its low; swap-financed funds -20 to -30 % in the week.",
    kind="in sample",
    certainty="secondary",
)
