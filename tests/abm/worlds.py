"""Shared steps for tests that drive a market bar by bar on noise of their own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from abm.settings import Impact
from cqkit.arrays import FloatArray
from validation.worlds import common_book, driftless, lambdas, silence, trade_silently

__all__ = ["common_book", "driftless", "lambdas", "left_of_an_order", "response", "silence", "trade_silently"]


def left_of_an_order(impact: Impact, lasted: float, after: FloatArray | float = 0.0) -> FloatArray:
    """Sum over k of w_k / kappa_k (1 - exp(-kappa_k T)) exp(-kappa_k t): the propagator's memory of a steady flow.

    `lasted` is T and `after` t, days since its end, shape (...).
    """
    rates, weights = np.array(impact.rates), np.array(impact.weights)
    fading = np.exp(-rates * np.asarray(after)[..., None])
    return np.asarray((weights / rates * -np.expm1(-rates * lasted) * fading).sum(axis=-1))


def response(measure: Callable[[float], FloatArray], size: float = 1e-7) -> FloatArray:
    """Derivative of what `measure` gives with respect to its argument at 0, by a central difference."""
    return np.asarray((measure(size) - measure(-size)) / (2 * size))
