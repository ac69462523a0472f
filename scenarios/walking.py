"""The numbers of a scenario that a walk turns, how far each may plausibly lie, and what breaks at a point."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from abm import Settings
from abm.settings import sections
from cqkit.errors import InputError
from cqkit.plain import percent
from scenarios.domain import number_fault, numbers, value_of
from scenarios.evidence import Samples, values_of
from scenarios.given import SETTLED
from scenarios.loading import bare, changed
from scenarios.schema import Scenario, Target
from scenarios.soundness import BOOKED, LEDGER, Seen, is_finite, runs_away
from scenarios.sweeping.designs import Turned
from scenarios.targets import is_met

# No law of the market hangs on the calendar, the money's unit, or the desk.
LEFT_OUT = ("clock.", "desk.", "market.daily_value")
PLAUSIBLE = 2.0  # times the scenario's own number, and as many times less, where it says no more
Point = tuple[tuple[str, float], ...]  # keys that are turned, and to what
Kind = Literal["refused", "finite", "runaway", "booked", "ledger", "target"]


@dataclass(frozen=True)
class Parameter:
    """A number of a scenario.

    Attributes
    ----------
    key
        Dotted; a range over funds, as `funds.tolerance`, is turned as a whole and stands for its middle.
    own
        What it is in the scenario.
    low, high
        Where it may plausibly lie.
    role
        What more of it does to the crowd: hurts or helps, as its axis of the box says; else shown.
    """

    key: str
    own: float
    low: float
    high: float
    role: str = "shown"

    @property
    def ends(self) -> tuple[float, ...]:
        """The ends of its range that differ from its own value."""
        return tuple(end for end in (self.low, self.high) if end != self.own)

    @property
    def values(self) -> tuple[float, ...]:
        """Tried first besides its own: the ends, and the middles between them and its own."""
        return tuple(sorted({value for end in self.ends for value in (end, middle(self.own, end))}))


def middle(one: float, other: float) -> float:
    """Between two values, by their ratio where both are above 0."""
    return math.sqrt(one * other) if one > 0 and other > 0 else (one + other) / 2


def parameters_of(scenario: Scenario, only: Sequence[Turned] = ()) -> list[Parameter]:
    """All numbers that a scenario sets or takes by default, but for whole ones and those that are 0; or some alone.

    Raises
    ------
    InputError
        With a line for every key asked for that cannot be turned.
    """
    if only:
        return [_asked(scenario, one) for one in only]
    keys = (f"{section}.{name}" for section, names in numbers(spans=True).items() for name in names)
    found = (_parameter(scenario, key) for key in keys if not key.startswith(LEFT_OUT))
    return [one for one in found if one is not None and one.own != 0 and one.ends]


def _asked(scenario: Scenario, one: Turned) -> Parameter:
    fault = number_fault(one.key, whole=False, spans=True)
    found = None if fault else _parameter(scenario, one.key, one.limits)
    if one.values:
        fault = "has bare values: must have limits, as LOW:HIGH"
    elif found is None and not fault:
        fault = f"{scenario.name} does not set it, or gives books that settle it"
    elif found is not None and not found.ends:
        fault = "is 0: must have limits, as LOW:HIGH"
    if fault or found is None:
        raise InputError(f"--vary {one.key}: {fault}")
    return found


def _parameter(scenario: Scenario, key: str, limits: tuple[float, float] | None = None) -> Parameter | None:
    """None for a whole number, one that the scenario does not set, or one that books which are given settle."""
    settings, own = scenario.settings, value_of(scenario.settings, key)
    settled = scenario.funds.holdings is not None and key in SETTLED
    if own is None or settled or number_fault(key, whole=False, spans=True):
        return None
    axis = next((one for one in scenario.domain.axis if one.key == key), None)
    low, high = sorted((own / PLAUSIBLE, own * PLAUSIBLE))
    if axis is not None:
        unit = axis.unit(settings)
        low, high = min(low, axis.low * unit), max(high, axis.high * unit)
    low, high = limits or scenario.domain.plausible.get(key, (low, high))
    least, most = _allowed(key)
    role = "shown" if axis is None else axis.role
    return Parameter(key, own, min(max(low, least), own), max(min(high, most), own), role)


def _allowed(key: str) -> tuple[float, float]:
    """What a key takes."""
    section, _, name = key.partition(".")
    low, high = -math.inf, math.inf
    for bound in sections()[section].model_fields[name].metadata:
        low, high = max(low, getattr(bound, "ge", low)), min(high, getattr(bound, "le", high))
    return low, high


def settings_at(scenario: Scenario, point: Point) -> Settings:
    """The market with some numbers turned, wherever that is; InputError where there can be none."""
    values: dict[str, Any] = {}
    for key, value in point:
        section, _, name = key.partition(".")
        found = getattr(getattr(scenario, section, None) or scenario.own(section), name)
        own = value_of(scenario.settings, key)
        if isinstance(found, tuple) and own:
            values[key] = [part * value / own for part in found]
        else:
            values[key] = value
    return changed(bare(scenario), values).settings


@dataclass(frozen=True)
class Walked:
    """What was read of a market: of itself, and what its targets come to."""

    seen: Seen
    samples: Samples

    def values(self, targets: Sequence[Target]) -> Mapping[str, float | None]:
        """What each target comes to."""
        return values_of(targets, self.samples)


def broken(
    own: Walked | str, twin: Seen | str | None, targets: Sequence[Target], held: Sequence[Target]
) -> dict[Kind, str]:
    """What breaks at a point, and why: nothing absurd may happen, and no target that was held may be lost.

    Parameters
    ----------
    own
        What was read of the market there, or why there is none.
    twin
        The same of its twin in which nobody has to sell; None if nobody has to.
    targets, held
        The scenario's, and those of them that it meets as it stands.
    """
    if isinstance(own, str):
        return {"finite": own}
    if not is_finite(own.seen):
        return {"finite": "a figure is no number"}
    found: dict[Kind, str] = {}
    above = 0.0 if twin is None or isinstance(twin, str) else runs_away(own.seen, twin)
    if above > 0:
        found["runaway"] = f"the crowded book stands {percent(above, 1)} above its twin's while a sale goes on"
    owed = float(own.seen.unbooked.max())
    if owed > BOOKED:
        found["booked"] = f"{percent(owed, 2)} of the crowd's equity at the start is owed to nobody"
    off = float(own.seen.residual.max())
    if not off <= LEDGER:
        found["ledger"] = f"a bar's ledger is {off:.2g} away from closing"
    values = own.values(targets)
    lost = [target for target in held if not is_met(target, values[target.name])]
    if lost:
        found["target"] = "lost: " + ", ".join(f"{item.name} ({_number(values[item.name])})" for item in lost)
    return found


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.3g}"
