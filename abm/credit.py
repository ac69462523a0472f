"""What lenders, the large fund, predators, market makers and rescuers decide once a day (docs/ltcm.md, section 2).

Everything here is plain NumPy over all paths at the close, and holds for the next day: a margin call is found at a
close and settled by the next day's sales. `abm/credit_phases.py` trades what was decided.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from abm.record import DailyRecord
from abm.settings import Settings
from abm.state import Party, State
from cqkit.arrays import FloatArray

CREDIT_COLUMNS = (
    "large_fund_equity",  # E, days of the market's value, as all money here
    "large_fund_assets",  # its book at market
    "large_fund_haircut",  # equity asked for, a ratio to the book
    "large_fund_call",  # equity missing at the close, to be had by selling on the next day
    "large_fund_sold",  # units sold in the day
    "large_fund_long_leg",  # the day's profit on its long, illiquid legs
    "large_fund_short_leg",  # the same on its short, liquid legs
    "large_fund_long_call",  # called on the long legs' margin accounts at the close
    "large_fund_short_call",  # the same on the short legs'
    "crowd_haircut",  # the crowd's haircuts over those at the start, by equity at the start
    "crowd_equity",  # over that at the start
    "predators_book",  # over the large fund's at the start; short below 0
    "predators_profit",  # since the start
    "makers_capacity",  # psi
)
CROWD, FUND = 0, 1  # columns of `CreditState.collateral`


class Legs(NamedTuple):
    """Margin accounts of the large fund's long and short legs, shape (paths, 2)."""

    account: FloatArray
    called: FloatArray  # at the latest close


