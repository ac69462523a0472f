"""What futures funds do once a day: decide their hedges, restore their cash, keep contracts' lines, pay investors.

Plain NumPy over all paths and funds at the close; what is decided is traded evenly over the next day's bars.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from abm.inhabitants.base import Inhabitant, Opening
from abm.inhabitants.futures_funds.accounts import REHEDGE, SeparateAccounts, open_accounts
from abm.inhabitants.futures_funds.followers import Followers
from abm.inhabitants.futures_funds.population import policies_of
from abm.inhabitants.futures_funds.state import open_futures_funds
from abm.inhabitants.futures_market import margins_by_date
from abm.state import Party
from cqkit.arrays import BoolArray, FloatArray

if TYPE_CHECKING:
    from abm.market import Market
    from abm.record import DailyRecord
    from abm.settings import Settings

SHORT_OF_CASH, RICH_IN_CASH = 0.6, 1.6  # reserve over the wanted one at which a fund trades to restore it
ROUNDING = 1e-12  # a share this small is rounding
MARGIN_MEMORY = 0.94  # weight of yesterday in the volatility that margins follow (RiskMetrics 1996)


class FuturesHedgedFunds(Inhabitant):
    """The crowd's futures funds: what they do once a day."""

    name = "futures_funds"

    def __init__(self, opening: Opening) -> None:
        super().__init__(opening)
        self.settings = settings = opening.settings
        self.state = open_futures_funds(opening)
        self.accounts = open_accounts(settings, opening.paths)
        self.followers = [Followers(settings, policy, funds, opening.past) for policy, funds in policies_of(settings)]
        for group in self.followers:  # their day 0 is the eve, on which the starting hedge was decided
            group.contracts(np.zeros_like(self.state.contracts))
        self.starting_equity = self.equity()
        self.units = np.ones_like(self.starting_equity)  # fund units outstanding, 1 at the start
        self._redemptions: dict[int, FloatArray] = {}
        self._payable = np.zeros_like(self.units)
        self._values: list[FloatArray] = [np.ones_like(self.units)]
        self._asked = np.full(self.units.shape, -(10**6))
        self._calm_variance = opening.calm_volatility**2
        self._variance = np.full(len(self.units), self._calm_variance)
        self._closed = self.state.cut.closed.copy()
        self._by_table = margins_by_date(settings)

    @classmethod
    def lives_in(cls, settings: Settings) -> bool:
        return settings.has_futures

    @property
    def count(self) -> int:
        """How many they are."""
        return self.state.book.shape[1]

    def equity(self) -> FloatArray:
        """Own stocks, deposit and reserve of every fund, shape (paths, funds)."""
        funds = self.state
        stocks = (1 - funds.swap) * funds.held * funds.value
        cash = stocks + funds.deposit + funds.reserve
        return cash if self.accounts is None else cash + self.accounts.transit

    def exposure(self, path: int = 0) -> FloatArray:
        """Units of each basket in every fund's whole starting book on one path, shape (funds, baskets)."""
        funds = self.state
        units = np.zeros((self.count, funds.flow.shape[1]))
        units[:, 0] = funds.common[path]
        units[np.arange(self.count), funds.own[path]] = funds.styled[path]
        units[:, -1] = funds.book[path]
        return units

    def unit_value(self) -> FloatArray:
        """Equity per fund unit over that at the start, shape (paths, funds); redemptions leave it as it is."""
        worth = self.starting_equity * self.units
        return np.divide(self.equity(), worth, out=np.ones_like(worth), where=worth > 0)

    def write(self, market: Market) -> None:
        """Write down both legs of all of them together, each fund's unit value and what befell it."""
        funds, record, day, first = self.state, market.record, market.day, market.crowd_size - self.count
        record.nav[:, day, first:] = self.unit_value()
        stocks, start = (funds.held * funds.value).sum(axis=1), funds.book.sum(axis=1)
        for name, amount in (("crowd_stock_gain", funds.stock_gain), ("crowd_futures_gain", funds.futures_gain)):
            np.divide(amount.sum(axis=1), start, out=record[name][:, day], where=start > 0)
        short = (funds.contracts * market.state.futures.price[:, None]).sum(axis=1)
        np.divide(short, stocks, out=record["crowd_hedge"][:, day], where=stocks > 0)
        np.divide(funds.reserve.sum(axis=1), stocks, out=record["crowd_reserve"][:, day], where=stocks > 0)
        record["margin_level"][:, day] = self.margin_level(day)
        if self.accounts is not None and self.accounts.apart:
            self._write_accounts(self.accounts, record, day)
        record.write_events(market, funds, self._closed, first_fund=first)
        self._closed = funds.cut.closed.copy()

    def _write_accounts(self, accounts: SeparateAccounts, record: DailyRecord, day: int) -> None:
        """Write down whose calls were not met and why, and what brokers closed."""
        record["unmet_calls"][:, day] = (accounts.unmet > 0).sum(axis=1)
        record["unmet_locked"][:, day] = (accounts.unmet_locked > 0).sum(axis=1)
        record["unmet_late"][:, day] = (accounts.unmet_late > 0).sum(axis=1)
        record["forced_futures"][:, day] = accounts.forced_futures.sum(axis=1)
        start = self.state.book.sum(axis=1)
        gain, naked = accounts.naked_gain.sum(axis=1), (accounts.naked * self.state.value).sum(axis=1)
        for name, amount in (("naked_gain", gain), ("naked_stocks", naked)):
            np.divide(amount, start, out=record[name][:, day], where=start > 0)

    def close(self, market: Market) -> None:
        """Take in the day's close and plan the next day's trades."""
        index, index_return = market.state.tape.index_value, market.record["index"][:, market.day]
        self._raise_margins(index_return, market.day)
        self._pay_investors(market.state.ledger.cash)
        self.state.stock_plan[:] = 0
        self._restore_cash()
        self._plan_redemptions(market.day)
        self._keep_lines()
        self._plan_hedges(index, market.state.futures.price)
        funds = self.state
        for daily in (funds.calls, funds.called, funds.forced, funds.rebought, funds.stock_gain, funds.futures_gain):
            daily[:] = 0
        if self.accounts is not None:
            for counter in ("naked_gain", "forced_futures", "unmet", "unmet_locked", "unmet_late"):
                getattr(self.accounts, counter)[:] = 0

    def shares(self, market: Market) -> Mapping[int, FloatArray]:
        funds, shares = self.state, market.state.baskets.shares
        by_brokers, own = funds.held * funds.swap, funds.held * (1 - funds.swap)
        found = np.empty((2, *market.state.providers.shares.shape))
        for path, of_path in enumerate(shares):
            units = self.exposure(path)
            found[0, path], found[1, path] = by_brokers[path] @ units @ of_path, own[path] @ units @ of_path
        return {Party.BROKERS: found[0], Party.FUTURES_FUNDS: found[1]}

    def futures(self, market: Market) -> Mapping[int, FloatArray]:
        return {Party.FUTURES_FUNDS: -self.state.contracts.sum(axis=1)}

    def _plan_hedges(self, index: FloatArray, futures: FloatArray) -> None:
        """Ask every fund's policy what it wants to be short of."""
        funds, books = self.state, self.state.value
        scale = np.where(funds.book > 0, funds.book, 1.0)
        spot, gained = np.where(funds.book > 0, books / scale, 1.0), funds.futures_gain / scale
        stocks = self._hedged() * funds.book
        whole = np.divide(funds.contracts, stocks, out=np.zeros_like(stocks), where=stocks > 0)
        for group in self.followers:
            group.close(index, futures, spot, gained)
            if group.in_time:
                chosen = group.funds
                wanted = group.contracts(whole) * stocks[:, chosen]
                gap = wanted - funds.contracts[:, chosen]
                funds.hedge_plan[:, chosen] = self.settings.futures_funds.rehedging * gap
        if self.accounts is not None and self.accounts.after == REHEDGE:
            self._hedge_again(self.accounts, futures)
        funds.hedge_plan[funds.cut.closed != 0] = 0

    def _hedged(self) -> FloatArray:
        """Share of the starting book that policies are asked to hedge: not what has lost its futures by force."""
        accounts = self.accounts
        return self.state.held if accounts is None else np.maximum(self.state.held - accounts.naked, 0)

    def _hedge_again(self, accounts: SeparateAccounts, futures: FloatArray) -> None:
        """Plan futures for stocks that have lost theirs, as many as the reserve can margin."""
        funds = self.state
        margin = funds.initial * funds.margin_level * futures[:, None]
        carried = np.maximum(funds.reserve, 0) / margin
        hedged = self._hedged()
        each = np.divide(
            funds.contracts, hedged, out=funds.book.copy(), where=(hedged > ROUNDING) & (funds.contracts > 0)
        )
        free = (funds.cut.called == 0) & (funds.cut.closed == 0)
        wanted = np.where(free, np.minimum(accounts.naked * each, carried), 0.0)
        accounts.naked[:] -= np.divide(wanted, each, out=np.zeros_like(wanted), where=each > 0)
        funds.hedge_plan[:] += wanted

    def _restore_cash(self) -> None:
        """Let funds that own their stocks sell a little when short of cash, and buy a little when rich in it."""
        funds = self.state
        stocks = funds.held * funds.value
        wanted = funds.reserve_wanted * stocks
        reserve = funds.reserve if self.accounts is None else funds.reserve + self.accounts.transit
        short = reserve < SHORT_OF_CASH * wanted
        free = (funds.cut.closed == 0) & ~self._has_to_sell()
        rich = (reserve > RICH_IN_CASH * wanted) & (funds.barred == 0) & (funds.cut.target >= funds.cut.start)
        trades = (short | rich) & (funds.swap == 0) & free & (stocks > 0)
        need = (1 + funds.initial + funds.reserve_wanted) * stocks
        share = np.divide(reserve - wanted, need, out=np.zeros_like(need), where=trades)
        most = self.settings.futures_funds.restoring
        funds.stock_plan[:] = np.minimum(np.clip(share, -most, most) * funds.held, np.maximum(1 - funds.held, 0))

    def _raise_margins(self, index_return: FloatArray, day: int) -> None:
        """Margins follow the index's volatility upwards from its calm level, and the exchange's own table."""
        rules, funds = self.settings.futures, self.state
        self._variance = MARGIN_MEMORY * self._variance + (1 - MARGIN_MEMORY) * np.log1p(index_return) ** 2
        reaction = np.where(funds.swap > 0, rules.swap_margin_reaction, rules.margin_reaction)
        funds.margin_level[:] = 1 + reaction * self._excess_volatility()[:, None]
        if rules.contract is not None:
            funds.margin_level[funds.swap == 0] *= self._by_table[min(day + 1, len(self._by_table) - 1)]

    def margin_level(self, day: int) -> FloatArray:
        """What the exchange's margin is multiplied by at the close of a day, shape (paths,)."""
        return (1 + self.settings.futures.margin_reaction * self._excess_volatility()) * self._by_table[day]

    def _excess_volatility(self) -> FloatArray:
        """By how much the index's volatility is above the calm one, a ratio to it, shape (paths,)."""
        calm = self._calm_variance
        return np.maximum(np.sqrt(self._variance / calm) - 1, 0) if calm > 0 else np.zeros_like(self._variance)

    def _has_to_sell(self) -> BoolArray:
        """Whether a fund is made to sell by its own rule, its broker or a line, shape (paths, funds)."""
        funds = self.state
        called = (funds.cut.called != 0) & (funds.held > funds.call_target)
        return (funds.held > funds.cut.target) | called | (funds.held > funds.line + ROUNDING)

    def _keep_lines(self) -> None:
        """A fund below its warning line cuts its book, below its stop line it sells all; neither buys again."""
        lines, funds, books = self.settings.lines, self.state, self.state.value
        if lines.warning == 0 and lines.stop == 0:
            return
        value = self.unit_value() * funds.start_value
        stopped = (value < lines.stop) & (funds.barred < 2)
        warned = (value < lines.warning) & (funds.barred < 1) & ~stopped
        allowed = np.divide(lines.invested * self.equity(), books, out=np.zeros_like(books), where=books > 0)
        if self.settings.funds.forced_sales:
            for which, most, days in ((stopped, 0.0, lines.stop_days), (warned, allowed, lines.warning_days)):
                line = np.where(which, np.maximum(most, 0), funds.line)
                faster = np.maximum(funds.line_rate, (funds.held - line) / days)
                funds.line_rate[:] = np.where(which, faster, funds.line_rate)
                funds.line[:] = np.minimum(line, funds.line)
        funds.barred[warned] = 1
        funds.barred[stopped] = 2
        funds.stock_plan[(funds.barred > 0) & (funds.stock_plan > 0)] = 0

    def _plan_redemptions(self, day: int) -> None:
        """Investors look back, ask, and are sold for on the day before they are paid."""
        rules, funds = self.settings.redemptions, self.state
        if rules.sensitivity == 0:
            return
        value = self.unit_value()
        past = self._values[max(len(self._values) - rules.horizon, 0)]
        self._values.append(value)
        loss = 1 - np.divide(value, past, out=np.ones_like(value), where=past > 0)
        share = np.clip(rules.sensitivity * (loss - rules.threshold), 0, 1) * (value > 0)
        share[day - self._asked < rules.horizon] = 0
        self._asked[share > 0] = day
        self._redemptions[day + rules.notice] = share
        self._payable = np.minimum(self._payable + self._redemptions.pop(day + 1, np.zeros_like(share)), 1)
        free = ~self._has_to_sell()
        funds.stock_plan[:] = np.where(free & (self._payable > 0), -self._payable * funds.held, funds.stock_plan)

    def _pay_investors(self, cash: FloatArray) -> None:
        """Pay what is due in cash, as far as the reserve goes, and the rest a day later; units paid for are gone."""
        funds = self.state
        if not self._payable.any():
            return
        equity = np.maximum(self.equity(), 0)
        paid = np.minimum(self._payable * equity, np.maximum(funds.reserve, 0))
        funds.reserve[:] -= paid
        cash[:, Party.FUTURES_FUNDS] -= paid.sum(axis=1)
        cash[:, Party.INVESTORS] += paid.sum(axis=1)
        left = equity - paid
        share = np.divide(paid, equity, out=np.zeros_like(paid), where=equity > 0)
        self.units *= 1 - share
        funds.cut.mark[:] *= 1 - share
        # Whoever is still owed holds a larger part of what is left.
        owed = (self._payable - share) * equity
        unpaid = (self._payable - share > ROUNDING) & (left > 0)
        self._payable = np.divide(owed, left, out=np.zeros_like(owed), where=unpaid)
