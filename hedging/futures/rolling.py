"""Move a hedge from contract to contract: the price that is left at a roll, and the price that is entered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from cqkit.arrays import FloatArray
from cqkit.errors import InputError, raise_faults
from hedging.contracts.calendar import held_contracts
from hedging.contracts.expiry import expiry_day
from hedging.contracts.specification import FuturesContract
from hedging.futures.codes import Month, month_said
from hedging.futures.files import FuturesFile
from hedging.futures.splices import read_splices


@dataclass(frozen=True, eq=False)
class RolledFutures:
    """Futures prices on a replay's days.

    Attributes
    ----------
    closes : FloatArray, shape (days + 1,)
        Of the contract that is held after each close, in points.
    left : FloatArray, shape (days + 1,)
        Of the contract that was held into each close; another only on roll days.
    rolls : tuple of int
        Numbers of the roll days, in 1..T-1.
    notes : tuple of str
        What was found and assumed, one line each.
    """

    closes: FloatArray
    left: FloatArray
    rolls: tuple[int, ...]
    notes: tuple[str, ...] = ()


def rolled(
    file: FuturesFile,
    dates: pd.DatetimeIndex,
    index: FloatArray,
    contract: FuturesContract,
    *,
    days_before_expiry: int = 0,
) -> RolledFutures:
    """Put futures prices on a replay's days, and find its rolls.

    Contracts are rolled by the contract's calendar. One series may be spliced without adjustment: then the basis
    jumps at rolls, which is nobody's gain; or with: then its level is nobody's price.

    Parameters
    ----------
    file : FuturesFile
        As `load_futures` reads it; a single series must have all `dates`.
    dates : DatetimeIndex, length days + 1
        Trading days.
    index : FloatArray, shape (days + 1,)
        Index closes, in points.
    contract : FuturesContract
        Its expiry counts.
    days_before_expiry : int
        Trading days before expiry at which contracts are rolled.

    Raises
    ------
    InputError
        When a contract that is held has no price on a day.
    """
    if file.contracts is not None:
        found = _by_contract(file, file.contracts, dates, contract, days_before_expiry)
    elif file.series is not None:
        closes = np.array(file.series.reindex(dates), dtype=np.float64)
        spliced = read_splices(file.name, closes, dates, index, contract)
        found = RolledFutures(spliced.closes, spliced.left, spliced.rolls, spliced.notes)
    else:
        raise InputError(f"{file.name}: has no prices: must have some")
    found = replace(found, notes=(*file.notes, *found.notes))
    return _closed_on_the_last_day(found, len(dates) - 1)


def _by_contract(
    file: FuturesFile, prices: pd.DataFrame, dates: pd.DatetimeIndex, contract: FuturesContract, early: int
) -> RolledFutures:
    """Hold the nearest contract of those that the file has."""
    months: list[Month] = [*map(_month, prices.columns)]
    ends = pd.DatetimeIndex([pd.Timestamp(expiry_day(year, month, dates, contract.expiry)) for year, month in months])
    alive = np.asarray(ends > dates[0])
    if not alive.any():
        raise InputError(f"{file.name}: no contract expires after {dates[0]:%Y-%m-%d}: must have one to be short")
    ends, months = ends[alive], [month for month, kept in zip(months, alive, strict=True) if kept]
    position = held_contracts(dates, ends, early)
    if position[-1] >= len(ends):
        gone = dates[int(np.argmax(position >= len(ends)))]
        raise InputError(
            f"{file.name}: no contract to hold from {gone:%Y-%m-%d} on: the last expires on {ends[-1]:%Y-%m-%d}"
        )
    on_days = prices[months].reindex(dates).to_numpy(np.float64)
    days = np.arange(len(dates))
    before = np.concatenate([position[:1], position[:-1]])
    closes, left = on_days[days, position], on_days[days, before]
    faults = [
        f"{file.name}: {dates[day]:%Y-%m-%d}: no price of the contract of {month_said(months[at])}, "
        f"which is held on that day"
        for day, at in _missing(on_days, position, before)
    ]
    raise_faults(faults, most=5)
    rolls = tuple(np.flatnonzero(position != before).tolist())
    return RolledFutures(closes, left, rolls, _skipped_note(file.name, months, position, contract))


def _missing(on_days: FloatArray, position: np.ndarray, before: np.ndarray) -> list[tuple[int, int]]:
    """Days and contracts without a price that is needed."""
    found = []
    for day in range(len(position)):
        found += [(day, int(at)) for at in sorted({position[day], before[day]}) if np.isnan(on_days[day, at])]
    return found


def _skipped_note(name: str, months: list[Month], position: np.ndarray, contract: FuturesContract) -> tuple[str, ...]:
    """Say where a month that the contract lists is not in the file."""
    held = [months[at] for at in sorted({int(at) for at in position})]
    apart = [12 * (later[0] - first[0]) + later[1] - first[1] for first, later in pairwise(held)]
    longest = 1 if contract.months_listed else 3
    if all(months_apart <= longest for months_apart in apart):
        return ()
    return (
        f"{name}: contracts are up to {max(apart)} months apart where {contract.name} lists more: those there are held",
    )


def _closed_on_the_last_day(found: RolledFutures, last: int) -> RolledFutures:
    """On the last day the contract held so far is closed, on day 0 one is opened: neither is a roll."""
    closes = found.closes.copy()
    closes[last] = found.left[last]
    return replace(found, closes=closes, rolls=tuple(day for day in found.rolls if 0 < day < last))


def _month(found: Any) -> Month:
    year, month = found
    return int(year), int(month)
