"""One number of a published result beside ours, and the verdict on it, which is always computed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

Verdict = Literal["missed", "within range", "reproduced", "cannot be expressed", "not run"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)  # in the order in which they are told: misses first


@dataclass(frozen=True)
class Figure:
    """One number: what is published, what is allowed, what came out.

    Attributes
    ----------
    name
        What it is, with its unit.
    measured
        What came out; None or NaN where nothing did.
    low, high
        What is allowed, both included.
    published
        The number as published; None where only a sign, a bound or an order is.
    rounding
        How far rounding can have moved the published number, or what a closed form is computed to.
    interval
        95 % sampling interval of `measured`; None where there is no chance in it.
    """

    name: str
    measured: float | None
    low: float = -math.inf
    high: float = math.inf
    published: float | None = None
    rounding: float = 0.0
    interval: tuple[float, float] | None = None

    @property
    def verdict(self) -> Verdict:
        """Missed outside what is allowed; reproduced where the published number cannot be told from ours.

        That is: where it lies in our interval, or within its own rounding of ours. Where only a sign or a bound is
        published, all of our interval has to keep it.
        """
        if self.measured is None or math.isnan(self.measured) or not self.low <= self.measured <= self.high:
            return "missed"
        if self.published is None:
            ends = self.interval or (self.measured, self.measured)
            return "reproduced" if self.low <= ends[0] and ends[1] <= self.high else "within range"
        if abs(self.measured - self.published) <= self.rounding:
            return "reproduced"
        inside = self.interval is not None and self.interval[0] <= self.published <= self.interval[1]
        return "reproduced" if inside else "within range"


def exact(name: str, measured: float, published: float, within: float) -> Figure:
    """A number that has to come out to `within`, as a closed form or a figure as printed."""
    return Figure(name, float(measured), published - within, published + within, published, within)


def claim(
    name: str,
    measured: float,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    interval: tuple[float, float] | None = None,
) -> Figure:
    """A sign, a bound or an order that is published without a number."""
    return Figure(name, float(measured), low, high, interval=interval)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict on a row: that on its worst figure; without any it is missed."""
    found = list(verdicts)
    return min(found, key=VERDICTS.index) if found else "missed"
