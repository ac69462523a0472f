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
from abm.together import available_workers, run_together, trade_day
from abm.warmup import is_warm, warm_up

if TYPE_CHECKING:
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
    "columns",
    "crowding",
    "is_warm",
    "laws",
    "measures",
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
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
