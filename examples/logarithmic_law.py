"""An impact law: a flow presses the price by the logarithm of its rate, more weakly than by the square root.

$ crowdquake run quake-2007 --plugin examples/logarithmic_law.py --set impact.law=logarithmic

It does not pass `abm.check_law`: where rates are high it presses too little, so that whoever buys for weeks and sells
at once earns a tenth of a per cent of it. A run under it is still a run; nobody in it trades that way.
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
