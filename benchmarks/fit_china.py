"""How china-2024 was fitted: what was free, within which bounds, and what moves with it.

    python benchmarks/fit_china.py --count        and --response, --search: see fit.py

Reserve and the swaps' share change what a fund can hold: the crowd's capital follows, so that its stocks stay the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import fit
from fit import Fit, Parameter

from scenarios import Scenario
from scenarios.domain import crowd_book

LEAST = 2 / 3  # of the least patient broker's patience to the most patient one's


def crowds_stocks(scenario: Scenario) -> float:
    """In days of the market's value."""
    return crowd_book(scenario.settings)


def liquidators_share(scenario: Scenario) -> float:
    """Its stocks over the crowd's."""
    return scenario.liquidator.size / crowds_stocks(scenario)


def slide(scenario: Scenario) -> float:
    """How far small stocks slide beside the market, a day: an input."""
    return -next(item.move for item in scenario.news if item.to == "small_caps")


def patience(scenario: Scenario) -> float:
    """How far a deposit may fall below the margin of a swap before the most patient broker calls, over that margin."""
    return 1 - scenario.futures_funds.swap_floor[0]


def ties(scenario: Scenario, values: Mapping[str, float]) -> Mapping[str, Any]:
    """Scenario keys that follow from the parameters."""
    settings = scenario.settings
    altered = settings.model_copy(
        update={
            "funds": settings.funds.model_copy(
                update={"reserve": values["funds.reserve"], "leverage": values["funds.leverage"]}
            ),
            "futures_funds": settings.futures_funds.model_copy(
                update={"swap_share": values["futures_funds.swap_share"]}
            ),
        }
    )
    news = [item.model_dump(mode="json") for item in scenario.news]
    for entry in news:
        entry["move"] = -values["slide"] if entry["to"] == "small_caps" else entry["move"]
    return {
        "funds.capital": settings.funds.capital * values["crowds_stocks"] / crowd_book(altered),
        "futures_funds.swap_floor": [1 - values["patience"], 1 - LEAST * values["patience"]],
        "liquidator.size": values["liquidators_share"] * values["crowds_stocks"],
        "news": news,
    }


FIT = Fit(
    "china-2024",
    free=(
        Parameter("futures_funds.swap_share", 0.15, 0.45),
        Parameter("funds.reserve", 0.02, 0.05, log=True),
        Parameter("patience", 0.1, 0.3, read=patience),
        Parameter("futures.impact", 0.005, 0.02, log=True),
        Parameter("slide", 0.002, 0.01, log=True, read=slide),
    ),
    ties=ties,
    given=(
        Parameter("impact.strength", 0.5, 1.2),
        Parameter("impact.permanent", 0.0, 0.1),
        Parameter("crowds_stocks", 1.0, 3.0, read=crowds_stocks),
        Parameter("liquidators_share", 0.05, 0.2, read=liquidators_share),
        Parameter("funds.leverage", 3.0, 5.0),
        Parameter("funds.crowding", 0.6, 0.9),
        Parameter("funds.cut", 0.9, 1.0),
        Parameter("funds.cut_days", 0.3, 1.5),
        Parameter("funds.intraday_share", 0.5, 1.0),
        Parameter("futures.arbitrage", 0.0, 1.0),
        Parameter("futures.decay", 0.5, 2.0),
        Parameter("market.stock_volatility", 0.018, 0.028),
        Parameter("market.news_scale", 0.5, 1.5),
    ),
    last_day=date(2024, 2, 21),  # the twelfth from the event on: a sale after it is not counted
)

if __name__ == "__main__":
    fit.main(FIT)
