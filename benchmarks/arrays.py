"""The market's bar in NumPy without compilation: all funds and all stocks at once, a path at a time.

The same laws as the engine's (docs/model.md, section 2), for long-short funds, the liquidator, opportunists and
stopped-out index holders. It gives the engine's prices to rounding (`tests/benchmarks/test_same_bar.py`).
"""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np

from abm import Market
from abm.cut import CLOSING, LONG_AGO, ROUNDING
from abm.randomness import DayNoise
from cqkit.arrays import BoolArray, FloatArray

YEAR = 252


def first_path(state: Any) -> Any:
    """A named tuple of arrays with a leading path axis, as a namespace of copies of path 0."""
    found = {}
    for name, part in state._asdict().items():
        if isinstance(part, tuple):
            found[name] = first_path(part)
        else:
            found[name] = part[0].copy() if isinstance(part, np.ndarray) and len(part) == 1 else part
    return SimpleNamespace(**found)


class ArrayMarket:
    """Path 0 of a market of one path that the engine has opened and not yet traded."""

    def __init__(self, market: Market) -> None:
        state, self.settings = market.state, market.settings
        assert market.paths == 1
        assert not market.settings.has_futures
        self.impact, self.values = state.impact, state.values
        self.stocks, self.shares = first_path(state.stocks), state.baskets.shares[0].copy()
        self.funds, self.sector = first_path(state.funds), first_path(state.sector)
        self.liquidator, self.opportunists = first_path(state.liquidator), first_path(state.opportunists)
        self.reference, self.cheapness = float(self.shares[0].sum()), 0.0
        self.capacity, self.bars = float(state.providers.capacity[0]), market.settings.clock.bars
        self.volume, self.bar = 1.0 / self.bars, 0
        self.cash, self.provided = 0.0, np.zeros_like(self.stocks.price)  # of all but the providers; shares of these

    def trade_bar(self, noise: DayNoise, bar: int, drift: float = 0.0) -> None:
        """Trade a bar; `drift` is the day's dated news for the market."""
        stocks, dt = self.stocks, 1.0 / self.bars
        order = self.fund_orders(dt)
        sale = min(self.sale(), self.liquidator.book)
        bought = self.opportunists_order(dt)
        index_units = -self.index_holders_sale(dt)
        self.volume = dt + 2 * np.abs(order).sum() + 2 * abs(bought)
        units = self.funds.exposure @ order
        units[0] += bought - sale
        flow = units @ self.shares + index_units * stocks.index_shares
        price_before, late = self.move_prices(flow, noise, bar, drift, dt)
        gain, fill = stocks.price - price_before, stocks.price - late
        self.provided -= flow
        spread = 2 * self.impact.half_spread
        self.mark_funds(order, self.shares @ gain, self.shares @ late, self.shares @ fill, dt)
        self.liquidator.book -= sale
        common, since, paid = float(self.shares[0] @ gain), float(self.shares[0] @ late), float(self.shares[0] @ fill)
        own = self.opportunists
        own.equity += own.book * common + bought * since - spread * abs(bought)
        own.book += bought
        self.cash -= (bought - sale) * paid + spread * (abs(bought) + sale)
        self.cash -= index_units * float(stocks.index_shares @ fill) + self.impact.half_spread * abs(index_units)
        self.sector.loss -= common
        weight = -math.expm1(-dt / self.values.reference_days)
        worth = float(self.shares[0] @ stocks.price)
        self.reference += weight * (worth - self.reference)
        self.cheapness = self.reference - worth
        look = (bar + 1) % self.funds.every == 0
        self.check_funds(look, bar == self.bars - 1, dt)
        if self.sector.units > 0:
            self.sector.target[self.sector.loss > self.sector.stop] = self.sector.kept
        self.bar += 1

    # -- orders --------------------------------------------------------------------------------------------------------

    def fund_orders(self, dt: float) -> FloatArray:
        funds, cut, rules, limits = self.funds, self.funds.cut, self.funds.rules, self.funds.limits
        held, equity = funds.book, np.maximum(funds.equity, 0)
        wanted = cut.target
        if rules.forced:
            called = rules.share * funds.limit * equity
            wanted = np.where(cut.called != 0, np.minimum(wanted, called), wanted)
        gap = held - wanted
        sold = np.where(gap <= CLOSING * cut.start, gap, -gap * math.expm1(-dt / rules.days))
        order: FloatArray = np.where(gap > 0, -sold, 0.0)
        if self.cheapness > 0:
            back = (order == 0) & (held < cut.start) & (limits.willing != 0) & (cut.cut_in != LONG_AGO)
            back &= (cut.closed == 0) & (cut.called == 0) & ((self.bar - cut.cut_in) * dt >= limits.wait - ROUNDING)
            anew = back & (held + ROUNDING * cut.start >= cut.target) & (cut.target < cut.start)
            cut.target[anew], cut.mark[anew], cut.base[anew] = cut.start[anew], equity[anew], held[anew]
            room = np.minimum(cut.start, funds.leverage * equity) - held
            fastest = cut.start * dt / rules.reentry_days * min(1.0, self.cheapness / rules.reentry_cheapness)
            buys = back & (room > 0)
            order[buys] = np.minimum(room, fastest)[buys]
            cut.base[buys] = np.maximum(cut.base, held + order)[buys]
        return order

    def sale(self) -> float:
        seller = self.liquidator
        wanted = seller.sales[self.bar] * seller.size
        return float(
            wanted + (seller.participation * self.volume / seller.gross if self.bar >= seller.first_bar else 0)
        )

    def opportunists_order(self, dt: float) -> float:
        own = self.opportunists
        own.seen[self.bar] = self.cheapness
        if own.capital == 0:
            return 0.0
        when = self.bar - own.lags
        past = np.interp(when, np.arange(self.bar + 1), own.seen[: self.bar + 1])
        ripe = np.minimum(self.cheapness, np.where(when < 0, 0.0, past))
        wanted = own.capital * np.clip((ripe - own.cheap) / own.depth, 0, 1).mean()
        if own.equity < own.capital:
            wanted = min(wanted, max(own.equity, 0.0))
        if own.book < 1e-9 and wanted == 0:
            return float(-own.book)
        days = own.buy_days if wanted > own.book else own.sell_days
        return float(-(wanted - own.book) * math.expm1(-dt / days))

    def index_holders_sale(self, dt: float) -> float:
        sector = self.sector
        if sector.units == 0:
            return 0.0
        sale = np.minimum(np.maximum(sector.holding - sector.target, 0), sector.speed * dt)
        sector.holding -= sale
        return float(sale.mean() * sector.units)

    # -- prices --------------------------------------------------------------------------------------------------------

    def news(self, noise: DayNoise, bar: int, drift: float, dt: float) -> tuple[FloatArray, float]:
        """What values and other investors' noise move by, and what part of it comes before the average trade."""
        stocks, values = self.stocks, self.values
        trading = (1.0 - values.overnight) * dt
        weight, before = (values.overnight + trading, 0.0) if bar == 0 else (trading, 0.5)
        if bar == 0:
            before = (values.overnight + 0.5 * trading) / weight
        root = math.sqrt(weight) * values.moving
        move = drift * dt + values.market_volatility * root * noise.common[bar, 0]
        news: FloatArray = stocks.beta * move + stocks.sigma * root * noise.own[bar]
        news -= 0.5 * weight * values.moving * stocks.variance
        news += values.factor_volatility * root * noise.common[bar, 1:] @ stocks.loadings
        small = values.small_cap_volatility * values.moving * math.sqrt(weight) * noise.futures[bar, 0]
        news[(stocks.index_shares == 0) & (stocks.larger == 0)] += small
        if values.moving:
            kept = math.exp(-values.transient_decay * dt)
            fresh = math.sqrt(1.0 - kept * kept) * stocks.transient_sd * noise.transient[bar]
            change = (kept - 1.0) * stocks.transient + fresh
            stocks.transient += change
            news = news + change
        return news, before

    def move_prices(
        self, flow: FloatArray, noise: DayNoise, bar: int, drift: float, dt: float
    ) -> tuple[FloatArray, FloatArray]:
        """Move prices by news and impact; return them as they were, and their change since the fill."""
        stocks, impact = self.stocks, self.impact
        news, before = self.news(noise, bar, drift, dt)
        rate = flow / (stocks.adv * self.capacity * dt)
        effect = rate / np.sqrt(np.sqrt(rate * rate + impact.crossover**2))
        mean = impact.mean_kept @ stocks.memory + impact.mean_added.sum() * effect
        stocks.memory *= impact.kept[:, None]
        stocks.memory += impact.added[:, None] * effect
        stocks.bought += rate * dt
        stays = 0.5 * impact.permanent * rate * dt
        x = stocks.volatility * (impact.strength * stocks.memory.sum(axis=0) + impact.permanent * stocks.bought)
        fill = stocks.price * np.exp(before * news + stocks.volatility * (impact.strength * mean + stays))
        price = stocks.price
        stocks.price = price * np.exp(news + x - stocks.displacement)
        stocks.displacement = x
        return price, stocks.price - fill

    # -- accounts ------------------------------------------------------------------------------------------------------

    def mark_funds(self, order: FloatArray, gain: FloatArray, late: FloatArray, fill: FloatArray, dt: float) -> None:
        funds = self.funds
        fees = 2 * self.impact.half_spread * np.abs(order)
        due = funds.funding * np.maximum(funds.book - funds.equity, 0) + funds.borrow_fee * funds.book
        due = np.where(funds.cut.closed == 0, due * dt / YEAR, 0.0)
        funds.equity += funds.book * (gain @ funds.exposure) + order * (late @ funds.exposure) - fees - due
        funds.book += order
        self.cash -= float(order @ (fill @ funds.exposure)) + float(fees.sum())

    def check_funds(self, look: bool, at_close: bool, dt: float) -> None:
        funds, cut, rules, bar = self.funds, self.funds.cut, self.funds.rules, self.bar
        equity, book = funds.equity, funds.book
        fading = -math.expm1(-dt / rules.mark_days)
        cut.mark = np.maximum(equity, cut.mark + (equity - cut.mark) * fading)
        watched: BoolArray = np.zeros(book.size, dtype=bool)
        watched[: None if at_close else funds.watched * look] = True
        watched &= (cut.closed == 0) & ((book > 0) | (equity < 0))
        broke = watched & (equity <= 0)
        cut.closed[broke], cut.called[broke] = 1, 0
        if rules.forced:
            cut.target[broke] = 0.0
        most, beyond = funds.limit * equity, 1.0 - equity / cut.mark - funds.limits.tolerated
        sells = (cut.called != 0) | (cut.target < book) | (beyond > 0) | (book > most)
        sells &= watched & ~broke
        if rules.forced:
            allowed = cut.base * np.exp(-funds.limits.severity * np.maximum(beyond, 0))
            cuts = sells & (allowed < book)
            cut.target[cuts], cut.cut_in[cuts] = allowed[cuts], bar
            lapsed = sells & ~cuts & (cut.target < book)
            cut.target[lapsed] = book[lapsed]
        met = sells & (cut.called != 0) & (book <= rules.share * most * (1 + 1e-9))
        called = sells & (cut.called == 0) & (book > most)
        cut.called[met], cut.cut_in[met] = 0, bar
        cut.target[met] = np.minimum(cut.target, book)[met]
        cut.called[called], cut.cut_in[called] = 1, bar
        closed = cut.closed != 0
        self.cash -= float(equity[closed].sum())
        equity[closed] = 0.0
