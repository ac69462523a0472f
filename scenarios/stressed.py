"""What a sale costs in a stressed market: a convention, one for all tables, not a result.

Under stress a stock trades half its volume, and moves and spreads twice as much. By the law of `abm.liquidation` a sale
of q then costs q (2 sigma (2/3 Y sqrt(2 q / V) + 1/2 lambda 2 q / V) + 2 s).
"""

from __future__ import annotations

import numpy as np

from abm.liquidation import price_moved
from abm.settings import Impact
from cqkit.arrays import FloatArray

STRESSED_VOLUME = 0.5  # of the ordinary volume that is left
STRESSED_MOVES = 2.0  # times the ordinary volatility and spread


def stressed_cost(sold: FloatArray, cost: FloatArray, adv: FloatArray, impact: Impact | None = None) -> FloatArray:
    """What sales would cost in a stressed market, in money, of what they cost in an ordinary one.

    Parameters
    ----------
    sold, cost
        By stock, in money, shape (stocks,), 0 or more; a cost that is not known stays so.
    adv
        Traded of each a day, in money, shape (stocks,).
    impact
        The market's, by which `cost` was found; by default the settings' own.
    """
    impact = impact or Impact()
    with np.errstate(divide="ignore", invalid="ignore"):
        days = np.where(sold > 0, sold / adv, 0.0)
    usual, spread = price_moved(days, impact), sold * impact.half_spread
    more = np.divide(price_moved(days / STRESSED_VOLUME, impact), usual, out=np.ones_like(days), where=usual > 0)
    return STRESSED_MOVES * ((cost - spread) * more + spread)
