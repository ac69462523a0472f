"""The index: who sells it beside the crowd, and how its volatility is read."""

from __future__ import annotations

from abm.settings.base import Section, quantity


class IndexSector(Section):
    """Long-biased investors who also carry the crowded book, and sell index stocks when that stops them out.

    A candidate mechanism for the index's fall on 9 August 2007, not an established one; news is the rival.
    """

    holding: float = quantity(4.6, 0, 1e3, "index holding [V_LB]; 0: no such sector", "days of the market's value")
    members: int = quantity(40, 1, 5000, "investors", "investors")
    stop: float = quantity(0.07, 1e-4, 10, "median loss on the crowded book at which one is stopped out", "a ratio")
    stop_spread: float = quantity(0.12, 0, 2, "log-sd of that loss over members", "log units")
    cut: float = quantity(0.4, 0, 1, "share of the index holding sold then", "a share")
    cut_days: float = quantity(0.333333, 1e-3, 250, "time in which it is sold", "days")
    impact: float = quantity(0.025, 0, 1, "log move of the market factor per ADV-day of index sold", "log units")


class VolatilityIndex(Section):
    """GJR-GARCH volatility of the index, read as a 21-day volatility index (docs/model.md, section 4)."""

    start: float = quantity(21.0, 0.1, 500, "level on the first day", "index points, annualised %")
    anchor: float = quantity(0.02, 0, 1, "weight of the starting variance", "a weight")
    reaction: float = quantity(0.02, 0, 1, "weight of the squared return", "a weight")
    asymmetry: float = quantity(0.11, 0, 1, "further weight of a squared fall", "a weight")
    persistence: float = quantity(0.88, 0, 0.9999, "weight of yesterday's variance", "a weight")
