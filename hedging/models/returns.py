"""What the index may do until the last day: return models for the Monte Carlo form of the partial hedge."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import numpy as np

from cqkit.arrays import FloatArray
from cqkit.plugins import Plugin, PluginRegistry, out_of_range
from hedging.series.prices import Prices


@dataclass(frozen=True)
class ReturnModel(Plugin, ABC):
    """Draws shocks over a horizon, in units of their own standard deviation.

    The log return over a horizon tau is then (mu - sigma^2/2) tau + sigma sqrt(tau) times a shock: the model
    gives the shape, the policy's volatility the width.
    """

    kind: ClassVar[str] = "return model"

    @abstractmethod
    def shocks(self, rng: np.random.Generator, days: int, draws: int, prices: Prices) -> FloatArray:
        """Draw shocks over `days` days, shape (draws,) if they serve all paths, otherwise (paths, draws).

        Parameters
        ----------
        rng : Generator
            The only source of chance.
        days : int
            Horizon.
        draws : int
            How many.
        prices : Prices
            All that is known.
        """


RETURN_MODELS: PluginRegistry[ReturnModel] = PluginRegistry(ReturnModel)
M = TypeVar("M", bound=ReturnModel)


def register_return_model(name: str) -> Callable[[type[M]], type[M]]:
    """Class decorator: make a return model known as `name`; InputError when the name is taken."""
    return RETURN_MODELS.class_decorator(name)


def return_model_names() -> tuple[str, ...]:
    """Names of all return models, sorted."""
    return RETURN_MODELS.names()


def make_return_model(name: str, **parameters: Any) -> ReturnModel:
    """Make the return model registered as `name`; InputError says what is wrong and what is allowed."""
    return RETURN_MODELS.make(name, parameters)


@register_return_model("normal")
@dataclass(frozen=True)
class NormalReturns(ReturnModel):
    """Normal log returns, with which Monte Carlo converges to the closed form."""

    def shocks(self, rng: np.random.Generator, days: int, draws: int, prices: Prices) -> FloatArray:  # noqa: ARG002
        return rng.standard_normal(draws)


@register_return_model("student_t")
@dataclass(frozen=True)
class StudentReturns(ReturnModel):
    """Daily log returns with Student's t distribution, independent from day to day."""

    degrees: float = 4.0

    def faults(self) -> list[str]:
        if self.degrees > 2:
            return []
        return [f"degrees = {self.degrees}: must be above 2, where the variance is finite"]

    def shocks(self, rng: np.random.Generator, days: int, draws: int, prices: Prices) -> FloatArray:  # noqa: ARG002
        width = np.sqrt(self.degrees / (self.degrees - 2.0) * days)
        return rng.standard_t(self.degrees, (draws, days)).sum(axis=1) / width


@register_return_model("bootstrap")
@dataclass(frozen=True)
class BootstrapReturns(ReturnModel):
    """Daily log returns drawn with replacement from those of the path's own past.

    Past returns are centred and scaled to their own mean and deviation; NaN shocks where fewer than `least` are
    known. Every path draws the same days.
    """

    least: int = 20

    def faults(self) -> list[str]:
        return out_of_range(self, "least", 2)

    def shocks(self, rng: np.random.Generator, days: int, draws: int, prices: Prices) -> FloatArray:
        known = prices.days - 1
        if known < self.least:
            return np.full((prices.paths, draws), np.nan)
        drawn = rng.integers(known, size=(draws, days))
        shocks = np.empty((prices.paths, draws))
        for path, close in enumerate(prices.close):
            past = np.log(close[1:] / close[:-1])
            deviation = past.std()
            shape = (past - past.mean()) / deviation if deviation > 0 else np.zeros(known)
            shocks[path] = shape[drawn].sum(axis=1) / np.sqrt(days)
        return shocks
