"""An impact law: a flow presses the price by the logarithm of its rate, more weakly than by the square root.

$ crowdquake run quake-2007 --plugin examples/logarithmic_law.py --set impact.law=logarithmic
"""

from __future__ import annotations

import math

from abm import laws
from abm.state import ImpactState


@laws.register("logarithmic")
def logarithmic(rate: float, impact: ImpactState) -> float:
    """sqrt(q0) log(1 + |q| / q0), with the sign of the rate q in ADV a day; compiled by numba.

    Like the square root for rates below the crossover q0, and flatter above: so flat that round trips can earn.
    """
    return math.copysign(math.sqrt(impact.crossover) * math.log1p(abs(rate) / impact.crossover), rate)
