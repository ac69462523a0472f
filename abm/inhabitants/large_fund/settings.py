"""The large fund on credit, and those who prey on it."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from abm.sections.base import Section, quantity


class LargeFund(Section):
    """One fund so large that everybody sees it: long the crowded book on borrowed money (docs/ltcm.md, section 2)."""

    book: float = quantity(0.0, 0, 1e4, "its book at the start [A]; 0: there is none", "days of the market's value")
    equity: float = quantity(1.0, 1e-6, 1e4, "its equity at the start [E_0]", "days of the market's value")
    sells: bool = Field(True, description="whether it sells to meet margin calls; false: it holds, whatever it loses")
    participation: float = quantity(0.5, 0, 1e3, "most that it sells for margin calls [part]", "ADV-days a day")
    unwinds: date | None = Field(None, description="day on which its whole book begins to be sold, by day and evenly")
    unwind_days: float = quantity(500.0, 1e-3, 1e9, "time over which it is sold then", "days")
    short_leg_share: float = quantity(
        0.4,
        0,
        1,
        "part of a spread's move that is the short, liquid leg's [phi]; the rest is the long leg's",
        "a share",
    )


class Predators(Section):
    """Traders who see the large fund lose, sell ahead of it and cover later (Brunnermeier and Pedersen 2005)."""

    size: float = quantity(
        0.0, 0, 10, "short book at a total loss, over the large fund's book at the start [pred]; 0: none", "a ratio"
    )
    threshold: float = quantity(0.3, 0, 1, "share of its equity that the fund must have lost [d_0]", "a share")
    days: float = quantity(10.0, 1e-3, 250, "time in which they move to the short book that they want", "days")
