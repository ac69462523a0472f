"""Every chart that there is, of the smallest result that has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

import crowdquake as cq
from scenarios import Unwindings, conduct
from scenarios.studies.early_warning import EarlyWarningStudy
from scenarios.studies.walk import WalkStudy
from scenarios.sweeping import parse_turned

BOX = """
[domain]
bars = [2, 4]
[[domain.axis]]
key = "funds.crowding"
values = [0, 0.83]
role = "hurts"
beside = ["liquidator.size"]
[[domain.axis]]
key = "liquidator.size"
values = [0, 0.2]
of = "crowd_book"
role = "hurts"
"""
DECILES = [
    {
        "name": f"D{decile} {name}",
        "kind": "history",
        "low": -9,
        "high": 9,
        "statistic": "s",
        "source": "S",
        "history": -9.3,
        "scale": 100.0,
        "measure": {"name": name, "column": f"khandani_lo_d{decile}", **when},
    }
    for name, when in (("total", {"after": "2007-08-06", "to": "2007-08-09"}), ("daily", {"on": "2007-08-10"}))
    for decile in (1, 4)
]
HISTORY = [{"name": "khandani_lo", "unit": "%", "source": "S", "values": {"2007-08-07": -1.0}}]
TOLD = {"target": DECILES, "history": HISTORY, "sources": {"S": "A paper, with a title of its own"}}


def prices(days: int = 60) -> pd.DataFrame:
    """An index that moves."""
    closes = 100 * np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.02, days)))
    return pd.DataFrame({"close": closes}, index=pd.bdate_range("2007-01-02", periods=days, name="date"))


def makers(scenario: Mapping[str, Any]) -> dict[str, Callable[[], Any]]:
    """Results by name; `scenario` has the small ones: small, boxed, futures, credit."""
    small, futures, credit = (scenario[name] for name in ("small", "futures", "credit"))
    few: dict[str, Any] = {"paths": 2, "seed": 1}
    two = ["funds.crowding=0:0.9:2", "liquidator.size=0.1:0.9:2"]
    window = {"start": "2007-01-02", "end": "2007-03-20"}
    return {
        "run": lambda: cq.run(small, paths=5, seed=7),
        "deciles": lambda: cq.run(small, **few, counterfactuals=False, overrides=TOLD),
        "futures": lambda: cq.run(futures, **few, counterfactuals=False),
        "credit": lambda: cq.run(credit, **few),
        "explain": lambda: cq.explain(small, paths=2),
        "cliff": lambda: cq.cliff(futures, reserves=[0, 0.1], policies=["full"], vary={"funds.leverage": [2]}, **few),
        "unwinding": lambda: cq.unwind(small, days=[1, 5], **few),
        "unwindings": lambda: Unwindings((cq.unwind(small, days=[1, 5], **few), cq.unwind(credit, days=[1, 5], **few))),
        "reserve": lambda: cq.reserve([small, "gbm:volatility=0.3"], reserve=0.15, paths=80, crowding=()),
        "steered": lambda: cq.reserve(small, level=0.999, paths=100, tail_paths=400, crowding=()),
        "too few": lambda: cq.reserve(["gbm:volatility=0.3"], policies=["full", "partial"], paths=20, days=12),
        "hedge": lambda: cq.hedge(prices(), policies=["full", "partial"], reserve=0.2, **window),
        "frontier": lambda: cq.hedge_reserve("full", paths=300, days=20, alpha=0.1),
        "report": cq.replicate_report,
        "curve": lambda: cq.sweep(small, ["funds.crowding=0:0.9:3"], **few),
        "phase": lambda: cq.sweep(small, two, **few),
        "tornado": lambda: cq.sweep(small, two, design="one-at-a-time", **few),
        "sobol": lambda: cq.sweep(small, two, design="sobol", points=8, **few),
        "breakpoint": lambda: cq.breakpoint(small, "desk.reserve", points=3, paths=6, seed=4),
        "two breakpoints": lambda: cq.breakpoint(
            small, ["desk.reserve", "funds.crowding"], ranges=[None, (0.1, 0.9)], points=3, paths=6, seed=4
        ),
        "crowding": lambda: cq.crowding("example-crowd", leverage=5, desk="example"),
        "crowd days": lambda: cq.crowding(small, **few),
        "domain": lambda: cq.soundness(scenario["boxed"], paths=2),
        "walk": lambda: conduct(WalkStudy(vary=parse_turned(["impact.strength", "funds.leverage"])), small, **few),
        "warning": lambda: conduct(EarlyWarningStudy(markets=3, stocks=40, funds=8), "quake-2007", **few),
    }
