"""The margin account of a futures position."""

from __future__ import annotations

import numpy as np

from hedging.arrays import FloatArray
from hedging.contracts import FuturesContract


class MarginAccount:
    """Variation margin, initial margin and reserve of a short futures position, day by day.

    The capital need on day t is the margin plus the losses paid so far, K_t = M_t + max(0, -F_t); gains
    stand aside unless they fund margin, and then K_t = max(0, M_t - F_t) (2008 report, section 2).

    Parameters
    ----------
    contract : FuturesContract
        What is traded.
    paths : int
        Number of accounts kept at once.
    reserve : float, optional
        Cash set aside on day 0, in money. Without one the account is never short of money.
    gains_fund_margin : bool
        Whether futures gains pay for margin.

    Attributes
    ----------
    reserve : FloatArray, shape (paths,)
        Cash put in so far, in money: the starting reserve and whatever was added; infinite without one.
    futures_pnl : FloatArray, shape (paths,)
        Cumulative variation, in money.
    margin, capital_need : FloatArray, shape (paths,)
        As of the last `require`, in money.
    """

    def __init__(
        self,
        contract: FuturesContract,
        paths: int,
        *,
        reserve: float | None = None,
        gains_fund_margin: bool = False,
    ) -> None:
        self.contract = contract
        self.gains_fund_margin = gains_fund_margin
        self.reserve: FloatArray = np.full(paths, np.inf if reserve is None else reserve)
        self.futures_pnl: FloatArray = np.zeros(paths)
        self.margin: FloatArray = np.zeros(paths)
        self.capital_need: FloatArray = np.zeros(paths)

    def settle(self, contracts: FloatArray, move: FloatArray) -> FloatArray:
        """Book a day's variation margin.

        Parameters
        ----------
        contracts : FloatArray, shape (paths,)
            Contracts held short over the day.
        move : FloatArray, shape (paths,)
            The day's change of the futures price, in points.

        Returns
        -------
        FloatArray, shape (paths,)
            Variation in money, positive when received.
        """
        variation = -self.contract.notional(contracts, move)
        self.futures_pnl = self.futures_pnl + variation
        return variation

    def require(self, contracts: FloatArray, price: FloatArray) -> None:
        """Set margin and capital need for `contracts` short at `price`, both of shape (paths,)."""
        self.margin = self.contract.margin(contracts, price)
        if self.gains_fund_margin:
            self.capital_need = np.maximum(self.margin - self.futures_pnl, 0.0)
        else:
            self.capital_need = self.margin + np.maximum(-self.futures_pnl, 0.0)

    def add(self, money: FloatArray) -> None:
        """Put money of shape (paths,) into the reserve, where it stays."""
        self.reserve = self.reserve + money

    @property
    def shortfall(self) -> FloatArray:
        """Capital need that the reserve does not cover, shape (paths,), in money."""
        return np.maximum(self.capital_need - self.reserve, 0.0)

    @property
    def deposit(self) -> FloatArray:
        """The account's own money standing as margin, shape (paths,); less than `margin` in a shortfall."""
        return np.maximum(self.margin - self.shortfall, 0.0)

    @property
    def reserve_left(self) -> FloatArray:
        """Reserve that neither margin nor losses have taken, shape (paths,), in money."""
        return np.maximum(self.reserve - self.capital_need, 0.0)

    @property
    def cash(self) -> FloatArray:
        """All cash, the deposit included: reserve plus futures P&L, shape (paths,); negative when owed."""
        return self.reserve + self.futures_pnl
