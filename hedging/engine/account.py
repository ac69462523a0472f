"""The margin account of a futures position."""

from __future__ import annotations

import numpy as np

from cqkit.arrays import FloatArray
from hedging.contracts.specification import FuturesContract


class MarginAccount:
    """Variation margin, deposit, costs and reserve of a futures position, day by day.

    The capital need on day t is the deposit plus what has been lost so far, costs C included,
    K_t = D_t + max(0, C_t - F_t); gains stand aside unless they fund margin, and then
    K_t = max(0, D_t + C_t - F_t) (2008 report, section 2, where nothing costs).

    The deposit D_t is the initial margin M_t, topped up at every close. With a `maintenance_ratio` the variation
    first eats into it: a call, which tops it up to M_t, comes only when it is below that share of M_t. What
    stands above M_t goes back to the reserve. Contracts added bring their initial margin, contracts closed take
    their share of the deposit with them.

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
    costs, roll_costs : FloatArray, shape (paths,)
        Transaction costs and roll spreads paid so far, in money.
    margin, posted, top_up, capital_need : FloatArray, shape (paths,)
        As of the last `require`, in money: initial margin, the deposit that has to stand (as much, without a
        maintenance ratio), what was called to bring it there, and the need.
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
        self.costs: FloatArray = np.zeros(paths)
        self.roll_costs: FloatArray = np.zeros(paths)
        self.margin: FloatArray = np.zeros(paths)
        self.posted: FloatArray = np.zeros(paths)
        self.top_up: FloatArray = np.zeros(paths)
        self.capital_need: FloatArray = np.zeros(paths)
        self._unsettled: FloatArray = np.zeros(paths)
        self._margined: FloatArray = np.zeros(paths)

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
        self._unsettled = self._unsettled + variation
        return variation

    def pay(self, costs: FloatArray | float = 0.0, roll_costs: FloatArray | float = 0.0) -> None:
        """Pay transaction costs and roll spreads, in money; a negative roll spread is received."""
        self.costs = self.costs + costs
        self.roll_costs = self.roll_costs + roll_costs

    def require(self, contracts: FloatArray, price: FloatArray, rate: FloatArray | float | None = None) -> None:
        """Set margin, deposit and capital need at a close.

        Parameters
        ----------
        contracts : FloatArray, shape (paths,)
            Contracts short from this close on.
        price : FloatArray, shape (paths,)
            Futures price, in points.
        rate : FloatArray, shape (paths,), or float, optional
            Initial margin in force, as a share of notional; the contract's own if left out. It holds for the
            contracts held so far, too.
        """
        rate = self.contract.initial_margin if rate is None else rate
        self.margin = rate * self.contract.notional(abs(contracts), price)
        self._post(abs(contracts), rate * self.contract.notional(self._margined, price))
        lost = self.costs + self.roll_costs - self.futures_pnl
        if self.gains_fund_margin:
            self.capital_need = np.maximum(self.posted + lost, 0.0)
        else:
            self.capital_need = self.posted + np.maximum(lost, 0.0)

    def _post(self, contracts: FloatArray, due: FloatArray) -> None:
        """Let the day's variation run through the deposit, call, and move margin with the contracts traded.

        `due` is the initial margin of the contracts held until now.
        """
        standing = self.posted + self._unsettled
        maintenance = self.contract.maintenance_ratio
        # A hair below, so that rounding in what was posted before calls nobody.
        called = standing < (1.0 if maintenance is None else maintenance) * due * (1.0 - 1e-12)
        self.top_up = np.where(called, due - standing, 0.0)
        if maintenance is None:
            self.posted = self.margin
        else:
            standing = np.where(called, due, np.minimum(standing, due))
            kept = np.minimum(contracts, self._margined)
            # Of the deposit, the share of the contracts kept; of the new margin, the share of those added.
            share = np.divide(kept, self._margined, out=np.zeros_like(kept), where=self._margined > 0)
            added = np.divide(contracts - kept, contracts, out=np.zeros_like(kept), where=contracts > 0)
            self.posted = share * standing + added * self.margin
        self._unsettled = np.zeros_like(self.posted)
        self._margined = contracts

    def add(self, money: FloatArray) -> None:
        """Put money of shape (paths,) into the reserve, where it stays."""
        self.reserve = self.reserve + money

    @property
    def shortfall(self) -> FloatArray:
        """Capital need that the reserve does not cover, shape (paths,), in money."""
        return np.maximum(self.capital_need - self.reserve, 0.0)

    @property
    def deposit(self) -> FloatArray:
        """The account's own money standing as margin, shape (paths,); less than `posted` in a shortfall."""
        return np.maximum(self.posted - self.shortfall, 0.0)

    @property
    def reserve_left(self) -> FloatArray:
        """Reserve that neither margin nor losses have taken, shape (paths,), in money."""
        return np.maximum(self.reserve - self.capital_need, 0.0)

    @property
    def cash(self) -> FloatArray:
        """All cash, the deposit included: reserve plus P&L after costs, shape (paths,); negative when owed."""
        return self.reserve + self.futures_pnl - self.costs - self.roll_costs
