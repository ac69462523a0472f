"""Replay a hedge policy over price paths that are already known."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cqkit.arrays import FloatArray
from cqkit.errors import InputError
from hedging.basis import BasisUnit, by_day, futures_prices
from hedging.book import Execution, HedgeBook, WhenExhausted
from hedging.contracts import IF, FuturesContract
from hedging.costs import TradingCosts
from hedging.policies import HedgePolicy
from hedging.prices import Prices, PriceTape, as_prices
from hedging.result import HedgeResult


def replay(
    policy: HedgePolicy,
    index: npt.ArrayLike | Prices,
    spot: npt.ArrayLike | None = None,
    *,
    start_value: float,
    contract: FuturesContract = IF,
    reserve: float | None = None,
    gains_fund_margin: bool = False,
    when_exhausted: WhenExhausted = "top_up",
    round_contracts: bool = False,
    execution: Execution = "close",
    costs: TradingCosts | None = None,
    futures: npt.ArrayLike | None = None,
    basis: npt.ArrayLike | None = None,
    basis_unit: BasisUnit = "ratio",
    margin_rates: npt.ArrayLike | None = None,
    history: npt.ArrayLike | Prices | None = None,
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
    contract, reserve, gains_fund_margin, when_exhausted, round_contracts, execution, costs
        As in `HedgeBook`.
    futures : array_like, same shape as `index`, optional
        Futures closes, in points, adjusted where the series moves from one month to the next.
    basis : array_like, shape (), (days + 1,) or (paths, days + 1), optional
        In place of `futures`: futures less index, as a ratio to the index or in points (`basis_unit`).
    basis_unit : {"ratio", "points"}
        What `basis` is in.
    margin_rates : array_like, shape (), (days + 1,) or (paths, days + 1), optional
        Initial margin in force from each close on, as a share of notional: `contract.margins_on(dates)`. The
        contract's own throughout if left out.
    history : array_like or Prices, shape (h,) or (paths, h), optional
        Index before day 0, oldest first; one row serves all paths, and there may be none.

    Returns
    -------
    HedgeResult
        Of all paths; a one-dimensional input counts as one path.

    Raises
    ------
    InputError
        When shapes do not fit, a price is NaN, infinite, zero or negative, or a parameter is out of range.
    """
    if execution == "over_day":
        raise InputError("execution = over_day: must be close or next_open: no average prices over the day are given")
    window = as_prices("index", index)
    closes = window.close
    stock = closes if spot is None else as_prices("spot", spot).close
    paths, days = window.paths, window.days - 1
    if stock.shape != closes.shape:
        raise InputError(f"spot: shape {stock.shape}: must be {closes.shape}, as the index has")
    before = _history(history)
    if before is not None and before.paths not in {1, paths}:
        raise InputError(f"history: {before.paths} paths: must be 1 or {paths}, as the index has")
    traded = _futures(closes, futures, basis, basis_unit)
    rates = None if margin_rates is None else by_day("margin_rates", margin_rates, closes.shape)
    book = HedgeBook(
        policy,
        contract=contract,
        start_value=start_value,
        days=days,
        start_price=closes[:, 0],
        start_futures=None if traded is None else traded[:, 0],
        margin_rate=None if rates is None else rates[:, 0],
        reserve=reserve,
        gains_fund_margin=gains_fund_margin,
        when_exhausted=when_exhausted,
        round_contracts=round_contracts,
        execution=execution,
        costs=costs,
        tape=PriceTape.of(window, before),
    )
    for day in range(1, days + 1):
        book.close(
            closes[:, day],
            stock[:, day] / stock[:, 0],
            futures=None if traded is None else traded[:, day],
            margin_rate=None if rates is None else rates[:, day],
        )
    return book.result()


def _futures(
    index: FloatArray, futures: npt.ArrayLike | None, basis: npt.ArrayLike | None, unit: BasisUnit
) -> FloatArray | None:
    """Futures closes from what is given; None where they are the index's."""
    if futures is None:
        return None if basis is None else futures_prices(index, basis, unit)
    if basis is not None:
        raise InputError("basis: must be left out where futures prices are given")
    prices = as_prices("futures", futures).close
    if prices.shape != index.shape:
        raise InputError(f"futures: shape {prices.shape}: must be {index.shape}, as the index has")
    return prices


def _history(history: npt.ArrayLike | Prices | None) -> Prices | None:
    """Check the history, of which there may be none."""
    if history is None or np.size(history.close if isinstance(history, Prices) else history) == 0:
        return None
    return as_prices("history", history)