class Credit:
    """Decides at each close what those who live on credit do on the next day, and writes it down."""

    def __init__(self, settings: Settings, state: State, record: DailyRecord) -> None:
        self.settings, self.state = settings, state
        paths = state.tape.gauge.size
        self.dates = settings.clock.dates
        record.more.update({name: np.zeros((paths, self.dates.size)) for name in CREDIT_COLUMNS})
        self.record = record
        self._rescue_day = self._day_of(settings.rescue.date if settings.rescue.injection > 0 else None)
        self._unwind_day = self._day_of(settings.large_fund.unwinds)
        self._variance = np.full(paths, settings.brokers.calm_volatility**2)
        self._haircut = np.ones(paths)  # H of the large fund: over the one at the start
        self._crowd_haircut = np.ones_like(state.funds.equity)
        self._limit, self._cut_base = state.funds.limit.copy(), state.funds.cut_base.copy()
        self._start_equity = state.funds.equity.copy()
        self._wounds = np.zeros(paths)  # makers' losses not yet made up
        self._price, self._inventory = state.stocks.price.copy(), state.stocks.inventory.copy()
        self._value = state.baskets.value[:, 0].copy()
        self._equity, self._book = state.credit.fund.equity.copy(), state.credit.fund.book.copy()
        self._legs = self._open_legs()
        self._post_collateral()
        self._prepare(0)

    def close(self, day: int) -> None:
        """Take in the day's close, decide for the next day, write down."""
        profit = self.state.credit.fund.equity - self._equity
        self._set_haircuts(day)
        self._mark_legs(profit)
        self._wear_makers()
        self._write(day, profit)
        if self._rescue_day == day + 1:
            self._rescue()
        self._post_collateral()
        self._prepare(day + 1)
        fund = self.state.credit.fund
        self._equity, self._book = fund.equity.copy(), fund.book.copy()
        self._value = self.state.baskets.value[:, 0].copy()

    # -- lenders ---------------------------------------------------------------------------------------------------

    def _set_haircuts(self, day: int) -> None:
        """Move haircuts towards 1 + chi_v (sigma / sigma_0 - 1)+ + chi_e (share of equity lost).

        Once somebody was rescued none rises.
        """
        brokers, funds = self.settings.brokers, self.state.funds
        change = self.state.baskets.value[:, 0] - self._value
        self._variance = brokers.memory * self._variance + (1 - brokers.memory) * change**2
        excess = np.maximum(np.sqrt(self._variance) / brokers.calm_volatility - 1, 0)
        in_market = 1 + brokers.volatility_weight * excess
        wanted = in_market + brokers.credit_weight * self._fund_loss()
        crowd_loss = np.clip(1 - funds.equity / self._start_equity, 0, 1) if self._start_equity.any() else 0.0
        crowd_wanted = in_market[:, None] + brokers.credit_weight * crowd_loss
        rise, crowd_rise = wanted - self._haircut, crowd_wanted - self._crowd_haircut
        if 0 <= self._rescue_day <= day:
            rise, crowd_rise = np.minimum(rise, 0), np.minimum(crowd_rise, 0)
        self._haircut += rise / brokers.lag_days
        self._crowd_haircut += crowd_rise / brokers.lag_days
        funds.limit[:] = self._limit / self._crowd_haircut
        funds.cut_base[:] = self._cut_base / self._crowd_haircut

    def _fund_loss(self) -> FloatArray:
        """Share of its equity that the large fund has lost, 0..1, shape (paths,)."""
        return np.clip(1 - self.state.credit.fund.equity / self.settings.large_fund.equity, 0, 1)

    def _unit(self) -> FloatArray:
        """What a unit of the crowded book counts for, shape (paths,): its price, or 1 where it is long and short."""
        value = self.state.baskets.value[:, 0]
        return value if self.settings.market.instruments == "spreads" else np.ones_like(value)

    def _assets(self) -> FloatArray:
        return self.state.credit.fund.book * self._unit()

    def _required(self) -> FloatArray:
        """Equity that brokers ask of the large fund, h A, shape (paths,)."""
        return self.settings.brokers.haircut * self._haircut * self._assets()

    def _open_legs(self) -> Legs:
        half = np.repeat(self._required()[:, None] / 2, 2, axis=1)
        return Legs(half, np.zeros_like(half))

    def _mark_legs(self, profit: FloatArray) -> None:
        """Pay each leg's loss out of its margin account; call on those below maintenance, and return what is over.

        Each leg's account is asked for half the haircut. In a flight to quality the short, liquid leg rises: it loses
        its share of what the spread loses, and its account is called on beside the long leg's.
        """
        asked = np.repeat(self._required()[:, None] / 2, 2, axis=1)
        account = self._legs.account + np.stack(self._split(profit), axis=1)
        called = np.where(account < self.settings.brokers.maintenance * asked, asked - account, 0.0)
        account += called
        self._legs = Legs(np.minimum(account, asked), called)

    def _split(self, profit: FloatArray) -> tuple[FloatArray, FloatArray]:
        short = self.settings.large_fund.short_leg_share
        return (1 - short) * profit, short * profit

    def _post_collateral(self) -> None:
        """Bring the collateral that brokers hold to what is asked for, as far as the borrower's equity goes."""
        funds, cash = self.state.funds, self.state.ledger.cash
        asked = funds.book / funds.limit
        posted = np.minimum(asked, np.maximum(funds.equity, 0)).sum(axis=1)
        fund = np.minimum(self._legs.account.sum(axis=1), np.maximum(self.state.credit.fund.equity, 0))
        for column, party, now in ((CROWD, Party.CROWD, posted), (FUND, Party.LARGE_FUND, fund)):
            moved = now - self.state.credit.collateral[:, column]
            cash[:, party] -= moved
            cash[:, Party.BROKERS] += moved
            self.state.credit.collateral[:, column] = now

    # -- market makers -----------------------------------------------------------------------------------------------

    def _wear_makers(self) -> None:
        """Take the day's loss on their inventory from the makers' capacity; it comes back as losses are made up."""
        makers, stocks = self.settings.makers, self.state.stocks
        if makers.capital == 0:
            return
        carried = 0.5 * (self._inventory + stocks.inventory) * stocks.adv  # bought by others: makers are short of it
        lost = (carried * (stocks.price - self._price)).sum(axis=1)
        self._wounds = np.maximum(self._wounds * np.exp(-1 / makers.recovery_days) + lost, 0)
        left = np.maximum(1 - self._wounds / makers.capital, makers.floor)
        self.state.providers.capacity[:] = self.settings.impact.maker_capacity * left
        self._price, self._inventory = stocks.price.copy(), stocks.inventory.copy()

    # -- the large fund, its predators, its rescuers -----------------------------------------------------------------

    def _rescue(self) -> None:
        rescue, cash = self.settings.rescue, self.state.ledger.cash
        if rescue.receiver == "large_fund":
            self.state.credit.fund.equity[:] += rescue.injection
            cash[:, Party.LARGE_FUND] += rescue.injection
        else:
            total = self._start_equity.sum(axis=1, keepdims=True)
            share = np.divide(self._start_equity, total, out=np.zeros_like(self._start_equity), where=total > 0)
            self.state.funds.equity[:] += rescue.injection * share
            cash[:, Party.CROWD] += rescue.injection * share.sum(axis=1)
        cash[:, Party.RESCUERS] -= rescue.injection

    def _prepare(self, day: int) -> None:
        """Decide how far the large fund sells on `day`, and what its predators work towards."""
        rules, fund, predators = self.settings.large_fund, self.state.credit.fund, self.state.credit.predators
        if day == self._unwind_day:
            fund.goal[:], fund.pace[:] = 0, fund.book / rules.unwind_days
        elif self._unwind_day < 0 or day < self._unwind_day:
            affordable = np.maximum(fund.equity, 0) / (self.settings.brokers.haircut * self._haircut)
            units = affordable / np.maximum(self._unit(), 1e-12)
            fund.goal[:] = np.minimum(fund.book, units) if rules.sells else fund.book
            fund.pace[:] = rules.participation
        seen = np.maximum(self._fund_loss() - self.settings.predators.threshold, 0)
        prey = fund.book > 1e-9 * rules.book  # once it has sold out, there is nothing left to sell ahead of
        predators.goal[:] = np.where(prey, -self.settings.predators.size * rules.book * seen, 0)

    # -- the record --------------------------------------------------------------------------------------------------

    def _write(self, day: int, profit: FloatArray) -> None:
        rules, state = self.settings.large_fund, self.state
        fund, predators = state.credit.fund, state.credit.predators
        long_leg, short_leg = self._split(profit)
        start = self._start_equity.sum(axis=1)
        equity = state.funds.equity.sum(axis=1)
        found = {
            "large_fund_equity": fund.equity,
            "large_fund_assets": self._assets(),
            "large_fund_haircut": self.settings.brokers.haircut * self._haircut,
            "large_fund_call": np.maximum(self._required() - fund.equity, 0),
            "large_fund_sold": self._book - fund.book,
            "large_fund_long_leg": long_leg,
            "large_fund_short_leg": short_leg,
            "large_fund_long_call": self._legs.called[:, 0],
            "large_fund_short_call": self._legs.called[:, 1],
            "crowd_haircut": _ratio((self._crowd_haircut * self._start_equity).sum(axis=1), start),
            "crowd_equity": _ratio(equity, start),
            "predators_book": predators.book / max(rules.book, 1e-300),
            "predators_profit": state.ledger.cash[:, Party.PREDATORS] + predators.book * state.baskets.value[:, 0],
            "makers_capacity": state.providers.capacity,
        }
        for name, values in found.items():
            self.record.more[name][:, day] = values

    def _day_of(self, when: object) -> int:
        """Index of a trading day; -1 if there is none."""
        return -1 if when is None else int(np.searchsorted(self.dates, np.datetime64(str(when), "D")))


def open_credit(settings: Settings, state: State, record: DailyRecord) -> Credit | None:
    """Open the books of those who live on credit, if there is anybody."""
    return Credit(settings, state, record) if settings.has_credit else None


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)
