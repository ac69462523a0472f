"""What the crowd has made since the start, and what its lenders have lost: daily columns, read at the close."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.state import Party
from cqkit.arrays import FloatArray

if TYPE_CHECKING:
    from abm.market import Market


def crowd_profit(market: Market) -> FloatArray:
    """P&L of all funds of the crowd since the start over their equity then, shape (paths,); NaN if they had none.

    What investors redeem and rescuers pay in is no P&L, and what lenders lose on the crowd (`lenders_loss`) is part of
    its own loss.
    """
    cash, rescue = market.state.ledger.cash, market.settings.rescue
    redeemed = cash[:, Party.INVESTORS]
    injected = -cash[:, Party.RESCUERS] if rescue.receiver == "funds" else 0.0
    gained = market.crowd_equity() - market.start_equity + redeemed - injected
    return _over_start(gained, market) - lenders_loss(market)


def crowd_leverage(market: Market) -> FloatArray:
    """The crowd's book over its equity, shape (paths,); NaN without equity."""
    equity, book = market.crowd_equity(), market.crowd_book()
    return np.divide(book, equity, out=np.full_like(book, np.nan), where=equity > 0)


def lenders_loss(market: Market) -> FloatArray:
    """What lenders have lost on the crowd's closed funds since the start, over its equity then, shape (paths,)."""
    return _over_start(owed_to_lenders(market), market)


def owed_to_lenders(market: Market) -> FloatArray:
    """What lenders have lost on the crowd's closed funds, shape (paths,), in days of the market's value."""
    lost: FloatArray = market.state.funds.lenders_loss.sum(axis=1)
    return lost + market.state.futures_funds.lenders_loss.sum(axis=1)


def _over_start(amount: FloatArray, market: Market) -> FloatArray:
    start = market.start_equity
    return np.divide(amount, start, out=np.full_like(start, np.nan), where=start > 0)
