"""Replay hedge policies on the user's own series, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, cast

import pandas as pd

from cqkit.arrays import FloatArray
from cqkit.errors import InputError, raise_faults
from hedging import (
    IF,
    Execution,
    FuturesContract,
    HedgePolicy,
    HedgeResult,
    JoinedSeries,
    TradingCosts,
    contract,
    join_series,
    load_closes,
    load_prices,
    parse_policy,
    replay,
    roll_schedule,
)

# The 2008 report's stock book: 50,000 lots of 100 units at a net asset value of 4.695.
REPORT_BOOK = 23_475_000.0
LARGEST_BOOK = 1e18
LARGEST_BASIS = 0.5


@dataclass(frozen=True)
class Comparison:
    """Policies replayed on one history.

    Attributes
    ----------
    series
        Index and stock book on the index's dates.
    results
        Accounts by policy.
    index_name, spot_name
        The files' names; `spot_name` is empty when the book is the index itself.
    contract
        What was shorted.
    source
        Where the series come from, if the names do not say.
    terms
        On what terms it was held, if they were asked for.
    """

    series: JoinedSeries
    results: Mapping[str, HedgeResult]
    index_name: str
    spot_name: str
    contract: FuturesContract = IF
    source: str = ""
    terms: Terms | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain values for `hedge --json`: ratios to the starting book, not percent."""
        dates = self.series.dates
        return {
            "index": self.index_name,
            "spot": self.spot_name or None,
            "start": f"{dates[0]:%Y-%m-%d}",
            "end": f"{dates[-1]:%Y-%m-%d}",
            "days": len(dates) - 1,
            "contract": self.contract.name,
            "terms": None if self.terms is None else self.terms.as_json(),
            "notes": list(self.series.notes),
            "policies": {name: self._figures(result) for name, result in self.results.items()},
        }

    def _figures(self, result: HedgeResult) -> dict[str, Any]:
        figures: dict[str, Any] = dict(result.summary())
        day = figures["first_margin_call_day"]
        figures["first_margin_call"] = None if day is None else f"{self.series.dates[day]:%Y-%m-%d}"
        called = result.shortfall[0].nonzero()[0]
        figures["margin_calls"] = [
            {"date": f"{self.series.dates[day]:%Y-%m-%d}", "amount": float(result.shortfall[0, day])} for day in called
        ]
        return figures


@dataclass(frozen=True)
class Terms:
    """On what terms the futures are held.

    Attributes
    ----------
    contract
        A contract's name or file.
    margin, maintenance
        Initial margin, a ratio, and maintenance margin as a share of it, in place of the contract's.
    exchange_margins, hedging_quota
        Whether margin rates are those the exchange set date by date, and whether the hedgers' or the general ones.
    execution
        "close" trades at the close that decides, "next_open" at the open after it; None leaves it to the policy: timing
        waits for the open where the file has opens, all others trade at the close.
    cost
        Of each trade, a ratio to its notional.
    roll_spread, roll_days_before
        Paid at each roll, a ratio to the notional, None for no rolls; trading days before expiry at which it is done.
    basis, futures
        Futures less index as a ratio, or a file of futures closes; the index itself without either.
    when_exhausted, gains_fund_margin, round_contracts
        As in `hedging.replay`.
    """

    contract: str = IF.name
    margin: float | None = None
    maintenance: float | None = None
    exchange_margins: bool = False
    hedging_quota: bool = False
    execution: str | None = None
    cost: float = 0.0
    roll_spread: float | None = None
    roll_days_before: int = 0
    basis: float | None = None
    futures: str | Path | None = None
    when_exhausted: str = "top_up"
    gains_fund_margin: bool = False
    round_contracts: bool = False

    def as_json(self) -> dict[str, Any]:
        """Plain values, by the names of the command's options."""
        files = {
            "futures": None if self.futures is None else Path(self.futures).name,
            "contract": Path(self.contract).name,
        }
        return asdict(self) | files

    def faults(self) -> list[str]:
        """Say what is wrong with the terms, one line each."""
        return [*self._margin_faults(), *self._cost_faults(), *self._price_faults()]

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
        if self.roll_spread is not None and not -0.5 <= self.roll_spread <= 0.5:
            found.append(f"roll_spread = {self.roll_spread:g}: must lie in -0.5..0.5 (a ratio to the notional)")
        if not 0 <= self.roll_days_before <= 15:
            found.append(f"roll_days_before = {self.roll_days_before}: must lie in 0..15 (trading days)")
        elif self.roll_days_before and self.roll_spread is None:
            found.append(f"roll_days_before = {self.roll_days_before}: must be left out without a roll spread")
        return found

    def _price_faults(self) -> list[str]:
        if self.basis is None:
            return []
        if self.futures is not None:
            return [f"basis = {self.basis:g}: must be left out with a futures series"]
        if not abs(self.basis) <= LARGEST_BASIS:
            return [f"basis = {self.basis:g}: must lie in -0.5..0.5 (a ratio to the index, not percent)"]
        return []

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
        traded = replace(contract(self.contract), **changes)
        if self.exchange_margins and all(rule.initial_margin is None for rule in traded.rules):
            raise InputError(
                f"exchange_margins: contract {traded.name} has no margins by date: must be one that has, as IF"
            )
        return traded

    def options(self, traded: FuturesContract, series: JoinedSeries) -> dict[str, Any]:
        """Arguments of `hedging.replay` on these terms."""
        rolls: Sequence[int] = ()
        if self.roll_spread is not None:
            rolls = roll_schedule(series.dates, traded, days_before_expiry=self.roll_days_before).days
        return {
            "contract": traded,
            "costs": TradingCosts(self.cost, rolls, self.roll_spread or 0.0),
            "margin_rates": traded.margins_on(series.dates, hedging=self.hedging_quota)
            if self.exchange_margins
            else None,
            "basis": self.basis,
            "futures": None if self.futures is None else _futures(self.futures, series),
            "when_exhausted": self.when_exhausted,
            "gains_fund_margin": self.gains_fund_margin,
            "round_contracts": self.round_contracts,
        }


