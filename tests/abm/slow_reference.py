"""The bar of docs/model.md, section 2, written slowly and obviously: one fund and one stock at a time, no arrays.

It starts from the engine's initial state of one path and shares nothing else with it. The engine must equal it. What
belongs to index futures stands in `slow_futures.py`, those on credit in `slow_credit.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from slow_futures import SlowFutures
from slow_holders import Fund, Member, Opportunists
from slow_prices import Stock, move_value, press_price, stocks_of, whole_book
from slow_rule import Rule

from abm import Market, Party
from abm.randomness import DayNoise


@dataclass
class SlowMarket:
    settings: Any
    stocks: list[Stock]
    books: list[list[float]]  # shares of each stock in a unit of each basket
    funds: list[Fund]
    opportunists: Opportunists
    members: list[Member]
    liquidator_book: float
    sales: list[float]
    participation: float
    first_sale: int
    futures: SlowFutures | None = None
    volume: float = 0.0
    bar: int = 0
    capacity: float = 1.0  # psi
    crowded_at_start: float = 0.0
    reference: float = 0.0  # R
    cheapness: list[float] = field(default_factory=lambda: [0.0])  # c at the start, and at the end of each bar
    outside: list[float] = field(default_factory=list)  # shares of each stock ordered from outside for the day
    cash: dict[str, float] = field(default_factory=lambda: {party.name.lower(): 0.0 for party in Party})

    @classmethod
    def of(cls, market: Market) -> Any:
        """Take over the engine's initial state of path 0."""
        state, settings = market.state, market.settings
        slow = cls(
            settings,
            [],
            [[float(q) for q in row] for row in state.baskets.shares[0]],
            funds_of(market),
            Opportunists(settings.opportunists.capital),
            [Member(float(stop)) for stop in state.sector.stop[0]],
            settings.liquidator.size,
            [float(x) for x in state.liquidator.sales],
            state.liquidator.participation,
            state.liquidator.first_bar,
            volume=1 / settings.clock.bars,
            capacity=settings.impact.maker_capacity,
        )
        slow.stocks = stocks_of(market)
        slow.crowded_at_start = slow.value(0)
        if settings.futures.volume > 0:
            slow.futures = SlowFutures.of(market, slow.books)
        return slow

    # -- what things are worth ---------------------------------------------------------------------------------------

    def worth(self, shares: Sequence[float], when: str = "price") -> float:
        """Of so many shares of each stock, at the prices `before` the bar, of its trades (`fill`), or after it."""
        return sum(q * getattr(stock, when) for q, stock in zip(shares, self.stocks, strict=True))

    def value(self, row: int, when: str = "price") -> float:
        return self.worth(self.books[row], when)

    def index(self, when: str = "price") -> float:
        return self.worth([stock.index_shares for stock in self.stocks], when)

    # -- a bar -------------------------------------------------------------------------------------------------------

    def trade_bar(
        self,
        noise: DayNoise,
        bar: int,
        drift: float = 0.0,
        to_index: float = 0.0,
        to_small_caps: float = 0.0,
        to_large_caps: float = 0.0,
    ) -> None:
        """Trade a bar; `drift` is the day's news for the market, the others for stocks in the index and beside it."""
        bars = self.settings.clock.bars
        dt, at_close = 1 / bars, bar == bars - 1
        looked_at = (bar + 1) % max(1, bars // self.settings.funds.looks) == 0
        self.open_bar(dt)
        # 1. and 2. orders
        self.place_fund_orders(bar, dt)
        sale = self.sale()
        self.opportunists.order = self.filled(self.books[0], self.opportunists_order(dt))
        self.volume = dt + 2 * sum(abs(fund.order) for fund in self.funds) + 2 * abs(self.opportunists.order)
        if self.futures is not None:
            self.volume += self.futures.place_orders(self, sale, dt)
        index_sale = self.index_holders_sale(dt)
        on_credit = self.credit_orders(dt)
        # 3. net flow
        self.net_flow(sale, index_sale, on_credit, dt)
        # 4. values and 5. impact
        for i, stock in enumerate(self.stocks):
            news, early = move_value(
                self.settings, stock, noise, bar, i, (drift, to_index, to_small_caps, to_large_caps)
            )
            press_price(self.settings, stock, self.capacity, news, early)
            self.hold(stock)
        # 6. profit and loss
        self.book_funds(dt)
        self.book_opportunists()
        self.book_others(sale, index_sale, dt)
        if self.futures is not None:
            self.futures.settle(self, noise.futures[bar, 1], sale, dt)
        self.mark_credit()
        # 7. checks
        self.check_funds(looked_at, at_close, dt)
        for member in self.members:
            if self.crowded_at_start - self.value(0) > member.stop:
                member.target = 1 - self.settings.index_sector.cut
        if self.futures is not None:
            self.futures.check_margins(self, looked_at, at_close, dt)
        # 8. cheapness
        value = self.value(0) - self.crowded_at_start
        self.reference += (value - self.reference) * (1 - math.exp(-dt / self.settings.market.reference_days))
        self.cheapness.append(self.reference - value)
        self.bar += 1

    # What an exchange keeps from being traded is in slow_exchange.py; here there is none.

    def open_bar(self, dt: float) -> None:
        """Find what may not be traded in this bar."""

    def filled(self, shares: Sequence[float], units: float, counts: bool = True) -> float:  # noqa: ARG002
        """Units of so many shares of each stock that are traded, of those ordered."""
        return units

    def outside_now(self, i: int) -> float:
        """Shares of stock `i` of the day's outside order, as far as they are traded in this bar."""
        return self.outside[i]

    def hold(self, stock: Stock) -> None:
        """Keep a price from moving where it may not."""

    def place_fund_orders(self, bar: int, dt: float) -> None:
        for fund in self.funds:
            if bar == 0:
                fund.calls, fund.missing = 0, 0.0
            fund.order = self.filled(whole_book(fund.exposure, self.books), self.fund_order(fund, dt))

    def fund_order(self, fund: Fund, dt: float) -> float:
        rules, rule = self.settings.funds, fund.rule
        if not rules.forced_sales:
            return 0.0
        carried = rules.cut * fund.limit * max(fund.equity, 0)
        order = rule.sale(fund.book, carried, rules.cut_days, dt)
        cheapness = self.cheapness[-1]
        if order < 0 or not rule.may_come_back(fund.book, cheapness, self.bar, self.settings.clock.bars):
            return order
        rule.take_up_business(fund.book, fund.equity)
        gap = min(rule.whole, fund.leverage * max(fund.equity, 0)) - fund.book
        if gap <= 0:
            return 0.0
        order = min(gap, rule.whole * dt / rules.reentry_days * min(1, cheapness / rules.reentry_cheapness))
        rule.base = max(rule.base, fund.book + order)
        return order

    @property
    def hedged_liquidator(self) -> bool:
        return bool(self.settings.liquidator.kind == "futures")

    def liquidator_unit(self) -> tuple[float, float, float]:
        """Units of the crowded book and of the index in a unit of its book, and what that trades in stocks."""
        return (self.settings.futures_funds.tilt, 1.0, 1.0) if self.hedged_liquidator else (1.0, 0.0, 2.0)

    def sale(self) -> float:
        """Units of its book that the liquidator sells."""
        wanted = self.settings.liquidator.size * self.sales[self.bar]
        if self.bar >= self.first_sale:
            wanted += self.participation * self.volume / self.liquidator_unit()[2]
        return min(wanted, self.liquidator_book)

    def cheapness_ago(self, days: float) -> float:
        """Cheapness at an earlier time, linear between bars, 0 before the run."""
        when = self.bar - days * self.settings.clock.bars  # in bars since the start
        if when <= 0:
            return 0.0
        first = math.floor(when)
        if first == self.bar:
            return self.cheapness[first]
        part = when - first
        return (1 - part) * self.cheapness[first] + part * self.cheapness[first + 1]

    def opportunists_order(self, dt: float) -> float:
        rules, own = self.settings.opportunists, self.opportunists
        lags = [rules.lag * (1 + rules.lag_spread * (2 * j - 10) / 9) for j in range(1, 10)]
        cheap = [min(self.cheapness[-1], self.cheapness_ago(lag)) for lag in lags]
        own.wanted = rules.capital * sum(min(1, max(0, (c - rules.cheap) / rules.depth)) for c in cheap) / 9
        wanted = min(own.wanted, max(own.equity, 0))
        if wanted == 0 and own.book < 1e-9:
            return -own.book
        days = rules.buy_days if wanted > own.book else rules.sell_days
        return (wanted - own.book) * (1 - math.exp(-dt / days))

    def index_holders_sale(self, dt: float) -> float:
        """Index units that members who were stopped out sell."""
        rules = self.settings.index_sector
        if rules.holding == 0:
            return 0.0
        most = rules.cut / rules.cut_days * dt
        parts = [min(max(member.holding - member.target, 0), most) for member in self.members]
        wanted = rules.holding * sum(parts) / len(self.members)
        sold = -self.filled([stock.index_shares for stock in self.stocks], -wanted)
        for member, part in zip(self.members, parts, strict=True):
            member.holding -= part * sold / wanted if wanted > 0 else 0.0
        return sold

    def credit_orders(self, dt: float) -> float:  # noqa: ARG002
        """Units of the crowded book bought by those on credit (slow_credit.py); here there is nobody."""
        return 0.0

    def mark_credit(self) -> None:
        """Book what those on credit have gained."""

    def net_flow(self, sale: float, index_sale: float, on_credit: float, dt: float) -> None:
        """Step 3: shares of each stock that everybody together buys."""
        crowded, index, _ = self.liquidator_unit()
        units = [sum(fund.order * fund.exposure[j] for fund in self.funds) for j in range(len(self.books))]
        units[0] += self.opportunists.order + on_credit - sale * crowded
        index_units = -index_sale - sale * index
        if self.futures is not None:
            index_units += self.futures.arbitrage
        for i, stock in enumerate(self.stocks):
            stock.flow = sum(u * shares[i] for u, shares in zip(units, self.books, strict=True))
            stock.flow += index_units * stock.index_shares
            if self.futures is not None:
                stock.flow += sum(fund.order * fund.shares[i] for fund in self.futures.funds)
            if self.outside:
                stock.flow += self.outside_now(i) * dt
            stock.pressed = stock.flow

    # -- accounts ----------------------------------------------------------------------------------------------------

    def gain(self, exposure: list[float], since: str) -> float:
        """Of a unit of book, to the end of the bar, `since` the prices before it or those of its trades."""
        return sum(a * (self.value(j) - self.value(j, since)) for j, a in enumerate(exposure))

    def book_funds(self, dt: float) -> None:
        for fund in self.funds:
            gained, late = self.gain(fund.exposure, "before"), self.gain(fund.exposure, "fill")
            worth = sum(a * self.value(j, "fill") for j, a in enumerate(fund.exposure))
            self.book_fund(fund, gained, late, worth, dt)

    def book_fund(self, fund: Fund, gained: float, late: float, worth: float, dt: float) -> None:
        """Book what a unit of its book has gained, over the bar and since the fill, at which it is `worth` so much."""
        rules, spread = self.settings.funds, 2 * self.settings.impact.half_spread
        costs = 0.0
        if not fund.rule.closed:
            costs = dt * (rules.funding * max(fund.book - fund.equity, 0) + rules.borrow_fee * fund.book) / 252
        fund.equity += fund.book * gained + fund.order * late
        fund.equity -= spread * abs(fund.order) + costs
        fund.book += fund.order
        self.pay("crowd", fund.order * worth, "stocks")
        self.pay("crowd", spread * abs(fund.order), "providers")
        self.pay("crowd", costs, "brokers")

    def pay(self, who: str, amount: float, whom: str) -> None:
        """Move cash; what is paid for `stocks` goes to the providers, who are the other side of every trade."""
        self.cash[who] -= amount
        self.cash["providers" if whom == "stocks" else whom] += amount

    def book_opportunists(self) -> None:
        own, spread, one = self.opportunists, 2 * self.settings.impact.half_spread, [1.0]
        own.equity += own.book * self.gain(one, "before") + own.order * self.gain(one, "fill")
        own.equity -= spread * abs(own.order)
        self.pay("opportunists", own.order * self.value(0, "fill") + spread * abs(own.order), "stocks")
        own.book += own.order

    def book_others(self, sale: float, index_sale: float, dt: float) -> None:
        """The liquidator, index holders, and orders from outside."""
        half_spread = self.settings.impact.half_spread
        crowded, index, gross = self.liquidator_unit()
        self.liquidator_book -= sale
        worth = crowded * self.value(0, "fill") + index * self.index("fill")
        self.pay("liquidator", gross * half_spread * sale - sale * worth, "stocks")
        self.pay("index_sector", half_spread * index_sale - index_sale * self.index("fill"), "stocks")
        for i, stock in enumerate(self.stocks if self.outside else []):
            bought = self.outside_now(i) * dt
            self.pay("outside", bought * stock.fill + half_spread * abs(bought), "stocks")

    # -- checks ------------------------------------------------------------------------------------------------------

    def check_funds(self, looked_at: bool, at_close: bool, dt: float) -> None:
        for fund in self.funds:
            self.look_at(fund, looked_at, at_close, dt)

    def look_at(self, fund: Fund, looked_at: bool, at_close: bool, dt: float) -> None:
        fund.rule.fade(fund.equity, self.settings.funds.mark_days, dt)
        if ((fund.watched and looked_at) or at_close) and not fund.rule.closed:
            self.check_fund(fund)
        if fund.rule.closed:  # the account is its lender's
            self.pay("crowd", fund.equity, "brokers")
            fund.equity = 0.0

    def check_fund(self, fund: Fund) -> None:
        rules, rule = self.settings.funds, fund.rule
        if fund.equity <= 0:
            rule.close()
            return
        if rules.forced_sales:
            rule.check_drawdown(fund.book, fund.equity, self.bar)
        carried = fund.limit * fund.equity
        fund.missing = max(fund.missing, fund.book / fund.limit - fund.equity)
        if not rule.under_call and fund.book > carried:
            rule.call(self.bar)
            fund.calls += 1
        elif rule.under_call and fund.book <= rules.cut * carried * (1 + 1e-9):
            rule.meet_call(fund.book, self.bar)


def funds_of(market: Market) -> list[Fund]:
    """Take over the long-short funds that the engine has drawn on path 0."""
    drawn, count = market.state.funds, market.state.funds.equity.shape[1]
    funds = []
    for n in range(count):
        equity, book = float(drawn.equity[0, n]), float(drawn.book[0, n])
        funds.append(
            Fund(
                [float(a) for a in drawn.exposure[0, :, n]],
                equity,
                book,
                float(drawn.leverage[0, n]),
                float(drawn.limit[0, n]),
                n < round(market.settings.funds.intraday_share * count),
                Rule.of(drawn.limits, n, book, equity),
            )
        )
    return funds
