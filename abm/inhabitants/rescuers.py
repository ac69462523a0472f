"""New owners, who bring new money, and with it an end to the rise of haircuts."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal, Self, TypeAlias

import numpy as np
from pydantic import Field, model_validator

from abm.inhabitants.base import Inhabitant, Opening
from abm.sections.base import Section, quantity
from abm.sections.clock import Clock
from abm.state import Party

if TYPE_CHECKING:
    from abm.market import Market
    from abm.settings import Settings

Day: TypeAlias = date  # a field called `date` hides the class


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

    def day(self, clock: Clock) -> int:
        """Index of the day before whose opening the money comes; -1 if none does."""
        return clock.day_of(self.date if self.injection > 0 else None)


class Rescuers(Inhabitant):
    """Pay in before the opening of the day, to the large fund or to the crowd's long-short funds."""

    name = "rescue"

    def __init__(self, opening: Opening) -> None:
        super().__init__(opening)
        self.rescue = opening.settings.rescue
        self._day = self.rescue.day(opening.settings.clock)

    @classmethod
    def lives_in(cls, settings: Settings) -> bool:
        return settings.rescue.injection > 0

    def move_in(self, market: Market) -> None:
        self._start_equity = market.state.funds.equity.copy()

    def close(self, market: Market) -> None:
        if self._day != market.day + 1:
            return
        rescue, cash, state = self.rescue, market.state.ledger.cash, market.state
        if rescue.receiver == "large_fund":
            state.credit.fund.equity[:] += rescue.injection
            state.credit.fund.closed[:] = 0  # new owners: the account is its own again
            cash[:, Party.LARGE_FUND] += rescue.injection
        else:
            total = self._start_equity.sum(axis=1, keepdims=True)
            share = np.divide(self._start_equity, total, out=np.zeros_like(self._start_equity), where=total > 0)
            state.funds.equity[:] += rescue.injection * share
            state.funds.cut.closed[:] = 0
            cash[:, Party.CROWD] += rescue.injection * share.sum(axis=1)
        cash[:, Party.RESCUERS] -= rescue.injection
