"""Plug-ins with parameters: what policies, indicators, volatilities and return models have in common.

A plug-in is a frozen dataclass whose fields are its parameters; `PluginRegistry` makes it from a name and parameters,
which may be text from a command line, and says what is allowed where they are wrong. A field that is itself a
plug-in is given by its name, and takes its own parameters from those of its owner:
`timing` with `indicator=ema_channel` and `n=10` is `TimingHedge(indicator=EmaChannel(n=10))`.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache
from numbers import Integral, Real
from types import UnionType
from typing import Any, ClassVar, Generic, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from cqkit.errors import raise_faults
from cqkit.registry import Registry, choices


@dataclass(frozen=True)
class Plugin:
    """A frozen dataclass of parameters, checked when it is made.

    Attributes
    ----------
    kind, name : str
        What it is and how it is called in messages; `name` is its key in the registry.
    """

    kind: ClassVar[str] = "plug-in"
    name: ClassVar[str]

    def __post_init__(self) -> None:
        """Raise InputError for parameters of the wrong type or out of range, one line each."""
        kind: Any = type(self)
        hints = _hints(kind)
        wrong = [_type_fault(field.name, getattr(self, field.name), hints.get(field.name)) for field in fields(self)]
        faults = [fault for fault in wrong if fault] or self.faults()
        raise_faults([f"{self.kind} {self.name}: {fault}" for fault in faults])

    def faults(self) -> list[str]:
        """Say which parameters are out of range, one line each; by default none is."""
        return []


P = TypeVar("P", bound=Plugin)
C = TypeVar("C", bound=Plugin)


class PluginRegistry(Registry[Callable[..., Any]], Generic[P]):
    """Makers of plug-ins of one kind by name.

    Parameters
    ----------
    base : type
        The plug-ins' base class, whose `kind` messages use.
    """

    _all: ClassVar[list[PluginRegistry[Any]]] = []

    def __init__(self, base: type[Any]) -> None:
        super().__init__(base.kind)
        self.base = base
        PluginRegistry._all.append(self)

    def class_decorator(self, name: str) -> Callable[[type[C]], type[C]]:
        """Return a decorator that makes a class of plug-ins known as `name`; InputError when the name is taken."""

        def known(plugin: type[C]) -> type[C]:
            self.add(name, cast("Any", plugin))
            plugin.name = name
            return plugin

        return known

    def names(self) -> tuple[str, ...]:
        """Names of all plug-ins, sorted."""
        return tuple(sorted(super().names()))

    def parameters(self, name: str) -> dict[str, Any]:
        """A plug-in's parameters and their defaults.

        Raises
        ------
        InputError
            When the name is unknown.
        """
        signature = inspect.signature(self[name])
        return {key: parameter.default for key, parameter in signature.parameters.items()}

    def make(self, name: str, parameters: Mapping[str, Any]) -> P:
        """Make a plug-in.

        Parameters
        ----------
        name : str
            One of `names()`.
        parameters : mapping
            Values, or text for them; what is left out keeps its default.

        Raises
        ------
        InputError
            When the name or a parameter is unknown, or a value has the wrong type or is out of range.
        """
        own = self.parameters(name)
        # Without an annotation the default tells the type.
        hints = {key: type(default) for key, default in own.items()} | dict(_hints(self[name]))
        parts = self._parts(own, hints, parameters)
        allowed = [*own, *(key for part in parts.values() for key in part[2])]
        values: dict[str, Any] = {}
        faults: list[str] = []
        for key, found in parameters.items():
            if key in parts or any(key in part[2] for part in parts.values()):
                continue
            if key not in own:
                faults.append(f"{key} = {found}: unknown parameter, must be {choices(key, allowed)}")
                continue
            values[key] = _from_text(found, hints.get(key)) if isinstance(found, str) else found
            faults.append(_type_fault(key, values[key], hints.get(key)))
        raise_faults([f"{self.base.kind} {name}: {fault}" for fault in faults if fault])
        for key, (registry, part, its_own) in parts.items():
            given = {word: parameters[word] for word in parameters if word in its_own}
            if key in parameters or given:
                values[key] = registry.make(part, given)
        return cast("P", self[name](**values))

    def _parts(
        self, own: Mapping[str, Any], hints: Mapping[str, Any], parameters: Mapping[str, Any]
    ) -> dict[str, tuple[PluginRegistry[Any], str, list[str]]]:
        """Find the parameters that are plug-ins given by name: their registry, name and parameters."""
        parts: dict[str, tuple[PluginRegistry[Any], str, list[str]]] = {}
        for key, default in own.items():
            registry = next((known for known in PluginRegistry._all if known.base is hints.get(key)), None)
            found = parameters.get(key, getattr(default, "name", default))
            if registry is not None and isinstance(found, str):
                parts[key] = registry, found, [word for word in registry.parameters(found) if word not in own]
        return parts


def out_of_range(
    owner: object, name: str, low: float, high: float = math.inf, note: str = "", *, strictly: bool = False
) -> list[str]:
    """One line if a number of `owner` lies outside low..high (its ends too if `strictly`) or is NaN."""
    value = getattr(owner, name)
    if (low < value < high) if strictly else (low <= value <= high and math.isfinite(value)):
        return []
    note = f" ({note})" if note else ""
    if math.isinf(high):
        return [f"{name} = {value}: must be at least {low:g}{note}"]
    if strictly:
        return [f"{name} = {value}: must lie between {low:g} and {high:g}{note}"]
    return [f"{name} = {value}: must lie in {low:g}..{high:g}{note}"]


@lru_cache(maxsize=256)
def _hints(maker: Any) -> Mapping[str, Any]:
    """Types of a maker's parameters; none where names cannot be resolved, as in a class made in a function."""
    try:
        return get_type_hints(maker)
    except NameError:
        return {}


