"""How china-2024-09 was fitted: one number is free, what locked stocks send to futures; its crowd is china-2024's.

    python benchmarks/fit_china_september.py --count        and --response, --search: see fit.py

What it predicted before anything was fitted is the counterfactual `blind` of the scenario.
"""

from __future__ import annotations

from datetime import date

import fit
from fit import Fit, Parameter

FIT = Fit(
    "china-2024-09",
    free=(Parameter("futures.diverted", 0.1, 6.0, log=True),),
    given=(
        Parameter("futures.impact", 0.005, 0.02, log=True),
        Parameter("futures.arbitrage", 0.0, 1.0),
        Parameter("futures.start_basis", -0.008, 0.0),
        Parameter("funds.crowding", 0.6, 0.9),
        Parameter("funds.leverage", 1.0, 2.0),
        Parameter("funds.reserve", 0.02, 0.05, log=True),
        Parameter("futures_funds.cash_reserve", 0.1, 0.3),
        Parameter("futures_funds.top_up_days", 0.25, 1.0),
        Parameter("futures_funds.transfer_days", 0.0, 1.0),
        Parameter("futures_funds.tilt", 0.3, 1.0),
        Parameter("market.wide_share", 0.2, 0.5),
        Parameter("impact.strength", 0.5, 1.2),
    ),
    last_day=date(2024, 10, 9),  # no target of the three kinds needs more
    kinds=("history", "input"),
)

if __name__ == "__main__":
    fit.main(FIT)
