"""Compile the kernels ahead of a run, so that a first run can say what it is waiting for."""

from __future__ import annotations

from abm.compile import cache_folder
from abm.market import Market
from abm.settings import Clock, Desk, Funds, Settings, Stocks


def is_warm(law: str) -> bool:
    """Whether the kernels for this impact law are compiled already."""
    return any(cache_folder().rglob(f"*trade_bars_{law}*.nbc"))


def warm_up(law: str) -> None:
    """Compile the kernels for an impact law by trading a day of the smallest market."""
    settings = Settings(
        clock=Clock(start="2007-08-03", days=2, bars=1, event="2007-08-06"),
        market=Stocks(stocks=4, factors=1),
        funds=Funds(count=1, styles=1),
        desk=Desk(size=0),
    )
    impact = settings.impact.model_copy(update={"law": law})
    Market(settings.model_copy(update={"impact": impact})).step()
