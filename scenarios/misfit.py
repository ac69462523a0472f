"""How far what was measured is from what is known: by target, and for many together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from scenarios.schema import Target

FARTHEST = 10.0  # half-widths of a range: whatever is farther, or has no value, is as far


def distance(target: Target, value: float | None) -> float:
    """How far from what is wanted: 0 at history, or anywhere in a range of our own; 1 at the range's end."""
    if value is None or np.isnan(value):
        return FARTHEST
    middle = 0.5 * (target.low + target.high)
    aim = middle if target.history is None else target.history
    room = target.high - aim if value > aim else aim - target.low
    away = abs(value - aim) / room if room > 0 else FARTHEST * abs(value - aim)
    # Nothing draws a range without a history to its middle.
    return away if target.history is not None else max(0.0, 2.0 * away - 1.0)


def signed(target: Target, value: float | None) -> float:
    """The distance, at most `FARTHEST`, below 0 for a value that is too low."""
    away = min(distance(target, value), FARTHEST)
    aim = 0.5 * (target.low + target.high) if target.history is None else target.history
    return -away if value is not None and value < aim else away


def misfit(targets: Sequence[Target], found: Mapping[str, float | None]) -> float:
    """Root mean square of the distances of some targets, each at most `FARTHEST`; NaN without targets."""
    if not targets:
        return float("nan")
    away = [min(distance(target, found[target.name]), FARTHEST) for target in targets]
    return float(np.sqrt(np.mean(np.square(away))))
