"""Who lends, who preys, who makes markets and who comes to the rescue: the parts of a crisis of borrowed money."""

from __future__ import annotations

from datetime import date
from typing import Literal, Self, TypeAlias

from pydantic import Field, model_validator

from abm.settings.base import Section, quantity

Day: TypeAlias = date  # a field called `date` hides the class


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


class Brokers(Section):
    """Lenders whose haircuts follow volatility and the borrower's losses, with a lag; all weights 0: constant ones."""

    haircut: float = quantity(
        0.012, 1e-4, 1, "on the large fund's book in calm times [h_0]: the equity asked for", "a ratio to the book"
    )
    volatility_weight: float = quantity(
        0.0, 0, 10, "rise of haircuts, as a ratio, per ratio of volatility above calm [chi_v]", "a ratio"
    )
    credit_weight: float = quantity(
        0.0, 0, 10, "rise per share of its equity that the borrower has lost [chi_e]", "a ratio"
    )
    lag_days: float = quantity(9.0, 1, 250, "haircuts go 1/lag of the way at each close [h_lag]", "days")
    memory: float = quantity(
        0.94, 0, 0.9999, "weight of yesterday's variance in the volatility that they watch", "a weight"
    )
    calm_volatility: float = quantity(
        0.00036, 1e-7, 0.5, "of a unit of the crowded book in calm times [sigma_0]", "per sqrt(day), .01 is 1 %"
    )
    maintenance: float = quantity(0.75, 0, 1, "share of a leg's margin below which its account is called on", "a share")


class Predators(Section):
    """Traders who see the large fund lose, sell ahead of it and cover later (Brunnermeier and Pedersen 2005)."""

    size: float = quantity(
        0.0, 0, 10, "short book at a total loss, over the large fund's book at the start [pred]; 0: none", "a ratio"
    )
    threshold: float = quantity(0.3, 0, 1, "share of its equity that the fund must have lost [d_0]", "a share")
    days: float = quantity(10.0, 1e-3, 250, "time in which they move to the short book that they want", "days")


class Makers(Section):
    """Market makers, who have less room for further trades the more they have lost."""

    capital: float = quantity(
        0.0, 0, 1e4, "loss that takes all their capacity away; 0: nothing does", "days of the market's value"
    )
    recovery_days: float = quantity(20.0, 1e-3, 1000, "time in which a loss is made up to 1/e", "days")
    floor: float = quantity(0.25, 0.01, 1, "share of capacity that always remains", "a share")


class Rescue(Section):
    """New money from new owners, and with it an end to the rise of haircuts."""

    date: Day | None = Field(None, description="day before whose opening the money comes")
    injection: float = quantity(0.0, 0, 1e4, "new equity; 0: no rescue", "days of the market's value")
    receiver: Literal["large_fund", "funds"] = Field(
        "large_fund", description="who gets it: the large fund, or the crowd's funds by their starting equity"
    )

    @model_validator(mode="after")
    def _comes_on_a_day(self) -> Self:
        if self.injection > 0 and self.date is None:
            raise ValueError(f"injection = {self.injection:g}: needs a date on which it comes (rescue.date)")
        return self
