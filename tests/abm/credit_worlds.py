"""Small markets of spread trades in which those who live on credit have to act within weeks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from abm import Settings

# Twenty days from calm through a crash to a rescue; the large fund is 24 days of the market's value at leverage 27.
CREDIT: dict[str, dict[str, Any]] = {
    "clock": {"start": "1998-08-10", "days": 20, "bars": 4, "event": "1998-08-17"},
    "market": {
        "instruments": "spreads",
        "stocks": 8,
        "factors": 0,
        "market_volatility": 0.000325,
        "stock_volatility": 0.00084,
        "volatility_spread": 0,
        "volatility_size_slope": 0,
        "beta_spread": 0,
        "size_spread": 0,
        "volume_noise": 0,
    },
    "large_fund": {"book": 24, "equity": 0.9, "participation": 0.5, "unwinds": "1998-08-28", "unwind_days": 5},
    "brokers": {"haircut": 0.012, "volatility_weight": 0.25, "credit_weight": 0.8, "lag_days": 3},
    "predators": {"size": 0.85, "threshold": 0.1, "days": 3},
    "makers": {"capital": 1.0, "recovery_days": 5},
    "rescue": {"date": "1998-08-28", "injection": 0.7},
    "funds": {
        "count": 10,
        "styles": 3,
        "crowding": 0.9,
        "leverage": 18,
        "capital": 1.5,
        "headroom": [0.15, 1.05],
        "cut": 0.85,
        "reentry_share": 0,
    },
    "liquidator": {"size": 2.0, "begins": "1998-08-12", "starts": 0, "days": 6},
    "index_sector": {"holding": 0},
    "desk": {"size": 0},
}
CRASH = [{"date": "1998-08-17", "days": 4, "move": -0.003}]
Changes = dict[str, Any]


def credit_world(**sections: Any) -> Settings:
    """The small market with the crash, sections given changing it."""
    tables: dict[str, Any] = {name: {**table, **sections.get(name, {})} for name, table in CREDIT.items()}
    return Settings.model_validate(tables | {"news": sections.get("news", CRASH)})


World = Callable[..., Settings]
