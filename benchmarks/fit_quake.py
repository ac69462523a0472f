"""How quake-2007 was fitted: what was free, within which bounds, and what moves with it.

    python benchmarks/fit_quake.py --count        and --response, --search: see fit.py

The crowd's book stays what it is when its leverage changes, and so does the liquidator's share of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import fit
from fit import Fit, Parameter

from scenarios import Scenario
from scenarios.domain import crowd_book

SPREAD = {"tolerance": 2.4, "severity": 1.85, "reentry_wait": 2.9}  # of funds: the highest over the lowest


def crowds_book(scenario: Scenario) -> float:
    """Per side, in days of the market's value."""
    return crowd_book(scenario.settings)


def liquidators_share(scenario: Scenario) -> float:
    """Its book over the crowd's."""
    return scenario.liquidator.size / crowds_book(scenario)


def least_tolerance(scenario: Scenario) -> float:
    """Loss on the book that the most cautious fund's own rule bears."""
    return scenario.funds.tolerance[0]


def least_severity(scenario: Scenario) -> float:
    """Of the fund whose own rule sells least."""
    return scenario.funds.severity[0]


def shortest_wait(scenario: Scenario) -> float:
    """Days after its latest cut before the first fund comes back."""
    return scenario.funds.reentry_wait[0]


def ties(_: Scenario, values: Mapping[str, float]) -> Mapping[str, Any]:
    """Scenario keys that follow from the parameters."""
    spans = {"tolerance": "least_tolerance", "severity": "least_severity", "reentry_wait": "shortest_wait"}
    return {f"funds.{key}": [values[name], SPREAD[key] * values[name]] for key, name in spans.items()} | {
        "funds.capital": values["crowds_book"] / values["funds.leverage"],
        "liquidator.size": values["liquidators_share"] * values["crowds_book"],
    }


FIT = Fit(
    "quake-2007",
    free=(
        Parameter("impact.strength", 0.5, 1.2),
        Parameter("crowds_book", 1.0, 4.2, read=crowds_book),
        Parameter("funds.leverage", 2.0, 4.0),
        Parameter("liquidators_share", 0.03, 0.2, log=True, read=liquidators_share),
        Parameter("least_tolerance", 0.01, 0.03, log=True, read=least_tolerance),
        Parameter("least_severity", 1.5, 6.0, log=True, read=least_severity),
        Parameter("funds.cut_days", 0.3, 1.5, log=True),
        Parameter("funds.intraday_share", 0.5, 1.0),
        Parameter("shortest_wait", 0.05, 0.4, log=True, read=shortest_wait),
        Parameter("funds.reentry_days", 1.0, 4.0, log=True),
        Parameter("opportunists.capital", 0.2, 1.0, log=True),
        Parameter("opportunists.cheap", 0.015, 0.03),
        Parameter("opportunists.lag", 2.0, 4.0),
        Parameter("opportunists.buy_days", 0.05, 0.3, log=True),
    ),
    ties=ties,
    given=(
        Parameter("impact.permanent", 0.0, 0.1),
        Parameter("funds.crowding", 0.6, 0.9),
        Parameter("funds.mark_days", 4.0, 16.0),
        Parameter("funds.reentry_cheapness", 0.01, 0.04),
        Parameter("opportunists.depth", 0.02, 0.04),
    ),
    later=("counterfactual.orderly_60_days_trough_minus_twin",),
)

if __name__ == "__main__":
    fit.main(FIT)
