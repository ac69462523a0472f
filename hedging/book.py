"""A hedged stock book, stepped one close at a time."""

from __future__ import annotations

import math
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from cqkit.arrays import FloatArray
from cqkit.errors import InputError, raise_faults
from hedging.account import MarginAccount
from hedging.contracts import FuturesContract
from hedging.costs import TradingCosts
from hedging.policies import HedgePolicy, HedgeView
from hedging.prices import Prices, PriceTape
from hedging.result import HedgeResult

WhenExhausted: TypeAlias = Literal["top_up", "reduce"]
Execution: TypeAlias = Literal["close", "next_open", "over_day"]


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
        What is traded.
    start_value : float
        Stock book on day 0, in money.
    days : int
        T, the number of closes after day 0.
    start_price : FloatArray, shape (paths,), or Prices of one day
        Index close of day 0, or its bar.
    reserve : float, optional
        Cash set aside on day 0 as a ratio to `start_value`, in 0..5. Without one nothing is ever called.
    gains_fund_margin : bool
        Whether futures gains pay for margin.
    when_exhausted : {"top_up", "reduce"}
        What a shortfall does. "top_up": outside money meets it and the position stays. "reduce": both legs
        are cut by x = shortfall/(deposit + stock value - what closing all costs), which is just enough, since
        the cut frees deposit and the stock sold goes into the reserve and stays there.
    round_contracts : bool
        Trade whole contracts; a forced reduction then cuts both legs a little further, to a whole number.
    execution : {"close", "next_open", "over_day"}
        When the contracts decided at close t are traded: at that close, at the open of day t + 1, or evenly over
        that day, at the average price that `close` is told. Those in place at the close are what is margined and
        recorded, so but for "close" day 0 holds none.
    costs : TradingCosts, optional
        What trades and rolls cost; nothing if left out. Reserve and futures gains pay for them.
    start_futures : FloatArray, shape (paths,), optional
        Futures price at the base close, in points, where it is not the index; every `close` then brings its own.
        Variation, margin and costs go by it, policies are shown both.
    margin_rate : FloatArray, shape (paths,), or float, optional
        Initial margin as a share of notional from the base close on; the contract's own if left out.
    history : FloatArray or Prices, shape (paths, h) or (1, h), optional
        Index before day 0, oldest first, for policies that look further back.
    tape : PriceTape, optional
        The whole path with its history, where it is known beforehand, as in a replay: the policy prepares on
        it. It takes the place of `history` and of the index prices that `close` is told.

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
        start_price: FloatArray | Prices,
        reserve: float | None = None,
        gains_fund_margin: bool = False,
        when_exhausted: WhenExhausted = "top_up",
        round_contracts: bool = False,
        execution: Execution = "close",
        costs: TradingCosts | None = None,
        start_futures: FloatArray | None = None,
        margin_rate: FloatArray | float | None = None,
        history: FloatArray | Prices | None = None,
        tape: PriceTape | None = None,
    ) -> None:
        self.costs = TradingCosts() if costs is None else costs
        raise_faults([*_faults(start_value, days, reserve, when_exhausted, execution), *self.costs.faults(days)])
        start = start_price if isinstance(start_price, Prices) else Prices(start_price[:, None])
        paths = start.paths
        self.policy = policy
        self.contract = contract
        self.start_value = start_value
        self.days = days
        self.reserve = reserve
        self.when_exhausted = when_exhausted
        self.round_contracts = round_contracts
        self.execution = execution
        self.account = MarginAccount(
            contract,
            paths,
            reserve=None if reserve is None else reserve * start_value,
            gains_fund_margin=gains_fund_margin,
        )
        self.day = 0
        self.contracts: FloatArray = np.zeros(paths)
        self.held: FloatArray = np.ones(paths)
        before = history if history is None or isinstance(history, Prices) else Prices(history)
        if before is not None and before.paths not in {1, paths}:
            raise InputError(f"history: shape {before.close.shape}: must be ({paths}, days before day 0)")
        self._tape = PriceTape(start, days, before) if tape is None else tape
        self._memory: dict[str, Any] = {}
        self._index = self._tape.window
        self._spot = _by_day(paths, days)
        self._records = {name: _by_day(paths, days) for name in HedgeResult.record_names()}
        self._futures = self._index if start_futures is None else _by_day(paths, days)
        self._margin_rate: FloatArray | float = contract.initial_margin
        self._quote(0, start_futures, margin_rate)
        self._spot[:, 0] = 1.0
        self._ordered: FloatArray = np.zeros(paths)
        if self._tape.whole is not None:
            policy.prepare(self._tape.whole, self._tape.first_day, self._memory)
        self._decide()

    def close(
        self,
        index: FloatArray,
        spot: FloatArray,
        *,
        open: FloatArray | None = None,
        high: FloatArray | None = None,
        low: FloatArray | None = None,
        gauge: FloatArray | None = None,
        futures: FloatArray | None = None,
        fill: FloatArray | None = None,
        margin_rate: FloatArray | float | None = None,
    ) -> None:
        """Book one more day and decide the contracts for the next.

        Parameters
        ----------
        index : FloatArray, shape (paths,)
            The day's index close, in points.
        spot : FloatArray, shape (paths,)
            Value of one unit of the stock book at the close, relative to day 0.
        open, high, low, gauge : FloatArray, shape (paths,), optional
            The rest of the day's bar and the volatility index, for policies that read them; execution at the
            next open needs the open.
        futures : FloatArray, shape (paths,), optional
            The futures close, in points, if and only if the book was opened with a futures price. At an open
            the futures stand to the index as at the last close.
        fill : FloatArray, shape (paths,), optional
            Average futures price over the day, in points, at which execution over the day trades.
        margin_rate : FloatArray, shape (paths,), or float, optional
            Initial margin in force from this close on, for the contracts held so far, too; as before if left
            out.

        Raises
        ------
        InputError
            When the book's last day is past, an array has the wrong shape, an open is missing to trade at, or
            the policy gives no numbers.
        """
        if self.day == self.days:
            raise InputError(f"day {self.day + 1}: the book was opened for {self.days} days")
        bar = {"open": open, "high": high, "low": low, "gauge": gauge}
        if (fill is None) == (self.execution == "over_day"):
            raise InputError(f"fill: day {self.day + 1}: must be given if and only if execution = over_day")
        for name, prices in {"index": index, "spot": spot, "fill": fill, **bar}.items():
            if prices is not None and prices.shape != self.held.shape:
                raise InputError(f"{name}: shape {prices.shape}: must be {self.held.shape}, one close a path")
        self._quote(self.day + 1, futures, margin_rate)
        self._tape.append(
            Prices(
                index[:, None], **{part: None if prices is None else prices[:, None] for part, prices in bar.items()}
            )
        )
        yesterday, today = self.day, self.day + 1
        self.day = today
        self._spot[:, today] = spot
        spot_gain = self._stock_value(spot - self._spot[:, yesterday])
        before = self._futures[:, yesterday]
        variation: FloatArray = np.zeros(len(self.held))
        if self.execution != "close":
            traded_at = self._open() if fill is None else fill
            variation = self.account.settle(self.contracts, traded_at - before)
            self._trade(traded_at)
            before = traded_at
        variation = variation + self.account.settle(self.contracts, self._futures[:, today] - before)
        records = self._records
        records["spot_pnl"][:, today] = records["spot_pnl"][:, yesterday] + spot_gain
        records["variation"][:, today] = variation
        records["futures_pnl"][:, today] = self.account.futures_pnl
        self._decide()

    @property
    def wanted(self) -> FloatArray:
        """Contracts that the policy's latest order leads to, shape (paths,): those held already, or soon."""
        if self.execution == "close" or self.day == self.days:
            return self.contracts
        return self._ordered * self.held

    def result(self) -> HedgeResult:
        """All days booked so far; its records are views, which no later day changes."""
        return HedgeResult(
            **{name: _read_only(record[:, : self.day + 1]) for name, record in self._records.items()},
            start_value=self.start_value,
            reserve=self.reserve,
            currency=self.contract.currency,
        )

    def _decide(self) -> None:
        """Set the position for the next day, margin it, meet a shortfall, and record the close."""
        day, records = self.day, self._records
        price, held_so_far = self._futures[:, day], self.contracts
        if day < self.days:
            self._ordered = self._asked()
            if self.execution == "close":
                self._trade(price)
        else:
            self._pay(self.contracts, price)
        self._roll(held_so_far, price)
        self.account.require(self.contracts, price, self._margin_rate)
        records["margin"][:, day] = self.account.margin
        records["top_up"][:, day] = self.account.top_up
        records["capital_need"][:, day] = self.account.capital_need
        # Zeros that nobody writes to take no memory.
        if self.reserve is not None:
            records["shortfall"][:, day] = self.account.shortfall
        if self.when_exhausted == "reduce":
            self._reduce()
        records["contracts"][:, day] = self.contracts
        records["stock_value"][:, day] = self._stock_value(self._spot[:, day])
        if self.costs.transaction or self.costs.roll_days:
            records["costs"][:, day] = self.account.costs
            records["roll_costs"][:, day] = self.account.roll_costs

    def _quote(self, day: int, futures: FloatArray | None, margin_rate: FloatArray | float | None) -> None:
        """Check and take in a day's futures price and margin rate."""
        if (futures is None) != (self._futures is self._index):
            raise InputError(f"futures: day {day}: must be given on every day or on none, the base close included")
        if futures is not None:
            if futures.shape != self.held.shape:
                raise InputError(f"futures: shape {futures.shape}: must be {self.held.shape}, one close a path")
            self._futures[:, day] = futures
        if margin_rate is not None:
            if np.shape(margin_rate) not in {(), self.held.shape}:
                raise InputError(f"margin_rate: shape {np.shape(margin_rate)}: must be () or {self.held.shape}")
            wrong = np.atleast_1d(margin_rate)[
                ~np.atleast_1d(np.greater(margin_rate, 0) & np.less_equal(margin_rate, 1))
            ]
            if len(wrong):
                raise InputError(
                    f"margin_rate: day {day}: {wrong[0]}: must lie above 0 and at most 1 "
                    "(a share of notional, not percent)"
                )
            self._margin_rate = margin_rate

    def _trade(self, price: FloatArray) -> None:
        """Bring the position to what the policy ordered last, at futures prices of shape (paths,)."""
        wanted = self._ordered * self.held
        before = self.contracts
        self.contracts = np.round(wanted) if self.round_contracts else wanted
        self._pay(self.contracts - before, price)

    def _roll(self, before: FloatArray, price: FloatArray) -> None:
        """Move what is kept of the contracts held `before` into the next month, if this is the day for it."""
        spread = self.costs.spread_on(self.day)
        if spread is None:
            return
        kept = np.sign(before) * np.minimum(np.abs(before), np.maximum(np.sign(before) * self.contracts, 0.0))
        self.account.pay(roll_costs=spread * self.contract.notional(kept, price))
        self._pay(2.0 * kept, price)

    def _pay(self, traded: FloatArray, price: FloatArray) -> None:
        """Pay for contracts bought or sold."""
        if self.costs.transaction:
            self.account.pay(self.costs.transaction * self.contract.notional(np.abs(traded), price))

    def _open(self) -> FloatArray:
        """Futures price at today's open, which is what orders trade at; shape (paths,)."""
        opens = self._tape.opens
        if opens is None or not np.isfinite(opens).all():
            raise InputError(
                f"execution = next_open: day {self.day}: no open price: give the open of every day, "
                "or use execution = close"
            )
        if self._futures is self._index:
            return opens
        return opens * self._futures[:, self.day - 1] / self._index[:, self.day - 1]

    def _asked(self) -> FloatArray:
        """Ask the policy for contracts for a whole stock book and check them, shape (paths,)."""
        known = self.day + 1
        view = HedgeView(
            day=self.day,
            days=self.days,
            prices=self._tape.known,
            spot=_read_only(self._spot[:, :known]),
            futures=_read_only(self._futures[:, :known]),
            futures_pnl=_read_only(self._records["futures_pnl"][:, :known]),
            contracts=np.divide(self.contracts, self.held, out=np.zeros_like(self.held), where=self.held > 0),
            start_value=self.start_value,
            contract=self.contract,
            memory=self._memory,
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
        shortfall, price = self.account.shortfall, self._futures[:, self.day]
        stock = self._stock_value(self._spot[:, self.day])
        # On the last day all is closed and paid for already.
        fee = self.costs.transaction if self.day < self.days else 0.0
        freed = self.account.posted + stock - fee * self.contract.notional(np.abs(self.contracts), price)
        cut = np.divide(shortfall, freed, out=np.ones_like(freed), where=freed > shortfall)
        left = self.contracts * (1.0 - cut)
        if self.round_contracts:
            # The stock follows the futures to the next whole contract towards zero: rounding futures alone
            # could leave a shortfall, and would change the hedge ratio.
            left = np.trunc(left)
            np.divide(self.contracts - left, self.contracts, out=cut, where=self.contracts != 0)
        self.account.pay(fee * self.contract.notional(np.abs(self.contracts - left), price))
        self.contracts = left
        self.held = self.held * (1.0 - cut)
        self.account.add(cut * stock)
        self.account.require(self.contracts, price, self._margin_rate)

    def _stock_value(self, unit: FloatArray) -> FloatArray:
        """Money in the stock still held when one unit of the starting book is worth `unit`."""
        return self.start_value * self.held * unit


def _read_only(array: FloatArray) -> FloatArray:
    """Keep a policy from changing the book's own records."""
    view = array.view()
    view.flags.writeable = False
    return view


def _by_day(paths: int, days: int) -> FloatArray:
    """Zeros of shape (paths, days + 1), a day's paths side by side in memory, since days are worked one by one."""
    return np.zeros((days + 1, paths)).T


def _faults(start_value: float, days: int, reserve: float | None, when_exhausted: str, execution: str) -> list[str]:
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
    if execution not in get_args(Execution):
        faults.append(f"execution = {execution}: must be one of close, next_open, over_day")
    return faults
