"""Replay a hedge policy over price paths that are already known."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hedging.arrays import FloatArray
from hedging.book import HedgeBook, WhenExhausted
from hedging.contracts import IF, FuturesContract
from hedging.exceptions import InputError, raise_faults
from hedging.policies import HedgePolicy
from hedging.result import HedgeResult


def replay(
    policy: HedgePolicy,
    index: npt.ArrayLike,
    spot: npt.ArrayLike | None = None,
    *,
    start_value: float,
    contract: FuturesContract = IF,
    reserve: float | None = None,
    gains_fund_margin: bool = False,
    when_exhausted: WhenExhausted = "top_up",
    round_contracts: bool = False,
    history: npt.ArrayLike | None = None,
) -> HedgeResult:
    """Hedge a stock book along given paths, letting the policy see one close at a time.

    Parameters
    ----------
    policy : HedgePolicy
        Decides the contracts.
    index : array_like, shape (days + 1,) or (paths, days + 1)
        Index closes, which are the futures price, in points; the first is the base close of day 0.
    spot : array_like, same shape as `index`, optional
        Value of the stock book; only its ratio to day 0 counts. The index itself if left out.
    start_value : float
        Stock book on day 0, in money.
    contract, reserve, gains_fund_margin, when_exhausted, round_contracts
        As in `HedgeBook`.
    history : array_like, shape (h,) or (paths, h), optional
        Index closes before day 0, oldest first; one row serves all paths, and there may be none.

    Returns
    -------
    HedgeResult
        Of all paths; a one-dimensional input counts as one path.

    Raises
    ------
    InputError
        When shapes do not fit, a price is NaN, infinite, zero or negative, or a parameter is out of range.
    """
    closes = _prices("index", index)
    stock = closes if spot is None else _prices("spot", spot)
    paths, days = closes.shape[0], closes.shape[1] - 1
    if stock.shape != closes.shape:
        raise InputError(f"spot: shape {stock.shape}: must be {closes.shape}, as the index has")
    before = np.empty((1, 0)) if history is None or np.size(history) == 0 else _prices("history", history)
    if before.shape[0] not in (1, paths):
        raise InputError(f"history: {before.shape[0]} paths: must be 1 or {paths}, as the index has")
    stock = stock / stock[:, :1]
    book = HedgeBook(
        policy,
        contract=contract,
        start_value=start_value,
        days=days,
        start_price=closes[:, 0],
        reserve=reserve,
        gains_fund_margin=gains_fund_margin,
        when_exhausted=when_exhausted,
        round_contracts=round_contracts,
        history=np.broadcast_to(before, (paths, before.shape[1])),
    )
    for day in range(1, days + 1):
        book.close(closes[:, day], stock[:, day])
    return book.result()


def _prices(name: str, values: npt.ArrayLike) -> FloatArray:
    """Check prices and give them the shape (paths, days)."""
    try:
        prices = np.atleast_2d(np.asarray(values, dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise InputError(f"{name}: {error}: must be an array of numbers") from error
    if prices.ndim != 2 or 0 in prices.shape:
        raise InputError(f"{name}: shape {prices.shape}: must be (days + 1,) or (paths, days + 1)")
    wrong = np.argwhere(~(np.isfinite(prices) & (prices > 0)))
    raise_faults(
        [
            f"{name}: path {path}, column {column}: {prices[path, column]}: must be positive and finite"
            for path, column in wrong
        ]
    )
    return prices
