"""Impact laws: how far a price stands from value when liquidity providers carry an inventory.

A law is a scalar function `displacement(inventory, sigma, impact)`: inventory in ADV-days (positive: others bought
net), sigma the stock's daily volatility, `impact` the market's impact parameters; it returns a log displacement.
A user's own law is written the same way and registered by name.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from abm.compile import is_ours, kernel
from abm.state import ImpactState
from cqkit.registry import Registry

Law = Callable[[float, float, ImpactState], float]

LAWS: Registry[Law] = Registry("impact law")


def register(name: str) -> Callable[[Law], Law]:
    """Register a plain function as the impact law `name`; it is compiled on first use. A taken name is refused."""

    def add(law: Law) -> Law:
        compiled = kernel(law, keep=is_ours(law))
        LAWS.add(name, compiled, source=law)
        return compiled

    return add


def names() -> tuple[str, ...]:
    """Names of all registered laws."""
    return LAWS.names()


def get(name: str) -> Law:
    """Return the compiled law `name`."""
    return LAWS[name]


@register("power")
def power(inventory: float, sigma: float, impact: ImpactState) -> float:
    """Y sigma sign(m) |m|^delta: concave, as meta-orders are found to move prices (square-root law at delta = 1/2)."""
    return math.copysign(impact.strength * sigma * abs(inventory) ** impact.exponent, inventory)


@register("linear")
def linear(inventory: float, sigma: float, impact: ImpactState) -> float:
    """Y sigma m: the only law without price manipulation in closed form (Kyle 1985; Huberman and Stanzl 2004)."""
    return impact.strength * sigma * inventory


@register("exponential")
def exponential(inventory: float, sigma: float, impact: ImpactState) -> float:
    """Y sigma d sign(m) (1 - exp(-|m|/d)): linear for small trades, bounded (Cont and Schaanning 2017)."""
    return math.copysign(
        -impact.strength * sigma * impact.depth * math.expm1(-abs(inventory) / impact.depth), inventory
    )
