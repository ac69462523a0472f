"""How ltcm-1998 was fitted: what was free, within which bounds, and what moves with it.

    python benchmarks/fit_ltcm.py --count        and --response, --search: see fit.py

Money stays the same in dollars when the market's daily value changes, and the calm volatility of the common book when
the trades' correlation does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import fit
import numpy as np
from fit import Fit, Parameter, read_key

from abm.settings import News
from scenarios import Scenario

MONEY = ("large_fund.book", "large_fund.equity", "rescue.injection")  # in days of the market's value
CAPITAL_OF_1997 = 7.37e9


def correlation(scenario: Scenario) -> float:
    """Of two trades in calm times."""
    common, own = scenario.market.market_volatility**2, scenario.market.stock_volatility**2
    return common / (common + own)


def news_of_august(scenario: Scenario) -> float:
    """Sum of the dated falls of August 1998, in bp, but for the 21st, of which the fund's own loss is documented."""
    return -1e4 * sum(item.move for item in scenario.news if _is_assumed(item))


def desks_book(scenario: Scenario) -> float:
    """Over the large fund's."""
    return scenario.funds.capital * scenario.funds.leverage / scenario.large_fund.book


def early_seller(scenario: Scenario) -> float:
    """Its book over the large fund's."""
    return scenario.liquidator.size / scenario.large_fund.book


def makers_capital(scenario: Scenario) -> float:
    """In USD bn."""
    return scenario.makers.capital * scenario.market.daily_value / 1e9


def widest_headroom(scenario: Scenario) -> float:
    """The upper end of the desks' headroom; the lower end is a seventh of it."""
    return scenario.funds.headroom[1]


def _is_assumed(item: News) -> bool:
    return item.days == 1 and item.date.month == 8 and item.date != date(1998, 8, 21)


def ties(scenario: Scenario, values: Mapping[str, float]) -> Mapping[str, Any]:
    """Scenario keys that follow from the parameters."""
    shrink = scenario.market.daily_value / values["market.daily_value"]
    book = scenario.large_fund.book * shrink
    keys: dict[str, Any] = {key: values.get(key, read_key(scenario, key)) * shrink for key in MONEY}
    keys["funds.capital"] = values["desks_book"] * book / values["funds.leverage"]
    keys["liquidator.size"] = values["early_seller"] * book
    keys["makers.capital"] = values["makers_capital"] * 1e9 / values["market.daily_value"]
    keys["funds.headroom"] = [values["widest_headroom"] / 7, values["widest_headroom"]]
    return keys | _volatility(scenario, values["correlation"]) | _lists(scenario, values)


def _volatility(scenario: Scenario, rho: float) -> dict[str, float]:
    """Common and own volatility of a trade, by the correlation, at the same volatility of the book of all of them."""
    market = scenario.market
    book = np.sqrt(market.market_volatility**2 + market.stock_volatility**2 / market.stocks)
    trade = float(book / np.sqrt(rho + (1 - rho) / market.stocks))
    return {
        "market.market_volatility": trade * float(np.sqrt(rho)),
        "market.stock_volatility": trade * float(np.sqrt(1 - rho)),
    }


def _lists(scenario: Scenario, values: Mapping[str, float]) -> dict[str, Any]:
    """News, counterfactuals and targets: what in them follows from the parameters."""
    table = scenario.model_dump(mode="json")
    value = values["market.daily_value"]
    factor = values["news_of_august"] / news_of_august(scenario)
    for entry, item in zip(table["news"], scenario.news, strict=True):
        entry["move"] *= factor if _is_assumed(item) else 1.0
    for entry in table["counterfactual"]:
        if entry["name"] == "capital_not_returned":
            entry["set"]["large_fund.equity"] = CAPITAL_OF_1997 / value
    for entry in table["target"]:
        if entry["scale"] == scenario.market.daily_value / 1e9:
            entry["scale"] = value / 1e9
    return {key: table[key] for key in ("news", "counterfactual", "target")}


FIT = Fit(
    "ltcm-1998",
    free=(
        Parameter("correlation", 0.04, 0.2, log=True, read=correlation),
        Parameter("market.daily_value", 3.2e9, 5e9),
        Parameter("news_of_august", 25.0, 55.0, read=news_of_august),
        Parameter("desks_book", 1.0, 1.5, read=desks_book),
        Parameter("widest_headroom", 0.5, 1.4, read=widest_headroom),
        Parameter("brokers.volatility_weight", 0.1, 0.7),
        Parameter("brokers.credit_weight", 0.5, 1.5),
        Parameter("brokers.lag_days", 7.0, 15.0),
        Parameter("predators.size", 0.5, 1.0),
        Parameter("makers_capital", 2.0, 16.0, log=True, read=makers_capital),
    ),
    ties=ties,
    given=(
        Parameter("impact.strength", 0.9, 1.2),
        Parameter("impact.permanent", 0.0, 0.1),
        Parameter("large_fund.equity", 1.0, 1.4),
        Parameter("large_fund.participation", 0.4, 0.6),
        Parameter("funds.crowding", 0.7, 1.0),
        Parameter("funds.cut_days", 0.3, 1.3),
        Parameter("brokers.haircut", 0.01, 0.0145),
        Parameter("early_seller", 0.04, 0.15, read=early_seller),
        Parameter("funds.leverage", 14.0, 22.0),
        Parameter("predators.threshold", 0.2, 0.4),
    ),
    last_day=date(1998, 9, 22),
    later=("counterfactual.orderly_to_fire_sale_spread_trough",),
)

if __name__ == "__main__":
    fit.main(FIT)
