"""The terms of a hedge: all that was agreed, in one record for book, replay, reserve and desk alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from os import PathLike
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import pandas as pd

from cqkit.arrays import FloatArray
from cqkit.errors import InputError
from hedging.contracts.calendar import roll_schedule
from hedging.contracts.costs import TradingCosts
from hedging.contracts.files import contract
from hedging.contracts.specification import IF, FuturesContract

WhenExhausted: TypeAlias = Literal["top_up", "reduce"]
Execution: TypeAlias = Literal["close", "next_open", "over_day"]

# The 2008 report's stock book: 50,000 lots of 100 units at a net asset value of 4.695.
REPORT_BOOK = 23_475_000.0
LARGEST_BASIS = 0.5


@dataclass(frozen=True)
class Terms:
    """On what terms the futures are held; by default the 2008 report's, but that gains fund margin as at an exchange.

    What was agreed, that is; prices, dates and the stock book are data, and told to whoever uses the terms. What
    depends on trading days (rolls by the calendar, the exchange's margins by date) is worked out where those are known.

    Attributes
    ----------
    contract
        What is traded: a contract, or its name or file.
    margin, maintenance
        Initial margin, a ratio, and maintenance margin as a share of it, in place of the contract's.
    exchange_margins, hedging_quota
        Whether margin rates are those the exchange set date by date, and whether the hedgers' or the general ones.
    execution
        When the contracts decided at a close are traded: at that close ("close"), at the open of the day after it
        ("next_open"), or evenly over that day at an average price that the book is told ("over_day"). Those in place
        at the close are what is margined and recorded, so but for "close" day 0 holds none. None is the close; but
        `hedge`, which knows whether there are opens, lets policies that wait for the open trade there.
    cost
        Of each trade, a ratio to its notional.
    roll_spread, roll_days_before
        Paid at each roll, a ratio to the notional (or one for each of `roll_days`), None for no rolls by the calendar;
        trading days before expiry at which it is done.
    basis, futures
        Futures less index as a ratio, or a file of futures closes, of one series or contract by contract; the index
        itself without either.
    settle
        Whether the futures file's settlement prices are read, not its closes.
    when_exhausted
        What a shortfall does. "top_up": outside money meets it and the position stays. "reduce": both legs are cut by
        x = shortfall/(deposit + stock value - what closing all costs), which is just enough, since the cut frees
        deposit and the stock sold goes into the reserve and stays there.
    gains_fund_margin
        Whether futures gains pay for margin, as they do at an exchange; the 2008 report leaves them aside.
    round_contracts
        Trade whole contracts; a forced reduction then cuts both legs a little further, to a whole number.
    reserve
        Cash set aside on day 0 as a ratio to the stock book, in 0..5; without one nothing is ever called.
    roll_days
        Numbers of the days at whose close the hedge rolls, in 1..T-1, in place of the calendar's.
    """

    contract: FuturesContract | str | PathLike[str] = IF.name
    margin: float | None = None
    maintenance: float | None = None
    exchange_margins: bool = False
    hedging_quota: bool = False
    execution: Execution | str | None = None
    cost: float = 0.0
    roll_spread: float | Sequence[float] | None = None
    roll_days_before: int = 0
    basis: float | None = None
    futures: str | Path | None = None
    settle: bool = False
    when_exhausted: WhenExhausted | str = "top_up"
    gains_fund_margin: bool = True
    round_contracts: bool = False
    reserve: float | None = None
    roll_days: Sequence[int] | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain values, by the names of the command's options."""
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        del told["reserve"], told["roll_days"]
        named = self.contract.name if isinstance(self.contract, FuturesContract) else Path(self.contract).name
        return told | {"contract": named, "futures": None if self.futures is None else Path(self.futures).name}

    def changes(self) -> dict[str, Any]:
        """What differs from the defaults, in plain values."""
        told = self.as_json() | {"reserve": self.reserve, "roll_days": self.roll_days}
        return {name: value for name, value in told.items() if value != getattr(_DEFAULT, name)}

    def faults(self) -> list[str]:
        """Say what is wrong with the terms, one line each."""
        return [
            *reserve_faults(self.reserve),
            *self._margin_faults(),
            *self._cost_faults(),
            *self._price_faults(),
            *self._word_faults(),
        ]

    def _margin_faults(self) -> list[str]:
        found = []
        if self.margin is not None and not 1e-4 <= self.margin <= 1:
            found.append(f"margin = {self.margin:g}: must lie in 0.0001..1 (a ratio, not percent)")
        if self.maintenance is not None and not 0 < self.maintenance <= 1:
            found.append(f"maintenance = {self.maintenance:g}: must lie above 0 and at most 1 (of the initial margin)")
        if self.exchange_margins and self.margin is not None:
            found.append(f"margin = {self.margin:g}: must be left out with exchange margins")
        if self.hedging_quota and not self.exchange_margins:
            found.append("hedging_quota: must be left out without exchange margins")
        return found

    def _cost_faults(self) -> list[str]:
        found = []
        if not 0 <= self.cost <= 0.1:
            found.append(f"cost = {self.cost:g}: must lie in 0..0.1 (a ratio to the notional, not percent)")
        if isinstance(self.roll_spread, int | float) and not -0.5 <= self.roll_spread <= 0.5:
            found.append(f"roll_spread = {self.roll_spread:g}: must lie in -0.5..0.5 (a ratio to the notional)")
        if not 0 <= self.roll_days_before <= 15:
            found.append(f"roll_days_before = {self.roll_days_before}: must lie in 0..15 (trading days)")
        elif self.roll_days_before and self.roll_spread is None and self.futures is None:
            found.append(f"roll_days_before = {self.roll_days_before}: must be left out without a roll spread")
        elif self.roll_days_before and self.roll_days is not None:
            found.append(f"roll_days_before = {self.roll_days_before}: must be left out where roll days are given")
        return found

    def _price_faults(self) -> list[str]:
        if self.settle and self.futures is None:
            return ["settle: must be left out without a futures series"]
        if self.basis is None:
            return []
        if self.futures is not None:
            return [f"basis = {self.basis:g}: must be left out with a futures series"]
        if not abs(self.basis) <= LARGEST_BASIS:
            return [f"basis = {self.basis:g}: must lie in -0.5..0.5 (a ratio to the index, not percent)"]
        return []

    def _word_faults(self) -> list[str]:
        found = []
        if self.when_exhausted not in get_args(WhenExhausted):
            found.append(f"when_exhausted = {self.when_exhausted}: must be one of top_up, reduce")
        if self.execution is not None and self.execution not in get_args(Execution):
            found.append(f"execution = {self.execution}: must be one of close, next_open, over_day")
        return found

    def traded(self) -> FuturesContract:
        """Return the contract, with margins as asked for.

        Raises
        ------
        InputError
            When there is no such contract, or the exchange's margins are asked for and it has none.
        """
        changes: dict[str, Any] = {}
        if self.margin is not None:
            changes |= {"initial_margin": self.margin, "rules": ()}
        if self.maintenance is not None:
            changes["maintenance_ratio"] = self.maintenance
        agreed = self.contract if isinstance(self.contract, FuturesContract) else contract(self.contract)
        traded = replace(agreed, **changes)
        if self.exchange_margins and all(rule.initial_margin is None for rule in traded.rules):
            raise InputError(
                f"exchange_margins: contract {traded.name} has no margins by date: must be one that has, as IF"
            )
        return traded

    def on(self, dates: pd.DatetimeIndex | None) -> Terms:
        """Return the same terms with the numbers of the roll days, if rolls go by the calendar.

        Parameters
        ----------
        dates : DatetimeIndex, length days + 1, or None
            Trading days, that of the base close first.

        Raises
        ------
        InputError
            When there are such rolls and no dates are known.
        """
        if self.roll_spread is None or self.roll_days is not None:
            return self
        if dates is None:
            raise InputError("roll_spread: must be left out where neither dates nor roll days are known")
        rolls = roll_schedule(dates, self.traded(), days_before_expiry=self.roll_days_before).days
        return replace(self, roll_days=rolls, roll_days_before=0)

    def costs(self) -> TradingCosts:
        """What trades and rolls cost; InputError when the roll days are not known, or do not fit their spreads."""
        rolls = self.on(None).roll_days
        spread = 0.0 if self.roll_spread is None else self.roll_spread
        return TradingCosts(self.cost, () if rolls is None else rolls, spread)

    def margin_rates(self, dates: pd.DatetimeIndex | None) -> FloatArray | None:
        """Initial margins that the exchange set, shape (days + 1,); None where the contract's holds throughout.

        Raises
        ------
        InputError
            When they are asked for and no dates are known, or the contract was not launched by then.
        """
        if not self.exchange_margins:
            return None
        if dates is None:
            raise InputError("exchange_margins: must be left out where no dates are known")
        return self.traded().margins_on(dates, hedging=self.hedging_quota)


_DEFAULT = Terms()


def agreed_terms(terms: Terms | None, changes: Mapping[str, Any]) -> Terms:
    """Terms, by default the usual ones, with some of their fields changed."""
    return replace(_DEFAULT if terms is None else terms, **changes)


def reserve_faults(reserve: float | None) -> list[str]:
    """Say what is wrong with a reserve, if anything."""
    if reserve is None or 0 <= reserve <= 5:
        return []
    return [f"reserve = {reserve}: must lie in 0..5 (a ratio to the book, not percent)"]
