"""A hedged stock book, stepped one close at a time."""

from __future__ import annotations

import math
from typing import Literal, TypeAlias, get_args

import numpy as np

from hedging.account import MarginAccount
from hedging.arrays import FloatArray
from hedging.contracts import FuturesContract
from hedging.exceptions import InputError, raise_faults
from hedging.policies import HedgePolicy, HedgeView
from hedging.result import HedgeResult

WhenExhausted: TypeAlias = Literal["top_up", "reduce"]


class HedgeBook:
    """A stock book, its short futures and their margin account, over many paths at once.

    The replay and the market's hedge desk both drive this class: construction makes the decision of day 0,
    then `close` books one day at a time. Contracts N_t are decided with data through close t, need margin
    from that close on and are held until the next; on day T the position is closed at the close, so its
    margin there is that of the contracts held into it.

    Parameters
    ----------
    policy : HedgePolicy
        Decides the contracts at every close but the last.
    contract : FuturesContract
        What is traded; its price is the index.
    start_value : float
        Stock book on day 0, in money.
    days : int
        T, the number of closes after day 0.
    start_price : FloatArray, shape (paths,)
        Index close of day 0.
    reserve : float, optional
        Cash set aside on day 0 as a ratio to `start_value`, in 0..5. Without one nothing is ever called.
    gains_fund_margin : bool
        Whether futures gains pay for margin.
    when_exhausted : {"top_up", "reduce"}
        What a shortfall does. "top_up": outside money meets it and the position stays. "reduce": both legs
        are cut by x = shortfall/(margin + stock value), which is just enough, since the cut frees margin and
        the stock sold goes into the reserve and stays there.
    round_contracts : bool
        Trade whole contracts; a forced reduction then cuts both legs a little further, to a whole number.
    history : FloatArray, shape (paths, h), optional
        Index closes before day 0, oldest first, for policies that look further back.

    Attributes
    ----------
    account : MarginAccount
        The futures position's money.
    day : int
        Last day booked.
    contracts : FloatArray, shape (paths,)
        Contracts short after the last close.
    held : FloatArray, shape (paths,)
        Share of the starting stock book still held: 1 until a forced reduction.

    Raises
    ------
    InputError
        When a parameter lies outside its range or an array has the wrong shape.
    """

    def __init__(
        self,
        policy: HedgePolicy,
        *,
        contract: FuturesContract,
        start_value: float,
        days: int,
        start_price: FloatArray,
        reserve: float | None = None,
        gains_fund_margin: bool = False,
        when_exhausted: WhenExhausted = "top_up",
        round_contracts: bool = False,
        history: FloatArray | None = None,
    ) -> None:
        raise_faults(_faults(start_value, days, reserve, when_exhausted))
        paths = len(start_price)
        self.policy = policy
        self.contract = contract
        self.start_value = start_value
        self.days = days
        self.reserve = reserve
        self.when_exhausted = when_exhausted
        self.round_contracts = round_contracts
        self.account = MarginAccount(
            contract,
            paths,
            reserve=None if reserve is None else reserve * start_value,
            gains_fund_margin=gains_fund_margin,
        )
        self.day = 0
        self.contracts: FloatArray = np.zeros(paths)
        self.held: FloatArray = np.ones(paths)
        self._history = np.empty((paths, 0)) if history is None else history
        if self._history.shape[:-1] != (paths,):
            raise InputError(f"history: shape {self._history.shape}: must be ({paths}, days before day 0)")
        self._index = np.empty((paths, days + 1))
        self._spot = np.empty((paths, days + 1))
        self._records = {name: np.zeros((paths, days + 1)) for name in HedgeResult.record_names()}
        self._index[:, 0] = start_price
        self._spot[:, 0] = 1.0
        self._decide()

    def close(self, index: FloatArray, spot: FloatArray) -> None:
        """Book one more day and decide the contracts for the next.

        Parameters
        ----------
        index : FloatArray, shape (paths,)
            The day's index close, in points.
        spot : FloatArray, shape (paths,)
            Value of one unit of the stock book at the close, relative to day 0.

        Raises
        ------
        InputError
            When the book's last day is past, an array has the wrong shape, or the policy gives no numbers.
        """
        if self.day == self.days:
            raise InputError(f"day {self.day + 1}: the book was opened for {self.days} days")
        for name, prices in (("index", index), ("spot", spot)):
            if prices.shape != self.held.shape:
                raise InputError(f"{name}: shape {prices.shape}: must be {self.held.shape}, one close a path")
        yesterday, today = self.day, self.day + 1
        self.day = today
        self._index[:, today] = index
        self._spot[:, today] = spot
        spot_gain = self._stock_value(spot - self._spot[:, yesterday])
        variation = self.account.settle(self.contracts, index - self._index[:, yesterday])
        records = self._records
        records["spot_pnl"][:, today] = records["spot_pnl"][:, yesterday] + spot_gain
        records["variation"][:, today] = variation
        records["futures_pnl"][:, today] = self.account.futures_pnl
        self._decide()

    def result(self) -> HedgeResult:
        """All days booked so far."""
        return HedgeResult(
            **{name: record[:, : self.day + 1].copy() for name, record in self._records.items()},
            start_value=self.start_value,
            reserve=self.reserve,
            currency=self.contract.currency,
        )

    def _decide(self) -> None:
        """Set the position for the next day, margin it, meet a shortfall, and record the close."""
        day, records = self.day, self._records
        if day < self.days:
            wanted = self._asked() * self.held
            self.contracts = np.round(wanted) if self.round_contracts else wanted
        self.account.require(self.contracts, self._index[:, day])
        records["margin"][:, day] = self.account.margin
        records["capital_need"][:, day] = self.account.capital_need
        records["shortfall"][:, day] = self.account.shortfall
        if self.when_exhausted == "reduce":
            self._reduce()
        records["contracts"][:, day] = self.contracts
        records["stock_value"][:, day] = self._stock_value(self._spot[:, day])

    def _asked(self) -> FloatArray:
        """Ask the policy for contracts for a whole stock book and check them, shape (paths,)."""
        known = self.day + 1
        view = HedgeView(
            day=self.day,
            days=self.days,
            index=_read_only(self._index[:, :known]),
            spot=_read_only(self._spot[:, :known]),
            futures_pnl=_read_only(self._records["futures_pnl"][:, :known]),
            contracts=np.divide(self.contracts, self.held, out=np.zeros_like(self.held), where=self.held > 0),
            history=_read_only(self._history),
            start_value=self.start_value,
            contract=self.contract,
        )
        asked = self.policy.contracts(view)
        if asked.shape != self.held.shape:
            raise InputError(
                f"policy {self.policy.name}: day {self.day}: contracts of shape {asked.shape}: "
                f"must be {self.held.shape}, one number a path"
            )
        if not np.isfinite(asked).all():
            path = int(np.argmin(np.isfinite(asked)))
            raise InputError(
                f"policy {self.policy.name}: day {self.day}: path {path}: contracts = {asked[path]}: "
                "must be a finite number"
            )
        return asked

    def _reduce(self) -> None:
        """Cut both legs of the paths in shortfall by what restores the margin."""
        shortfall = self.account.shortfall
        stock = self._stock_value(self._spot[:, self.day])
        freed = self.account.margin + stock
        cut = np.divide(shortfall, freed, out=np.ones_like(freed), where=freed > shortfall)
        left = self.contracts * (1.0 - cut)
        if self.round_contracts:
            # The stock follows the futures to the next whole contract towards zero: rounding futures alone
            # could leave a shortfall, and would change the hedge ratio.
            left = np.trunc(left)
            np.divide(self.contracts - left, self.contracts, out=cut, where=self.contracts != 0)
        self.contracts = left
        self.held = self.held * (1.0 - cut)
        self.account.add(cut * stock)
        self.account.require(self.contracts, self._index[:, self.day])

    def _stock_value(self, unit: FloatArray) -> FloatArray:
        """Money in the stock still held when one unit of the starting book is worth `unit`."""
        return self.start_value * self.held * unit


def _read_only(array: FloatArray) -> FloatArray:
    """Keep a policy from changing the book's own records."""
    view = array.view()
    view.flags.writeable = False
    return view


def _faults(start_value: float, days: int, reserve: float | None, when_exhausted: str) -> list[str]:
    """Say what is wrong with a book's parameters, one line each."""
    faults = []
    if not (math.isfinite(start_value) and start_value > 0):
        faults.append(f"start_value = {start_value}: must be positive and finite")
    if days < 1:
        faults.append(f"days = {days}: must be at least 1")
    if reserve is not None and not 0 <= reserve <= 5:
        faults.append(f"reserve = {reserve}: must lie in 0..5 (a ratio to the book, not percent)")
    if when_exhausted not in get_args(WhenExhausted):
        faults.append(f"when_exhausted = {when_exhausted}: must be one of top_up, reduce")
    return faults
