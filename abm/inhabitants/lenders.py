"""Lenders: their haircuts follow volatility and the borrower's losses, with a lag (docs/ltcm.md, section 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from abm.inhabitants.base import Inhabitant, Opening
from abm.sections.base import Section, quantity
from abm.state import Party
from cqkit.arrays import FloatArray

if TYPE_CHECKING:
    from abm.inhabitants.large_fund.close import LargeFundOnCredit
    from abm.market import Market
    from abm.settings import Settings

CROWD, FUND = 0, 1  # columns of `CreditState.collateral`


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


class Lenders(Inhabitant):
    """Sets the haircuts of the large fund and of the crowd's long-short funds, and holds their collateral.

    Attributes
    ----------
    asked
        Equity asked of the large fund, a ratio to its book, (paths,).
    """

    name = "lenders"

    def __init__(self, opening: Opening) -> None:
        super().__init__(opening)
        self.settings = opening.settings
        self.rescue_day = self.settings.rescue.day(self.settings.clock)
        self._variance = np.full(opening.paths, self.settings.brokers.calm_volatility**2)
        self._haircut = np.ones(opening.paths)  # H of the large fund: over the one at the start
        self._value = opening.baskets.value[:, 0].copy()

    @classmethod
    def lives_in(cls, settings: Settings) -> bool:
        return settings.has_credit

    def move_in(self, market: Market) -> None:
        funds = market.state.funds
        self._crowd_haircut = np.ones_like(funds.equity)
        self._limit = funds.limit.copy()
        self._start_equity = funds.equity.copy()
        self._post_collateral(market)

    @property
    def asked(self) -> FloatArray:
        """Haircut on the large fund's book, a ratio to it, shape (paths,)."""
        return self.settings.brokers.haircut * self._haircut

    def write(self, market: Market) -> None:
        """Take in the close, and write down what it does to the crowd's haircuts."""
        self._set_haircuts(market)
        start, equity = self._start_equity.sum(axis=1), market.state.funds.equity.sum(axis=1)
        weighted = (self._crowd_haircut * self._start_equity).sum(axis=1)
        market.record["crowd_haircut"][:, market.day] = _ratio(weighted, start)
        market.record["crowd_equity"][:, market.day] = _ratio(equity, start)

    def close(self, market: Market) -> None:
        self._post_collateral(market)
        self._value = market.state.baskets.value[:, 0].copy()

    def _set_haircuts(self, market: Market) -> None:
        """Move haircuts towards 1 + chi_v (sigma / sigma_0 - 1)+ + chi_e (share of equity lost).

        Once somebody was rescued none rises.
        """
        brokers, funds = self.settings.brokers, market.state.funds
        change = market.state.baskets.value[:, 0] - self._value
        self._variance = brokers.memory * self._variance + (1 - brokers.memory) * change**2
        excess = np.maximum(np.sqrt(self._variance) / brokers.calm_volatility - 1, 0)
        in_market = 1 + brokers.volatility_weight * excess
        wanted = in_market + brokers.credit_weight * self._large_fund(market).lost()
        crowd_loss = np.clip(1 - funds.equity / self._start_equity, 0, 1) if self._start_equity.any() else 0.0
        crowd_wanted = in_market[:, None] + brokers.credit_weight * crowd_loss
        rise, crowd_rise = wanted - self._haircut, crowd_wanted - self._crowd_haircut
        if 0 <= self.rescue_day <= market.day:
            rise, crowd_rise = np.minimum(rise, 0), np.minimum(crowd_rise, 0)
        self._haircut += rise / brokers.lag_days
        self._crowd_haircut += crowd_rise / brokers.lag_days
        funds.limit[:] = self._limit / self._crowd_haircut

    def _post_collateral(self, market: Market) -> None:
        """Bring the collateral that is held to what is asked for, as far as the borrower's equity goes."""
        funds, cash, borrower = market.state.funds, market.state.ledger.cash, self._large_fund(market)
        asked, held = funds.book / funds.limit, market.state.credit.collateral
        posted = np.minimum(asked, np.maximum(funds.equity, 0)).sum(axis=1)
        fund = np.minimum(borrower.legs.account.sum(axis=1), np.maximum(borrower.state.fund.equity, 0))
        for column, party, now in ((CROWD, Party.CROWD, posted), (FUND, Party.LARGE_FUND, fund)):
            moved = now - held[:, column]
            cash[:, party] -= moved
            cash[:, Party.BROKERS] += moved
            held[:, column] = now

    def _large_fund(self, market: Market) -> LargeFundOnCredit:
        return cast("LargeFundOnCredit", market.inhabitants["large_fund"])


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)
