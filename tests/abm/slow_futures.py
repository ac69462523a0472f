"""Index futures and the funds that hedge with them, written slowly and obviously: one fund at a time, no arrays.

The part of `slow_reference.py` that belongs to docs/model.md, section 8, the daily rules included. Of hedge policies it
knows the two that take no more than a line; plans of others are handed in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slow_holders import FuturesFund
from slow_prices import whole_book
from slow_rule import Rule

from abm import Market

if TYPE_CHECKING:
    from slow_reference import SlowMarket


@dataclass
class SlowFutures:
    funds: list[FuturesFund]
    price: float
    variance: float
    calm_variance: float
    liquidator_short: float
    maker_long: float
    before: float = 0.0  # the prices before the bar and of its trades
    fill: float = 0.0
    sold_by_makers: float = 0.0  # m_F
    noise: float = 0.0
    passed_on: float = 0.0  # by makers in the latest bar
    arbitrage: float = 0.0  # index bought in this bar, and futures sold
    arbitrage_units: float = 0.0
    bought: float = 0.0  # futures, in this bar, by all but makers and arbitrageurs
    outside_order: float = 0.0  # of the day
    outside_share: float = 1.0  # of it that is traded in this bar
    outside_long: float = 0.0
    average_price: float = 0.0  # over the day

    @classmethod
    def of(cls, market: Market, books: list[list[float]]) -> SlowFutures:
        """Take over the engine's initial state of path 0."""
        settings = market.settings
        funds = futures_funds_of(market, books)
        short = settings.liquidator.size if settings.liquidator.kind == "futures" else 0.0
        calm = settings.market.market_volatility**2
        long = sum(fund.contracts for fund in funds) + short
        return cls(funds, 1 + settings.futures.start_basis, calm, calm, short, long)

    def equity(self, market: SlowMarket, fund: FuturesFund) -> float:
        own = 0.0 if fund.swap else fund.held * market.worth(fund.shares)
        return own + fund.deposit + fund.reserve

    def unit_value(self, market: SlowMarket, fund: FuturesFund) -> float:
        return self.equity(market, fund) / (fund.start_equity * fund.units)

    # -- a bar -------------------------------------------------------------------------------------------------------

    def place_orders(self, market: SlowMarket, sale: float, dt: float) -> float:
        """Decide what everybody trades; return the stocks' volume, in money at the start's prices."""
        for fund in self.funds:
            self.place_fund_order(market, fund, dt)
        self.bought = self.outside_order * dt * self.outside_share - sum(fund.hedge_order for fund in self.funds)
        if market.hedged_liquidator:
            self.bought += sale
        self.arbitrage = market.settings.futures.arbitrage * self.passed_on
        return sum(abs(fund.order) * fund.book for fund in self.funds)

    def place_fund_order(self, market: SlowMarket, fund: FuturesFund, dt: float) -> None:
        rules, rule = market.settings.funds, fund.rule
        forced = rule.sale(fund.held, fund.called_to, rules.cut_days, dt) if rules.forced_sales else 0.0
        beyond = fund.held - fund.line
        by_contract = -min(beyond, fund.line_rate * dt) if beyond > 1e-12 else 0.0
        if forced < 0 or by_contract < 0:
            fund.order = min(forced, by_contract)
            fund.hedge_order = fund.contracts * fund.order / fund.held
            return
        fund.order = min(fund.stock_plan * dt, max(1 - fund.held, 0))
        fund.hedge_order = fund.hedge_plan * dt + fund.contracts * fund.order / max(fund.held, 0.05)
        in_force = fund.warned or fund.stopped
        cheapness = market.cheapness[-1]
        if in_force or not rule.may_come_back(fund.held, cheapness, market.bar, market.settings.clock.bars):
            return
        equity = self.equity(market, fund)
        rule.take_up_business(fund.held, equity)
        price_of_all = (fund.initial + fund.reserve_wanted + (0 if fund.swap else 1)) * market.worth(fund.shares)
        gap = min(1, equity / price_of_all) - fund.held
        if gap > 0:
            fund.order = min(gap, dt / rules.reentry_days * min(1, cheapness / rules.reentry_cheapness))
            fund.hedge_order = fund.hedge_plan * dt + fund.contracts * fund.order / max(fund.held, 0.05)
            rule.base = max(rule.base, fund.held + fund.order)

    def settle(self, market: SlowMarket, normal: float, sale: float, dt: float) -> None:
        """Price the futures on the new index, and pay everybody."""
        self.set_price(market, normal, dt)
        self.average_price += self.fill * dt * self.outside_share
        for fund in self.funds:
            self.book_fund(market, fund, dt)
        half_spread = market.settings.futures.half_spread
        if market.hedged_liquidator:
            self.settle_futures(market, "liquidator", -self.liquidator_short, sale)
            market.pay("liquidator", half_spread * sale, "futures_makers")
            self.liquidator_short -= sale
        outside = self.outside_order * dt * self.outside_share
        self.settle_futures(market, "outside", self.outside_long, outside)
        market.pay("outside", half_spread * abs(outside), "futures_makers")
        self.outside_long += outside
        self.settle_futures(market, "arbitrage", -self.arbitrage_units, -self.arbitrage)
        market.pay("arbitrage", self.arbitrage * market.index("fill"), "stocks")
        self.arbitrage_units += self.arbitrage
        self.maker_long -= self.bought - self.arbitrage

    def set_price(self, market: SlowMarket, normal: float, dt: float) -> None:
        rules = market.settings.futures
        kept, order, old = math.exp(-rules.decay * dt), self.bought / rules.volume, self.sold_by_makers
        averaged = (1 - kept) / (rules.decay * dt) if rules.decay > 0 else 1.0
        self.sold_by_makers = kept * old + averaged * order
        mean = old + order / 2
        if rules.decay > 0:
            mean = averaged * old + (1 - averaged) * order / (rules.decay * dt)
        self.passed_on = (old + order - self.sold_by_makers) * rules.volume
        old_noise = self.noise
        self.noise = self.noise * math.exp(-rules.noise_decay * dt) + rules.noise * math.sqrt(dt) * normal
        self.before = self.price
        self.price = market.index() * (1 + rules.start_basis + rules.impact * self.sold_by_makers + self.noise)
        basis = rules.start_basis + rules.impact * mean + (old_noise + self.noise) / 2
        self.fill = market.index("fill") * (1 + basis)

    def variation(self, held: float, bought: float) -> float:
        """Of futures held before the bar, and of those bought in it."""
        return held * (self.price - self.before) + bought * (self.price - self.fill)

    def settle_futures(self, market: SlowMarket, who: str, held: float, bought: float) -> None:
        market.pay("futures_makers", self.variation(held, bought), who)

    def book_fund(self, market: SlowMarket, fund: FuturesFund, dt: float) -> None:
        settings = market.settings
        before, fill, after = (market.worth(fund.shares, when) for when in ("before", "fill", "price"))
        stock_gain = fund.held * (after - before) + fund.order * (after - fill)
        spread = settings.impact.half_spread * abs(fund.order) * fund.book
        futures_spread = settings.futures.half_spread * abs(fund.hedge_order)
        fund.deposit += self.variation(-fund.contracts, -fund.hedge_order)
        self.settle_futures(market, "futures_funds", -fund.contracts, -fund.hedge_order)
        fund.reserve -= spread + futures_spread
        market.pay("futures_funds", spread, "providers")
        market.pay("futures_funds", futures_spread, "futures_makers")
        if fund.swap:
            interest = settings.futures_funds.financing / 252 * dt * (fund.held + fund.order) * after
            fund.deposit += stock_gain
            fund.reserve -= interest
            market.pay("brokers", stock_gain - interest, "futures_funds")
            market.pay("brokers", fund.order * fill, "stocks")
        else:
            fund.reserve -= fund.order * fill
            market.pay("futures_funds", fund.order * fill, "stocks")
        fund.held += fund.order
        fund.contracts += fund.hedge_order

    # -- checks ------------------------------------------------------------------------------------------------------

    def check_margins(self, market: SlowMarket, looked_at: bool, at_close: bool, dt: float) -> None:
        for fund in self.funds:
            fund.rule.fade(self.equity(market, fund), market.settings.funds.mark_days, dt)
            if ((fund.watched and looked_at) or at_close) and not fund.rule.closed:
                self.check_fund(market, fund, at_close)
            if fund.rule.closed:  # the account is its lender's
                missing = -self.equity(market, fund)
                fund.reserve += missing
                market.pay("brokers", missing, "futures_funds")

    def check_fund(self, market: SlowMarket, fund: FuturesFund, at_close: bool) -> None:
        rule, forced = fund.rule, market.settings.funds.forced_sales
        stocks, equity = fund.held * market.worth(fund.shares), self.equity(market, fund)
        base = fund.margin_level * (stocks if fund.swap else abs(fund.contracts) * self.price)
        required, floor = fund.initial * base, fund.floor * base
        if at_close:
            self.fill_deposit(fund, required)
        if equity <= 0:
            rule.close()
            return
        if forced:
            rule.check_drawdown(fund.held, equity, market.bar)
        if fund.deposit < floor and fund.held > 1e-12:
            fund.calls += 1
            self.fill_deposit(fund, required)
            if fund.deposit < floor:
                share = (required - fund.deposit) / (required + (0 if fund.swap else stocks))
                left = fund.held * (1 - share) * market.settings.funds.cut
                fund.called_to = min(fund.called_to, left) if rule.under_call else left
                rule.call(market.bar)
        if rule.under_call and fund.held <= fund.called_to * (1 + 1e-9):
            rule.meet_call(fund.held, market.bar)
        if at_close:
            excess = max(fund.deposit - required, 0)
            fund.deposit -= excess
            fund.reserve += excess
            owed = max(-fund.reserve, 0)
            fund.deposit -= owed
            fund.reserve += owed

    def fill_deposit(self, fund: FuturesFund, required: float) -> None:
        moved = max(min(required - fund.deposit, fund.reserve), 0)
        fund.deposit += moved
        fund.reserve -= moved

    # -- the close ---------------------------------------------------------------------------------------------------

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
            self.keep_lines(market, fund)
            fund.hedge_plan = self.hedge_plan(market, fund, plans[n])
            if fund.rule.closed:
                fund.stock_plan = fund.hedge_plan = 0.0

    def hedge_plan(self, market: SlowMarket, fund: FuturesFund, otherwise: float) -> float:
        rehedging = market.settings.futures_funds.rehedging
        if fund.policy == "full":
            return rehedging * (fund.held * fund.book - fund.contracts)
        if fund.policy == "full-rebalanced":
            return rehedging * (fund.held * market.worth(fund.shares) / market.index() - fund.contracts)
        return otherwise

    def plan_stocks(self, market: SlowMarket, fund: FuturesFund) -> None:
        """A fund that pays for its stocks, and need not sell, trades a little towards the reserve that it wants."""
        fund.stock_plan = 0.0
        stocks = fund.held * market.worth(fund.shares)
        wanted, most, cash = fund.reserve_wanted * stocks, market.settings.futures_funds.restoring, self.cash(fund)
        if fund.swap or stocks <= 0 or 0.6 * wanted <= cash <= 1.6 * wanted or self.has_to_sell(fund):
            return
        share = (cash - wanted) / ((1 + fund.initial + fund.reserve_wanted) * stocks)
        fund.stock_plan = min(fund.held * max(-most, min(share, most)), 1 - fund.held)
        if fund.rule.wanted < 1:
            fund.stock_plan = min(fund.stock_plan, 0.0)

    def cash(self, fund: FuturesFund) -> float:
        """What a fund counts as its reserve."""
        return fund.reserve

    def has_to_sell(self, fund: FuturesFund) -> bool:
        return fund.rule.sale(fund.held, fund.called_to, 1.0, 1.0) < 0 or fund.held > fund.line + 1e-12

    def pay_investors(self, market: SlowMarket, fund: FuturesFund) -> None:
        equity = max(self.equity(market, fund), 0)
        paid = min(fund.payable * equity, max(fund.reserve, 0))
        share = paid / equity if equity > 0 else 0.0
        unpaid = fund.payable - share
        fund.payable = unpaid * equity / (equity - paid) if unpaid > 1e-12 and equity > paid else 0.0
        fund.units *= 1 - share
        fund.rule.mark *= 1 - share
        fund.reserve -= paid
        market.pay("futures_funds", paid, "investors")

    def plan_redemption(self, market: SlowMarket, fund: FuturesFund, day: int) -> None:
        rules, value = market.settings.redemptions, self.unit_value(market, fund)
        past = fund.unit_values[max(len(fund.unit_values) - rules.horizon, 0)]
        fund.unit_values.append(value)
        asked = min(max(rules.sensitivity * (1 - value / past - rules.threshold), 0), 1)
        if asked > 0 and value > 0 and day - fund.asked_on >= rules.horizon:
            fund.asked_on = day
            fund.owed[day + rules.notice] = asked
        fund.payable = min(fund.payable + fund.owed.pop(day + 1, 0.0), 1)
        if fund.payable > 0 and not self.has_to_sell(fund):
            fund.stock_plan = -fund.payable * fund.held

    def keep_lines(self, market: SlowMarket, fund: FuturesFund) -> None:
        lines, value = market.settings.lines, self.unit_value(market, fund) * fund.start_value
        if lines.stop > 0 and value < lines.stop and not fund.stopped:
            fund.stopped = True
            fund.line, fund.line_rate = 0.0, fund.held / lines.stop_days
        elif lines.warning > 0 and value < lines.warning and not (fund.warned or fund.stopped):
            fund.warned = True
            fund.line = max(lines.invested * self.equity(market, fund), 0) / market.worth(fund.shares)
            fund.line_rate = max(fund.held - fund.line, 0) / lines.warning_days
        if fund.warned or fund.stopped:
            fund.stock_plan = min(fund.stock_plan, 0.0)


def futures_funds_of(market: Market, books: list[list[float]]) -> list[FuturesFund]:
    """Take over the funds that the engine has drawn on path 0."""
    drawn, exposure = market.state.futures_funds, market.futures_crowd.exposure()
    policies = {n: group.policy.name for group in market.futures_crowd.followers for n in group.funds}
    funds = []
    for n in range(drawn.book.shape[1]):
        own = {name: float(getattr(drawn, name)[0, n]) for name in ("book", "contracts", "deposit", "reserve")}
        swap = bool(drawn.swap[0, n] == 1)
        equity = own["deposit"] + own["reserve"] + (0 if swap else own["book"])
        funds.append(
            FuturesFund(
                shares=whole_book([float(a) for a in exposure[n]], books),
                swap=swap,
                initial=float(drawn.initial[0, n]),
                floor=float(drawn.floor[0, n]),
                reserve_wanted=float(drawn.reserve_wanted[0, n]),
                start_value=float(drawn.start_value[0, n]),
                watched=bool(drawn.watched[0, n]),
                policy=policies[n],
                rule=Rule.of(drawn.limits, n, 1.0, equity),
                start_equity=equity,
                **own,
            )
        )
    return funds
