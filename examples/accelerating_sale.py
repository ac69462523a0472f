"""A liquidation schedule: small sales first, the largest last.

$ crowdquake run quake-2007 --plugin examples/accelerating_sale.py --set liquidator.schedule=accelerating
"""

from __future__ import annotations

import numpy as np

from abm import schedules
from cqkit.arrays import FloatArray


@schedules.register("accelerating")
class Accelerating(schedules.Schedule):
    """Sales grow in proportion to the time since the start: 1 - (t / days)^2 of the book is left."""

    def remaining(self, elapsed: FloatArray) -> FloatArray:
        """Share of the book left after `elapsed` days, 1 at 0 and never rising."""
        return 1 - np.minimum(elapsed / self.liquidator.days, 1) ** 2
