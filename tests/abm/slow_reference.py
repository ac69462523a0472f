"""The bar of docs/model.md, section 2, written slowly and obviously: one fund and one stock at a time, no arrays.

It starts from the engine's initial state of one path and shares nothing else with it. The engine must equal it. What
belongs to index futures stands in `slow_futures.py`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from slow_futures import SlowFutures

from abm import Market
from abm.randomness import DayNoise


@dataclass
class Stock:
    adv: float
    sigma: float
    beta: float
    index_shares: float
    loadings: list[float]
    log_value: float = 0.0
    displacement: float = 0.0
    inventory: float = 0.0
    price: float = 1.0
    other_demand: float = 0.0  # shares bought by others since the start


@dataclass
class Fund:
    exposure: list[float]
    equity: float
    book: float
    leverage: float
    limit: float
    reenters: bool
    watched: bool
    doing: str = "normal"
    defaulted: bool = False
    target: float = 0.0
    rate: float = 0.0
    called_at: float = 0.0
    order: float = 0.0
    cut_base: float = 0.0  # leverage that a cut is a share of


@dataclass
class Member:
    stop: float
    holding: float = 1.0
    target: float = 1.0


@dataclass
class SlowMarket:
    settings: object
    stocks: list[Stock]
    books: list[list[float]]  # shares of each stock in a unit of each basket
    funds: list[Fund]
    members: list[Member]
    liquidator_book: float
    sales: list[float]
    participation: float
    first_sale: int
    futures: SlowFutures | None = None
    gauge: float = 0.0
    crowded_loss: float = 0.0
    volume: float = 0.0
    bar: int = 0
    capacity: float = 1.0  # of market makers
    cash: dict[str, float] = field(
        default_factory=lambda: dict.fromkeys(("crowd", "liquidator", "sector", "other"), 0.0)
    )

    @classmethod
    def of(cls, market: Market) -> SlowMarket:
        """Take over the engine's initial state of path 0."""
        state, settings = market.state, market.settings
        s, f = state.stocks, state.funds
        stocks = [
            Stock(
                s.adv[0, i], s.sigma[0, i], s.beta[0, i], s.index_shares[0, i], [float(b) for b in s.loadings[0, :, i]]
            )
            for i in range(settings.market.stocks)
        ]
        count = f.equity.shape[1]
        watched = round(settings.funds.intraday_share * count)
        funds = [
            Fund(
                [float(a) for a in f.exposure[0, n]],
                f.equity[0, n],
                f.book[0, n],
                f.leverage[0, n],
                f.limit[0, n],
                bool(f.reenters[0, n]),
                n < watched,
                cut_base=f.cut_base[0, n],
            )
            for n in range(count)
        ]
        return cls(
            settings,
            stocks,
            [[float(q) for q in row] for row in state.baskets.shares[0]],
            funds,
            [Member(float(stop)) for stop in state.sector.stop[0]],
            settings.liquidator.size,
            [float(x) for x in state.liquidator.sales],
            state.liquidator.participation,
            state.liquidator.first_bar,
            SlowFutures.of(market) if settings.futures.volume > 0 else None,
            volume=1 / settings.clock.bars,
            capacity=settings.impact.maker_capacity,
        )

    @property
    def hedged_liquidator(self) -> bool:
        return self.settings.liquidator.kind == "futures"

    def index(self) -> float:
        return sum(stock.index_shares * stock.price for stock in self.stocks)

    def settled(self) -> dict[str, float]:
        """Cash of all who trade stocks, that of their futures included."""
        hedged = 0.0 if self.futures is None else self.futures.cash["liquidator"]
        return {**self.cash, "liquidator": self.cash["liquidator"] + hedged}

    def book_value(self, row: int) -> float:
        return sum(q * stock.price for q, stock in zip(self.books[row], self.stocks, strict=True))

    def trade_bar(
        self, noise: DayNoise, bar: int, drift: float = 0.0, to_index: float = 0.0, to_small_caps: float = 0.0
    ) -> None:
        """Trade a bar; `drift` is the day's news for the market, the others are for stocks in and outside the index."""
        settings, futures = self.settings, self.futures
        bars = settings.clock.bars
        dt = 1 / bars
        time = self.bar * dt

        # 1. and 2. funds' orders, and the liquidator's: of a book as the crowd's, or of one whose hedge it buys back
        for fund in self.funds:
            fund.order = self.fund_order(fund, time, dt)
        tilt, index_units, gross = (settings.futures_funds.tilt, 1, 1) if self.hedged_liquidator else (1, 0, 2)
        sale = self.sale(gross)
        self.volume = dt + 2 * sum(abs(fund.order) for fund in self.funds)
        if futures is not None:
            self.volume += futures.place_orders(self, sale, dt)
        sold = self.sector_sale(dt)
        lent = self.credit_orders(dt)  # units of the common book bought by those on credit
        # 3. net flows, 4. fundamentals and 5. impact
        rows = range(len(self.books))
        before = [stock.price for stock in self.stocks]
        old_index, old_values = self.index(), [self.book_value(j) for j in rows]
        flows = self.flows(sale * tilt - lent, sale * index_units)
        move = drift * dt + settings.market.market_volatility * math.sqrt(dt) * noise.common[bar, 0]
        move -= settings.index_sector.impact * sold
        outside = to_small_caps * dt + settings.market.small_cap_volatility * math.sqrt(dt) * noise.futures[bar, 0]
        for i, stock in enumerate(self.stocks):
            own = to_index * dt if stock.index_shares > 0 else outside
            self.move_stock(i, stock, flows[i], move, own, noise, bar, dt)
        values = [self.book_value(j) for j in rows]
        # 6. profit and loss
        half_spread = settings.impact.half_spread
        self.book_funds(old_values, values)
        self.liquidator_book -= sale
        worth = tilt * (values[0] + old_values[0]) / 2 + index_units * (old_index + self.index()) / 2
        self.cash["liquidator"] += sale * worth - gross * half_spread * sale
        self.cash["sector"] += sold * (old_index + self.index()) / 2 - half_spread * sold
        for i, stock in enumerate(self.stocks):
            bought = settings.impact.other_demand * math.sqrt(dt) * noise.demand[bar, i] * stock.adv
            bought *= self.capacity
            stock.other_demand += bought
            self.cash["other"] -= bought * (before[i] + stock.price) / 2
        if futures is not None:
            futures.settle(self, before, noise.futures[bar, 1], sale * index_units, dt)
        self.mark_credit(old_values[0], values[0])
        # 7. the gauge
        weight = 1 - 2 ** (-dt / settings.funds.gauge_half_life)
        self.gauge = (1 - weight) * self.gauge + weight * (values[0] - old_values[0]) / dt
        self.crowded_loss -= values[0] - old_values[0]
        # 8. margin
        self.check_margins(time + dt, bar == bars - 1)
        if futures is not None:
            futures.check_margins(self, time + dt, bar == bars - 1)
        self.bar += 1

    def sale(self, gross: int) -> float:
        """What the liquidator sells of its book, which trades so much `gross` in stocks."""
        wanted = self.settings.liquidator.size * self.sales[self.bar]
        if self.bar >= self.first_sale:
            wanted += self.participation * self.volume / gross
        return min(wanted, self.liquidator_book)

    def sector_sale(self, dt: float) -> float:
        """Index units that stopped members of the sector sell."""
        rules, sold = self.settings.index_sector, 0.0
        for member in self.members if rules.holding > 0 else []:
            excess = member.holding - member.target
            if excess > 0:
                part = min(excess, rules.cut / rules.cut_days * dt)
                member.holding -= part
                sold += rules.holding * part / len(self.members)
        return sold

    def flows(self, common: float, index: float) -> list[float]:
        """Shares of each stock bought net; units of the common book and of the index are sold beside the funds."""
        rows, futures = range(len(self.books)), self.futures
        wanted = [sum(fund.order * fund.exposure[j] for fund in self.funds) for j in rows]
        flows = [
            sum(wanted[j] * self.books[j][i] for j in rows) - (common * self.books[0][i] + index * stock.index_shares)
            for i, stock in enumerate(self.stocks)
        ]
        if futures is not None:
            for fund in futures.funds:
                flows = [flow + fund.order * q for flow, q in zip(flows, futures.whole_book(self, fund), strict=True)]
            for i, stock in enumerate(self.stocks):
                flows[i] += futures.arbitrage * stock.index_shares
        return flows

    def book_funds(self, old_values: list[float], values: list[float]) -> None:
        """Gains and costs of long-short funds; a trade is done at the middle of the bar's move."""
        fee, rows = 2 * self.settings.impact.half_spread, range(len(values))
        for fund in self.funds:
            gain = sum(fund.exposure[j] * (values[j] - old_values[j]) for j in rows)
            fund.equity += (fund.book + fund.order / 2) * gain - fee * abs(fund.order)
            fund.book += fund.order
            middle = sum(fund.exposure[j] * (values[j] + old_values[j]) / 2 for j in rows)
            self.cash["crowd"] -= fund.order * middle + fee * abs(fund.order)

    def check_margins(self, time: float, at_close: bool) -> None:
        """Check the funds that are watched, at the close all, and stop members of the sector out."""
        for fund in self.funds:
            if (fund.watched or at_close) and not fund.defaulted and fund.book > 0:
                self.check_margin(fund, time)
        for member in self.members:
            if self.crowded_loss > member.stop:
                member.target = 1 - self.settings.index_sector.cut

    def credit_orders(self, dt: float) -> float:  # noqa: ARG002
        """Orders of those on credit (slow_credit.py); here there is nobody."""
        return 0.0

    def mark_credit(self, before: float, after: float) -> None:
        """Mark those on credit to the move of a unit of the common book."""

    def fund_order(self, fund: Fund, time: float, dt: float) -> float:
        rules = self.settings.funds
        wanted = fund.leverage * max(fund.equity, 0)
        waited = time - fund.called_at >= rules.reentry_wait - 1e-9
        if fund.doing == "waiting" and fund.reenters and self.gauge > 0 and waited:
            fund.doing = "reentering"
        if fund.doing == "normal":
            return (wanted - fund.book) * (1 - math.exp(-rules.rebalancing * dt))
        if fund.doing == "deleveraging":
            order = -min(fund.rate * dt, max(fund.book - fund.target, 0))
            if fund.book + order <= fund.target * (1 + 1e-12) + 1e-12 * fund.book:
                fund.doing = "gone" if fund.defaulted else "waiting"
            return order
        if fund.doing == "reentering":
            if wanted <= fund.book:
                fund.doing = "normal"
                return 0.0
            if self.gauge > 0:
                return min(wanted - fund.book, wanted * (1 - rules.cut) * dt / rules.reentry_days)
        return 0.0

    def move_stock(
        self, i: int, stock: Stock, flow: float, move: float, own: float, noise: DayNoise, bar: int, dt: float
    ) -> None:
        market, impact = self.settings.market, self.settings.impact
        news = stock.beta * move + own + stock.sigma * math.sqrt(dt) * noise.own[bar, i]
        variance = stock.sigma**2 + (stock.beta * market.market_volatility) ** 2
        if stock.index_shares == 0:
            variance += market.small_cap_volatility**2
        for k, loading in enumerate(stock.loadings):
            news += loading * market.factor_volatility * math.sqrt(dt) * noise.common[bar, 1 + k]
            variance += (loading * market.factor_volatility) ** 2
        stock.log_value += news - variance * dt / 2
        pull = impact.recovery + impact.value_capital * abs(stock.displacement) / stock.sigma
        stock.inventory *= math.exp(-pull * dt)
        stock.inventory += flow / (stock.adv * self.capacity)
        stock.inventory += impact.other_demand * math.sqrt(dt) * noise.demand[bar, i]
        m = stock.inventory
        if impact.law == "power":
            depth = abs(m) ** impact.exponent
        elif impact.law == "linear":
            depth = abs(m)
        else:
            depth = impact.depth * (1 - math.exp(-abs(m) / impact.depth))
        stock.displacement = math.copysign(impact.strength * stock.sigma * depth, m)
        stock.price = math.exp(stock.log_value + stock.displacement)

    def check_margin(self, fund: Fund, time: float) -> None:
        rules = self.settings.funds
        if fund.equity <= 0:
            fund.defaulted, fund.doing = True, "deleveraging"
            fund.target, fund.rate = 0.0, fund.book / rules.cut_days
            return
        if fund.book / fund.equity <= fund.limit:
            return
        target = rules.cut * fund.cut_base * fund.equity
        rate = (fund.book - target) / rules.cut_days
        if fund.doing != "deleveraging":
            fund.doing, fund.target, fund.rate, fund.called_at = "deleveraging", target, rate, time
        elif target < fund.target:
            fund.target, fund.rate = target, max(fund.rate, rate)