def hedge(
    index: str | Path,
    spot: str | Path | None = None,
    *,
    policies: Sequence[str] = ("full",),
    start: str,
    end: str,
    base_nav: float | None = None,
    history: str | Path | None = None,
    gauge: str | Path | None = None,
    reserve: float | None = None,
    book: float = REPORT_BOOK,
    terms: Terms | None = None,
) -> Comparison:
    """Replay hedge policies on index and stock-book files.

    Parameters
    ----------
    index, spot
        CSV or Parquet files with dates and closes (the index also with open, high and low if it has them); without
        `spot` the book is the index itself.
    policies
        Hedge policies as `[label=]name[:parameter=value,...]`.
    start, end
        Base close and last day, YYYY-MM-DD.
    base_nav
        Stock book's value at the base close in place of the file's.
    history
        A file with the index before the first row of `index`, for policies that look back further.
    gauge
        A file with a volatility index, for indicators that read one.
    reserve
        Cash set aside, as a ratio to the book; default: what the hedge turns out to need.
    book
        Stock book at the base close, in the contract's currency.
    terms
        On what terms the futures are held; default: the 2008 report's.

    Raises
    ------
    InputError
        With a line for every fault in the files or arguments.
    """
    terms = terms or Terms()
    faults = [*_argument_faults(policies, base_nav, reserve, book), *terms.faults()]
    if terms.when_exhausted == "reduce" and reserve is None:
        faults.append("when_exhausted = reduce: must be left out without a reserve (what is needed is never exhausted)")
    raise_faults(faults)
    chosen = _labelled(policies)
    traded = terms.traded()
    joined = join_series(
        load_prices(index),
        None if spot is None else load_closes(spot),
        start,
        end,
        base_nav,
        history=None if history is None else load_prices(history),
        gauge=None if gauge is None else load_closes(gauge),
    )
    options = terms.options(traded, joined)
    results = {
        label: replay(
            policy,
            joined.prices,
            joined.spot,
            start_value=book,
            reserve=reserve,
            history=joined.prices_before,
            execution=cast("Execution", terms.execution or _own_execution(policy, joined)),
            **options,
        )
        for label, policy in chosen.items()
    }
    waiting = [label for label, policy in chosen.items() if policy.waits_for_open and terms.execution is None]
    if waiting:
        when = (
            "at the next open" if joined.prices.open is not None else f"at the close: {Path(index).name} has no opens"
        )
        joined = replace(joined, notes=(*joined.notes, f"{', '.join(waiting)}: trades {when}"))
    names = (Path(index).name, "" if spot is None else Path(spot).name)
    return Comparison(joined, results, *names, traded, terms=terms)


def _own_execution(policy: HedgePolicy, series: JoinedSeries) -> Execution:
    return "next_open" if policy.waits_for_open and series.prices.open is not None else "close"


def _labelled(policies: Sequence[str]) -> dict[str, HedgePolicy]:
    """Read policies by label; two may not share one."""
    chosen: dict[str, HedgePolicy] = {}
    faults: list[str] = []
    for text in policies:
        try:
            label, policy = parse_policy(text)
        except InputError as error:
            faults += error.faults
            continue
        if not label.isprintable():
            faults.append(f"policy = {label}: must be text without control characters")
        elif label in chosen:
            faults.append(f"policy = {label}: given twice: must be given once, or each with a label of its own")
        chosen[label] = policy
    raise_faults(faults)
    return chosen


def _futures(file: str | Path, series: JoinedSeries) -> FloatArray:
    """Futures closes on the replay's dates, in points, shape (days + 1,).

    Raises
    ------
    InputError
        When a date is missing, or a close is so far from the index's that the file must be another's.
    """
    closes = load_closes(file)
    first, last = (f"{day:%Y-%m-%d}" for day in (series.dates[0], series.dates[-1]))
    index = pd.Series(series.index, index=series.dates)
    index.attrs["file"] = "the index"
    futures = join_series(index, closes, first, last).spot * float(closes[series.dates[0]])
    far = abs(futures / series.index - 1) > LARGEST_BASIS
    if far.any():
        day = int(far.argmax())
        raise InputError(
            f"{Path(file).name}: {series.dates[day]:%Y-%m-%d}: {futures[day]:g} where the index is "
            f"{series.index[day]:g}: must be a futures close in index points, within half of it"
        )
    return futures


def base_nav_faults(base_nav: float | None) -> list[str]:
    """Say what is wrong with a base NAV, if anything."""
    if base_nav is None or 1e-6 <= base_nav <= 1e9:
        return []
    return [f"base_nav = {base_nav:g}: must lie in 1e-06..1e+09 (value of a unit of the stock book)"]


def _argument_faults(policies: Sequence[str], base_nav: float | None, reserve: float | None, book: float) -> list[str]:
    faults = [] if policies else ["policy: none given: must be at least one"]
    faults += base_nav_faults(base_nav)
    if reserve is not None and not 0 <= reserve <= 5:
        faults.append(f"reserve = {reserve:g}: must lie in 0..5 (a ratio to the book, not percent)")
    if not 1 <= book <= LARGEST_BOOK:
        faults.append(f"book = {book:g}: must lie in 1..{LARGEST_BOOK:g} (money)")
    return faults