def _type_fault(name: str, value: object, hint: Any) -> str:
    """Say what a value must be if it has the wrong type, otherwise nothing."""
    allowed = ""
    hint, optional = _without_none(hint)
    if value is None and optional:
        return ""
    origin = get_origin(hint)
    if origin is Literal:
        words = get_args(hint)
        allowed = "" if value in words else choices(str(value), words)
    elif hint is bool:
        allowed = "" if isinstance(value, bool) else "on or off"
    elif hint is int:
        allowed = "" if isinstance(value, Integral) and not isinstance(value, bool) else "a whole number"
    elif hint is float:
        number = isinstance(value, Real) and not isinstance(value, bool) and not math.isnan(value)
        allowed = "" if number else "a number"
    elif inspect.isclass(hint) and issubclass(hint, Plugin) and not isinstance(value, hint):
        allowed = f"a {hint.kind}"
    elif hint is date:
        allowed = "" if isinstance(value, date) else "a date, YYYY-MM-DD"
    elif inspect.isclass(origin) and isinstance(value, str):
        allowed = "several values, which only Python can give"
    shown = "(empty)" if isinstance(value, str) and not value else value
    return f"{name} = {shown}: must be {allowed}" if allowed else ""


def _without_none(hint: Any) -> tuple[Any, bool]:
    """A type without None, and whether None was allowed; a choice of several types stays as it is."""
    if get_origin(hint) not in {Union, UnionType}:
        return hint, False
    left = [item for item in get_args(hint) if item is not type(None)]
    return (left[0] if len(left) == 1 else None), len(left) < len(get_args(hint))


def _from_text(text: str, hint: Any) -> Any:
    """Read a value; text that is none stays as it is, and is of the wrong type then."""
    hint, _ = _without_none(hint)
    if hint is bool:
        return {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}.get(
            text.lower(), text
        )
    if hint in {int, float, date}:
        try:
            return date.fromisoformat(text) if hint is date else hint(text)
        except ValueError:
            return text
    return text


def parse_spec(kind: str, text: str) -> tuple[str, str, dict[str, str]]:
    """Read a plug-in as a user writes it, `[label=]name[:parameter=value,...]`: label, name and parameters.

    Without a label, the label is all that was written.

    Raises
    ------
    InputError
        When it cannot be read so.
    """
    head, colon, tail = text.partition(":")
    label, equals, name = head.rpartition("=")
    label, name = label.strip(), name.strip()
    faults = [f"{kind} {text}: the label before = is empty: must be a word"] if equals and not label else []
    parameters: dict[str, str] = {}
    for item in tail.split(",") if colon else []:
        key, equals, value = (part.strip() for part in item.partition("="))
        if not (key and equals):
            faults.append(f"{kind} {text}: {item.strip() or '(empty)'}: must be parameter=value, with commas between")
        elif key in parameters:
            faults.append(f"{kind} {text}: {key}: occurs twice: must occur once")
        parameters[key] = value
    raise_faults(faults)
    return label or text.strip(), name, parameters
