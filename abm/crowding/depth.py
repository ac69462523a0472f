"""How deep the market of a stock is: the square-root law, made linear at a flow (docs/crowding.md)."""

from __future__ import annotations

import numpy as np

from cqkit.arrays import FloatArray

STRENGTH = 1.08  # Y, of the market's impact
CROSSOVER = 0.005  # q0, ADV a day
FLOW = 0.1  # days of volume
"""At which flow the square root is made linear unless said otherwise: a tenth of a day's volume."""


def market_depth(
    adv: FloatArray,
    volatility: FloatArray,
    *,
    flow: float = FLOW,
    strength: float = STRENGTH,
    crossover: float = CROSSOVER,
) -> FloatArray:
    """Money that would move a price by 100 % if impact went on as it begins, D = V (q^2 + q0^2)^(1/4) / (Y sigma).

    The chord of the square-root law: a sale of q days' volume moves the price by q V / D, exactly as much as under the
    law. Smaller sales move it by more than the chord says, larger ones by less: D grows with the square root of q. Of
    the form c V / sigma of Cont and Schaanning (2017), with c = sqrt(q) / Y; q = 0.1 gives 0.29.

    Parameters
    ----------
    adv
        Money traded on an ordinary day [V], shape (..., stocks).
    volatility
        Total, per sqrt(day) [sigma], shape (..., stocks).
    flow
        Days of volume sold at which the chord meets the law [q].
    strength, crossover
        Of the market's impact [Y, q0].
    """
    # A stock that nobody trades cannot be sold: its depth is 0.
    return adv * (flow**2 + crossover**2) ** 0.25 / (strength * volatility)


def square_root_move(
    sold: FloatArray, adv: FloatArray, volatility: FloatArray, strength: float = STRENGTH
) -> FloatArray:
    """Move of a price at the end of a sale, Y sigma sqrt(Q / V), as a ratio and with the sign of `sold` (money)."""
    return np.sign(sold) * strength * volatility * np.sqrt(np.abs(sold) / adv)
