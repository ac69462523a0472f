"""Replay hedge policies on the user's own series, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hedging import (
    IF,
    FuturesContract,
    HedgeResult,
    JoinedSeries,
    join_series,
    load_closes,
    make_policy,
    raise_faults,
    replay,
)

# The 2008 report's stock book: 50,000 lots of 100 units at a net asset value of 4.695.
REPORT_BOOK = 23_475_000.0
LARGEST_BOOK = 1e18


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
    """

    series: JoinedSeries
    results: Mapping[str, HedgeResult]
    index_name: str
    spot_name: str

    def as_json(self) -> dict[str, Any]:
        """Plain values for `hedge --json`: ratios to the starting book, not percent."""
        dates = self.series.dates
        return {
            "index": self.index_name,
            "spot": self.spot_name or None,
            "start": f"{dates[0]:%Y-%m-%d}",
            "end": f"{dates[-1]:%Y-%m-%d}",
            "days": len(dates) - 1,
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


def hedge(
    index: str | Path,
    spot: str | Path | None = None,
    *,
    policies: Sequence[str] = ("full",),
    start: str,
    end: str,
    base_nav: float | None = None,
    reserve: float | None = None,
    book: float = REPORT_BOOK,
    contract: FuturesContract = IF,
    margin: float | None = None,
    **options: Any,
) -> Comparison:
    """Replay hedge policies on index and stock-book files.

    Parameters
    ----------
    index, spot
        CSV or Parquet files with dates and closes; without `spot` the book is the index itself.
    policies
        Names of hedge policies.
    start, end
        Base close and last day, YYYY-MM-DD.
    base_nav
        Stock book's value at the base close in place of the file's.
    reserve
        Cash set aside, as a ratio to the book; default: what the hedge turns out to need.
    book
        Stock book at the base close, in the contract's currency.
    contract, margin
        What is shorted, and its initial margin if not the contract's own.
    **options
        Further arguments of `hedging.replay`.

    Raises
    ------
    InputError
        With a line for every fault in the files or arguments.
    """
    _check_arguments(policies, base_nav, reserve, book, margin)
    chosen = {name: make_policy(name) for name in policies}
    traded = contract if margin is None else replace(contract, initial_margin=margin)
    joined = join_series(load_closes(index), None if spot is None else load_closes(spot), start, end, base_nav)
    results = {
        name: replay(
            policy,
            joined.index,
            joined.spot,
            start_value=book,
            contract=traded,
            reserve=reserve,
            history=joined.history,
            **options,
        )
        for name, policy in chosen.items()
    }
    return Comparison(joined, results, Path(index).name, "" if spot is None else Path(spot).name)


def _check_arguments(
    policies: Sequence[str], base_nav: float | None, reserve: float | None, book: float, margin: float | None
) -> None:
    faults = [] if policies else ["policy: none given: must be at least one"]
    faults += [
        f"policy = {name}: given {policies.count(name)} times: must be given once"
        for name in dict.fromkeys(policies)
        if policies.count(name) > 1
    ]
    if base_nav is not None and not 1e-6 <= base_nav <= 1e9:
        faults.append(f"base_nav = {base_nav:g}: must lie in 1e-06..1e+09 (value of a unit of the stock book)")
    if reserve is not None and not 0 <= reserve <= 5:
        faults.append(f"reserve = {reserve:g}: must lie in 0..5 (a ratio to the book, not percent)")
    if not 1 <= book <= LARGEST_BOOK:
        faults.append(f"book = {book:g}: must lie in 1..{LARGEST_BOOK:g} (money)")
    if margin is not None and not 1e-4 <= margin <= 1:
        faults.append(f"margin = {margin:g}: must lie in 0.0001..1 (a ratio, not percent)")
    raise_faults(faults)
