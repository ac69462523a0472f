"""Whether a market still holds together at a close: its ledger, and the range in which it means anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from abm.limits import HELP, LEFT, range_fault
from abm.profit import owed_to_lenders
from cqkit.arrays import FloatArray
from cqkit.errors import InputError

if TYPE_CHECKING:
    from abm.market import Market

LEDGER_TOLERANCE: Final = 1e-9


def held_by_all(market: Market) -> FloatArray:
    """Shares of each stock that all together hold, shape (paths, stocks)."""
    held = market.state.providers.shares.copy()
    for inhabitant in market.inhabitants.values():
        for shares in inhabitant.shares(market).values():
            held += shares
    return held


def check_day(market: Market) -> None:
    """Check at a close that the ledger closes and that the market still means anything; InputError if not."""
    ledger, record = market.state.ledger, market.record
    residual = np.maximum(ledger.residual, np.abs(ledger.cash.sum(axis=1)))  # NaN if a price is
    if market.day == market.dates.size - 1:
        all_held = held_by_all(market) + market.outside.traded(market)
        shares = np.abs(all_held - market.outstanding).max(axis=1)
        units = np.abs(market.futures_positions().sum(axis=0))
        residual = np.maximum(residual, np.maximum(shares, units))
    record.ledger_residual[:] = residual
    if not (residual < LEDGER_TOLERANCE).all():
        path = int(np.argmax(~(residual < LEDGER_TOLERANCE)))
        said = f"the ledger is {residual[path]:g} away from closing; prices {LEFT} {HELP}"
        raise InputError(f"day {market.day + 1}, path {path + market.first_path}: {said}")
    stocks, futures = market.state.stocks.price.min(axis=1), market.state.futures.price
    traded = market.settings.has_futures
    prices = {"a stock's price": stocks, **({"the futures price": futures} if traded else {})}
    held = 2 * record.book  # at the start, long and short
    fault = range_fault(prices, market.crowd_equity() - owed_to_lenders(market), market.start_equity, held)
    if fault is not None:
        raise InputError(f"day {market.day + 1}, path {fault[0] + market.first_path}: {fault[1]}")
