"""A hedged stock book, stepped one close at a time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from cqkit.arrays import FloatArray
from cqkit.errors import InputError, raise_faults
from hedging.engine.account import MarginAccount
from hedging.engine.result import HedgeResult
from hedging.engine.seat import Seat, read_only, zeros_by_day
from hedging.policies import HedgePolicy
from hedging.series.prices import Prices, PriceTape
from hedging.terms import Terms, agreed_terms

ROUNDING = 1e-9  # of the book: a call as small is none


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
    start_value : float
        Stock book on day 0, in money.
    days : int
        T, the number of closes after day 0.
    start_price : FloatArray, shape (paths,), or Prices of one day
        Index close of day 0, or its bar.
    terms : Terms, optional
        On what terms the futures are held; by default as of `Terms`. Reserve and futures gains pay for costs. A
        book knows no dates: rolls need the numbers of their days, and a basis or margins by date must be told with
        every close.
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
    **changes
        Fields of `Terms` that differ from `terms`.

    Attributes
    ----------
    account : MarginAccount
        The futures position's money.
    contract : FuturesContract
        What is traded.
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
        start_value: float,
        days: int,
        start_price: FloatArray | Prices,
        terms: Terms | None = None,
        start_futures: FloatArray | None = None,
        margin_rate: FloatArray | float | None = None,
        history: FloatArray | Prices | None = None,
        tape: PriceTape | None = None,
        **changes: Any,
    ) -> None:
        self.terms = terms = agreed_terms(terms, changes)
        raise_faults([*_faults(start_value, days), *terms.faults(), *_untold(terms, start_futures, margin_rate)])
        self.costs = terms.costs()
        raise_faults(self.costs.faults(days))
        start = start_price if isinstance(start_price, Prices) else Prices(start_price[:, None])
        paths, reserve = start.paths, terms.reserve
        self.policy, self.contract, self.start_value, self.days = policy, terms.traded(), start_value, days
        self.execution = terms.execution or "close"
        self.account = MarginAccount(
            self.contract,
            paths,
            reserve=None if reserve is None else reserve * start_value,
            gains_fund_margin=terms.gains_fund_margin,
        )
        self.contracts: FloatArray = np.zeros(paths)
        self.held: FloatArray = np.ones(paths)
        self._ordered: FloatArray = np.zeros(paths)
        self._called_before: FloatArray = np.zeros(paths)
        self._margin_rate: FloatArray | float = self.contract.initial_margin
        self._set_margin_rate(0, margin_rate)
        self._tape = PriceTape(start, days, _before(history, paths)) if tape is None else tape
        self._seat = Seat(policy, self.contract, self._tape, days, start_value=start_value, start_futures=start_futures)
        self._records = {name: zeros_by_day(paths, days) for name in HedgeResult.record_names()}
        self._records["futures_pnl"] = self._seat.futures_pnl
        self._decide()

    @property
    def day(self) -> int:
        """Last day booked."""
        return self._seat.day

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
        left: FloatArray | None = None,
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
        left : FloatArray, shape (paths,), optional
            On a day on which the contract is changed, the close of the one that was held until then, in points;
            `futures` is the new one's.
        fill : FloatArray, shape (paths,), optional
            Average futures price over the day, in points, at which execution over the day trades.
        margin_rate : FloatArray, shape (paths,), or float, optional
            Initial margin from this close on, for the contracts held so far, too; as before if left out.

        Raises
        ------
        InputError
            When the book's last day is past, an array has the wrong shape, an open is missing to trade at, or
            the policy gives no numbers.
        """
        today = self.day + 1
        if self.day == self.days:
            raise InputError(f"day {today}: the book was opened for {self.days} days")
        if (fill is None) == (self.execution == "over_day"):
            raise InputError(f"fill: day {today}: must be given if and only if execution = over_day")
        bar = {"open": open, "high": high, "low": low, "gauge": gauge}
        for name, prices in {"index": index, "spot": spot, "left": left, "fill": fill, **bar}.items():
            if prices is not None and prices.shape != self.held.shape:
                raise InputError(f"{name}: shape {prices.shape}: must be {self.held.shape}, one close a path")
        rest = {part: None if prices is None else prices[:, None] for part, prices in bar.items()}
        before = self._seat.spot[:, self.day]
        self._seat.close(Prices(index[:, None], **rest), spot, futures)
        self._set_margin_rate(today, margin_rate)
        self._book(self._stock_value(spot - before), fill, left)
        self._decide()

    def _book(self, spot_gain: FloatArray, fill: FloatArray | None, left: FloatArray | None) -> None:
        """Book the day's gains, and trade what was ordered at the last close unless that is done already."""
        records, yesterday, today = self._records, self.day - 1, self.day
        before = self._seat.futures[:, yesterday]
        variation: FloatArray = np.zeros(len(self.held))
        if self.execution != "close":
            traded_at = self._open() if fill is None else fill
            variation = self.account.settle(self.contracts, traded_at - before)
            self._trade(traded_at)
            before = traded_at
        settled_at = self._seat.futures[:, today] if left is None else left
        variation = variation + self.account.settle(self.contracts, settled_at - before)
        records["spot_pnl"][:, today] = records["spot_pnl"][:, yesterday] + spot_gain
        records["variation"][:, today] = variation
        self._seat.earn(self.account.futures_pnl)

    @property
    def wanted(self) -> FloatArray:
        """Contracts that the policy's latest order leads to, shape (paths,): those held already, or soon."""
        if self.execution == "close" or self.day == self.days:
            return self.contracts
        return self._ordered * self.held

    def result(self) -> HedgeResult:
        """All days booked so far; its records are views, which no later day changes."""
        return HedgeResult(
            **{name: read_only(record[:, : self.day + 1]) for name, record in self._records.items()},
            start_value=self.start_value,
            reserve=self.terms.reserve,
            currency=self.contract.currency,
        )

    def _decide(self) -> None:
        """Set the position for the next day, margin it, meet a shortfall, and record the close."""
        day, records = self.day, self._records
        price, held_so_far = self._seat.futures[:, day], self.contracts
        if day < self.days:
            self._ordered = self._seat.ask(self._for_a_whole_book())
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
        if self.terms.reserve is not None:
            records["shortfall"][:, day] = self.account.shortfall
            records["called"][:, day] = self._call()
        if self.terms.when_exhausted == "reduce":
            self._reduce()
        records["contracts"][:, day] = self.contracts
        records["stock_value"][:, day] = self._stock_value(self._seat.spot[:, day])
        if self.costs.transaction or self.costs.roll_days:
            records["costs"][:, day] = self.account.costs
            records["roll_costs"][:, day] = self.account.roll_costs

    def _call(self) -> FloatArray:
        """Call for the new money that today's shortfall asks for, shape (paths,).

        What was met before is not called again: by outside money it stays met, and a forced reduction meets it on the
        day. Without a contract nothing is called: what is missing then is a debt. Rounding calls nobody.
        """
        new = self.account.shortfall - self._called_before
        called = np.where((new > ROUNDING * self.start_value) & (self.contracts != 0), new, 0.0)
        if self.terms.when_exhausted == "top_up":
            self._called_before = self._called_before + called
        return called

    def _set_margin_rate(self, day: int, rate: FloatArray | float | None) -> None:
        """Check and take in the margin rate in force from a close on; as before if there is none."""
        if rate is None:
            return
        if np.shape(rate) not in {(), self.held.shape}:
            raise InputError(f"margin_rate: shape {np.shape(rate)}: must be () or {self.held.shape}")
        wrong = np.atleast_1d(rate)[~np.atleast_1d(np.greater(rate, 0) & np.less_equal(rate, 1))]
        if len(wrong):
            raise InputError(
                f"margin_rate: day {day}: {wrong[0]}: must lie above 0 and at most 1 (a share of notional, not percent)"
            )
        self._margin_rate = rate

    def _trade(self, price: FloatArray) -> None:
        """Bring the position to what the policy ordered last, at futures prices of shape (paths,)."""
        wanted = self._ordered * self.held
        before = self.contracts
        self.contracts = np.round(wanted) if self.terms.round_contracts else wanted
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
        seat, yesterday = self._seat, self.day - 1
        if seat.futures is seat.index:
            return opens
        return opens * seat.futures[:, yesterday] / seat.index[:, yesterday]

    def _for_a_whole_book(self) -> FloatArray:
        """Contracts that would be held if nothing of the stock book had been sold, shape (paths,)."""
        return np.divide(self.contracts, self.held, out=np.zeros_like(self.held), where=self.held > 0)

    def _reduce(self) -> None:
        """Cut both legs of the paths in shortfall by what restores the margin."""
        shortfall, price = self.account.shortfall, self._seat.futures[:, self.day]
        stock = self._stock_value(self._seat.spot[:, self.day])
        # On the last day all is closed and paid for already.
        fee = self.costs.transaction if self.day < self.days else 0.0
        freed = self.account.posted + stock - fee * self.contract.notional(np.abs(self.contracts), price)
        cut = np.divide(shortfall, freed, out=np.ones_like(freed), where=freed > shortfall)
        left = self.contracts * (1.0 - cut)
        if self.terms.round_contracts:
            # Both legs go to the next whole contract towards zero: futures alone could leave a shortfall.
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


def _before(history: FloatArray | Prices | None, paths: int) -> Prices | None:
    """Check the index before day 0, of which there may be none."""
    before = history if history is None or isinstance(history, Prices) else Prices(history)
    if before is not None and before.paths not in {1, paths}:
        raise InputError(f"history: shape {before.close.shape}: must be ({paths}, days before day 0)")
    return before


def _faults(start_value: float, days: int) -> list[str]:
    """Say what is wrong with a book's size and length, one line each."""
    faults = []
    if not (math.isfinite(start_value) and start_value > 0):
        faults.append(f"start_value = {start_value}: must be positive and finite")
    if days < 1:
        faults.append(f"days = {days}: must be at least 1")
    return faults


def _untold(terms: Terms, start_futures: FloatArray | None, margin_rate: FloatArray | float | None) -> list[str]:
    """Say what the terms promise and nobody has told, since a book knows neither dates nor files."""
    faults = []
    if start_futures is None and (terms.basis is not None or terms.futures is not None):
        faults.append("start_futures: must be given, and futures at every close, where they are not the index")
    if margin_rate is None and terms.exchange_margins:
        faults.append("margin_rate: must be given with exchange margins")
    return faults
