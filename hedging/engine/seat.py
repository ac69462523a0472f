"""The seat of a policy: the one place from which it sees, and where its answer is checked."""

from __future__ import annotations

from typing import Any

import numpy as np

from cqkit.arrays import FloatArray
from cqkit.errors import InputError
from hedging.contracts.specification import FuturesContract
from hedging.policies import HedgePolicy, HedgeView
from hedging.series.prices import Prices, PriceTape


class Seat:
    """What has been lived through up to today's close, as a policy is shown it, over many rows at once.

    A row is a path, or a fund on a path. Whoever keeps the accounts takes in each close, says what the futures have
    earned, and asks. Nothing later than today can be reached from the seat's views, and they cannot be written to.

    Parameters
    ----------
    policy : HedgePolicy
        Who sits here. It prepares on the tape if that knows the whole path beforehand.
    contract : FuturesContract
        What is traded.
    tape : PriceTape
        The index with its past, up to day 0.
    days : int
        T, the number of closes after day 0.
    start_value : float
        A whole stock book on day 0, in money; 1 counts money in units of it.
    start_futures : FloatArray, shape (rows,), optional
        Futures price at the base close, in points, where it is not the index; every `close` then brings its own.
    each : str
        What a row is, where it is not a path: "of the funds that follow it" for messages.

    Attributes
    ----------
    day : int
        Last day taken in.
    index, spot, futures, futures_pnl : FloatArray, shape (rows, days + 1)
        As in `HedgeView`; what comes after today is not to be read yet.

    Raises
    ------
    InputError
        When the futures price has the wrong shape.
    """

    def __init__(
        self,
        policy: HedgePolicy,
        contract: FuturesContract,
        tape: PriceTape,
        days: int,
        *,
        start_value: float = 1.0,
        start_futures: FloatArray | None = None,
        each: str = "",
    ) -> None:
        self.policy, self.contract, self.days, self.start_value = policy, contract, days, start_value
        self.tape, self.day = tape, 0
        self._each = each
        self._memory: dict[str, Any] = {}
        self.index = tape.window
        rows = len(self.index)
        self.spot, self.futures_pnl = zeros_by_day(rows, days), zeros_by_day(rows, days)
        self.futures = self.index if start_futures is None else zeros_by_day(rows, days)
        self.spot[:, 0] = 1.0
        self._quote(0, start_futures)
        if tape.whole is not None:
            policy.prepare(tape.whole, tape.first_day, self._memory)

    def close(self, bar: Prices, spot: FloatArray, futures: FloatArray | None = None) -> None:
        """Take in one more day.

        Parameters
        ----------
        bar : Prices of one day
            Of the index; a tape that knew it already only uncovers it.
        spot : FloatArray, shape (rows,)
            Value of one unit of the stock book, relative to day 0.
        futures : FloatArray, shape (rows,), optional
            The futures close, in points, if and only if there was one at the base close.

        Raises
        ------
        InputError
            When a futures price is missing, or none was expected, or it has the wrong shape.
        """
        self._quote(self.day + 1, futures)
        self.tape.append(bar)
        self.day += 1
        self.spot[:, self.day] = spot

    def earn(self, futures_pnl: FloatArray) -> None:
        """Take in what the futures have earned in all up to today, before costs, in money, shape (rows,)."""
        self.futures_pnl[:, self.day] = futures_pnl

    def ask(self, contracts: FloatArray) -> FloatArray:
        """Ask the policy for the contracts to be short over the next day, for a whole stock book, shape (rows,).

        Parameters
        ----------
        contracts : FloatArray, shape (rows,)
            Those now short, for a whole stock book.

        Raises
        ------
        InputError
            When the answer is not one finite number a row.
        """
        known = self.day + 1
        view = HedgeView(
            day=self.day,
            days=self.days,
            prices=self.tape.known,
            spot=read_only(self.spot[:, :known]),
            futures=read_only(self.futures[:, :known]),
            futures_pnl=read_only(self.futures_pnl[:, :known]),
            contracts=contracts,
            start_value=self.start_value,
            contract=self.contract,
            memory=self._memory,
        )
        asked = self.policy.contracts(view)
        self._check(asked)
        return asked

    def _check(self, asked: FloatArray) -> None:
        shape, where = self.index[:, 0].shape, f"policy {self.policy.name}: day {self.day}"
        good = asked.shape == shape and bool(np.isfinite(asked).all())
        if good:
            return
        if self._each:
            raise InputError(f"{where}: must answer with one finite number of contracts for each {self._each}")
        if asked.shape != shape:
            raise InputError(f"{where}: contracts of shape {asked.shape}: must be {shape}, one number a path")
        path = int(np.argmin(np.isfinite(asked)))
        raise InputError(f"{where}: path {path}: contracts = {asked[path]}: must be a finite number")

    def _quote(self, day: int, futures: FloatArray | None) -> None:
        """Check and take in a day's futures price."""
        if (futures is None) != (self.futures is self.index):
            raise InputError(f"futures: day {day}: must be given on every day or on none, the base close included")
        if futures is None:
            return
        if futures.shape != (len(self.index),):
            raise InputError(f"futures: shape {futures.shape}: must be {(len(self.index),)}, one close a path")
        self.futures[:, day] = futures


def read_only(array: FloatArray) -> FloatArray:
    """Keep whoever is shown an array from changing it."""
    view = array.view()
    view.flags.writeable = False
    return view


def zeros_by_day(rows: int, days: int) -> FloatArray:
    """Zeros of shape (rows, days + 1), a day's rows side by side in memory, since days are worked one by one.

    Written at once: memory that is zero by itself comes in small pages, each at its first use, which takes longer.
    """
    return np.full((days + 1, rows), 0.0).T
