"""Replay a hedge policy over price paths that are already known."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cqkit.arrays import FloatArray
from cqkit.errors import InputError, raise_faults
from hedging.engine.book import HedgeBook
from hedging.engine.result import HedgeResult
from hedging.policies import HedgePolicy
from hedging.series.basis import BasisUnit, by_day, futures_prices
from hedging.series.prices import Prices, PriceTape, as_prices
from hedging.terms import Execution, Terms, agreed_terms


def replay(
    policy: HedgePolicy,
    index: npt.ArrayLike | Prices,
    spot: npt.ArrayLike | None = None,
    *,
    start_value: float,
    terms: Terms | None = None,
    dates: pd.DatetimeIndex | None = None,
    futures: npt.ArrayLike | None = None,
    left: npt.ArrayLike | None = None,
    basis: npt.ArrayLike | None = None,
    basis_unit: BasisUnit = "ratio",
    margin_rates: npt.ArrayLike | None = None,
    history: npt.ArrayLike | Prices | None = None,
    **changes: Any,
) -> HedgeResult:
    """Hedge a stock book along given paths, letting the policy see one close at a time.

    Parameters
    ----------
    policy : HedgePolicy
        Decides the contracts.
    index : array_like or Prices, shape (days + 1,) or (paths, days + 1)
        Index closes, in points, which are the futures price unless there is another; the first is the base
        close of day 0. `Prices` bring the rest of the bars and a volatility index for policies that read them.
    spot : array_like, same shape as `index`, optional
        Value of the stock book; only its ratio to day 0 counts. The index itself if left out.
    start_value : float
        Stock book on day 0, in money.
    terms : Terms, optional
        On what terms the futures are held; by default as of `Terms`.
    dates : DatetimeIndex, length days + 1, optional
        Trading days: needed for rolls by the calendar, and for margins that the exchange set by date.
    futures : array_like, same shape as `index`, optional
        Futures closes, in points, of the contract held after each close.
    left : array_like, same shape as `index`, optional
        Closes of the contract held into each close, where that is another on roll days; with `futures` only.
    basis : array_like, shape (), (days + 1,) or (paths, days + 1), optional
        In place of `futures` and of the terms' basis: futures less index, as a ratio to the index or in points
        (`basis_unit`).
    basis_unit : {"ratio", "points"}
        What `basis` is in.
    margin_rates : array_like, shape (), (days + 1,) or (paths, days + 1), optional
        Initial margin in force from each close on, as a share of notional, in place of the terms'.
    history : array_like or Prices, shape (h,) or (paths, h), optional
        Index before day 0, oldest first; one row serves all paths, and there may be none.
    **changes
        Fields of `Terms` that differ from `terms`: `replay(policy, index, start_value=1e7, reserve=0.3)`.

    Returns
    -------
    HedgeResult
        Of all paths; a one-dimensional input counts as one path.

    Raises
    ------
    InputError
        When shapes do not fit, a price is NaN, infinite, zero or negative, or a parameter is out of range.
    """
    terms = agreed_terms(terms, changes)
    if terms.execution == "over_day":
        raise InputError("execution = over_day: must be close or next_open: no average prices over the day are given")
    window = as_prices("index", index)
    before = _history(history)
    if before is not None and before.paths not in {1, window.paths}:
        raise InputError(f"history: {before.paths} paths: must be 1 or {window.paths}, as the index has")
    raise_faults(terms.faults())
    if futures is None and terms.futures is not None:
        raise InputError(f"futures = {terms.futures}: must be closes: files are read by `hedge`")
    closes = window.close
    rates = terms.margin_rates(dates) if margin_rates is None else margin_rates
    return _replayed(
        policy,
        PriceTape.of(window, before),
        closes,
        closes if spot is None else _like(closes, "spot", spot),
        _futures(closes, futures, terms.basis if basis is None else basis, basis_unit),
        None if rates is None else by_day("margin_rates", rates, closes.shape),
        terms.on(dates),
        start_value,
        left=_left(closes, futures, left),
    )


def own_execution(policy: HedgePolicy, prices: Prices) -> Execution:
    """When a policy trades if nothing was agreed: one that waits for the open does so where there are opens."""
    return "next_open" if policy.waits_for_open and prices.open is not None else "close"


def _replayed(
    policy: HedgePolicy,
    tape: PriceTape,
    index: FloatArray,
    stock: FloatArray,
    futures: FloatArray | None,
    rates: FloatArray | None,
    terms: Terms,
    start_value: float,
    *,
    left: FloatArray | None = None,
) -> HedgeResult:
    """Open a book and close it day by day; all arrays have shape (paths, days + 1)."""
    days = index.shape[1] - 1
    book = HedgeBook(
        policy,
        terms=terms,
        start_value=start_value,
        days=days,
        start_price=index[:, 0],
        start_futures=None if futures is None else futures[:, 0],
        margin_rate=None if rates is None else rates[:, 0],
        tape=tape,
    )
    for day in range(1, days + 1):
        book.close(
            index[:, day],
            stock[:, day] / stock[:, 0],
            futures=None if futures is None else futures[:, day],
            left=None if left is None else left[:, day],
            margin_rate=None if rates is None else rates[:, day],
        )
    return book.result()


def _like(index: FloatArray, name: str, values: npt.ArrayLike) -> FloatArray:
    """Check prices that stand beside the index."""
    prices = as_prices(name, values).close
    if prices.shape != index.shape:
        raise InputError(f"{name}: shape {prices.shape}: must be {index.shape}, as the index has")
    return prices


def _futures(
    index: FloatArray, futures: npt.ArrayLike | None, basis: npt.ArrayLike | None, unit: BasisUnit
) -> FloatArray | None:
    """Futures closes from what is given; None where they are the index's."""
    if futures is None:
        return None if basis is None else futures_prices(index, basis, unit)
    if basis is not None:
        raise InputError("basis: must be left out where futures prices are given")
    return _like(index, "futures", futures)


def _left(index: FloatArray, futures: npt.ArrayLike | None, left: npt.ArrayLike | None) -> FloatArray | None:
    """Closes of the contract that is left, if they are told."""
    if left is not None and futures is None:
        raise InputError("left: must be left out without futures prices")
    return None if left is None else _like(index, "left", left)


def _history(history: npt.ArrayLike | Prices | None) -> Prices | None:
    """Check the history, of which there may be none."""
    if history is None or np.size(history.close if isinstance(history, Prices) else history) == 0:
        return None
    return as_prices("history", history)
