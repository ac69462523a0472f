"""Those on credit (docs/ltcm.md, section 2), written slowly and obviously: one path, one fund, one day at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass

from slow_reference import SlowMarket

from abm import Market


@dataclass
class SlowCredit(SlowMarket):
    """The slow market with a large fund, brokers, predators, market makers and a rescue in it."""

    day: int = 0
    book: float = 0.0
    equity: float = 0.0
    goal: float = 0.0
    pace: float = 0.0
    fund_order_now: float = 0.0
    prey_book: float = 0.0
    prey_goal: float = 0.0
    prey_order: float = 0.0
    variance: float = 0.0
    haircut: float = 1.0
    wounds: float = 0.0
    long_account: float = 0.0
    short_account: float = 0.0
    long_call: float = 0.0
    short_call: float = 0.0

    @classmethod
    def of(cls, market: Market) -> SlowCredit:
        slow = super().of(market)
        settings = market.settings
        slow.book = slow.goal = settings.large_fund.book
        slow.equity = slow.equity_before = settings.large_fund.equity
        slow.variance = settings.brokers.calm_volatility**2
        slow.crowd_haircuts = [1.0 for _ in slow.funds]
        slow.first = [(fund.equity, fund.limit, fund.cut_base) for fund in slow.funds]
        slow.value_before = slow.book_value(0)
        slow.stocks_before = [(stock.price, stock.inventory) for stock in slow.stocks]
        slow.long_account = slow.short_account = settings.brokers.haircut * slow.book * slow.unit() / 2
        slow.cash |= {"large_fund": 0.0, "predators": 0.0}
        slow.decide(0)
        return slow

    def credit_orders(self, dt: float) -> float:
        sale = min(max(self.book - self.goal, 0), self.pace * dt)
        self.fund_order_now = -sale
        self.prey_order = (self.prey_goal - self.prey_book) * min(dt / self.settings.predators.days, 1)
        self.volume += 2 * (sale + abs(self.prey_order))
        return self.fund_order_now + self.prey_order

    def mark_credit(self, before: float, after: float) -> None:
        spread = 2 * self.settings.impact.half_spread
        middle = (before + after) / 2
        self.equity += (self.book + self.fund_order_now / 2) * (after - before) - spread * abs(self.fund_order_now)
        self.book += self.fund_order_now
        self.prey_book += self.prey_order
        self.cash["large_fund"] -= self.fund_order_now * middle + spread * abs(self.fund_order_now)
        self.cash["predators"] -= self.prey_order * middle + spread * abs(self.prey_order)

    def unit(self) -> float:
        """What a unit counts for: a neutral book of stocks is worth nothing on balance."""
        return self.book_value(0) if self.settings.market.instruments == "spreads" else 1.0

    def loss_share(self) -> float:
        return min(max(1 - self.equity / self.settings.large_fund.equity, 0), 1)

    def close_day(self) -> None:
        settings, brokers = self.settings, self.settings.brokers
        value = self.book_value(0)
        rescued = self.rescue_day() is not None and self.day >= self.rescue_day()
        # haircuts
        self.variance = brokers.memory * self.variance + (1 - brokers.memory) * (value - self.value_before) ** 2
        market = 1 + brokers.volatility_weight * max(math.sqrt(self.variance) / brokers.calm_volatility - 1, 0)
        step = (market + brokers.credit_weight * self.loss_share() - self.haircut) / brokers.lag_days
        self.haircut += min(step, 0) if rescued else step
        for n, (fund, (equity, limit, base)) in enumerate(zip(self.funds, self.first, strict=True)):
            lost = min(max(1 - fund.equity / equity, 0), 1)
            step = (market + brokers.credit_weight * lost - self.crowd_haircuts[n]) / brokers.lag_days
            self.crowd_haircuts[n] += min(step, 0) if rescued else step
            fund.limit, fund.cut_base = limit / self.crowd_haircuts[n], base / self.crowd_haircuts[n]
        # both legs' margin
        profit = self.equity - self.equity_before
        asked = brokers.haircut * self.haircut * self.book * self.unit() / 2
        short = settings.large_fund.short_leg_share
        self.long_account, self.long_call = self.margin(self.long_account + (1 - short) * profit, asked)
        self.short_account, self.short_call = self.margin(self.short_account + short * profit, asked)
        # market makers
        if settings.makers.capital > 0:
            lost = 0.0
            for stock, (price, inventory) in zip(self.stocks, self.stocks_before, strict=True):
                lost += (inventory + stock.inventory) / 2 * stock.adv * (stock.price - price)
            self.wounds = max(self.wounds * math.exp(-1 / settings.makers.recovery_days) + lost, 0)
            self.capacity = settings.impact.maker_capacity * max(
                1 - self.wounds / settings.makers.capital, settings.makers.floor
            )
        # the next day
        self.day += 1
        if self.rescue_day() == self.day:
            self.rescue()
        self.decide(self.day)
        self.equity_before, self.value_before = self.equity, value
        self.stocks_before = [(stock.price, stock.inventory) for stock in self.stocks]

    def margin(self, account: float, asked: float) -> tuple[float, float]:
        if account < self.settings.brokers.maintenance * asked:
            return asked, asked - account
        return min(account, asked), 0.0

    def rescue_day(self) -> int | None:
        rescue = self.settings.rescue
        if rescue.injection == 0:
            return None
        return [str(day) for day in self.settings.clock.dates].index(str(rescue.date))

    def rescue(self) -> None:
        rescue = self.settings.rescue
        if rescue.receiver == "large_fund":
            self.equity += rescue.injection
            self.cash["large_fund"] += rescue.injection
        else:
            total = sum(equity for equity, _, _ in self.first)
            for fund, (equity, _, _) in zip(self.funds, self.first, strict=True):
                fund.equity += rescue.injection * equity / total
            self.cash["crowd"] += rescue.injection

    def decide(self, day: int) -> None:
        rules = self.settings.large_fund
        days = [str(one) for one in self.settings.clock.dates]
        starts = days.index(str(rules.unwinds)) if rules.unwinds else None
        if starts is not None and day == starts:
            self.goal, self.pace = 0.0, self.book / rules.unwind_days
        elif starts is None or day < starts:
            asked = self.settings.brokers.haircut * self.haircut
            self.goal = min(self.book, max(self.equity, 0) / asked / self.unit()) if rules.sells else self.book
            self.pace = rules.participation
        seen = max(self.loss_share() - self.settings.predators.threshold, 0)
        prey = self.book > 1e-9 * rules.book
        self.prey_goal = -self.settings.predators.size * rules.book * seen if prey else 0.0
