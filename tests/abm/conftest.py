"""Small markets in which a law can fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from abm import Settings
from validation.worlds import SMALL, STILL, merged

# Beside the small market, index futures and funds of both kinds that hedge with them, thinly margined.
HEDGED: dict[str, dict[str, Any]] = {
    "market": {
        "market_volatility": 0.01,
        "stock_volatility": 0.02,
        "index_share": 0.4,
        "small_cap_volatility": 0.003,
    },
    "impact": {"half_spread": 0.0005},
    "funds": {
        "kind": "futures",
        "policy": "full-rebalanced",
        "leverage": 4.0,
        "capital": 1.4,
        "cut_days": 0.7,
        "reentry_days": 1.0,
        "reentry_wait": [0.3, 0.7],
    },
    "futures": {"volume": 0.35, "half_spread": 0.0002, "start_basis": -0.002},
    "futures_funds": {"swap_share": 0.4, "financing": 0.05},
    "liquidator": {"kind": "futures", "size": 0.4},
    "index_sector": {"holding": 0},
}


@pytest.fixture
def small() -> Callable[..., Settings]:
    """A small market in which everything happens: sections given change it."""
    return lambda **sections: merged(SMALL, sections)


@pytest.fixture
def still() -> Callable[..., Settings]:
    """A small market in which only trades move prices: sections given change it."""
    return lambda **sections: merged(SMALL, STILL, sections)


@pytest.fixture
def hedged() -> Callable[..., Settings]:
    """A small market of funds that hedge with index futures: sections given change it."""
    return lambda **sections: merged(SMALL, HEDGED, sections)


@pytest.fixture
def still_hedged() -> Callable[..., Settings]:
    """The same in which only trades and dated news move prices, and futures stand on the index."""
    quiet = {"market": {"small_cap_volatility": 0}, "futures": {"noise": 0, "start_basis": 0, "half_spread": 0}}
    return lambda **sections: merged(SMALL, HEDGED, STILL, quiet, {"funds": {"capital": 1.4}}, sections)
