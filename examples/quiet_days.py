"""A study: how many days stay quiet in the index, by the crowd's leverage.

$ crowdquake study quiet_days:limit=0.005 quake-2007 --paths 100 --plugin examples/quiet_days.py
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from abm import Market
from cqkit.arrays import FloatArray
from cqkit.plugins import out_of_range
from scenarios import Case, Found, Scenario, Study
from scenarios.loading import changed
from scenarios.studies import register

LEVERAGES = (0.25, 0.5, 1.0)  # times the scenario's own


@register
@dataclass(frozen=True)
class QuietDays(Study):
    """Share of days on which the index moves by less than `limit`, as the crowd's leverage varies."""

    name: ClassVar[str] = "quiet_days"
    limit: float = 0.005

    def faults(self) -> list[str]:
        """Say which parameters are out of range."""
        return out_of_range(self, "limit", 0, 1, "a ratio, not percent")

    def cases(self, scenario: Scenario, paths: int, seed: int) -> dict[float, Case]:
        """A market a leverage; all of them trade on the same noise."""
        bare = scenario.model_copy(update={"target": (), "counterfactual": (), "sensitivity": ()})
        return {
            times: Case(changed(bare, {"funds.leverage": times * scenario.funds.leverage}).settings)
            for times in LEVERAGES
        }

    def read(self, key: float, market: Market) -> FloatArray:
        """Share of quiet days, shape (paths,)."""
        return (np.abs(market.record["index"]) < self.limit).mean(axis=1)

    def tables(self, found: Found) -> Mapping[str, pd.DataFrame]:
        """A row a leverage: the mean share of quiet days, and its 10-90 % band over paths."""
        rows: list[dict[str, Any]] = []
        for times, blocks in found.readings.items():
            share = np.concatenate(blocks)
            low, high = np.percentile(share, [10, 90])
            leverage = times * found.scenario.funds.leverage
            rows.append({"leverage": leverage, "quiet": float(share.mean()), "p10": float(low), "p90": float(high)})
        return {"quiet-days": pd.DataFrame(rows)}
