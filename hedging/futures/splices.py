"""One futures series out of many contracts: whether it jumps at rolls, was adjusted there, and what that means.

A series that is spliced as it stands (a "main continuous" contract) moves to the next contract's price at a roll. The
jump of its basis is nobody's gain: the old contract is left at its own price, on its last day that of the index. A
series that is adjusted at rolls has no jumps, but a level that drifts away from the index; by ratios, its returns are
the contracts', by differences, its changes in points.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import numpy as np
import pandas as pd

from cqkit.arrays import BoolArray, FloatArray, IntArray
from cqkit.plain import first_few
from hedging.contracts.calendar import expiries
from hedging.contracts.specification import FuturesContract

EARLIEST: Final = 10
"""Trading days before expiry from which a main contract may change."""
LEAST_GAP: Final = 1e-3
"""Smallest jump of the basis, a ratio to the index, that is taken for a roll's."""
FAR: Final = 0.03
"""Basis, a ratio to the index, beyond which a level is no contract's."""
_NOISES = 6.0


class Splices(NamedTuple):
    """Prices on a replay's days, as in `RolledFutures`."""

    closes: FloatArray
    left: FloatArray
    rolls: tuple[int, ...]
    notes: tuple[str, ...]


def read_splices(
    name: str, closes: FloatArray, dates: pd.DatetimeIndex, index: FloatArray, contract: FuturesContract
) -> Splices:
    """Tell how a series was spliced, and what its holder earns.

    Parameters
    ----------
    name : str
        Of the file.
    closes, index : FloatArray, shape (days + 1,)
        Futures and index closes, in points.
    dates : DatetimeIndex, length days + 1
        Trading days.
    contract : FuturesContract
        Its expiries are where rolls are looked for.
    """
    ends = expiries(contract, dates, months=6)
    inside = dates.searchsorted(ends[ends <= dates[-1]])
    inside = inside[inside > 0]
    basis = closes / index - 1
    carry = _carry(basis, dates)
    gaps, stray = _gaps(basis, np.diff(basis, prepend=basis[0]) - carry, inside)
    if len(gaps):
        return _booked(
            name, closes, dates, index, gaps, np.isin(gaps, inside), closes / index - 1 + np.append(carry[1:], 0.0)
        )
    notes = tuple(
        f"{name}: the basis jumps by {100 * size:+.2f} % on {dates[day]:%Y-%m-%d}: a roll suspected, booked as a move: "
        "files contract by contract settle it"
        for day, size in stray[:3]
    )
    if len(dates) > EARLIEST and np.abs(basis).max() > FAR and _drifts(basis):
        return _adjusted(name, closes, dates, index, ends)
    return Splices(closes, closes, (), notes)


def _carry(basis: FloatArray, dates: pd.DatetimeIndex) -> FloatArray:
    """What carry usually adds to the basis up to each day since the one before, shape (days + 1,)."""
    apart = np.diff(dates.to_numpy()) / np.timedelta64(1, "D")
    return np.concatenate([[0.0], apart * np.median(np.diff(basis) / apart)])


