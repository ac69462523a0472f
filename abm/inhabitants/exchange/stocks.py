"""What may be traded of the stocks in a bar, and what prices wait for (docs/model.md, section 11).

At the upper limit nobody buys, at the lower one nobody sells, and of what is halted nothing trades. A book trades as a
whole: of an order the share is filled that can be traded, by value; the other side of what cannot is the providers',
while only stocks that trade are pressed. The value of a stock that waits moves on, and its price follows as it may.

Without an exchange (None) everything is filled, and costs nothing.
"""

from __future__ import annotations

from abm.compile import kernel
from abm.inhabitants.exchange.state import FREE, NO_BUYS, NO_SALES, NOTHING, ExchangeState
from abm.phases import net_flows
from abm.state import MarketState
from cqkit.arrays import FloatArray


@kernel
def open_stocks(exchange: ExchangeState | None, path: int, now: int, dt: float) -> None:
    """Find what may not be traded in the bar `now`, counted from the start of the run."""
    if exchange is None:
        return
    exchange.kept_out[path] = 0.0
    if exchange.halts[now] != 0 or exchange.waiting[path] != 0:
        lock_stocks(exchange, path, exchange.halts[now])
        read_what_is_locked(exchange, path, dt)
    elif exchange.held[path] != 0:
        exchange.held[path] = 0
        exchange.shut_bars[path] = 0
        exchange.index_buy[path] = 1.0
        exchange.index_sell[path] = 1.0


@kernel
def lock_stocks(exchange: ExchangeState, path: int, halts: int) -> None:
    """Say of every stock what may not be done: those halted, and those that would stand beyond a limit."""
    fair, upper, lower = exchange.fair[path], exchange.upper[path], exchange.lower[path]
    side, waits = exchange.side[path], exchange.waits[path]
    for i in range(side.size):
        side[i] = FREE
        if exchange.halted_in[path, i] & halts != 0:
            side[i] = NOTHING
        elif waits[i] != 0 and fair[i] >= upper[i]:
            side[i] = NO_BUYS
        elif waits[i] != 0 and fair[i] <= lower[i]:
            side[i] = NO_SALES
        exchange.pressure[path, i] = 0.0


@kernel
def read_what_is_locked(exchange: ExchangeState, path: int, dt: float) -> None:
    """How much of the market and of the index is locked, and what those who are not modelled cannot buy.

    These buy as much as on an ordinary day.
    """
    price, capital, index, side = (
        exchange.price[path],
        exchange.capital[path],
        exchange.index_shares[path],
        exchange.side[path],
    )
    whole, locked, kept, free = 0.0, 0.0, 0.0, 0
    of_index, bought, sold = 0.0, 0.0, 0.0
    for i in range(price.size):
        whole += capital[i] * price[i]
        of_index += index[i] * price[i]
        if side[i] == FREE:
            free += 1
            continue
        locked += capital[i] * price[i]
        if side[i] != NO_SALES:
            bought += index[i] * price[i]
            kept += exchange.adv[path, i] * price[i]
        if side[i] != NO_BUYS:
            sold += index[i] * price[i]
    exchange.held[path] = 1 if free < price.size else 0
    exchange.shut_bars[path] = exchange.shut_bars[path] + 1 if free == 0 else 0
    exchange.index_buy[path] = max(1.0 - bought / of_index, 0.0)
    exchange.index_sell[path] = max(1.0 - sold / of_index, 0.0)
    exchange.locked[path] += locked / whole * dt
    exchange.kept_out[path] += kept * dt


@kernel
def may_trade(side: int, order: float) -> bool:
    """Whether an order of a stock can be traded at all: sales at the upper limit, purchases at the lower."""
    return side == FREE or (side == NO_BUYS and order < 0.0) or (side == NO_SALES and order > 0.0)


@kernel
def trade(exchange: ExchangeState, path: int, shares: FloatArray, units: float, money: float) -> float:
    """Trade what can be of `units` of some `shares` (stocks,); return the share of the order's value that is filled.

    Only stocks that trade are pressed. Purchases that are kept out count as `money` that looks elsewhere: 1 or 0.
    """
    price, side, pressure = exchange.price[path], exchange.side[path], exchange.pressure[path]
    whole, done, kept = 0.0, 0.0, 0.0
    for i in range(shares.size):
        order = units * shares[i]
        worth = abs(order) * price[i]
        whole += worth
        if may_trade(side[i], order):
            done += worth
            pressure[i] += order
        elif order > 0.0:
            kept += worth
    exchange.kept_out[path] += money * kept
    return done / whole if whole > 0.0 else 1.0


@kernel
def trade_basket(exchange: ExchangeState | None, path: int, row: int, units: float) -> float:
    """Trade units of a basket as far as they can be; return how many are traded."""
    if exchange is None:
        return units
    if exchange.held[path] == 0:
        return units
    return units * trade(exchange, path, exchange.books[path, row], units, 1.0)


