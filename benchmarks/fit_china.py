"""How china-2024 was fitted: what was free, within which bounds, and what moves with it.

    python benchmarks/fit_china.py --count        and --response, --search: see fit.py

What swaps hold is published, and what all hold too: capital and the swaps' share of it follow from both, from leverage
and from the reserves, so that stocks stay the same.
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


def swaps_part(scenario: Scenario) -> float:
    """Of the crowd's stocks, what is held through swaps."""
    funds, rules = scenario.funds, scenario.futures_funds
    return funds.capital * rules.swap_share / (1 / funds.leverage + funds.reserve) / crowds_stocks(scenario)


def liquidators_share(scenario: Scenario) -> float:
    """Its stocks over the crowd's."""
    return scenario.liquidator.size / crowds_stocks(scenario)


def slide(scenario: Scenario) -> float:
    """How far small stocks slide beside the market until the state buys, a day: an input."""
    return -_slide(scenario).move


def _slide(scenario: Scenario) -> Any:
    return next(item for item in scenario.news if item.to == "small_caps" and item.cause == "news")


def patience(scenario: Scenario) -> float:
    """How far a deposit may fall below the margin of a swap before the most patient broker calls, over that margin."""
    return 1 - scenario.futures_funds.swap_floor[0]


def ties(scenario: Scenario, values: Mapping[str, float]) -> Mapping[str, Any]:
    """Scenario keys that follow from the parameters."""
    rules, stocks, part = scenario.futures_funds, values["crowds_stocks"], values["swaps_part"]
    swaps = stocks * part * (1 / values["funds.leverage"] + values["funds.reserve"])
    others = stocks * (1 - part) * (1 + rules.deposit + rules.cash_reserve)
    news = [item.model_dump(mode="json") for item in scenario.news]
    news[scenario.news.index(_slide(scenario))]["move"] = -values["slide"]
    return {
        "funds.capital": swaps + others,
        "futures_funds.swap_share": swaps / (swaps + others),
        "futures_funds.swap_floor": [1 - values["patience"], 1 - LEAST * values["patience"]],
        "liquidator.size": values["liquidators_share"] * stocks,
        "news": news,
    }


FIT = Fit(
    "china-2024",
    free=(
        Parameter("futures_funds.tilt", 0.3, 1.0),
        Parameter("slide", 0.002, 0.016, log=True, read=slide),
    ),
    ties=ties,
    given=(
        Parameter("funds.reserve", 0.02, 0.05, log=True),
        Parameter("patience", 0.1, 0.3, read=patience),
        Parameter("swaps_part", 0.165, 0.29, read=swaps_part),  # CNY 0.2 to 0.35 trillion
        Parameter("crowds_stocks", 1.0, 3.0, read=crowds_stocks),
        Parameter("funds.leverage", 3.0, 5.0),
        Parameter("futures.impact", 0.005, 0.02, log=True),
        Parameter("impact.strength", 0.5, 1.2),
        Parameter("impact.permanent", 0.0, 0.1),
        Parameter("liquidators_share", 0.05, 0.2, read=liquidators_share),
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
    kinds=("history", "input"),
)

if __name__ == "__main__":
    fit.main(FIT)