def _gaps(basis: FloatArray, moves: FloatArray, ends: IntArray) -> tuple[IntArray, list[tuple[int, float]]]:
    """Days on which the basis jumps at rolls, and jumps near an expiry that are too few to be rolls.

    A jump stands out from the days' moves, and stays; a series is taken to jump if it does so at half the expiries, of
    all months or of quarter months.
    """
    noise = 1.4826 * float(np.median(np.abs(moves[1:])))
    least = max(_NOISES * noise, LEAST_GAP)
    found: dict[int, float] = {}
    for end in ends:
        first, last = max(int(end) - EARLIEST, 1), min(int(end) + 2, len(basis))
        day = first + int(np.abs(moves[first:last]).argmax())
        size = float(moves[day])
        before, after = np.median(basis[max(day - 3, 0) : day]), np.median(basis[day : day + 3])
        if abs(size) > least and abs(after - before) > abs(size) / 2:
            found[day] = size
    if 2 * len(found) < len(ends) and len(found) < max(len(ends) // 3, 2):
        return np.array([], dtype=np.int64), list(found.items())
    return _with_small_ones(np.array(sorted(found), dtype=np.int64), ends), []


def _with_small_ones(gaps: IntArray, ends: IntArray) -> IntArray:
    """Add the rolls whose gap is lost in noise: as many days before their expiries as the others usually are."""
    early = [int(ends[ends >= gap - 1][0] - gap) for gap in gaps if (ends >= gap - 1).any()]
    usual = int(np.median(early)) if early else 0
    rolled = [end for end in ends if ((gaps >= end - EARLIEST) & (gaps <= end + 1)).any()]
    lost = [end - usual for end in ends if end not in rolled and end - usual >= 1]
    return np.unique(np.concatenate([gaps, np.array(lost, dtype=np.int64)]))


def _booked(
    name: str,
    closes: FloatArray,
    dates: pd.DatetimeIndex,
    index: FloatArray,
    gaps: IntArray,
    at_expiry: BoolArray,
    expected: FloatArray,
) -> Splices:
    """Book the rolls of a series that jumps: on its last day a contract is the index, before it keeps its basis.

    `expected` is the basis of each day and what carry usually adds to the next.
    """
    left = closes.copy()
    left[gaps] = index[gaps] * np.where(at_expiry, 1.0, 1.0 + expected[gaps - 1])
    named = first_few(
        gaps.tolist(),
        4,
        lambda day: f"{dates[day]:%Y-%m-%d} ({100 * (closes[day] - left[day]) / index[day]:+.2f} %)",
    )
    rolls = "1 gap" if len(gaps) == 1 else f"{len(gaps)} gaps"
    old = (
        "at the index" if at_expiry.all() else "at its last basis" if not at_expiry.any() else "at its expiry or basis"
    )
    note = (
        f"{name}: read as a main continuous series, not adjusted: {rolls} at rolls, {named}: the old contract is "
        f"left {old}, the gap is no gain"
    )
    return Splices(closes, left, tuple(gaps.tolist()), (note,))


def _drifts(basis: FloatArray) -> bool:
    """Tell a basis that goes one way, as an adjusted series' does, from one that swings."""
    span = abs(float(basis[-1] - basis[0]))
    return span > FAR / 3 and span > 0.5 * float(np.abs(np.diff(basis)).sum())


def _adjusted(
    name: str, closes: FloatArray, dates: pd.DatetimeIndex, index: FloatArray, ends: pd.DatetimeIndex
) -> Splices:
    """Give an adjusted series the contracts' own levels: at every expiry, that of the index."""
    kind, clear = _kind(closes, index)
    days_left = (ends[ends.searchsorted(dates)] - dates).days.to_numpy(np.float64)
    elapsed = float((dates[-1] - dates[0]).days)
    gap = np.log(closes / index) if kind == "ratio" else (closes - index) / index
    carry = float(gap[-1] - gap[0]) / elapsed
    true, left = closes.copy(), closes.copy()
    rolls = []
    first = 0
    for last in [*np.flatnonzero(days_left == 0).tolist(), len(dates) - 1]:
        if last < first or (last == first and last == len(dates) - 1 and first):
            continue
        # Where no expiry is seen, the contract stands off the index by what carry is left to it.
        level = index[last] * np.exp(-carry * days_left[last])
        part = slice(first, last + 1)
        moved = closes[part] * level / closes[last] if kind == "ratio" else closes[part] + level - closes[last]
        left[part] = moved
        true[part] = moved
        if first:  # the new contract on the day of the roll
            rolls.append(first)
            left[first] = index[first]
        first = last
    said = f"{kind}-adjusted" if clear else f"adjusted at rolls, by {kind}s as far as can be told"
    note = (
        f"{name}: read as {said}: {closes[0]:g} where the index is {index[0]:g}: the contracts' own levels are put "
        f"back, the index's at each expiry"
    )
    return Splices(true, left, tuple(rolls), (note,))


def _kind(closes: FloatArray, index: FloatArray) -> tuple[Literal["ratio", "difference"], bool]:
    """Tell ratios from differences by which goes with the index more closely, and whether that is clear."""
    ratios = float(np.std(np.diff(np.log(closes / index))))
    differences = float(np.std(np.diff(closes - index) / index[:-1]))
    clear = max(ratios, differences) > 1.1 * min(ratios, differences)
    return ("ratio" if ratios <= differences else "difference"), clear
