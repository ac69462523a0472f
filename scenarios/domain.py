"""The boxes in which a scenario was tested: where its laws hold, and where it still meets what history says.

Outside the first, the axes, nobody has checked that the laws hold, so a run refuses; the study `domain` goes
through it. Outside the second, the tested box, a run says so; the study `walk` finds it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from abm import laws
from abm.sections.crowd import shares
from abm.settings import News, Section, Settings, sections
from cqkit.errors import raise_faults
from scenarios.faults import unknown_name

Role = Literal["hurts", "helps", "shown"]
ROUNDING = 1e-9  # a share of a range by which a value may miss its end
SETTLED = (  # how a refusal ends
    "where this scenario was tested: beyond it nobody has checked that the laws hold (give a file of your own a "
    "[domain] that reaches there, and test it with crowdquake domain)"
)
UNTESTED = "no [domain]: nobody has checked how far the laws hold for this scenario; crowdquake domain does"


def crowd_book(settings: Settings) -> float:
    """The crowd's stock book per side at the start, in days of the market's value.

    That of futures funds is what their capital carries when all are hedged in full.
    """
    funds, rules = settings.funds, settings.futures_funds
    mix = shares(funds.kind)
    own = funds.leverage if funds.long_short_leverage is None else funds.long_short_leverage
    levered = mix.get("long_short", 0.0) * (own if "futures" in mix else funds.leverage)
    swaps = rules.swap_share / (1 / funds.leverage + funds.reserve)
    paid = (1 - rules.swap_share) / (1 + rules.deposit + rules.cash_reserve)
    return funds.capital * (levered + mix.get("futures", 0.0) * (swaps + paid))


MEASURES: Mapping[str, tuple[str, Callable[[Settings], float]]] = {"crowd_book": ("the crowd's book", crowd_book)}


class Axis(Section):
    """A key, the values at which it is tried, and what more of it may do."""

    key: str = Field(description='a dotted key of the scenario, as "funds.leverage"')
    values: tuple[float, ...] = Field(description="at which it is tried; the box reaches from the first to the last")
    of: Literal["", "crowd_book"] = Field(
        "",
        description="what values are shares of: crowd_book is the crowd's book at the start, with all that is set",
    )
    role: Role = Field(
        "shown",
        description="hurts: more of it never makes trough or final loss smaller; helps: less of it never does; "
        "shown: nothing is asserted",
    )
    beside: tuple[str, ...] = Field((), description="keys of other axes, each of which it is tried together with")

    @field_validator("key")
    @classmethod
    def _is_a_number_of_the_settings(cls, key: str) -> str:
        if fault := number_fault(key):
            raise ValueError(fault)
        return key

    @field_validator("values")
    @classmethod
    def _rise(cls, values: tuple[float, ...]) -> tuple[float, ...]:
        if len(values) < 2 or any(low >= high for low, high in pairwise(values)):
            raise ValueError("must be two numbers or more, each above the one before")
        return values

    @property
    def low(self) -> float:
        """The lowest value that is tried."""
        return self.values[0]

    @property
    def high(self) -> float:
        """The highest value that is tried."""
        return self.values[-1]

    def unit(self, settings: Settings) -> float:
        """What a value of 1 is in the key's own unit."""
        return MEASURES[self.of][1](settings) if self.of else 1.0

    def value(self, settings: Settings, own: Settings | None = None) -> float | None:
        """Where a market stands on it; None where its key is not set.

        `own` are the settings that it is a variant of: what it is a share of is then theirs, if that is larger.
        """
        found, unit = value_of(settings, self.key), max(self.unit(one) for one in (settings, own or settings))
        if found is None or unit <= 0:
            return None
        return found / unit

    def fault(self, settings: Settings, own: Settings | None = None) -> str | None:
        """Say that a market, a variant of `own`, lies outside, and how that can be settled; None if it lies inside."""
        value = self.value(settings, own)
        slack = ROUNDING * (self.high - self.low)
        if value is None or self.low - slack <= value <= self.high + slack:
            return None
        measured = f", {value:.4g} of {MEASURES[self.of][0]}" if self.of else ""
        found = f"{self.key} = {value_of(settings, self.key):g}{measured}"
        return f"{found}: must lie in {self.low:g}..{self.high:g}, {SETTLED}"


