"""The points at which a scenario's box is tried: each axis alone, pairs of axes, and its corners at other bars."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from abm import Settings
from scenarios.domain import Axis
from scenarios.given import free_domain
from scenarios.loading import bare, changed
from scenarios.schema import Scenario

SAME = 1e-6  # of an axis's range: values that are closer are one


@dataclass(frozen=True)
class Point:
    """A market within the box.

    Attributes
    ----------
    law, bars
        Its impact law, and its bars a day.
    axes, values
        What is varied, one key or two, and where it stands on each; all else is the scenario's.
    corner
        Whether it is a corner of the box at fewest or most bars.
    settings
        What it is made of.
    usual
        The same in no more days than the scenario has, where a longer sale needs more: in years a fund may have to sell
        without anybody's doing.
    """

    law: str
    bars: int
    axes: tuple[Axis, ...]
    values: tuple[float, ...]
    corner: bool
    settings: Settings
    usual: Settings

    @property
    def line(self) -> str:
        """The keys that are varied, in words."""
        return " x ".join(axis.key for axis in self.axes)

    @property
    def told(self) -> str:
        """Where it is, in words."""
        where = ", ".join(f"{axis.key} = {value:g}" for axis, value in zip(self.axes, self.values, strict=True))
        return f"{where} ({self.law}, {self.bars} bars)"


def points_of(scenario: Scenario) -> list[Point]:
    """All points at which the box of a scenario is tried, in the order in which they are told."""
    domain, base = free_domain(scenario), bare(scenario)
    lines: list[tuple[Axis, ...]] = [*((axis,) for axis in domain.axis), *domain.pairs]
    found = []
    for law in domain.laws or (scenario.impact.law,):
        for axes in lines:
            for values in product(*(tried(axis, scenario) for axis in axes)):
                found.append(_point(base, law, scenario.clock.bars, dict(zip(axes, values, strict=True)), corner=False))
        found += [_point(base, law, bars, corner, corner=True) for bars, corner in _corners(scenario)]
    return found


def tried(axis: Axis, scenario: Scenario) -> tuple[float, ...]:
    """Values of an axis that are tried: those of the box, and the scenario's own."""
    own = axis.value(scenario.settings)
    near = SAME * (axis.high - axis.low)
    if own is None or any(abs(own - value) < near for value in axis.values):
        return axis.values
    return tuple(sorted((*axis.values, own)))


def _corners(scenario: Scenario) -> Iterator[tuple[int, Mapping[Axis, float]]]:
    """The ends of every pair, or of every axis where there are no pairs, at fewest and at most bars."""
    domain = free_domain(scenario)
    lines: list[tuple[Axis, ...]] = list(domain.pairs) or [(axis,) for axis in domain.axis]
    for axes in lines:
        for bars in domain.bars:
            for values in product(*((axis.low, axis.high) for axis in axes)):
                yield bars, dict(zip(axes, values, strict=True))


def _point(base: Scenario, law: str, bars: int, values: Mapping[Axis, float], *, corner: bool) -> Point:
    axes = tuple(values)
    return Point(law, bars, axes, tuple(values.values()), corner, *_settings(base, law, bars, values))


def _settings(base: Scenario, law: str, bars: int, values: Mapping[Axis, float]) -> tuple[Settings, Settings]:
    """The market there, and the same in the scenario's own days.

    What is measured by another size is set last, and a longer sale has as many days after it.
    """
    plain = {axis.key: value for axis, value in values.items() if not axis.of}
    found = changed(base, {"impact.law": law, "clock.bars": bars, **plain})
    measured = {axis.key: value * axis.unit(found.settings) for axis, value in values.items() if axis.of}
    usual = changed(found, measured) if measured else found
    longer = max(0, math.ceil(usual.liquidator.days - base.liquidator.days))
    if not longer:
        return usual.settings, usual.settings
    return changed(usual, {"clock.days": usual.clock.days + longer}).settings, usual.settings
