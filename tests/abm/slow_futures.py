"""Index futures and the funds that hedge with them, written slowly and obviously: one fund at a time, no arrays.

The part of `slow_reference.py` that belongs to docs/model.md, section 8, the daily rules included. Of hedge policies it
knows the two that take no more than a line; plans of others are handed in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from abm import Market

if TYPE_CHECKING:
    from slow_reference import SlowMarket


@dataclass
class FuturesFund:
    exposure: list[float]
    book: float
    swap: bool
    initial: float
    floor: float
    reserve_wanted: float
    start_value: float
    reenters: bool
    watched: bool
    policy: str
    contracts: float
    deposit: float
    reserve: float
    held: float = 1.0
    doing: str = "normal"
    defaulted: bool = False
    warned: bool = False
    stopped: bool = False
    target: float = 0.0
    rate: float = 0.0
    called_at: float = 0.0
    stock_plan: float = 0.0
    hedge_plan: float = 0.0
    margin_level: float = 1.0
    order: float = 0.0
    hedge_order: float = 0.0
    calls: int = 0  # of the day
    units: float = 1.0  # fund units outstanding
    start_equity: float = 0.0
    unit_values: list[float] = field(default_factory=lambda: [1.0])  # at the closes so far
    asked_on: int = -(10**6)
    owed: dict[int, float] = field(default_factory=dict)  # share of equity to be paid, by day
    payable: float = 0.0


@dataclass
class SlowFutures:
    funds: list[FuturesFund]
    price: float
    variance: float
    calm_variance: float
    liquidator_short: float
    maker_long: float
    sold_by_makers: float = 0.0
    noise: float = 0.0
    arbitrage: float = 0.0  # index bought in this bar, and futures sold
    arbitrage_units: float = 0.0
    bought: float = 0.0  # futures, in this bar, by all but makers and arbitrageurs
    outside_order: float = 0.0  # of the day
    outside_long: float = 0.0
    average_price: float = 0.0  # over the day
    cash: dict[str, float] = field(
        default_factory=lambda: dict.fromkeys(
            ("liquidator", "outside", "funds", "brokers", "arbitrage", "makers", "investors"), 0.0
        )
    )

    @classmethod
    def of(cls, market: Market) -> SlowFutures:
        """Take over the engine's initial state of path 0."""
        state, settings = market.state, market.settings
        f, path = state.futures_funds, 0
        policies = [""] * f.book.shape[1]
        for group in market.futures_crowd.followers:
            for n in group.funds:
                policies[n] = group.policy.name
        funds = [
            FuturesFund(
                [float(a) for a in f.exposure[path, n]],
                f.book[path, n],
                f.swap[path, n] == 1,
                f.initial[path, n],
                f.floor[path, n],
                f.reserve_wanted[path, n],
                f.start_value[path, n],
                bool(f.reenters[path, n]),
                bool(f.watched[path, n]),
                policies[n],
                f.contracts[path, n],
                f.deposit[path, n],
                f.reserve[path, n],
            )
            for n in range(f.book.shape[1])
        ]
        for fund in funds:
            fund.start_equity = fund.deposit + fund.reserve + (0 if fund.swap else fund.book)
        short = settings.liquidator.size if settings.liquidator.kind == "futures" else 0.0
        calm = settings.market.market_volatility**2
        return cls(
            funds,
            1 + settings.futures.start_basis,
            calm,
            calm,
            short,
            sum(fund.contracts for fund in funds) + short,
        )

    def whole_book(self, market: SlowMarket, fund: FuturesFund) -> list[float]:
        """Shares of each stock in the whole starting book."""
        return [
            sum(a * shares[i] for a, shares in zip(fund.exposure, market.books, strict=True))
            for i in range(len(market.stocks))
        ]

    def book_value(self, market: SlowMarket, fund: FuturesFund) -> float:
        return sum(a * market.book_value(j) for j, a in enumerate(fund.exposure))

    def equity(self, market: SlowMarket, fund: FuturesFund) -> float:
        own = 0.0 if fund.swap else fund.held * self.book_value(market, fund)
        return own + fund.deposit + fund.reserve

    def unit_value(self, market: SlowMarket, fund: FuturesFund) -> float:
        return self.equity(market, fund) / (fund.start_equity * fund.units)

    # -- a bar -----------------------------------------------------------------------------------------------------

    def place_orders(self, market: SlowMarket, sale: float, dt: float) -> float:
        """Decide what everybody trades; return the stocks' volume, in money at the start's prices."""
        rules, settings = market.settings.futures, market.settings
        for fund in self.funds:
            self.place_fund_order(market, fund, dt)
        self.bought = sum(-fund.hedge_order for fund in self.funds) + self.outside_order * dt
        if market.hedged_liquidator:
            self.bought += sale
        arrived = self.sold_by_makers * rules.volume * (1 - math.exp(-rules.decay * dt))
        self.arbitrage = settings.futures.arbitrage * arrived
        return sum(abs(fund.order) * fund.book for fund in self.funds)

    def place_fund_order(self, market: SlowMarket, fund: FuturesFund, dt: float) -> None:
        rules, time = market.settings.funds, market.bar * dt
        if fund.doing == "deleveraging":
            fund.order = -min(fund.rate * dt, max(fund.held - fund.target, 0))
            fund.hedge_order = fund.contracts * fund.order / fund.held if fund.held > 0 else -fund.contracts
            if fund.held + fund.order <= fund.target + 1e-12:
                fund.doing = "gone" if fund.defaulted else "waiting"
            return
        barred = fund.warned or fund.stopped
        waited = time - fund.called_at >= rules.reentry_wait - 1e-9
        if fund.doing == "waiting" and fund.reenters and not barred and waited and market.gauge > 0:
            fund.doing = "reentering"
        fund.order = fund.stock_plan * dt
        if fund.doing == "reentering" and market.gauge > 0:
            value = self.book_value(market, fund)
            price_of_all = fund.initial + fund.reserve_wanted + (0 if fund.swap else 1)
            gap = min(1, self.equity(market, fund) / (price_of_all * value)) - fund.held
            fund.order = min(gap, dt / rules.reentry_days)
            if gap <= 0:
                fund.order, fund.doing = 0.0, "normal"
        fund.hedge_order = fund.hedge_plan * dt + fund.contracts * fund.order / max(fund.held, 0.05)

    def settle(self, market: SlowMarket, before: list[float], normal: float, bought_back: float, dt: float) -> None:
        """Price the futures on the new index, and pay everybody; `before` holds the stocks' prices before the bar."""
        settings, rules = market.settings, market.settings.futures
        self.sold_by_makers = self.sold_by_makers * math.exp(-rules.decay * dt) + self.bought / rules.volume
        self.noise = self.noise * math.exp(-rules.noise_decay * dt) + rules.noise * math.sqrt(dt) * normal
        old = self.price
        self.price = market.index() * (1 + rules.start_basis + self.noise + rules.impact * self.sold_by_makers)
        gain, middle = self.price - old, (self.price + old) / 2
        self.average_price += middle * dt
        paid = 0.0
        for fund in self.funds:
            shares = self.whole_book(market, fund)
            old_value = sum(q * price for q, price in zip(shares, before, strict=True))
            value = self.book_value(market, fund)
            futures_gain = -(fund.contracts + fund.hedge_order / 2) * gain
            stock_gain = (fund.held + fund.order / 2) * (value - old_value)
            proceeds = -fund.order * (value + old_value) / 2
            spread = settings.impact.half_spread * abs(fund.order) * fund.book
            futures_spread = rules.half_spread * abs(fund.hedge_order)
            fund.contracts += fund.hedge_order
            fund.held += fund.order
            fund.deposit += futures_gain
            fund.reserve -= spread + futures_spread
            received = futures_gain - spread - futures_spread
            if fund.swap:
                interest = settings.futures_funds.financing / 252 * dt * fund.held * value
                fund.deposit += stock_gain
                fund.reserve -= interest
                received += stock_gain - interest
                self.cash["brokers"] += proceeds - stock_gain + interest
            else:
                fund.reserve += proceeds
                received += proceeds
            self.cash["funds"] += received
            paid += futures_spread
        index = (market.index() + sum(s.index_shares * p for s, p in zip(market.stocks, before, strict=True))) / 2
        if market.hedged_liquidator:
            self.cash["liquidator"] -= (self.liquidator_short - bought_back / 2) * gain
            self.cash["liquidator"] -= rules.half_spread * bought_back
            self.liquidator_short -= bought_back
            paid += rules.half_spread * bought_back
        outside = self.outside_order * dt
        self.cash["outside"] += (self.outside_long + outside / 2) * gain - rules.half_spread * abs(outside)
        self.outside_long += outside
        paid += rules.half_spread * abs(outside)
        self.cash["arbitrage"] -= (self.arbitrage_units + self.arbitrage / 2) * gain + self.arbitrage * index
        self.arbitrage_units += self.arbitrage
        sold = self.bought - self.arbitrage
        self.cash["makers"] += (self.maker_long - sold / 2) * gain + paid
        self.maker_long -= sold

    def check_margins(self, market: SlowMarket, time: float, at_close: bool) -> None:
        for fund in self.funds:
            if (fund.watched or at_close) and not fund.defaulted:
                self.check_margin(market, fund, time, at_close)

    def check_margin(self, market: SlowMarket, fund: FuturesFund, time: float, at_close: bool) -> None:
        stocks = fund.held * self.book_value(market, fund)
        base = fund.margin_level * (stocks if fund.swap else abs(fund.contracts) * self.price)
        required, least = fund.initial * base, fund.floor * base - 1e-12 * stocks
        if at_close:
            self.top_up(fund, required)
        if self.equity(market, fund) <= 0 and fund.held > 0:
            fund.defaulted = True
            self.sell_down(market, fund, 0.0, time)
            return
        if fund.deposit < least and fund.held > 1e-12:
            fund.calls += 1
            self.top_up(fund, required)
            missing = required - fund.deposit
            if fund.deposit < least:
                share = missing / (required if fund.swap else required + stocks)
                self.sell_down(market, fund, max(fund.held * (1 - share) * market.settings.funds.cut, 0), time)
        if at_close:
            excess = max(fund.deposit - required, 0)
            fund.deposit -= excess
            fund.reserve += excess
            owed = max(-fund.reserve, 0)
            fund.deposit -= owed
            fund.reserve += owed

    def top_up(self, fund: FuturesFund, required: float) -> None:
        moved = max(min(required - fund.deposit, fund.reserve), 0)
        fund.deposit += moved
        fund.reserve -= moved

    def sell_down(self, market: SlowMarket, fund: FuturesFund, target: float, time: float) -> None:
        rate = (fund.held - target) / market.settings.funds.cut_days
        if fund.doing != "deleveraging":
            fund.doing, fund.target, fund.rate, fund.called_at = "deleveraging", target, rate, time
        elif target < fund.target:
            fund.target, fund.rate = target, max(fund.rate, rate)

    # -- the close -------------------------------------------------------------------------------------------------

    def close(self, market: SlowMarket, day: int, index_return: float, plans: list[float]) -> None:
        """Decide the next day; `plans` are the hedge plans of funds whose policy has to be asked elsewhere."""
        settings = market.settings
        self.outside_order = self.average_price = 0.0
        self.variance = 0.94 * self.variance + 0.06 * math.log(1 + index_return) ** 2
        risen = max(math.sqrt(self.variance / self.calm_variance) - 1, 0)
        for n, fund in enumerate(self.funds):
            fund.calls = 0
            reaction = settings.futures.swap_margin_reaction if fund.swap else settings.futures.margin_reaction
            fund.margin_level = 1 + reaction * risen
            self.pay_investors(market, fund)
            self.plan_stocks(market, fund)
            if settings.redemptions.sensitivity > 0:
                self.plan_redemption(market, fund, day)
            self.keep_lines(market, fund, day)
            value = self.book_value(market, fund)
            if fund.policy == "full":
                fund.hedge_plan = fund.held * fund.book - fund.contracts
            elif fund.policy == "full-rebalanced":
                fund.hedge_plan = fund.held * value / market.index() - fund.contracts
            else:
                fund.hedge_plan = plans[n] / settings.futures_funds.rehedging
            fund.hedge_plan *= settings.futures_funds.rehedging
            if fund.defaulted:
                fund.hedge_plan = 0.0

    def plan_stocks(self, market: SlowMarket, fund: FuturesFund) -> None:
        """A fund that pays for its stocks trades a little towards the reserve that it wants."""
        fund.stock_plan = 0.0
        stocks = fund.held * self.book_value(market, fund)
        if fund.swap or stocks <= 0 or fund.doing == "deleveraging":
            return
        wanted = fund.reserve_wanted * stocks
        rich = fund.reserve > 1.6 * wanted and fund.doing == "normal" and not (fund.warned or fund.stopped)
        if fund.reserve < 0.6 * wanted or rich:
            share = (fund.reserve - wanted) / ((1 + fund.initial + fund.reserve_wanted) * stocks)
            most = market.settings.futures_funds.restoring
            fund.stock_plan = fund.held * max(-most, min(share, most))

    def pay_investors(self, market: SlowMarket, fund: FuturesFund) -> None:
        equity = max(self.equity(market, fund), 0)
        paid = min(fund.payable * equity, max(fund.reserve, 0))
        share = paid / equity if equity > 0 else 0.0
        unpaid = fund.payable - share
        fund.payable = unpaid * equity / (equity - paid) if unpaid > 1e-12 and equity > paid else 0.0
        if paid > 0:
            fund.units *= 1 - share
            fund.reserve -= paid
            self.cash["funds"] -= paid
            self.cash["investors"] += paid

    def plan_redemption(self, market: SlowMarket, fund: FuturesFund, day: int) -> None:
        rules, value = market.settings.redemptions, self.unit_value(market, fund)
        past = fund.unit_values[max(len(fund.unit_values) - rules.horizon, 0)]
        fund.unit_values.append(value)
        asked = min(max(rules.sensitivity * (1 - value / past - rules.threshold), 0), 1)
        if asked > 0 and value > 0 and day - fund.asked_on >= rules.horizon:
            fund.asked_on = day
            fund.owed[day + rules.notice] = asked
        fund.payable = min(fund.payable + fund.owed.pop(day + 1, 0.0), 1)
        if fund.payable > 0 and fund.doing != "deleveraging":
            fund.stock_plan = -fund.payable * fund.held

    def keep_lines(self, market: SlowMarket, fund: FuturesFund, day: int) -> None:
        lines, value = market.settings.lines, self.unit_value(market, fund) * fund.start_value
        if lines.warning == lines.stop == 0:
            return
        if value < lines.stop and not fund.stopped:
            fund.stopped = True
            self.leave(fund, 0.0, lines.stop_days, day)
        elif value < lines.warning and not (fund.warned or fund.stopped):
            fund.warned = True
            allowed = max(lines.invested * self.equity(market, fund), 0) / self.book_value(market, fund)
            self.leave(fund, allowed, lines.warning_days, day)
        if fund.warned or fund.stopped:
            fund.stock_plan = min(fund.stock_plan, 0.0)

    def leave(self, fund: FuturesFund, target: float, days: float, day: int) -> None:
        selling = fund.doing == "deleveraging"
        if target >= (fund.target if selling else fund.held):
            return
        rate = (fund.held - target) / days
        if not selling:
            fund.doing, fund.called_at = "deleveraging", day + 1.0
        fund.rate = max(rate, fund.rate) if selling else rate
        fund.target = target
