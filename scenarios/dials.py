"""A key of a scenario that a study turns: from where to where, at which values first, and the market there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from abm import Settings
from abm.settings import News
from cqkit.errors import InputError
from scenarios.domain import MEASURES, number_fault, value_of
from scenarios.loading import bare, changed
from scenarios.schema import Scenario

SHOCK = "shock"  # not a key of the file: a move of the whole market on the event's day, beside all dated news
SPEED = "liquidator.days"
NEWS_SCALE = "market.news_scale"
RESERVE = "desk.reserve"
RANGES = {NEWS_SCALE: (0.0, 3.0), SHOCK: (-0.1, 0.1)}  # of keys that no box holds
NO_NEWS = f"--vary {SHOCK}: {NEWS_SCALE} = 0 takes every dated move away: must be another number"
WIDEST = (-0.6, 1.0)  # move of a whole market in a day that can be put in
OF_OWN = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)  # of the desk's reserve, which no law of the market hangs on
POINTS = 5  # tried first of a range of which nothing is known
SAME = 1e-6  # of a range: values that are closer are one
WORDS = {
    "funds.crowding": "the crowd's overlap",
    "funds.leverage": "the crowd's leverage",
    "funds.reserve": "the crowd's reserve",
    "liquidator.size": "the liquidator's book",
    SPEED: "the time over which the liquidator sells",
    NEWS_SCALE: "the size of the dated news",
    RESERVE: "the desk's reserve",
    "large_fund.equity": "the large fund's equity",
    SHOCK: "the market's further move on the event's day",
}
UNITS = {SPEED: "days", "liquidator.size": "days of the market's value", NEWS_SCALE: "times"}
IN_PERCENT = (RESERVE, "funds.reserve", SHOCK)


@dataclass(frozen=True)
class Dial:
    """A key that is turned.

    Attributes
    ----------
    key
        Dotted, or `shock`.
    values
        Tried first, rising; the range reaches from the first to the last.
    own
        Where the scenario stands; None if it says nothing.
    tested
        Whether an axis of the scenario's box holds it.
    share
        What is measured by, and what a share of 1 is, where the box counts in shares: ("the crowd's book", 4.07).
    """

    key: str
    values: tuple[float, ...]
    own: float | None
    tested: bool
    share: tuple[str, float] | None = None

    @property
    def word(self) -> str:
        """What it is called."""
        return WORDS.get(self.key, self.key)

    @property
    def domain(self) -> str:
        """What its range is called."""
        return "the tested domain" if self.tested else "the range tried"

    @property
    def in_percent(self) -> bool:
        """Whether its values are told in percent."""
        return self.key in IN_PERCENT

    @property
    def unit(self) -> str:
        """What its values are counted in; "" for a bare number."""
        return "%" if self.in_percent else UNITS.get(self.key, "")

    def number(self, value: float) -> str:
        """A value."""
        return f"{100 * value:.3g} %" if self.in_percent else f"{value:.3g}"

    def measured(self, value: float) -> str:
        """A value with its unit."""
        return f"{self.number(value)} {UNITS[self.key]}" if self.key in UNITS else self.number(value)

    def told(self, value: float) -> str:
        """A value with its unit, and what share it is of the scenario's own, where the box counts in shares."""
        return self.measured(value) + (
            f" ({100 * value / self.share[1]:.3g} % of {self.share[0]})" if self.share else ""
        )


