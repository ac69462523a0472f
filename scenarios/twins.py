"""What a market is held against: itself without whoever has to sell, and without whatever is dated."""

from __future__ import annotations

from abm import Settings
from abm.settings import Section


def without_liquidator(settings: Settings) -> Settings:
    """The twin's settings: everything the same, and nobody has to liquidate; a large fund holds what it has."""
    nobody: dict[str, Section] = {"liquidator": settings.liquidator.model_copy(update={"size": 0.0})}
    if settings.large_fund.book > 0:
        nobody["large_fund"] = settings.large_fund.model_copy(update={"sells": False, "unwinds": None})
    return settings.model_copy(update=nobody)


def without_cause(settings: Settings) -> Settings:
    """The same without dated news or an index that follows a file: nothing happens but the days' own noise."""
    undated = {"news": (), "market": settings.market.model_copy(update={"index_path": None})}
    return without_liquidator(settings).model_copy(update=undated)


def has_seller(settings: Settings) -> bool:
    """Whether anybody has to liquidate."""
    fund = settings.large_fund
    return settings.liquidator.size > 0 or (fund.book > 0 and (fund.sells or fund.unwinds is not None))
