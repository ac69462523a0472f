"""A sector one to one: 27,000 long-short funds, 5,000 stocks, 250 days of 8 half-hour bars, two paths at a time."""

from __future__ import annotations

from measuring import Figures, array_seconds, extrapolated, measure_engine, told

from abm import Settings

SETTINGS = Settings.model_validate(
    {
        "clock": {"start": "2023-01-05", "event": "2023-04-14", "days": 250, "bars": 8},
        "market": {"stocks": 5000},
        "funds": {"count": 27_000},
        "desk": {"size": 0},
    }
)


def measure(rounds: int) -> Figures:
    """Seconds a path; those of plain Mesa models are extrapolated from the largest sizes that they reach."""
    engine = measure_engine([SETTINGS], paths=2, rounds=max(2, rounds // 2), alone=1)
    mesa, rows = extrapolated(SETTINGS, 5400, 1000, rows=False), extrapolated(SETTINGS, 10_800, 2000, rows=True)
    found = told(engine, mesa=mesa["seconds"], mesa_rows=rows["seconds"], numpy=array_seconds(SETTINGS))
    return found | {"extrapolated": {"mesa": mesa, "mesa_rows": rows}}
