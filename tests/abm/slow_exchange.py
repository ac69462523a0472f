"""What an exchange keeps from being traded, written slowly and obviously (docs/model.md, section 11).

Taken over from the engine are which stocks have which limit, and which are in which halt; all else is worked out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from slow_accounts import SlowRuledFutures
from slow_prices import Stock
from slow_reference import SlowMarket

from abm import Market


@dataclass
class Listing:
    """A stock as the exchange has it."""

    limit: float  # infinite without one
    halts: set[int]
    upper: float = 0.0
    lower: float = 0.0
    would: float = 1.0  # W, what its price would be, and the same at the bar's fill
    would_fill: float = 1.0
    waits: bool = False
    halted: bool = False
    bought: bool = True  # whether it can be bought in this bar
    sold: bool = True

    def may(self, order: float) -> bool:
        return order == 0 or (self.bought if order > 0 else self.sold)


@dataclass
class SlowRuledMarket(SlowMarket):
    """The slow market on an exchange."""

    listings: list[Listing] = field(default_factory=list)
    kept_out: float = 0.0  # purchases of stocks that could not be made in this bar, money
    kept_out_before: float = 0.0  # in the bar before
    unfilled: float = 0.0  # in the day
    missed: float = 0.0  # units that the liquidator could not sell so far

    @classmethod
    def of(cls, market: Market) -> Any:
        slow, exchange = super().of(market), market.exchange
        for i in range(len(slow.stocks)):
            limit = float(exchange.limit[0, i]) if exchange is not None else 1e300
            bits = int(exchange.halted_in[0, i]) if exchange is not None else 0
            inside = {number for number in range(len(market.settings.halt)) if bits >> number & 1}
            slow.listings.append(Listing(limit if limit < 1e299 else float("inf"), inside))
        if slow.futures is not None:
            slow.futures = SlowRuledFutures.of(market, slow.books)
            slow.futures.open(slow)
        slow.set_limits()
        return slow

    def set_limits(self) -> None:
        """At the start and at every close."""
        for stock, listing in zip(self.stocks, self.listings, strict=True):
            listing.upper = stock.price * (1 + listing.limit)
            listing.lower = stock.price * max(1 - listing.limit, 0.0) if listing.limit < 1e299 else 0.0
        self.unfilled = 0.0

    def halts_now(self) -> set[int]:
        clock, found = self.settings.clock, set()
        for number, halt in enumerate(self.settings.halt):
            first = clock.day_of(halt.date) * clock.bars + round(halt.starts * clock.bars)
            if first <= self.bar < first + max(round(halt.days * clock.bars), 1):
                found.add(number)
        return found

    def open_bar(self, dt: float) -> None:
        self.kept_out_before, self.kept_out = self.kept_out, 0.0
        now = self.halts_now()
        if self.futures is not None:
            self.futures.open_bar(self, dt)
        for stock, listing in zip(self.stocks, self.listings, strict=True):
            stock.pressed = 0.0
            listing.halted = bool(listing.halts & now)
            locked_up = listing.waits and listing.would >= listing.upper
            locked_down = listing.waits and listing.would <= listing.lower
            listing.bought = not (listing.halted or locked_up)
            listing.sold = not (listing.halted or locked_down)
            if not listing.bought:
                self.kept_out += stock.adv * stock.price * dt

    def trade_bar(self, *args: Any) -> None:
        super().trade_bar(*args)
        self.unfilled += self.kept_out

    def filled(self, shares: Sequence[float], units: float, counts: bool = True) -> float:
        whole = done = 0.0
        for q, stock, listing in zip(shares, self.stocks, self.listings, strict=True):
            order = units * q
            whole += abs(order) * stock.price
            if listing.may(order):
                done += abs(order) * stock.price
                stock.pressed += order
            elif order > 0 and counts:
                self.kept_out += order * stock.price
        return units * done / whole if whole > 0 else units

    def outside_now(self, i: int) -> float:
        return self.outside[i] if self.listings[i].may(self.outside[i]) else 0.0

    def sale(self) -> float:
        """What its schedule asks for, and what it could not sell before; a hedged one buys futures back with it."""
        wanted = min(super().sale() + self.missed, self.liquidator_book)
        crowded, index, _ = self.liquidator_unit()
        share = 1.0 if self.futures is None or not self.hedged_liquidator else self.futures.share(wanted)
        units = [crowded * q + index * stock.index_shares for q, stock in zip(self.books[0], self.stocks, strict=True)]
        sold = -self.filled(units, -wanted * share)
        self.missed = wanted - sold
        return sold

    def net_flow(self, sale: float, index_sale: float, on_credit: float, dt: float) -> None:
        pressed = [stock.pressed for stock in self.stocks]
        super().net_flow(sale, index_sale, on_credit, dt)
        for i, stock in enumerate(self.stocks):
            stock.pressed = pressed[i]
            if self.outside:
                stock.pressed += self.outside_now(i) * dt
                kept = self.outside[i] - self.outside_now(i)
                self.kept_out += max(kept, 0.0) * stock.price * dt

    def hold(self, stock: Stock) -> None:
        """Prices have moved as if all could trade: those that waited move from where they would have stood."""
        listing = next(one for one, held in zip(self.listings, self.stocks, strict=True) if held is stock)
        start = listing.would if listing.waits else stock.before
        would, fill = start * (stock.price / stock.before), start * (stock.fill / stock.before)
        if not listing.waits:
            would, fill = stock.price, stock.fill
        if listing.halted:
            stock.price = stock.fill = stock.before
        else:
            stock.price = min(max(would, listing.lower), listing.upper)
            stock.fill = min(max(fill, listing.lower), listing.upper)
        listing.would, listing.waits = would, stock.price != would
        listing.would_fill = fill

    def fair_index(self, when: str = "would") -> float:
        """The index at the prices that would be, after the bar, or at its fill."""
        return sum(
            stock.index_shares * getattr(listing, when)
            for stock, listing in zip(self.stocks, self.listings, strict=True)
        )

    def supply(self, bought: bool) -> float:
        """Share of the index, by value before the bar, that can be bought or sold in it."""
        whole = sum(stock.index_shares * stock.before for stock in self.stocks)
        free = [listing.bought if bought else listing.sold for listing in self.listings]
        return sum(s.index_shares * s.before for s, may in zip(self.stocks, free, strict=True) if may) / whole
