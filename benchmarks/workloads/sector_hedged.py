"""The same sector hedged with index futures: 27,000 futures funds, 5,000 stocks, 250 days of 8 bars, two paths."""

from __future__ import annotations

from measuring import Figures, measure_engine, told

from abm import Settings

SETTINGS = Settings.model_validate(
    {
        "clock": {"start": "2023-01-05", "event": "2023-04-14", "days": 250, "bars": 8},
        "market": {"stocks": 5000, "factors": 3, "index_share": 0.3, "small_cap_volatility": 0.0025},
        "funds": {"kind": "futures", "count": 27_000, "styles": 20, "leverage": 4.0, "capital": 1.4},
        "futures": {"volume": 0.35},
        "liquidator": {"kind": "futures", "size": 0.3, "starts": 0, "days": 5},
        "index_sector": {"holding": 0},
        "desk": {"size": 0},
    }
)


def measure(rounds: int) -> Figures:
    """Seconds a path; the plain implementations know no futures."""
    return told(measure_engine([SETTINGS], paths=2, rounds=max(2, rounds // 2), alone=1))
