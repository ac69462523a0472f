"""What futures funds do once a day: decide their hedges, restore their cash, keep contracts' lines, pay investors.

Plain NumPy over all paths and funds at the close; what is decided is traded evenly over the next day's bars.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from abm.futures_population import futures_contract, policies_of
from abm.settings import Settings
from abm.state import FundState, FuturesFundArrays, Party, State
from cqkit.arrays import BoolArray, FloatArray, IntArray
from cqkit.errors import InputError
from hedging import HedgePolicy, HedgeView, Prices, PriceTape

SHORT_OF_CASH, RICH_IN_CASH = 0.6, 1.6  # reserve over the wanted one at which a fund trades to restore it
ROUNDING = 1e-12  # a share this small is rounding
MARGIN_MEMORY = 0.94  # weight of yesterday in the volatility that margins follow (RiskMetrics 1996)


class Followers:
    """The funds of one policy: what each has lived through, as the hedging engine's policies want to see it.

    A row is a fund on a path; money is counted in units of the fund's starting book.
    """

    def __init__(self, settings: Settings, policy: HedgePolicy, funds: IntArray, past: FloatArray) -> None:
        self.policy, self.funds, self.days = policy, funds, settings.clock.days
        self.contract = futures_contract(settings)
        rows = len(past) * funds.size
        self._memory: dict[str, Any] = {}
        start = Prices(np.ones((rows, 1)))
        self._tape = PriceTape(start, self.days, Prices(np.repeat(past, funds.size, axis=0)))
        self._spot, self._futures, self._pnl = (np.zeros((self.days + 1, rows)).T for _ in range(3))
        self._spot[:, 0] = 1.0
        self._futures[:, 0] = 1 + settings.futures.start_basis
        self.day = 0

    def close(self, index: FloatArray, futures: FloatArray, spot: FloatArray, gained: FloatArray) -> None:
        """Take in a close: `index` and `futures` (paths,), `spot` and the day's futures gain (paths, all funds)."""
        self.day += 1
        self._tape.append(Prices(np.repeat(index, self.funds.size)[:, None]))
        self._futures[:, self.day] = np.repeat(futures, self.funds.size)
        self._spot[:, self.day] = spot[:, self.funds].ravel()
        self._pnl[:, self.day] = self._pnl[:, self.day - 1] + gained[:, self.funds].ravel()

    def contracts(self, held: FloatArray) -> FloatArray:
        """Ask the policy: contracts for a whole book, shape (paths, followers); `held` those now short for one."""
        known = self.day + 1
        view = HedgeView(
            day=self.day,
            days=self.days,
            prices=self._tape.known,
            spot=self._spot[:, :known],
            futures=self._futures[:, :known],
            futures_pnl=self._pnl[:, :known],
            contracts=held[:, self.funds].ravel(),
            start_value=1.0,
            contract=self.contract,
            memory=self._memory,
        )
        asked = self.policy.contracts(view)
        if asked.shape != view.contracts.shape or not np.isfinite(asked).all():
            raise InputError(
                f"policy {self.policy.name}: day {self.day}: must answer with one finite number of contracts for each "
                "of the funds that follow it"
            )
        return asked.reshape(len(held), self.funds.size)


