"""20 funds and 100 stocks, 27 days of 13 bars, 100 paths at a time: what calls cost beside arithmetic."""

from __future__ import annotations

from measuring import Figures, agent_seconds, array_seconds, measure_engine, told

from abm import Settings

SETTINGS = Settings.model_validate({"market": {"stocks": 100}, "funds": {"count": 20}, "desk": {"size": 0}})


def measure(rounds: int) -> Figures:
    """Seconds a path."""
    engine = measure_engine([SETTINGS], paths=100, rounds=rounds)
    return told(
        engine,
        mesa=agent_seconds(SETTINGS, rows=False),
        mesa_rows=agent_seconds(SETTINGS, rows=True),
        numpy=array_seconds(SETTINGS),
    )
