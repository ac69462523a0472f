"""What the large fund and its predators decide once a day (docs/ltcm.md, section 2).

Everything here is plain NumPy over all paths at the close, and holds for the next day: a margin call is found at a
close and settled by the next day's sales.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from abm.inhabitants.base import Inhabitant, Opening
from abm.inhabitants.large_fund.state import open_large_fund
from abm.state import Party
from cqkit.arrays import FloatArray

if TYPE_CHECKING:
    from abm.inhabitants.lenders import Lenders
    from abm.market import Market
    from abm.settings import Settings


class Legs(NamedTuple):
    """Margin accounts of the large fund's long and short legs, shape (paths, 2)."""

    account: FloatArray
    called: FloatArray  # at the latest close


class LargeFundOnCredit(Inhabitant):
    """The large fund and its predators; with a book of 0 they are there on paper alone."""

    name = "large_fund"

    def __init__(self, opening: Opening) -> None:
        super().__init__(opening)
        self.settings = opening.settings
        self.state = open_large_fund(opening)
        self._unwind_day = self.settings.clock.day_of(self.settings.large_fund.unwinds)
        self._equity, self._book = self.state.fund.equity.copy(), self.state.fund.book.copy()
        assets = self.state.fund.book * self._unit(opening.baskets.value[:, 0])
        half = np.repeat((self.settings.brokers.haircut * assets)[:, None] / 2, 2, axis=1)
        self.legs = Legs(half, np.zeros_like(half))

    @classmethod
    def lives_in(cls, settings: Settings) -> bool:
        return settings.has_credit

    def move_in(self, market: Market) -> None:
        self._prepare(market, 0)

    def lost(self) -> FloatArray:
        """Share of its equity that it has lost, 0..1, shape (paths,)."""
        return np.clip(1 - self.state.fund.equity / self.settings.large_fund.equity, 0, 1)

    def write(self, market: Market) -> None:
        """Mark the legs, and write the day down."""
        rules, day, record = self.settings.large_fund, market.day, market.record
        fund, predators = self.state.fund, self.state.predators
        value, lenders = market.state.baskets.value[:, 0], self._lenders(market)
        profit = fund.equity - self._equity
        required = lenders.asked * self._assets(value)
        self._mark_legs(profit, required)
        long_leg, short_leg = self._split(profit)
        found = {
            "large_fund_equity": fund.equity,
            "large_fund_assets": self._assets(value),
            "large_fund_haircut": lenders.asked,
            "large_fund_call": np.maximum(required - fund.equity, 0),
            "large_fund_sold": self._book - fund.book,
            "large_fund_lenders_loss": fund.lenders_loss,
            "large_fund_long_leg": long_leg,
            "large_fund_short_leg": short_leg,
            "large_fund_long_call": self.legs.called[:, 0],
            "large_fund_short_call": self.legs.called[:, 1],
            "predators_book": predators.book / max(rules.book, 1e-300),
            "predators_profit": market.state.ledger.cash[:, Party.PREDATORS] + predators.book * value,
        }
        for name, values in found.items():
            record[name][:, day] = values

    def close(self, market: Market) -> None:
        """Decide for the next day."""
        self._prepare(market, market.day + 1)
        self._equity, self._book = self.state.fund.equity.copy(), self.state.fund.book.copy()

    def shares(self, market: Market) -> Mapping[int, FloatArray]:
        crowded = market.state.baskets.shares[:, 0]
        return {
            Party.LARGE_FUND: self.state.fund.book[:, None] * crowded,
            Party.PREDATORS: self.state.predators.book[:, None] * crowded,
        }

    def _lenders(self, market: Market) -> Lenders:
        return cast("Lenders", market.inhabitants["lenders"])

    def _unit(self, value: FloatArray) -> FloatArray:
        """What a unit of the crowded book counts for, shape (paths,): its price, or 1 where it is long and short."""
        return value if self.settings.market.instruments == "spreads" else np.ones_like(value)

    def _assets(self, value: FloatArray) -> FloatArray:
        return self.state.fund.book * self._unit(value)

    def _mark_legs(self, profit: FloatArray, required: FloatArray) -> None:
        """Pay each leg's loss out of its margin account; call on those below maintenance, and return what is over.

        Each leg's account is asked for half the haircut. In a flight to quality the short, liquid leg rises: it loses
        its share of what the spread loses, and its account is called on beside the long leg's.
        """
        asked = np.repeat(required[:, None] / 2, 2, axis=1)
        account = self.legs.account + np.stack(self._split(profit), axis=1)
        called = np.where(account < self.settings.brokers.maintenance * asked, asked - account, 0.0)
        account += called
        self.legs = Legs(np.minimum(account, asked), called)

    def _split(self, profit: FloatArray) -> tuple[FloatArray, FloatArray]:
        short = self.settings.large_fund.short_leg_share
        return (1 - short) * profit, short * profit

    def _prepare(self, market: Market, day: int) -> None:
        """Decide how far the large fund sells on `day`, and what its predators work towards."""
        rules, fund, predators = self.settings.large_fund, self.state.fund, self.state.predators
        if day == self._unwind_day:
            fund.goal[:], fund.pace[:] = 0, fund.book / rules.unwind_days
        elif self._unwind_day < 0 or day < self._unwind_day:
            affordable = np.maximum(fund.equity, 0) / self._lenders(market).asked
            units = affordable / np.maximum(self._unit(market.state.baskets.value[:, 0]), 1e-12)
            fund.goal[:] = np.minimum(fund.book, units) if rules.sells else fund.book
            fund.pace[:] = rules.participation
        seen = np.maximum(self.lost() - self.settings.predators.threshold, 0)
        prey = fund.book > 1e-9 * rules.book  # once it has sold out, there is nothing left to sell ahead of
        predators.goal[:] = np.where(prey, -self.settings.predators.size * rules.book * seen, 0)
