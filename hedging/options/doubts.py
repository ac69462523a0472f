"""What a file of quotes leaves open: which of two roots, which of many spots, a ratio or percent."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from cqkit.errors import InputError

SPOT_RANGE: Final = 1e-3
"""Largest move of the spot within a snapshot, a ratio, that is taken for seconds between quotes."""
_FEWEST, _MOST = 300.0, 3000.0  # strikes to the spot, if they are thousandths
DOUBTED_RATE: Final = 0.1
"""Interest a year above which percent is suspected."""


def one_root(parsed: pd.DataFrame, root: str | None, file: str) -> tuple[pd.DataFrame, list[str]]:
    """Keep one root's options of each date and expiry: the one asked for, or the one the others' names begin with.

    Raises
    ------
    InputError
        When there is no such root, or none is the others' stem.
    """
    if root is not None:
        return _of_root(parsed, root.strip().upper(), file)
    if "root" not in parsed:
        return parsed, []
    option = ["date", "expiry", "strike", "type"]
    twice = parsed[parsed.duplicated(option, keep=False) & parsed[option].notna().all(axis=1)]
    notes, dropped = [], np.zeros(len(parsed), dtype=np.bool_)
    for names in sorted({tuple(sorted(set(group["root"]))) for _, group in twice.groupby(option)}):
        if len(names) < 2:
            continue
        stem = names[0]
        if not (stem and all(name.startswith(stem) for name in names)):
            raise InputError(
                f"{file}: options of {', '.join(name or '(none)' for name in names)} expire on the same day: "
                f"choose one of them with --root"
            )
        here = twice[twice["root"].isin(names)]
        for _, group in here.groupby(["date", "expiry"]):
            both = (parsed["date"] == group["date"].iloc[0]) & (parsed["expiry"] == group["expiry"].iloc[0])
            dropped |= (both & parsed["root"].isin(names[1:])).to_numpy()
        others = ", ".join(names[1:])
        notes.append(f"{file}: {others} expires on days on which {stem} does: {stem} was read; --root takes another")
    return parsed[~dropped].reset_index(drop=True) if dropped.any() else parsed, notes


def _of_root(parsed: pd.DataFrame, root: str, file: str) -> tuple[pd.DataFrame, list[str]]:
    """Keep one root's options."""
    if "root" not in parsed:
        raise InputError(f"root = {root}: must be left out: {file} has no column root")
    known = sorted(set(parsed["root"]) - {""})
    if root not in known:
        raise InputError(f"root = {root}: must be one of {', '.join(known[:10]) or '(none)'}, which {file} has")
    return parsed[parsed["root"] == root].reset_index(drop=True), []


def one_spot(parsed: pd.DataFrame, file: str) -> tuple[pd.DataFrame, list[str]]:
    """Take the median of spots, or forwards, that differ by seconds only: by 0.1 % at most on a date."""
    notes = []
    parsed = parsed.copy()
    for name, keys in (("spot", ["date"]), ("forward", ["date", "expiry"])):
        if name not in parsed:
            continue
        groups = parsed.groupby(keys)[name]
        middle = groups.transform("median")
        spread = groups.transform("max") / groups.transform("min") - 1
        moving = (spread > 0) & (spread <= SPOT_RANGE)
        if moving.any():
            widest = 100 * float(spread[moving].max())
            notes.append(
                f"{file}: {name} moves by up to {widest:.2g} % within a snapshot: the median of each is used, "
                f"{float(middle[moving].iloc[0]):g} on {parsed['date'][moving].iloc[0]:%Y-%m-%d}"
            )
            parsed.loc[moving, name] = middle[moving]
    return parsed, notes


def plain_strikes(parsed: pd.DataFrame, file: str) -> tuple[pd.DataFrame, list[str]]:
    """Take strikes a thousand times the spot for thousandths, as OptionMetrics writes them: no listed strike is."""
    money = next((parsed[name] for name in ("spot", "forward") if name in parsed), None)
    if money is None or parsed.empty or not _FEWEST < float((parsed["strike"] / money).median()) < _MOST:
        return parsed, []
    note = f"{file}: strikes are about a thousand times the spot: read as thousandths, {parsed['strike'].iloc[0]:g} as "
    parsed = parsed.assign(strike=parsed["strike"] / 1000)
    return parsed, [f"{note}{parsed['strike'].iloc[0]:g}"]


def doubted_rates(quotes: pd.DataFrame, file: str) -> list[str]:
    """Find rates that are percent: calls and puts of one strike tell what the money earned.

    By parity C - P = D(F - K), so the spot grown at a rate r fits prices if S - K e^(-rT) = C - P; what does not is
    in doubt if a hundredth of it fits better.
    """
    faults = []
    high = quotes[(quotes["rate"] >= DOUBTED_RATE) & quotes["spot"].notna()]
    for _, group in high.groupby(["date", "expiry"]):
        row, rate = int(group["row"].min()), float(group["rate"].iloc[0])
        years = float((group["expiry"].iloc[0] - group["date"].iloc[0]).days) / 365
        pairs = group[group["price"].notna()].pivot_table(index="strike", columns="call", values="price")
        if pairs.shape != (len(pairs), 2) or pairs.isna().any(axis=None) or pairs.empty:
            continue
        strikes = pairs.index.to_numpy(np.float64)
        forward_value = (pairs[True] - pairs[False]).to_numpy(np.float64)
        spot = float(group["spot"].iloc[0])
        gaps = [
            float(np.abs(spot - strikes * np.exp(-tried * years) - forward_value).mean())
            for tried in (rate, rate / 100)
        ]
        if gaps[1] < gaps[0] / 2:
            faults.append(
                f"{file}: row {row}: rate = {rate:g}: is {100 * rate:g} % a year as a ratio, which calls and puts "
                f"contradict: percent suspected: write {rate / 100:g}"
            )
    return faults[:1] if len({fault.split(": ", 2)[2] for fault in faults}) == 1 else faults


def lies_off_parity(used: pd.DataFrame) -> bool:
    """Tell whether calls and puts agree on another forward than the one that was assumed, in any month.

    By parity the forward is K + (C - P)/D at every strike. One bad price puts one strike off, dividends all of them,
    and alike.
    """
    for _, month in used[used["spot"].notna()].groupby("expiry"):
        pairs = month.pivot_table(index="strike", columns="call", values="price")
        if pairs.shape != (2, 2) or pairs.isna().any(axis=None):
            continue
        years = float((month["expiry"].iloc[0] - month["date"].iloc[0]).days) / 365
        growth = np.exp(float(month["rate"].iloc[0]) * years)
        forwards = pairs.index.to_numpy(np.float64) + growth * (pairs[True] - pairs[False]).to_numpy(np.float64)
        off = forwards / float(month["forward"].iloc[0]) - 1
        if np.abs(off).min() > 2 * SPOT_RANGE and np.ptp(off) < SPOT_RANGE:
            return True
    return False
