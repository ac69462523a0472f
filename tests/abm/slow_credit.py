"""Those on credit (docs/ltcm.md, section 2), written slowly and obviously: one path, one fund, one day at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from slow_reference import SlowMarket

from abm import Market


@dataclass
class LargeFund:
    book: float
    equity: float
    goal: float  # book that it works down to, and how much it sells a day at most
    pace: float = 0.0
    order: float = 0.0
    closed: bool = False
    haircut: float = 1.0  # H, over that at the start
    equity_before: float = 0.0  # at the close before
    long_account: float = 0.0
    short_account: float = 0.0
    long_call: float = 0.0
    short_call: float = 0.0


@dataclass
class Predators:
    book: float = 0.0
    goal: float = 0.0
    order: float = 0.0


@dataclass
class SlowCredit(SlowMarket):
    """The slow market with a large fund, brokers, predators, market makers and a rescue in it."""

    day: int = 0
    large: LargeFund = field(default_factory=lambda: LargeFund(0, 0, 0))
    predators: Predators = field(default_factory=Predators)
    variance: float = 0.0
    value_before: float = 0.0  # of a unit of the crowded book at the close before
    haircuts: list[float] = field(default_factory=list)  # of the desks, over those at the start
    first: list[tuple[float, float]] = field(default_factory=list)  # equity and limit of the desks at the start
    wounds: float = 0.0  # what makers have lost and not made up
    makers_before: list[tuple[float, float]] = field(default_factory=list)  # price and sold shares at the close before

    @classmethod
    def of(cls, market: Market) -> Any:
        slow, settings = super().of(market), market.settings
        fund = LargeFund(settings.large_fund.book, settings.large_fund.equity, settings.large_fund.book)
        fund.long_account = fund.short_account = settings.brokers.haircut * fund.book * slow.unit() / 2
        slow.large, slow.variance = fund, settings.brokers.calm_volatility**2
        slow.haircuts = [1.0 for _ in slow.funds]
        slow.first = [(one.equity, one.limit) for one in slow.funds]
        slow.remember()
        slow.decide()
        return slow

    def unit(self) -> float:
        """What a unit counts for: a neutral book of stocks is worth nothing on balance."""
        return self.value(0) if self.settings.market.instruments == "spreads" else 1.0

    # -- a bar -------------------------------------------------------------------------------------------------------

    def credit_orders(self, dt: float) -> float:
        fund, predators = self.large, self.predators
        fund.order = -min(max(fund.book - fund.goal, 0), fund.pace * dt)
        predators.order = (predators.goal - predators.book) * min(dt / self.settings.predators.days, 1)
        self.volume += 2 * (abs(fund.order) + abs(predators.order))
        return fund.order + predators.order

    def mark_credit(self) -> None:
        fund, spread = self.large, 2 * self.settings.impact.half_spread
        for who, party in ((fund, "large_fund"), (self.predators, "predators")):
            self.pay(party, who.order * self.value(0, "fill") + spread * abs(who.order), "stocks")
        fund.equity += fund.book * self.gain([1.0], "before") + fund.order * self.gain([1.0], "fill")
        fund.equity -= spread * abs(fund.order)
        fund.book += fund.order
        self.predators.book += self.predators.order
        if self.settings.large_fund.book > 0 and fund.equity <= 0:
            fund.closed = True
        if fund.closed:  # the account is its lender's
            self.pay("large_fund", fund.equity, "brokers")
            fund.equity = 0.0

    # -- the close ---------------------------------------------------------------------------------------------------

    def close_day(self) -> None:
        self.move_haircuts()
        self.call_legs()
        if self.settings.makers.capital > 0:
            self.tire_makers()
        self.day += 1
        if self.rescue_day() == self.day:
            self.rescue()
        self.decide()
        self.remember()

    def remember(self) -> None:
        self.value_before, self.large.equity_before = self.value(0), self.large.equity
        self.makers_before = [(stock.price, stock.sold_by_makers) for stock in self.stocks]

    def move_haircuts(self) -> None:
        brokers = self.settings.brokers
        move = self.value(0) - self.value_before
        self.variance = brokers.memory * self.variance + (1 - brokers.memory) * move**2
        above = math.sqrt(self.variance) / brokers.calm_volatility - 1
        market = 1 + brokers.volatility_weight * max(above, 0)
        self.large.haircut = self.next_haircut(self.large.haircut, market, self.loss_share())
        for n, (fund, (equity, limit)) in enumerate(zip(self.funds, self.first, strict=True)):
            lost = min(max(1 - fund.equity / equity, 0), 1)
            self.haircuts[n] = self.next_haircut(self.haircuts[n], market, lost)
            fund.limit = limit / self.haircuts[n]

    def next_haircut(self, haircut: float, market: float, lost: float) -> float:
        brokers, day = self.settings.brokers, self.rescue_day()
        step = (market + brokers.credit_weight * lost - haircut) / brokers.lag_days
        rescued = day is not None and self.day >= day
        return haircut + (min(step, 0) if rescued else step)

    def loss_share(self) -> float:
        return min(max(1 - self.large.equity / self.settings.large_fund.equity, 0), 1)

    def call_legs(self) -> None:
        """Both legs' margin accounts, which take their parts of the day's profit."""
        fund, short = self.large, self.settings.large_fund.short_leg_share
        profit = fund.equity - fund.equity_before
        asked = self.settings.brokers.haircut * fund.haircut * fund.book * self.unit() / 2
        fund.long_account, fund.long_call = self.margin(fund.long_account + (1 - short) * profit, asked)
        fund.short_account, fund.short_call = self.margin(fund.short_account + short * profit, asked)

    def margin(self, account: float, asked: float) -> tuple[float, float]:
        if account < self.settings.brokers.maintenance * asked:
            return asked, asked - account
        return min(account, asked), 0.0

    def tire_makers(self) -> None:
        """Makers lose when a price rises of which they have sold shares to others, day by day."""
        makers, lost = self.settings.makers, 0.0
        for stock, (price, sold) in zip(self.stocks, self.makers_before, strict=True):
            lost += (sold + stock.sold_by_makers) / 2 * (stock.price - price)
        self.wounds = max(self.wounds * math.exp(-1 / makers.recovery_days) + lost, 0)
        left = max(1 - self.wounds / makers.capital, makers.floor)
        self.capacity = self.settings.impact.maker_capacity * left

    def rescue_day(self) -> int | None:
        rescue = self.settings.rescue
        return self.day_of(rescue.date) if rescue.injection > 0 else None

    def day_of(self, date: Any) -> int:
        return [str(day) for day in self.settings.clock.dates].index(str(date))

    def rescue(self) -> None:
        rescue = self.settings.rescue
        if rescue.receiver == "large_fund":
            self.large.equity += rescue.injection
            self.large.closed = False
            self.pay("rescuers", rescue.injection, "large_fund")
        else:
            total = sum(equity for equity, _ in self.first)
            for fund, (equity, _) in zip(self.funds, self.first, strict=True):
                fund.equity += rescue.injection * equity / total
                fund.rule.closed = False
            self.pay("rescuers", rescue.injection, "crowd")

    def decide(self) -> None:
        """What the large fund and the predators do on the next day."""
        rules, fund, predators = self.settings.large_fund, self.large, self.settings.predators
        starts = self.day_of(rules.unwinds) if rules.unwinds else None
        if starts is not None and self.day == starts:
            fund.goal, fund.pace = 0.0, fund.book / rules.unwind_days
        elif starts is None or self.day < starts:
            carried = max(fund.equity, 0) / (self.settings.brokers.haircut * fund.haircut) / self.unit()
            fund.goal = min(fund.book, carried) if rules.sells else fund.book
            fund.pace = rules.participation
        seen = max(self.loss_share() - predators.threshold, 0)
        has_to_sell = fund.book > 1e-9 * rules.book
        self.predators.goal = -predators.size * rules.book * seen if has_to_sell else 0.0
