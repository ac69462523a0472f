"""What an indicator is, and the register of indicators by name."""

from __future__ import annotations

import inspect
from abc import ABC
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import numpy as np

from cqkit.arrays import BoolArray, FloatArray
from cqkit.errors import InputError
from cqkit.plugins import PluginRegistry
from hedging.models.signals import Signal
from hedging.series.prices import Prices


@dataclass(frozen=True)
class Indicator(Signal[np.bool_], ABC):
    """Says at every close whether the hedge shall be on; off until there is a reason."""

    kind: ClassVar[str] = "indicator"


@dataclass(frozen=True)
class FunctionIndicator(Indicator):
    """A function of prices as an indicator: what `register_indicator` makes of it.

    In a replay it is called once, with the whole path. In the market it is called at every close with what is
    known by then, so its cost grows with the days; a subclass of `Indicator` with a `step` does better.
    """

    name: str  # type: ignore[misc]  # here it belongs to the object, since the class serves all functions
    function: Callable[..., BoolArray]
    parameters: tuple[tuple[str, Any], ...] = ()

    def path(self, prices: Prices) -> BoolArray:
        on = np.asarray(self.function(prices, **dict(self.parameters)))
        if on.shape != prices.close.shape or on.dtype != np.bool_:
            raise InputError(
                f"indicator {self.name}: gives {on.dtype} of shape {on.shape}: "
                f"must be bool of shape {prices.close.shape}, on or off at every close"
            )
        return on

    def latest(self, prices: Prices, memory: dict[str, Any]) -> BoolArray:  # noqa: ARG002
        return self.path(prices)[:, -1]

    def step(self, prices: Prices, memory: dict[str, Any]) -> BoolArray:
        return self.latest(prices, memory)


INDICATORS: PluginRegistry[Indicator] = PluginRegistry(Indicator)
Source = TypeVar("Source", bound=Callable[..., Any])


def register_indicator(name: str) -> Callable[[Source], Source]:
    """Decorator: make an indicator known as `name`.

    It goes on a function of `Prices` that gives on or off at every close, bool of shape (paths, n), each
    column from the columns up to it alone, and whose further arguments, all with defaults, are the parameters;
    or on a subclass of `Indicator`.

    Raises
    ------
    InputError
        When the name is taken, or a parameter of the function has no default.
    """

    def known(source: Source) -> Source:
        if isinstance(source, type):
            INDICATORS.add(name, source)
            setattr(source, "name", name)  # noqa: B010  # a type checker sees any callable here
        else:
            INDICATORS.add(name, _maker(name, source), source=source)
        return source

    return known


def _maker(name: str, function: Callable[..., BoolArray]) -> Callable[..., Indicator]:
    """Give the making of a function's indicator the function's own parameters and their types."""
    parameters = list(inspect.signature(function).parameters.values())[1:]
    bare = [parameter.name for parameter in parameters if parameter.default is parameter.empty]
    if bare:
        raise InputError(f"indicator {name}: {', '.join(bare)}: parameters must have defaults")

    def make(**given: Any) -> Indicator:
        return FunctionIndicator(name, function, tuple(given.items()))

    make.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [parameter.replace(kind=parameter.KEYWORD_ONLY) for parameter in parameters]
    )
    # Types are looked up where the function was written.
    make.__annotations__ = getattr(function, "__annotations__", {})
    make.__wrapped__ = function  # type: ignore[attr-defined]
    make.__doc__ = function.__doc__
    return make


def indicator_names() -> tuple[str, ...]:
    """Names of all registered indicators, sorted."""
    return INDICATORS.names()


def make_indicator(name: str, **parameters: Any) -> Indicator:
    """Make the indicator registered as `name`; what is left out of the parameters keeps its default.

    Raises
    ------
    InputError
        When the name or a parameter is unknown, or a value is of the wrong type or out of range.
    """
    return INDICATORS.make(name, parameters)


def keep(memory: dict[str, Any], on: BoolArray, off: BoolArray) -> BoolArray:
    """Switch on or off where told to, keep the state elsewhere, shape (paths,); it begins off."""
    memory["on"] = on | (memory.get("on", np.zeros_like(on)) & ~off)
    return memory["on"]


def ema(memory: dict[str, Any], key: str, value: FloatArray, n: int) -> FloatArray:
    """Exponential moving average with alpha = 2/(n + 1), seeded with the first value, shape (paths,)."""
    last = memory.get(key, value)
    memory[key] = last + 2.0 / (n + 1) * (value - last)
    return memory[key]
