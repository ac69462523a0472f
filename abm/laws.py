"""Impact laws: how strongly a flow presses a price, by its rate (docs/model.md, section 2, step 5).

A law is a scalar function `effect(rate, impact)`: rate in ADV a day (positive: others buy net), `impact` the market's
impact parameters. What it returns goes into the propagator, which remembers it and lets it fade. A user's own law is
written the same way and registered by name; `abm.law_check` says whether a round trip can earn anything under it.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from abm.compile import is_ours, kernel
from abm.state import ImpactState
from cqkit.registry import Registry

Law = Callable[[float, ImpactState], float]

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


@register("square_root")
def square_root(rate: float, impact: ImpactState) -> float:
    """The square root of the rate, linear below the crossover: q / (q^2 + q0^2)^(1/4) (Bucci et al. 2018).

    With a memory that fades as 1 / sqrt(time) it is the pair that allows no price manipulation (Gatheral 2010).
    """
    return rate / math.sqrt(math.sqrt(rate * rate + impact.crossover * impact.crossover))


@register("linear")
def linear(rate: float, impact: ImpactState) -> float:
    """Linear in the rate and equal to the square root at q_ref: q / sqrt(q_ref).

    It allows no manipulation under any memory that fades convexly (Gatheral, Schied and Slynko 2012).
    """
    return rate / math.sqrt(impact.reference)
