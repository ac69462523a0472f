"""An impact law: prices move with the logarithm of what liquidity providers carry.

$ crowdquake run quake-2007 --plugin examples/logarithmic_law.py --set impact.law=logarithmic
"""

from __future__ import annotations

import math

from abm import laws
from abm.state import ImpactState


@laws.register("logarithmic")
def logarithmic(inventory: float, sigma: float, impact: ImpactState) -> float:
    """Y sigma sign(m) log(1 + |m|): displacement of a price whose providers carry m ADV-days; compiled by numba."""
    return math.copysign(impact.strength * sigma * math.log1p(abs(inventory)), inventory)
