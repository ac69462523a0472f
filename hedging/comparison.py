"""Replay hedge policies on the user's own series, side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from time import perf_counter
from typing import Any, ClassVar

import pandas as pd

from cqkit.arrays import FloatArray
from cqkit.errors import InputError, raise_faults
from cqkit.manifest import file_digests, manifest
from cqkit.plain import percent
from cqkit.showing import Shown
from hedging.contracts.specification import IF, FuturesContract
from hedging.engine.replaying import own_execution, replay
from hedging.engine.result import HedgeResult
from hedging.futures import RolledFutures, load_futures, rolled
from hedging.policies import HedgePolicy, parse_policy
from hedging.remarks import remarks
from hedging.series.frames import Source
from hedging.series.joining import JoinedSeries, join_series
from hedging.series.loading import load_closes, load_prices, refuse_unused_column
from hedging.series.reading import Reading
from hedging.series.settings import SeriesTerms
from hedging.series.trusting import trusted_series
from hedging.terms import LARGEST_BASIS, REPORT_BOOK, Terms

LARGEST_BOOK = 1e18


@dataclass(frozen=True, repr=False)
class Comparison(Shown):
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
    manifest
        How it came about: terms that differ from the report's, digests of the files, versions.
    """

    formats: ClassVar[Mapping[str, tuple[str, ...]]] = {"accounts": ("csv", "parquet")}

    series: JoinedSeries
    results: Mapping[str, HedgeResult]
    index_name: str
    spot_name: str
    contract: FuturesContract = IF
    source: str = ""
    terms: Terms | None = None
    manifest: dict[str, Any] = field(default_factory=dict)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Accounts of all policies, one row a day, with the policy as the last column."""
        accounts = [
            result.frame(self.series.dates).drop(columns="path").assign(policy=name)
            for name, result in self.results.items()
        ]
        return {"accounts": pd.concat(accounts, ignore_index=True)}

    def frame(self) -> pd.DataFrame:
        """A row a policy: reserve, need, return, calls, shortfall and the rest of `HedgeResult.summary`."""
        rows = [{"policy": name, **self._figures(result)} for name, result in self.results.items()]
        return pd.DataFrame(rows).drop(columns="margin_calls")

    def says(self) -> str:
        """What every policy needed."""
        return ", ".join(
            f"{name} needs {percent(float(result.required_reserve[0]))}" for name, result in self.results.items()
        )

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
        called = result.called[0].nonzero()[0]
        figures["margin_calls"] = [
            {"date": f"{self.series.dates[day]:%Y-%m-%d}", "amount": float(result.called[0, day])} for day in called
        ]
        return figures


def hedge(
    index: Source,
    spot: Source | None = None,
    *,
    policies: Sequence[str] = ("full",),
    start: str | date,
    end: str | date,
    base_nav: float | None = None,
    history: Source | None = None,
    gauge: Source | None = None,
    reserve: float | None = None,
    book: float = REPORT_BOOK,
    terms: Terms | None = None,
    said: SeriesTerms | None = None,
    **more: Any,
) -> Comparison:
    """Replay hedge policies on index and stock-book files.

    Parameters
    ----------
    index, spot
        CSV, Parquet or Excel files with dates and closes (the index also with open, high and low if it has them), or
        frames of pandas with the same columns; without `spot` the book is the index itself.
    policies
        Hedge policies as `[label=]name[:parameter=value,...]`.
    start, end
        Base close and last day: dates, or text, YYYY-MM-DD.
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
        On what terms the futures are held; default: as of `Terms`.
    said
        What is known of the series that they do not say themselves; default: nothing.
    **more
        Fields of `SeriesTerms` that differ from `said`: `hedge(..., accept_jumps=True)`.

    Raises
    ------
    InputError
        With a line for every fault in the files or arguments, and for what in the series cannot be meant.
    """
    started = perf_counter()
    terms = terms or Terms()
    if reserve is not None:
        terms = replace(terms, reserve=reserve)
    said = replace(said or SeriesTerms(), **more)
    faults = [*_argument_faults(policies, base_nav, book), *terms.faults()]
    faults += said.faults(spot is not None, gauge is not None)
    if terms.when_exhausted == "reduce" and terms.reserve is None:
        faults.append("when_exhausted = reduce: must be left out without a reserve (what is needed is never exhausted)")
    raise_faults(faults)
    chosen = _labelled(policies)
    traded = terms.traded()
    reading = said.readings()
    prices = load_prices(index, reading["index"], name="index")
    values = None if spot is None else load_closes(spot, reading["spot"], name="spot")
    before = None if history is None else load_prices(history, reading["history"], name="history")
    level = None if gauge is None else load_closes(gauge, reading["gauge"], name="gauge")
    alone = terms.futures is None and said.exchange_rate is None
    refuse_unused_column(said.column, [prices, values, before, level], alone=alone)
    joined, known = trusted_series(
        prices,
        values,
        start,
        end,
        base_nav,
        history=before,
        gauge=level,
        said=said,
        money=traded.currency,
        opens_for=_at_opens(chosen, terms),
    )
    futures = _futures(terms, traded, joined, reading["futures"])
    if futures is not None:
        joined = replace(joined, notes=(*joined.notes, *futures.notes))
    agreed = replace(terms, contract=traded)
    named = str(prices.attrs["file"])
    notes = remarks(joined, chosen, agreed, book, named, known)
    results = _replays(chosen, joined, _on_rolls(agreed, futures), book, futures)
    _check_finite(results, named)
    waiting = [label for label, policy in chosen.items() if policy.waits_for_open and terms.execution is None]
    if waiting:
        when = "at the next open" if joined.prices.open is not None else f"at the close: {named} has no opens"
        notes.append(f"{', '.join(waiting)}: trades {when}")
    joined = replace(joined, notes=(*joined.notes, *notes))
    names = (named, "" if values is None else str(values.attrs["file"]))
    files: dict[str, Source | None] = {
        "index": index,
        "spot": spot,
        "history": history,
        "gauge": gauge,
        "futures": terms.futures,
    }
    files |= {"distributions": said.distributions, "exchange_rate": said.exchange_rate}
    changes = terms.changes() | said.as_json()
    told = manifest(seconds=perf_counter() - started, overrides=changes, inputs=file_digests(files))
    return Comparison(joined, results, *names, traded, terms=terms, manifest=told)


def _on_rolls(terms: Terms, futures: RolledFutures | None) -> Terms:
    """The terms with the rolls that the futures' prices have."""
    if futures is None or not futures.rolls:
        return terms
    return replace(terms, roll_days=futures.rolls, roll_days_before=0)


