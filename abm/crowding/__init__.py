"""Measures and networks of books: how crowded a market is (docs/crowding.md). A file a measure, plain arrays in."""

from abm.crowding.comomentum import Comomentum, comomentum, partial_returns
from abm.crowding.contagion import ContagionIndex, contagion_index
from abm.crowding.days import crowd_days, days_to_liquidate, days_to_sell
from abm.crowding.depth import market_depth, square_root_move
from abm.crowding.fire_sales import FireSales, fire_sales, must_sell
from abm.crowding.loop import Loop, all_rounds, deleveraging_loop, response, spectral_radius
from abm.crowding.networks import contagion_network, fund_asset_network, overlap_network
from abm.crowding.overlap import (
    active_books,
    average_overlap,
    cosine_overlap,
    factored_overlap,
    liquidity_overlap,
    unit_books,
)
from abm.crowding.strategies import average_strategies, effective_number

__all__ = [
    "Comomentum",
    "ContagionIndex",
    "FireSales",
    "Loop",
    "active_books",
    "all_rounds",
    "average_overlap",
    "average_strategies",
    "comomentum",
    "contagion_index",
    "contagion_network",
    "cosine_overlap",
    "crowd_days",
    "days_to_liquidate",
    "days_to_sell",
    "deleveraging_loop",
    "effective_number",
    "factored_overlap",
    "fire_sales",
    "fund_asset_network",
    "liquidity_overlap",
    "market_depth",
    "must_sell",
    "overlap_network",
    "partial_returns",
    "response",
    "spectral_radius",
    "square_root_move",
    "unit_books",
]