class Domain(Section):
    """The box in which the scenario's laws were tested."""

    laws: tuple[str, ...] = Field((), description="impact laws under which it is tested; default: the scenario's own")
    bars: tuple[int, ...] = Field((), description="fewest and most bars a day, tried at the corners; default: its own")
    axis: tuple[Axis, ...] = Field((), description="the axes of the box; none: the scenario is not tested")
    plausible: dict[str, tuple[float, float]] = Field(
        {}, description="where a number may plausibly lie, by dotted key; default: half to twice the scenario's own"
    )
    tested: dict[str, tuple[float, float]] = Field(
        {}, description="the tested box: where nothing breaks and every target that was met stays so, by dotted key"
    )

    @field_validator("laws")
    @classmethod
    def _are_known(cls, found: tuple[str, ...]) -> tuple[str, ...]:
        for law in found:
            if law not in laws.names():
                raise ValueError(unknown_name("impact law", law, laws.names()))
        return found

    @field_validator("bars")
    @classmethod
    def _are_a_range(cls, found: tuple[int, ...]) -> tuple[int, ...]:
        if found and not (len(found) == 2 and 1 <= found[0] < found[1] <= 390):
            raise ValueError("must be two whole numbers, 1 <= fewest < most <= 390")
        return found

    @field_validator("plausible", "tested")
    @classmethod
    def _are_ranges_of_numbers(cls, found: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
        for key, (low, high) in found.items():
            if fault := number_fault(key, spans=True):
                raise ValueError(f"{key}: {fault}")
            if not low <= high:
                raise ValueError(f"{key} = [{low:g}, {high:g}]: must be two numbers, the lower one first")
        return found

    @model_validator(mode="after")
    def _axes_are_told_apart(self) -> Self:
        keys = [axis.key for axis in self.axis]
        for axis in self.axis:
            if keys.count(axis.key) > 1:
                raise ValueError(f"domain.axis: key = {axis.key}: given more than once: must be the only one")
            for other in axis.beside:
                if other not in keys or other == axis.key:
                    raise ValueError(f"domain.axis {axis.key}: beside = {other}: must be the key of another axis")
        if self.axis == () and (self.laws or self.bars):
            raise ValueError("domain: has laws or bars and no axis: must have a [[domain.axis]]")
        return self

    @property
    def pairs(self) -> tuple[tuple[Axis, Axis], ...]:
        """Axes that are tried together."""
        axes = {axis.key: axis for axis in self.axis}
        return tuple((axis, axes[other]) for axis in self.axis for other in axis.beside)

    def faults(self, settings: Settings, own: Settings | None = None) -> list[str]:
        """Say of every key that lies outside the box where it may lie, and how that can be settled.

        `own` are the settings of which these are a variant. A liquidator that sells the same dollars where the crowd is
        smaller, as in a counterfactual at leverage 1, is measured against the crowd that the scenario has.
        """
        if not self.axis:
            return []
        found = [line for axis in self.axis if (line := axis.fault(settings, own)) is not None]
        if self.bars and not self.bars[0] <= settings.clock.bars <= self.bars[1]:
            low, high = self.bars
            found.append(f"clock.bars = {settings.clock.bars}: must lie in {low}..{high}, {SETTLED}")
        law = settings.impact.law
        if self.laws and law not in self.laws and _is_ours(law):
            found.append(f"impact.law = {law}: must be one of {', '.join(self.laws)}, {SETTLED}")
        return found

    def outside_tested(self, settings: Settings) -> list[str]:
        """Say of every number that lies outside the tested box where it was tested; a run there is not refused."""
        found = []
        for key, (low, high) in self.tested.items():
            value, slack = value_of(settings, key), ROUNDING * max(abs(low), abs(high))
            if value is not None and not low - slack <= value <= high + slack:
                found.append(f"{key} = {value:.4g} ({low:.4g}..{high:.4g})")
        return found

    def note(self, settings: Settings) -> str | None:
        """Say what nobody has tested though it is let run: a scenario without a box, a law of the user's own."""
        if not self.axis:
            return UNTESTED
        law = settings.impact.law
        if self.laws and law not in self.laws:
            return (
                f"impact.law = {law}: the scenario was tested under {', '.join(self.laws)}; crowdquake domain tests it"
            )
        return None


def refuse_outside(domain: Domain, name: str, *markets: Settings, own: Settings | None = None) -> None:
    """Raise InputError, each fault in a line and once, if a market, a variant of `own`, lies outside."""
    lines = [f"{name}: {line}" for settings in markets for line in domain.faults(settings, own)]
    raise_faults(list(dict.fromkeys(lines)))


def number_fault(key: str, *, whole: bool = True, spans: bool = False) -> str | None:
    """Say why a dotted key holds no number of the settings, or only `whole` ones where those will not do; else None.

    With `spans` a range over funds will do too, as `funds.tolerance`: it stands for its middle.
    """
    section, _, name = key.partition(".")
    known = numbers(spans=spans)
    keys = known.get(section)
    if keys is None:
        return unknown_name("section", section, list(known))
    if name not in keys:
        return unknown_name(f"number of [{section}]", name, keys)
    if not whole and sections()[section].model_fields[name].annotation is int:
        return "is a whole number: must be a key that takes any value between two others"
    return None


def numbers(*, spans: bool = False) -> dict[str, list[str]]:
    """Keys of every section that hold a number; with `spans` also those that hold a range over funds."""
    return {
        name: list(_numbers_of(kind, spans))
        for name, kind in sections().items()
        if kind is not News  # a list of tables: which of them?
    }


@lru_cache(maxsize=256)
def _numbers_of(kind: type[Section], spans: bool) -> tuple[str, ...]:
    return tuple(key for key, field in kind.model_fields.items() if _is_number(field.annotation, spans))


def _is_number(annotation: Any, spans: bool) -> bool:
    return annotation in (int, float) or annotation == float | None or (spans and annotation == tuple[float, float])


def value_of(settings: Settings, key: str) -> float | None:
    """What a dotted key of numbers is set to, of a range over funds its middle; None where it is not set."""
    section, _, name = key.partition(".")
    found = getattr(settings, section, None) or settings.own(section)
    value = getattr(found, name, None)
    if isinstance(value, tuple):
        return sum(value) / len(value)
    return None if value is None else float(value)


def _is_ours(law: str) -> bool:
    return laws.LAWS.origin(law).partition(".")[0] == "abm"
