"""The market: stocks, baskets, price impact, funds, a liquidator, providers, and the Mesa model in front of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from abm import columns, crowding, laws, measures, schedules
from abm.compile import cache_folder
from abm.execution import Liquidation, almgren_chriss
from abm.market import Market
from abm.record import DailyRecord
from abm.settings import Settings
from abm.state import Flow, FundKind, FundState, Party
from abm.together import run_together, trade_day
from abm.warmup import is_warm, warm_up
from cqkit.cores import available_workers

if TYPE_CHECKING:
    from abm.law_check import check_law, round_trip_cost
    from abm.model import CrowdingModel

__all__ = [
    "CrowdingModel",
    "DailyRecord",
    "Flow",
    "FundKind",
    "FundState",
    "Liquidation",
    "Market",
    "Party",
    "Settings",
    "almgren_chriss",
    "available_workers",
    "cache_folder",
    "check_law",
    "columns",
    "crowding",
    "is_warm",
    "laws",
    "measures",
    "round_trip_cost",
    "run_together",
    "schedules",
    "trade_day",
    "warm_up",
]


def __getattr__(name: str) -> Any:
    # Mesa is imported only by those who use its model: it changes how the process starts others.
    if name == "CrowdingModel":
        from abm.model import CrowdingModel  # noqa: PLC0415

        return CrowdingModel
    if name in {"check_law", "round_trip_cost"}:  # they bring scipy's optimisers along
        from abm import law_check  # noqa: PLC0415

        return getattr(law_check, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