def dial_of(scenario: Scenario, key: str, limits: tuple[float, float] | None = None) -> Dial:
    """A key with the range in which it is turned: the limits given, its axis in the box, or one that is known.

    Raises
    ------
    InputError
        If it is no number that can take any value, or has no range.
    """
    _check(scenario, key)
    own = 0.0 if key == SHOCK else value_of(scenario.settings, key)
    axis = next((one for one in scenario.domain.axis if one.key == key), None)
    values: Sequence[float] = ()
    share = None
    if axis is not None:
        unit = axis.unit(scenario.settings)
        values = [value * unit for value in axis.values]
        share = (MEASURES[axis.of][0], unit) if axis.of else None
    elif key == RESERVE:
        values = [part * (own or 0.5) for part in OF_OWN]
    if limits is None:
        limits = (values[0], values[-1]) if values else RANGES.get(key)
    if limits is None:
        raise InputError(f"--vary {key}: has no range in which {scenario.name} was tested: give --range LOW,HIGH")
    low, high = limits
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InputError(f"--range {low:g},{high:g}: must be two finite numbers, the lower one first")
    if key == SHOCK:
        _check_shocks(f"--range {low:g},{high:g}", (low, high))
    return Dial(key, _first(low, high, values, own), own, axis is not None, share)


def check_listed(scenario: Scenario, key: str, values: Sequence[Any]) -> None:
    """Check values that are given one by one, of keys that are reckoned with before a scenario takes them.

    Raises
    ------
    InputError
        If one of them is no finite number, or no shock that can be put in.
    """
    if key not in (SHOCK, SPEED, NEWS_SCALE):
        return
    told = f"--vary {key}={','.join(map(str, values))}"
    if not all(isinstance(value, int | float) and math.isfinite(value) for value in values):
        raise InputError(f"{told}: must be finite numbers")
    _check(scenario, key)
    if key == SHOCK:
        _check_shocks(told, values)


def _check_shocks(told: str, values: Sequence[float]) -> None:
    if not WIDEST[0] <= min(values) <= max(values) <= WIDEST[1]:
        raise InputError(f"{told}: {SHOCK} must lie in {WIDEST[0]:g}..{WIDEST[1]:g} (a ratio)")


def market_at(scenario: Scenario, values: Mapping[str, Any], longest: float | None = None) -> Settings:
    """The market with keys turned to these values; all that is not about the market itself is left out.

    `longest` is the slowest sale of the study: all its markets have as many days, those that one would need.
    """
    plain: dict[str, Any] = {key: value for key, value in values.items() if key != SHOCK}
    if longest is not None:
        further = max(0, math.ceil(longest - scenario.liquidator.days))
        plain["clock.days"] = scenario.clock.days + further
    found = bare(scenario)
    if SHOCK in values:
        scale = values.get(NEWS_SCALE, scenario.market.news_scale)
        if scale == 0:
            raise InputError(NO_NEWS)
        move = math.log1p(values[SHOCK]) / scale
        shock = News(date=scenario.clock.event, move=move)
        found = found.model_copy(update={"news": (*found.news, shock)})
    return changed(found, plain).settings


def _check(scenario: Scenario, key: str) -> None:
    if key == SHOCK:
        if scenario.market.news_scale == 0:
            raise InputError(NO_NEWS)
        return
    fault = number_fault(key, whole=False)
    if fault:
        raise InputError(f"--vary {key}: {fault}")
    if key == NEWS_SCALE and not scenario.news:
        raise InputError(f"--vary {key}: {scenario.name} has no dated news to scale: vary {SHOCK}")
    if key.startswith("desk.") and scenario.desk.size == 0:
        raise InputError(f"--vary {key}: {scenario.name} has no desk: desk.size must be above 0")
    if key.startswith("liquidator.") and key != "liquidator.size" and scenario.liquidator.size == 0:
        raise InputError(f"--vary {key}: {scenario.name} has no liquidator: liquidator.size must be above 0")


def _first(low: float, high: float, known: Sequence[float], own: float | None) -> tuple[float, ...]:
    """Ends, what the box was tried at between them, else as many steps of one size, and the scenario's own value."""
    near = SAME * (high - low)
    inside = [value for value in known if low + near < value < high - near]
    if len(inside) < POINTS - 2:
        inside = [float(value) for value in np.linspace(low, high, POINTS)[1:-1]]
    if own is not None and low + near < own < high - near:
        inside = sorted([*(value for value in inside if abs(value - own) > near), own])
    return (low, *inside, high)