@kernel
def trade_book(exchange: ExchangeState | None, path: int, exposure: FloatArray, units: float) -> float:
    """The same for units of a book of baskets `exposure` (baskets,): what cancels out in it is not traded."""
    if exchange is None:
        return units
    if exchange.held[path] == 0 or units == 0.0:
        return units
    net = exchange.net[path]
    net[:] = 0.0
    for row in range(exposure.size):
        if exposure[row] != 0.0:
            shares = exchange.books[path, row]
            for i in range(net.size):
                net[i] += exposure[row] * shares[i]
    return units * trade(exchange, path, net, units, 1.0)


@kernel
def note_flow(exchange: ExchangeState | None, market: MarketState, path: int) -> None:
    """Note what has been ordered before a user's own inhabitants order."""
    if exchange is None:
        return
    for row in range(exchange.flow_before.shape[1]):
        exchange.flow_before[path, row] = market.baskets.flow[path, row]


@kernel
def press_by_others(exchange: ExchangeState | None, market: MarketState, path: int) -> None:
    """They keep their own books, and are booked in full; of what they have ordered, what trades is pressed."""
    if exchange is None:
        return
    for row in range(exchange.flow_before.shape[1]):
        trade_basket(exchange, path, row, market.baskets.flow[path, row] - exchange.flow_before[path, row])


@kernel
def net_tradable_flows(exchange: ExchangeState | None, market: MarketState, path: int, dt: float) -> None:
    """Net everybody's flows; stocks that trade are pressed alone, and what is booked is kept for the accounts."""
    if exchange is None:
        net_flows(market, path, dt)
        return
    set_outside_orders_aside(exchange, market, path, dt)
    net_flows(market, path, dt)
    if exchange.held[path] != 0:
        flow, pressure, booked = market.stocks.flow[path], exchange.pressure[path], exchange.booked[path]
        for i in range(flow.size):
            booked[i] = flow[i]
            flow[i] = pressure[i]


@kernel
def set_outside_orders_aside(exchange: ExchangeState, market: MarketState, path: int, dt: float) -> None:
    """Outside orders of stocks that do not trade step aside for this bar."""
    outside = market.outside
    if exchange.held[path] == 0 or outside.active[path] == 0:
        return
    order, price = outside.order[path], exchange.price[path]
    for i in range(order.size):
        wanted = order[i]
        exchange.set_aside[path, i] = 0.0
        if may_trade(exchange.side[path, i], wanted):
            exchange.pressure[path, i] += wanted * dt
        elif wanted != 0.0:
            exchange.set_aside[path, i] = wanted
            exchange.missed[path, i] += dt
            exchange.kept_out[path] += max(wanted, 0.0) * price[i] * dt
            order[i] = 0.0


@kernel
def take_outside_orders_back(exchange: ExchangeState | None, market: MarketState, path: int, dt: float) -> None:
    """They are there again for the next bar; what they would have paid in this one does not count."""
    if exchange is None:
        return
    outside, stocks = market.outside, market.stocks
    if exchange.held[path] == 0 or outside.active[path] == 0:
        return
    order, average, price, late = outside.order[path], outside.price[path], stocks.price[path], stocks.late[path]
    for i in range(order.size):
        if exchange.set_aside[path, i] != 0.0:
            order[i] = exchange.set_aside[path, i]
            average[i] -= (price[i] - late[i]) * dt


@kernel
def hold_prices(exchange: ExchangeState | None, market: MarketState, path: int) -> None:
    """Keep prices within their limits, and those of halted stocks where they are; what they wait for moves on.

    Prices have moved by the bar's news and impact as if all could trade; a stock that waited moves from where it would
    have stood.
    """
    if exchange is None:
        return
    if exchange.limited == 0:
        return
    stocks, index, side = market.stocks, exchange.index_shares[path], exchange.side[path]
    price, gain, late = stocks.price[path], stocks.gain[path], stocks.late[path]
    upper, lower, fair, waits = exchange.upper[path], exchange.lower[path], exchange.fair[path], exchange.waits[path]
    held = exchange.held[path] != 0
    waiting, ahead, ahead_at_fill = 0, 0.0, 0.0
    for i in range(price.size):
        halted = held and side[i] == NOTHING
        would, filled = price[i], price[i] - late[i]
        free = max(would, filled) <= upper[i] and min(would, filled) >= lower[i]
        if free and waits[i] == 0 and not halted:
            continue
        opened = now = paid = price[i] - gain[i]
        if waits[i] != 0:
            would, filled = fair[i] * (would / opened), fair[i] * (filled / opened)
        if not halted:
            now, paid = min(max(would, lower[i]), upper[i]), min(max(filled, lower[i]), upper[i])
        price[i], gain[i], late[i], fair[i] = now, now - opened, now - paid, would
        waits[i] = 0 if now == would else 1
        waiting += waits[i]
        ahead += index[i] * (would - now)
        ahead_at_fill += index[i] * (filled - paid)
    exchange.waiting[path], exchange.unfilled[path] = waiting, exchange.unfilled[path] + exchange.kept_out[path]
    exchange.fair_index[path], exchange.fair_fill[path] = ahead, ahead_at_fill
    if held:
        flow, booked = stocks.flow[path], exchange.booked[path]
        for i in range(flow.size):
            flow[i] = booked[i]