class FuturesCrowd:
    """The daily rules of all futures funds of a market."""

    def __init__(self, settings: Settings, state: State, past: FloatArray, calm_volatility: float) -> None:
        self.settings = settings
        self.followers = [Followers(settings, policy, funds, past) for policy, funds in policies_of(settings)]
        for group in self.followers:  # their day 0 is the eve, on which the starting hedge was decided
            group.contracts(np.zeros_like(state.futures_funds.contracts))
        self.starting_equity = self.equity(state)
        self.units = np.ones_like(self.starting_equity)  # fund units outstanding, 1 at the start
        self._redemptions: dict[int, FloatArray] = {}
        self._payable = np.zeros_like(self.units)
        self._values: list[FloatArray] = [np.ones_like(self.units)]
        self._asked = np.full(self.units.shape, -(10**6))
        self._calm_variance = calm_volatility**2
        self._variance = np.full(len(self.units), self._calm_variance)

    def equity(self, state: State) -> FloatArray:
        """Own stocks, deposit and reserve of every fund, shape (paths, funds)."""
        funds = state.futures_funds
        stocks = (1 - funds.swap) * funds.held * funds.value
        return stocks + funds.deposit + funds.reserve

    def unit_value(self, state: State) -> FloatArray:
        """Equity per fund unit over that at the start, shape (paths, funds); redemptions leave it as it is."""
        worth = self.starting_equity * self.units
        return np.divide(self.equity(state), worth, out=np.ones_like(worth), where=worth > 0)

    def close(self, state: State, day: int, index: FloatArray, index_return: FloatArray) -> None:
        """Take in the day's close and plan the next day's trades."""
        funds = state.futures_funds
        books = funds.value
        self._raise_margins(funds, index_return)
        self._pay_investors(state)
        funds.stock_plan[:] = 0
        self._restore_cash(funds, books)
        self._plan_redemptions(state, day)
        self._keep_lines(state, day, books)
        self._plan_hedges(state, index, books)

    def _plan_hedges(self, state: State, index: FloatArray, books: FloatArray) -> None:
        funds = state.futures_funds
        scale = np.where(funds.book > 0, funds.book, 1.0)
        spot, gained = np.where(funds.book > 0, books / scale, 1.0), funds.futures_gain / scale
        stocks = funds.held * funds.book
        whole = np.divide(funds.contracts, stocks, out=np.zeros_like(stocks), where=stocks > 0)
        for group in self.followers:
            group.close(index, state.futures.price, spot, gained)
            if group.day < group.days:
                chosen = group.funds
                wanted = group.contracts(whole) * stocks[:, chosen]
                gap = wanted - funds.contracts[:, chosen]
                funds.hedge_plan[:, chosen] = self.settings.futures_funds.rehedging * gap
        funds.hedge_plan[funds.defaulted != 0] = 0

    def _restore_cash(self, funds: FuturesFundArrays, books: FloatArray) -> None:
        """Let funds that own their stocks sell a little when short of cash, and buy a little when rich in it."""
        stocks = funds.held * books
        wanted = funds.reserve_wanted * stocks
        short = funds.reserve < SHORT_OF_CASH * wanted
        rich = (funds.reserve > RICH_IN_CASH * wanted) & (funds.barred == 0) & (funds.state == FundState.NORMAL)
        trades = (short | rich) & (funds.swap == 0) & (funds.state != FundState.DELEVERAGING) & (stocks > 0)
        need = (1 + funds.initial + funds.reserve_wanted) * stocks
        share = np.divide(funds.reserve - wanted, need, out=np.zeros_like(need), where=trades)
        most = self.settings.futures_funds.restoring
        funds.stock_plan[:] = np.clip(share, -most, most) * funds.held

    def _raise_margins(self, funds: FuturesFundArrays, index_return: FloatArray) -> None:
        """Margins follow the index's volatility upwards from its calm level."""
        rules = self.settings.futures
        self._variance = MARGIN_MEMORY * self._variance + (1 - MARGIN_MEMORY) * np.log1p(index_return) ** 2
        reaction = np.where(funds.swap > 0, rules.swap_margin_reaction, rules.margin_reaction)
        funds.margin_level[:] = 1 + reaction * self._excess_volatility()[:, None]

    def margin_level(self) -> FloatArray:
        """What the exchange's margin is multiplied by, shape (paths,)."""
        return 1 + self.settings.futures.margin_reaction * self._excess_volatility()

    def _excess_volatility(self) -> FloatArray:
        """By how much the index's volatility is above the calm one, a ratio to it, shape (paths,)."""
        calm = self._calm_variance
        return np.maximum(np.sqrt(self._variance / calm) - 1, 0) if calm > 0 else np.zeros_like(self._variance)

    def _keep_lines(self, state: State, day: int, books: FloatArray) -> None:
        """A fund below its warning line cuts its book, below its stop line it sells all; neither buys again."""
        lines, funds = self.settings.lines, state.futures_funds
        if lines.warning == 0 and lines.stop == 0:
            return
        value = self.unit_value(state) * funds.start_value
        stopped = (value < lines.stop) & (funds.barred < 2)
        warned = (value < lines.warning) & (funds.barred < 1) & ~stopped
        allowed = np.divide(lines.invested * self.equity(state), books, out=np.zeros_like(books), where=books > 0)
        self._force(funds, stopped, np.zeros_like(books), lines.stop_days, day)
        self._force(funds, warned, np.maximum(allowed, 0), lines.warning_days, day)
        funds.barred[warned] = 1
        funds.barred[stopped] = 2
        funds.stock_plan[(funds.barred > 0) & (funds.stock_plan > 0)] = 0

    def _force(self, funds: FuturesFundArrays, which: BoolArray, target: FloatArray, days: float, day: int) -> None:
        """Order a cut to a share of the book; one under way takes the lower end and the faster rate."""
        if not self.settings.funds.forced_sales:
            return
        selling = funds.state == FundState.DELEVERAGING
        new = which & (target < np.where(selling, funds.target, funds.held))
        rate = (funds.held - target) / days
        funds.rate[new] = np.maximum(rate, np.where(selling, funds.rate, 0))[new]
        funds.target[new] = target[new]
        funds.called_in[new & ~selling] = (day + 1) * self.settings.clock.bars
        funds.state[new] = FundState.DELEVERAGING

    def _plan_redemptions(self, state: State, day: int) -> None:
        """Investors look back, ask, and are sold for on the day before they are paid."""
        rules, funds = self.settings.redemptions, state.futures_funds
        if rules.sensitivity == 0:
            return
        value = self.unit_value(state)
        past = self._values[max(len(self._values) - rules.horizon, 0)]
        self._values.append(value)
        loss = 1 - np.divide(value, past, out=np.ones_like(value), where=past > 0)
        share = np.clip(rules.sensitivity * (loss - rules.threshold), 0, 1) * (value > 0)
        share[day - self._asked < rules.horizon] = 0
        self._asked[share > 0] = day
        self._redemptions[day + rules.notice] = share
        self._payable = np.minimum(self._payable + self._redemptions.pop(day + 1, np.zeros_like(share)), 1)
        free = funds.state != FundState.DELEVERAGING
        funds.stock_plan[:] = np.where(free & (self._payable > 0), -self._payable * funds.held, funds.stock_plan)

    def _pay_investors(self, state: State) -> None:
        """Pay what is due in cash, as far as the reserve goes, and the rest a day later; units paid for are gone."""
        funds, cash = state.futures_funds, state.ledger.cash
        if not self._payable.any():
            return
        equity = np.maximum(self.equity(state), 0)
        paid = np.minimum(self._payable * equity, np.maximum(funds.reserve, 0))
        funds.reserve[:] -= paid
        cash[:, Party.FUTURES_FUNDS] -= paid.sum(axis=1)
        cash[:, Party.INVESTORS] += paid.sum(axis=1)
        left = equity - paid
        share = np.divide(paid, equity, out=np.zeros_like(paid), where=equity > 0)
        self.units *= 1 - share
        # Whoever is still owed holds a larger part of what is left.
        owed = (self._payable - share) * equity
        unpaid = (self._payable - share > ROUNDING) & (left > 0)
        self._payable = np.divide(owed, left, out=np.zeros_like(owed), where=unpaid)
