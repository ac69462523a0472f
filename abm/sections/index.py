"""How the index's volatility is read."""

from __future__ import annotations

from abm.sections.base import Section, quantity

DAYS_A_YEAR = 252


class VolatilityIndex(Section):
    """GJR-GARCH volatility of the index, read as a 21-day volatility index (docs/model.md, section 4)."""

    start: float = quantity(21.0, 0.1, 500, "level on the first day", "index points, annualised %")
    anchor: float = quantity(0.02, 0, 1, "weight of the starting variance", "a weight")
    reaction: float = quantity(0.02, 0, 1, "weight of the squared return", "a weight")
    asymmetry: float = quantity(0.11, 0, 1, "further weight of a squared fall", "a weight")
    persistence: float = quantity(0.88, 0, 0.9999, "weight of yesterday's variance", "a weight")
