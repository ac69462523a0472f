"""Index futures with limits, calls with deadlines and stocks that lose their hedge, written slowly and obviously.

The part of docs/model.md, section 11, that belongs to futures and to funds that hedge with them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from slow_futures import FuturesFund, SlowFutures

from hedging import contract

if TYPE_CHECKING:
    from slow_exchange import SlowRuledMarket


@dataclass
class Account:
    """What belongs to a fund's call, its cash on its way, and its stocks without a hedge."""

    coming: list[tuple[int, float]] = field(default_factory=list)  # bar from which it is there, and how much
    due: int | None = None  # bar by which a call must be met
    acted: bool = False  # whether the broker has acted since
    kept_back: bool = False  # whether a sale was not filled since the call
    leaves: float = math.inf  # contracts that the broker leaves
    naked: float = 0.0  # share of the starting book
    naked_order: float = 0.0
    naked_gain: float = 0.0  # of the day
    forced_futures: float = 0.0  # of the day
    unmet: int = 0  # of the day
    late: int = 0
    locked: int = 0

    @property
    def transit(self) -> float:
        return sum(amount for _, amount in self.coming)


@dataclass
class SlowRuledFutures(SlowFutures):
    """Index futures on an exchange."""

    accounts: dict[int, Account] = field(default_factory=dict)
    with_deadlines: bool = False
    settlement: list[float] = field(default_factory=list)  # prices of the day's last bars
    upper: float = math.inf
    lower: float = 0.0
    would: float = 0.0  # what the price would be
    may_buy: bool = True
    may_sell: bool = True
    buyers: float = 0.0  # bought in this bar by those who come for the index, and held by them
    buyers_long: float = 0.0
    diverted: float = 0.0  # of the day

    def open(self, market: SlowRuledMarket) -> None:
        rules = market.settings.futures_funds
        self.with_deadlines = rules.top_up_days > 0 or rules.transfer_days > 0 or rules.broker_closes == "futures"
        self.accounts = {n: Account() for n in range(len(self.funds))}
        self.would = self.price
        self.set_limits(market, self.price)

    def set_limits(self, market: SlowRuledMarket, settled: float) -> None:
        limit = market.settings.futures.price_limit
        if limit > 0:
            self.upper, self.lower = settled * (1 + limit), settled * (1 - limit)
        self.settlement = []

    def of_fund(self, fund: FuturesFund) -> Account:
        return self.accounts[next(n for n, one in enumerate(self.funds) if one is fund)]

    def equity(self, market: Any, fund: FuturesFund) -> float:
        return super().equity(market, fund) + self.of_fund(fund).transit

    # -- orders ------------------------------------------------------------------------------------------------------

    def share(self, order: float) -> float:
        """Of a futures order that is filled in this bar."""
        return float(self.may_buy if order > 0 else self.may_sell)

    def place_orders(self, market: Any, sale: float, dt: float) -> float:
        # Halts are known, and so is where the price would stand; the liquidator's sale has asked before.
        self.outside_share = self.share(self.outside_order)
        volume = super().place_orders(market, sale, dt)
        self.bought += self.buyers
        self.arbitrage *= self.share(-self.arbitrage)
        self.arbitrage = market.filled([stock.index_shares for stock in market.stocks], self.arbitrage, counts=False)
        return volume

    def open_bar(self, market: SlowRuledMarket, dt: float) -> None:
        halted = any(not market.settings.halt[number].futures_trade for number in market.halts_now())
        self.may_buy = not halted and self.would <= self.upper
        self.may_sell = not halted and self.would >= self.lower
        wanted = 0.0
        for entry in market.settings.futures_demand:
            first = market.settings.clock.day_of(entry.date)
            if first <= market.bar // market.settings.clock.bars < first + entry.days:
                wanted += entry.amount * market.settings.futures.volume * dt
        diverted = market.settings.futures.diverted * market.kept_out_before / self.would * self.share(1.0)
        self.buyers = wanted * self.share(wanted) + diverted
        self.diverted += diverted

    def both_legs(self, market: Any, fund: FuturesFund, order: float, bought_back: float) -> float:
        """Share of an order of stocks that is filled, with the futures against them."""
        if order == 0:
            return 1.0
        share = self.share(bought_back) if bought_back != 0 else 1.0
        return share * market.filled(fund.shares, order * share) / (order * share) if share > 0 else 0.0

    def place_fund_order(self, market: Any, fund: FuturesFund, dt: float) -> None:
        rules, account, contracts = market.settings.funds, self.of_fund(fund), fund.contracts
        forced = self.forced_order(market, fund, dt)
        hedged = fund.held - account.naked
        account.naked_order = 0.0
        if forced < 0:
            hedge_order = contracts * min(forced + account.naked, 0) / hedged if hedged > 0 else -contracts
            share = self.both_legs(market, fund, forced, -hedge_order)
            account.naked_order = -share * min(-forced, account.naked)
            account.forced_futures -= share * hedge_order
            account.kept_back = account.kept_back or (share < 1 - 1e-12 and account.due is not None)
            fund.order, fund.hedge_order = forced * share, hedge_order * share
        else:
            order = self.own_order(market, fund, dt)
            fund.order = order * self.both_legs(market, fund, order, -contracts * order)
            plan = fund.hedge_plan * dt
            if account.leaves < contracts:
                plan = min(plan, 0.0)
            fund.hedge_order = plan * self.share(-plan) + contracts * fund.order / max(hedged, 0.05)
        left = contracts + fund.hedge_order
        gap = left - account.leaves
        if rules.forced_sales and gap > 0 and left > 0:
            share = (1 - math.exp(-dt / rules.cut_days)) * self.share(1.0)
            bought = gap * share
            if gap <= 1e-4 * left:
                bought = gap if share > 0 else 0.0
            account.naked_order += (fund.held + fund.order - account.naked - account.naked_order) * bought / left
            account.forced_futures += bought
            fund.hedge_order -= bought

    def forced_order(self, market: Any, fund: FuturesFund, dt: float) -> float:
        """By its own rule, its broker or a line; and of stocks that have lost their hedge."""
        rules, rule, account = market.settings.funds, fund.rule, self.of_fund(fund)
        forced = rule.sale(fund.held, fund.called_to, rules.cut_days, dt) if rules.forced_sales else 0.0
        if rules.forced_sales and market.settings.futures_funds.after_close == "sell" and account.naked > 0:
            gap = account.naked
            part = gap if gap <= 1e-4 * rule.whole else gap * (1 - math.exp(-dt / rules.cut_days))
            forced = min(forced, -part)
        beyond = fund.held - fund.line
        return min(forced, -min(beyond, fund.line_rate * dt) if beyond > 1e-12 else 0.0)

    def own_order(self, market: Any, fund: FuturesFund, dt: float) -> float:
        """Coming back, or else the plan of the close before."""
        rules, rule, cheapness = market.settings.funds, fund.rule, market.cheapness[-1]
        planned = min(fund.stock_plan * dt, max(1 - fund.held, 0))
        in_force = fund.warned or fund.stopped
        if in_force or not rule.may_come_back(fund.held, cheapness, market.bar, market.settings.clock.bars):
            return planned
        equity = self.equity(market, fund)
        rule.take_up_business(fund.held, equity)
        price_of_all = (fund.initial + fund.reserve_wanted + (0 if fund.swap else 1)) * market.worth(fund.shares)
        gap = min(1, equity / price_of_all) - fund.held
        if gap <= 0:
            return planned
        order = min(gap, dt / rules.reentry_days * min(1, cheapness / rules.reentry_cheapness))
        rule.base = max(rule.base, fund.held + order)
        return order

    # -- prices and accounts -----------------------------------------------------------------------------------------

    def set_price(self, market: Any, normal: float, dt: float) -> None:
        rules, bars = market.settings.futures, market.settings.clock.bars
        kept, order, old = math.exp(-rules.decay * dt), self.bought / rules.volume, self.sold_by_makers
        averaged = (1 - kept) / (rules.decay * dt) if rules.decay > 0 else 1.0
        self.sold_by_makers = kept * old + averaged * order
        mean = averaged * old + (1 - averaged) * order / (rules.decay * dt) if rules.decay > 0 else old + order / 2
        self.passed_on = (old + order - self.sold_by_makers) * rules.volume
        impact = rules.impact / max(market.supply(self.sold_by_makers > 0), 0.02)
        old_noise = self.noise
        self.noise = self.noise * math.exp(-rules.noise_decay * dt) + rules.noise * math.sqrt(dt) * normal
        self.before = self.price
        self.would = market.fair_index() * (1 + rules.start_basis + impact * self.sold_by_makers + self.noise)
        fill = market.fair_index("would_fill")
        fill *= 1 + rules.start_basis + impact * mean + (old_noise + self.noise) / 2
        self.price, self.fill = (min(max(one, self.lower), self.upper) for one in (self.would, fill))
        if any(not market.settings.halt[number].futures_trade for number in market.halts_now()):
            self.price = self.fill = self.before
        if market.bar % bars >= bars - rules.settlement_bars:
            self.settlement.append(self.price)

    def settle(self, market: Any, normal: float, sale: float, dt: float) -> None:
        super().settle(market, normal, sale, dt)
        self.settle_futures(market, "futures_buyers", self.buyers_long, self.buyers)
        market.pay("futures_buyers", market.settings.futures.half_spread * abs(self.buyers), "futures_makers")
        self.buyers_long += self.buyers

    def book_fund(self, market: Any, fund: FuturesFund, dt: float) -> None:
        account, order = self.of_fund(fund), fund.order
        before, fill, after = (market.worth(fund.shares, when) for when in ("before", "fill", "price"))
        account.naked_gain += account.naked * (after - before) + account.naked_order * (after - fill)
        account.naked = max(account.naked + account.naked_order, 0.0)
        super().book_fund(market, fund, dt)
        bars = math.ceil(market.settings.futures_funds.transfer_days * market.settings.clock.bars - 1e-12)
        if fund.swap or bars == 0:
            return
        fund.reserve += sum(amount for when, amount in account.coming if when <= market.bar)
        account.coming = [(when, amount) for when, amount in account.coming if when > market.bar]
        if order < 0:
            fund.reserve += order * fill
            account.coming.append((market.bar + bars, -order * fill))

    # -- calls -------------------------------------------------------------------------------------------------------

    def check_fund(self, market: Any, fund: FuturesFund, at_close: bool) -> None:
        if not self.with_deadlines or fund.swap:
            super().check_fund(market, fund, at_close)
            return
        rule, account = fund.rule, self.of_fund(fund)
        stocks, equity = fund.held * market.worth(fund.shares), self.equity(market, fund)
        base = fund.margin_level * abs(fund.contracts) * self.price
        required, floor = fund.initial * base, fund.floor * base
        if at_close:
            self.fill_deposit(fund, required)
        if equity <= 0:
            rule.close()
            account.due, account.acted, account.kept_back, account.leaves = None, False, False, math.inf
            return
        if market.settings.funds.forced_sales:
            rule.check_drawdown(fund.held, equity, market.bar)
        if fund.deposit < floor - 1e-12 * stocks and fund.held > 1e-12:
            self.call(market, fund, required, floor, stocks)
        elif rule.under_call and (fund.deposit >= required * (1 - 1e-9) or fund.held <= fund.called_to * (1 + 1e-9)):
            left = fund.held - (account.naked if market.settings.futures_funds.after_close == "sell" else 0)
            rule.meet_call(left, market.bar)
            account.due, account.acted, account.kept_back, account.leaves = None, False, False, math.inf
        if at_close:
            excess = max(fund.deposit - required, 0)
            fund.deposit, fund.reserve = fund.deposit - excess, fund.reserve + excess
            owed = max(-fund.reserve, 0)
            fund.deposit, fund.reserve = fund.deposit - owed, fund.reserve + owed

    def call(self, market: Any, fund: FuturesFund, required: float, floor: float, stocks: float) -> None:
        rules, account, rule = market.settings.futures_funds, self.of_fund(fund), fund.rule
        fund.calls += 1
        self.fill_deposit(fund, required)
        if fund.deposit >= floor - 1e-12 * stocks:
            return
        if account.due is None:
            account.due = market.bar + 1 + math.ceil(rules.top_up_days * market.settings.clock.bars - 1e-12)
        past = market.bar >= account.due
        if past and not account.acted:
            account.acted, account.unmet = True, account.unmet + 1
            if account.transit >= floor - 1e-12 * stocks - fund.deposit:
                account.late += 1
            elif account.kept_back:
                account.locked += 1
        missing, zeta = required - fund.deposit, market.settings.funds.cut
        if not rule.under_call:
            fund.called_to = fund.held
        if past and rules.broker_closes == "futures":
            account.leaves = min(account.leaves, fund.contracts * max(1 - missing / required, 0) * zeta)
        else:
            missing -= 0 if past else account.transit
            if missing > 0:
                left = max(fund.held * (1 - missing / (required + stocks)) * zeta, 0)
                fund.called_to = min(fund.called_to, left)
        rule.call(market.bar)

    # -- the close ---------------------------------------------------------------------------------------------------

    def cash(self, fund: FuturesFund) -> float:
        return fund.reserve + self.of_fund(fund).transit

    def close(self, market: Any, day: int, index_return: float, plans: list[float]) -> None:
        named, dates = market.settings.futures.contract, market.settings.clock.dates
        super().close(market, day, index_return, plans)
        if named is not None:
            first, later = (contract(named).margin_on(date.item()) for date in (dates[0], dates[day + 1]))
            for fund in self.funds:
                fund.margin_level *= 1.0 if fund.swap else later / first
        if market.settings.futures_funds.after_close == "rehedge":
            for fund in self.funds:
                if not fund.rule.closed:
                    self.hedge_again(fund)
        if self.settlement:
            self.set_limits(market, sum(self.settlement) / len(self.settlement))
        self.diverted = 0.0
        for account in self.accounts.values():
            account.naked_gain = account.forced_futures = 0.0
            account.unmet = account.late = account.locked = 0

    def hedge_plan(self, market: Any, fund: FuturesFund, otherwise: float) -> float:
        """Policies are asked to hedge what has not lost its futures by force."""
        account, held = self.of_fund(fund), fund.held
        fund.held = max(held - account.naked, 0)
        plan = super().hedge_plan(market, fund, otherwise)
        fund.held = held
        return plan

    def hedge_again(self, fund: FuturesFund) -> None:
        account = self.of_fund(fund)
        hedged = max(fund.held - account.naked, 0)
        each = fund.contracts / hedged if hedged > 1e-12 and fund.contracts > 0 else fund.book
        carried = max(fund.reserve, 0) / (fund.initial * fund.margin_level * self.price)
        wanted = 0.0 if fund.rule.under_call else min(account.naked * each, carried)
        account.naked -= wanted / each
        fund.hedge_plan += wanted
