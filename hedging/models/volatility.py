"""Volatility of the index, annualised, as known at each close."""

from __future__ import annotations

import math
import warnings
from abc import ABC
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import numpy as np

from cqkit.arrays import FloatArray
from cqkit.errors import CrowdquakeError
from cqkit.plugins import PluginRegistry, out_of_range
from hedging.models.signals import Signal
from hedging.series.prices import Prices

# A daily variance that running sums cannot tell from none.
ROUNDING = 1e-15


@dataclass(frozen=True)
class Volatility(Signal[np.float64], ABC):
    """Annualised volatility of log returns, shape (paths,) at a close; NaN while too little is known."""

    kind: ClassVar[str] = "volatility"


VOLATILITIES: PluginRegistry[Volatility] = PluginRegistry(Volatility)
V = TypeVar("V", bound=Volatility)


def register_volatility(name: str) -> Callable[[type[V]], type[V]]:
    """Class decorator: make a volatility known as `name`; InputError when the name is taken."""
    return VOLATILITIES.class_decorator(name)


def volatility_names() -> tuple[str, ...]:
    """Names of all volatilities, sorted."""
    return VOLATILITIES.names()


def make_volatility(name: str, **parameters: Any) -> Volatility:
    """Make the volatility registered as `name`; InputError says what is wrong and what is allowed."""
    return VOLATILITIES.make(name, parameters)


@register_volatility("rolling")
@dataclass(frozen=True)
class RollingVolatility(Volatility):
    """Standard deviation (ddof 1) of the last `window` log returns, times the root of those a year (2008 report: 250).

    While fewer are known, of those; NaN below `least`. A deviation below 3e-8 a day counts as none.
    """

    window: int = 40
    least: int = 10

    def faults(self) -> list[str]:
        return [*out_of_range(self, "window", 2), *out_of_range(self, "least", 2)]

    def step(self, prices: Prices, memory: dict[str, Any]) -> FloatArray:
        known = prices.days - 1
        if not known:
            memory["returns"] = np.zeros((self.window, prices.paths))
            memory["sum"], memory["squares"] = np.zeros(prices.paths), np.zeros(prices.paths)
            return np.full(prices.paths, np.nan)
        newest, leaving = last_return(prices), memory["returns"][(known - 1) % self.window]
        memory["sum"] += newest - leaving
        memory["squares"] += newest * newest - leaving * leaving
        leaving[:] = newest
        count = min(known, self.window)
        if count < min(self.least, self.window):
            return np.full(prices.paths, np.nan)
        variance = (memory["squares"] - memory["sum"] ** 2 / count) / (count - 1)
        return np.sqrt(prices.a_year * np.where(variance > ROUNDING, variance, 0.0))


@register_volatility("ewma")
@dataclass(frozen=True)
class EwmaVolatility(Volatility):
    """Exponentially weighted mean of squared log returns, seeded with the first (RiskMetrics 1996).

    NaN while fewer than `least` are known.
    """

    decay: float = 0.94
    least: int = 10

    def faults(self) -> list[str]:
        return [*out_of_range(self, "decay", 0, 1, strictly=True), *out_of_range(self, "least", 1)]

    def step(self, prices: Prices, memory: dict[str, Any]) -> FloatArray:
        known = prices.days - 1
        if known:
            square = last_return(prices) ** 2
            old = memory.get("variance", square)
            memory["variance"] = self.decay * old + (1.0 - self.decay) * square
        if known < self.least:
            return np.full(prices.paths, np.nan)
        return np.sqrt(prices.a_year * memory["variance"])


@register_volatility("garch")
@dataclass(frozen=True)
class GarchVolatility(Volatility):
    """GARCH(1, 1) with zero mean (Bollerslev 1986), fitted by `arch` to all returns known, path by path.

    The next day's forecast, annualised. Fitted when first asked with at least `least` returns, and every
    `refit` days from then on; in between, the variance moves on with the parameters fitted last. NaN below `least`.
    Needs the extra `finance`; a fit takes some hundredths of a second, so many paths take long.
    """

    refit: int = 20
    least: int = 100

    def faults(self) -> list[str]:
        return [*out_of_range(self, "refit", 1), *out_of_range(self, "least", 30)]

    def latest(self, prices: Prices, memory: dict[str, Any]) -> FloatArray:
        # Fits are dear: closes before the first call are fitted once and not stepped over.
        if prices.days - 1 < self.least:
            return np.full(prices.paths, np.nan)
        fitted = memory.get("fitted")
        if fitted is None or prices.days - fitted >= self.refit:
            fits = [_fit_garch(np.log(close[1:] / close[:-1])) for close in prices.close]
            memory["fitted"], memory["parameters"] = prices.days, np.array(fits)[:, :3].T
            memory["variance"] = np.array(fits)[:, 3]
            memory["seen"] = prices.days
        omega, alpha, beta = memory["parameters"]
        for days in range(memory["seen"] + 1, prices.days + 1):
            memory["variance"] = omega + alpha * last_return(prices.upto(days)) ** 2 + beta * memory["variance"]
        memory["seen"] = prices.days
        return np.sqrt(prices.a_year * memory["variance"])

    def step(self, prices: Prices, memory: dict[str, Any]) -> FloatArray:
        return self.latest(prices, memory)


def last_return(prices: Prices) -> FloatArray:
    """Log return of the last close on the one before, shape (paths,)."""
    return np.log(prices.close[:, -1] / prices.close[:, -2])


def _fit_garch(returns: FloatArray) -> tuple[float, float, float, float]:
    """Fit one path: omega, alpha, beta and the next day's variance."""
    try:
        # Only who asks for GARCH pays for the import.
        from arch import arch_model  # noqa: PLC0415
    except ImportError as error:
        raise CrowdquakeError(
            "volatility garch: needs the package arch: install crowdquake with its extra finance, "
            "pip install 'crowdquake[finance]'"
        ) from error
    scale = float(returns.std())
    if math.isclose(scale, 0.0, abs_tol=1e-12):
        return 0.0, 0.0, 0.0, 0.0
    with warnings.catch_warnings():
        # The optimiser explores; what it settles on is what counts.
        warnings.simplefilter("ignore")
        fit = arch_model(returns / scale, mean="Zero", vol="GARCH", p=1, q=1, rescale=False).fit(
            disp="off", show_warning=False
        )
    omega, alpha, beta = (float(fit.params[name]) for name in ("omega", "alpha[1]", "beta[1]"))
    today = float(fit.conditional_volatility[-1]) ** 2
    ahead = omega + alpha * (returns[-1] / scale) ** 2 + beta * today
    return omega * scale**2, alpha, beta, ahead * scale**2