def _at_opens(policies: Mapping[str, HedgePolicy], terms: Terms) -> bool:
    """Whether every policy trades at the next open, if there are opens."""
    if terms.execution is not None:
        return terms.execution == "next_open"
    return all(policy.waits_for_open for policy in policies.values())


def _check_finite(results: Mapping[str, HedgeResult], file: str) -> None:
    """Refuse a result that is not a number: prices, book or contract are beyond what can be reckoned with."""
    raise_faults(
        [
            f"{label}: {name.replace('_', ' ')} = {value}: not finite: prices of {file}, book or contract are too "
            "large or too small to reckon with"
            for label, result in results.items()
            for name, value in list(result.summary().items())
            if isinstance(value, float) and not math.isfinite(value)
        ][:3]
    )


def _replays(
    policies: Mapping[str, HedgePolicy],
    series: JoinedSeries,
    terms: Terms,
    book: float,
    futures: RolledFutures | None,
) -> dict[str, HedgeResult]:
    """Accounts by policy."""
    return {
        label: replay(
            policy,
            series.prices,
            series.spot,
            start_value=book,
            terms=replace(terms, execution=terms.execution or own_execution(policy, series.prices)),
            dates=series.dates,
            futures=None if futures is None else futures.closes,
            left=None if futures is None else futures.left,
            history=series.prices_before,
        )
        for label, policy in policies.items()
    }


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


def _futures(terms: Terms, contract: FuturesContract, series: JoinedSeries, reading: Reading) -> RolledFutures | None:
    """Futures prices on the replay's dates, rolled; None where they are not of a file.

    Raises
    ------
    InputError
        When a date is missing, or a close is so far from the index's that the file must be another's.
    """
    if terms.futures is None:
        return None
    file = load_futures(terms.futures, settle=terms.settle, reading=reading)
    if file.series is not None:
        first, last = (f"{day:%Y-%m-%d}" for day in (series.dates[0], series.dates[-1]))
        index = pd.Series(series.index, index=series.dates)
        index.attrs["file"] = "the index"
        # All of the index's dates must be there, or it says which are not.
        closes = join_series(index, file.series, first, last).spot * float(file.series[series.dates[0]])
        _refuse_far(file.name, series, closes)
        file = replace(file, series=pd.Series(closes, index=series.dates))
    found = rolled(file, series.dates, series.index, contract, days_before_expiry=terms.roll_days_before)
    _refuse_far(file.name, series, found.closes)
    if terms.roll_spread is not None:
        found = replace(found, notes=(*found.notes, f"{file.name}: the roll spread is paid besides what prices lose"))
    return found


def _refuse_far(name: str, series: JoinedSeries, futures: FloatArray) -> None:
    far = abs(futures / series.index - 1) > LARGEST_BASIS
    if far.any():
        day = int(far.argmax())
        raise InputError(
            f"{name}: {series.dates[day]:%Y-%m-%d}: {futures[day]:g} where the index is "
            f"{series.index[day]:g}: must be a futures close in index points, within half of it"
        )


def base_nav_faults(base_nav: float | None) -> list[str]:
    """Say what is wrong with a base NAV, if anything."""
    if base_nav is None or 1e-6 <= base_nav <= 1e9:
        return []
    return [f"base_nav = {base_nav:g}: must lie in 1e-06..1e+09 (value of a unit of the stock book)"]


def _argument_faults(policies: Sequence[str], base_nav: float | None, book: float) -> list[str]:
    faults = [] if policies else ["policy: none given: must be at least one"]
    faults += base_nav_faults(base_nav)
    if not 1 <= book <= LARGEST_BOOK:
        faults.append(f"book = {book:g}: must lie in 1..{LARGEST_BOOK:g} (money)")
    return faults
