"""Mesa agents of those on credit: views on the arrays, in days of the whole market's traded value."""

from __future__ import annotations

from abm.agents import MarketAgent
from abm.state import Party


class LargeFund(MarketAgent):
    """The fund that everybody sees."""

    @property
    def equity(self) -> float:
        """Own funds."""
        return float(self.model.market.state.credit.fund.equity[self.model.path])

    @property
    def book(self) -> float:
        """Units of the crowded book that it holds."""
        return float(self.model.market.state.credit.fund.book[self.model.path])

    @property
    def for_sale(self) -> float:
        """Units that it has to sell, as the latest close has it."""
        fund = self.model.market.state.credit.fund
        return max(float(fund.book[self.model.path] - fund.goal[self.model.path]), 0.0)


class Predators(MarketAgent):
    """All who prey on the large fund, together."""

    @property
    def book(self) -> float:
        """Units of the crowded book; short below 0."""
        return float(self.model.market.state.credit.predators.book[self.model.path])

    @property
    def pnl(self) -> float:
        """Cash and book at market since the start."""
        state = self.model.market.state
        return float(
            state.ledger.cash[self.model.path, Party.PREDATORS] + self.book * state.baskets.value[self.model.path, 0]
        )
