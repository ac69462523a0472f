"""The phases of a bar that belong to index futures and to the funds that hedge with them (docs/model.md, section 8).

Each takes its place among those of `phases.py`; where nobody trades futures they do nothing.
"""

from __future__ import annotations

import math

from abm.compile import kernel
from abm.state import Flow, FundState, MarketState, Party

NORMAL, DELEVERAGING, WAITING = int(FundState.NORMAL), int(FundState.DELEVERAGING), int(FundState.WAITING)
REENTERING, DEFAULTED = int(FundState.REENTERING), int(FundState.DEFAULTED)
FORCED, REENTRY, REBALANCING = int(Flow.FORCED), int(Flow.REENTRY), int(Flow.REBALANCING)
ARBITRAGE_FLOW, FUTURES_FLOW = int(Flow.ARBITRAGE), int(Flow.FUTURES)
LIQUIDATOR_CASH, OUTSIDE_CASH, FUNDS_CASH = int(Party.LIQUIDATOR), int(Party.OUTSIDE), int(Party.FUTURES_FUNDS)
BROKER_CASH, ARBITRAGE_CASH, MAKER_CASH = int(Party.BROKERS), int(Party.ARBITRAGE), int(Party.FUTURES_MAKERS)

CLOSED = 1e-12  # a gap this small, relative to a book, is rounding and not a position
SMALLEST_HEDGED = 0.05  # share of a book against which re-entry scales the hedge: less would be noise


@kernel
def book_value(market: MarketState, path: int, fund: int) -> float:
    """Value of a fund's whole starting book at today's prices."""
    value = 0.0
    for row in range(market.baskets.value.shape[1]):
        value += market.futures_funds.exposure[path, fund, row] * market.baskets.value[path, row]
    return value


@kernel
def forced_share(market: MarketState, path: int, fund: int, dt: float) -> float:
    """Share of the book sold towards the target of the call, at its rate; there, wait, or be gone after a default."""
    funds = market.futures_funds
    gap = funds.target[path, fund] - funds.held[path, fund]
    order = max(gap, -funds.rate[path, fund] * dt) if gap < 0.0 else 0.0
    if gap - order >= -CLOSED:
        funds.state[path, fund] = DEFAULTED if funds.defaulted[path, fund] else WAITING
    return order


@kernel
def may_come_back(market: MarketState, path: int, fund: int, bar: int, dt: float) -> bool:
    """Whether a fund that was cut buys back: the crowded book has stopped falling, it has waited, and is not barred."""
    funds, rules = market.futures_funds, market.rules
    waited = (bar - funds.called_in[path, fund]) * dt >= rules.reentry_wait - CLOSED
    willing = funds.reenters[path, fund] != 0 and funds.barred[path, fund] == 0
    return willing and waited and market.tape.gauge[path] > 0.0


@kernel
def reentry_share(market: MarketState, path: int, fund: int, dt: float) -> float:
    """Share bought back: up to what its cash carries with the reserve that it wants, and no more than it began with."""
    funds = market.futures_funds
    value, paid = book_value(market, path, fund), 1.0 - funds.swap[path, fund]
    equity = funds.deposit[path, fund] + funds.reserve[path, fund] + paid * funds.held[path, fund] * value
    carried = equity / ((funds.initial[path, fund] + funds.reserve_wanted[path, fund] + paid) * value)
    gap = min(1.0, carried) - funds.held[path, fund]
    if gap <= 0.0:
        funds.state[path, fund] = NORMAL
        return 0.0
    return min(gap, dt / market.rules.reentry_days)


@kernel
def place_futures_fund_orders(market: MarketState, path: int, bar: int, dt: float) -> None:
    """Orders of all futures funds: plans made at the close before, forced sales of both legs, re-entry."""
    funds, futures, tape = market.futures_funds, market.futures, market.tape
    rows = funds.exposure.shape[2]
    for row in range(rows):
        futures.flow[path, row] = 0.0
    futures.order[path] = 0.0
    futures.paid_spread[path] = 0.0
    traded = 0.0
    for fund in range(funds.held.shape[1]):
        held, contracts, book = funds.held[path, fund], funds.contracts[path, fund], funds.book[path, fund]
        state = funds.state[path, fund]
        order = 0.0
        if state == DELEVERAGING:
            order = forced_share(market, path, fund, dt)
            hedge_order = contracts * order / held if held > 0.0 else -contracts
            tape.flows[path, FORCED] += order * book
            funds.forced[path, fund] -= order * book
        else:
            if state == WAITING and may_come_back(market, path, fund, bar, dt):
                state = REENTERING
                funds.state[path, fund] = state
            if state == REENTERING and tape.gauge[path] > 0.0:
                order = reentry_share(market, path, fund, dt)
                tape.flows[path, REENTRY] += order * book
                funds.rebought[path, fund] += order * book
            else:
                order = funds.stock_plan[path, fund] * dt
                tape.flows[path, REBALANCING] += order * book
            hedge_order = funds.hedge_plan[path, fund] * dt + contracts * order / max(held, SMALLEST_HEDGED)
        funds.order[path, fund] = order
        funds.hedge_order[path, fund] = hedge_order
        futures.order[path] -= hedge_order
        futures.paid_spread[path] += futures.half_spread * abs(hedge_order)
        traded += abs(order) * book
        for row in range(rows):
            futures.flow[path, row] += order * funds.exposure[path, fund, row]
    for row in range(rows):
        market.baskets.flow[path, row] += futures.flow[path, row]
    tape.volume[path] += traded


@kernel
def place_futures_orders(market: MarketState, path: int, dt: float) -> None:
    """Futures that the liquidator buys back and that outside orders buy; index that arbitrageurs buy against them."""
    futures, tape = market.futures, market.tape
    bought_back = -market.liquidator.order[path] * market.liquidator.index_units
    outside = market.outside.futures_order[path] * dt
    futures.order[path] += bought_back + outside
    futures.paid_spread[path] += futures.half_spread * (abs(bought_back) + abs(outside))
    tape.flows[path, FUTURES_FLOW] += futures.order[path]
    passed_on = -math.expm1(-futures.decay * dt) * futures.sold_by_makers[path] * futures.volume
    futures.arbitrage[path] = futures.arbitraged * passed_on
    market.baskets.flow[path, market.baskets.flow.shape[1] - 1] += futures.arbitrage[path]
    tape.flows[path, ARBITRAGE_FLOW] += futures.arbitrage[path]


@kernel
def move_groups(market: MarketState, path: int, small: float, to_index: float, to_small: float, dt: float) -> None:
    """Move the values of stocks in and outside the index by news of their own, and by the small stocks' factor."""
    stocks, rules = market.stocks, market.rules
    to_small += rules.small_cap_volatility * rules.fundamentals * math.sqrt(dt) * small
    if to_index == 0.0 and to_small == 0.0:
        return
    news, log_value, index_shares = stocks.news[path], stocks.log_value[path], stocks.index_shares[path]
    for i in range(news.size):
        move = to_index if index_shares[i] > 0.0 else to_small
        news[i] += move
        log_value[i] += move


@kernel
def price_futures(market: MarketState, path: int, noise: float, dt: float) -> None:
    """Futures stand on the index by a basis that is linear in what makers have sold and not passed on."""
    futures = market.futures
    futures.sold_by_makers[path] *= math.exp(-futures.decay * dt)
    futures.sold_by_makers[path] += futures.order[path] / futures.volume
    futures.noise[path] *= math.exp(-futures.noise_decay * dt)
    futures.noise[path] += futures.noise_volatility * market.rules.fundamentals * math.sqrt(dt) * noise
    basis = futures.start_basis + futures.noise[path] + futures.impact * futures.sold_by_makers[path]
    price = market.tape.index_value[path] * (1.0 + basis)
    futures.gain[path] = price - futures.price[path]
    futures.price[path] = price
    market.outside.futures_price[path] += (price - 0.5 * futures.gain[path]) * dt


@kernel
def mark_futures_funds(market: MarketState, path: int, dt: float) -> float:
    """Book both legs of every fund, trades at the middle of the bar's move; return the spread paid on stocks.

    The deposit takes the futures' variation, and of a swap the stocks' gains too; whoever pays for stocks pays from
    the reserve. A swap's stocks are bought and held by the broker, who charges financing.
    """
    funds, futures, baskets, cash = market.futures_funds, market.futures, market.baskets, market.ledger.cash
    paid_spread = 0.0
    for fund in range(funds.held.shape[1]):
        gain, value = 0.0, 0.0
        for row in range(baskets.value.shape[1]):
            units = funds.exposure[path, fund, row]
            gain += units * baskets.gain[path, row]
            value += units * baskets.value[path, row]
        order, hedge_order = funds.order[path, fund], funds.hedge_order[path, fund]
        swap = funds.swap[path, fund]
        stock_gain = (funds.held[path, fund] + 0.5 * order) * gain
        futures_gain = -(funds.contracts[path, fund] + 0.5 * hedge_order) * futures.gain[path]
        proceeds = -order * (value - 0.5 * gain)
        spread = market.impact.half_spread * abs(order) * funds.book[path, fund]
        futures_spread = futures.half_spread * abs(hedge_order)
        funds.held[path, fund] += order
        funds.contracts[path, fund] += hedge_order
        interest = swap * futures.financing * dt * funds.held[path, fund] * value
        funds.deposit[path, fund] += futures_gain + swap * stock_gain
        funds.reserve[path, fund] += (1.0 - swap) * proceeds - spread - futures_spread - interest
        funds.stock_gain[path, fund] += stock_gain - spread - interest
        funds.futures_gain[path, fund] += futures_gain - futures_spread
        cash[path, FUNDS_CASH] += futures_gain + swap * stock_gain + (1.0 - swap) * proceeds
        cash[path, FUNDS_CASH] -= spread + futures_spread + interest
        cash[path, BROKER_CASH] += swap * (proceeds - stock_gain) + interest
        paid_spread += spread
    return paid_spread


@kernel
def settle_futures(market: MarketState, path: int, dt: float) -> None:
    """Pay variation on everybody else's futures, each on its own position; arbitrageurs pay for their index too."""
    futures, tape, cash = market.futures, market.tape, market.ledger.cash
    gain = futures.gain[path]
    bought_back = -market.liquidator.order[path] * market.liquidator.index_units
    futures.liquidator_units[path] -= bought_back
    cash[path, LIQUIDATOR_CASH] -= (futures.liquidator_units[path] + 0.5 * bought_back) * gain
    cash[path, LIQUIDATOR_CASH] -= futures.half_spread * abs(bought_back)
    outside = market.outside.futures_order[path] * dt
    futures.outside_units[path] += outside
    cash[path, OUTSIDE_CASH] += (futures.outside_units[path] - 0.5 * outside) * gain
    cash[path, OUTSIDE_CASH] -= futures.half_spread * abs(outside)
    hedged = futures.arbitrage[path]
    futures.arbitrage_units[path] += hedged
    cash[path, ARBITRAGE_CASH] -= (futures.arbitrage_units[path] - 0.5 * hedged) * gain
    cash[path, ARBITRAGE_CASH] -= hedged * (tape.index_value[path] - 0.5 * tape.index_gain[path])
    bought = hedged - futures.order[path]
    futures.maker_units[path] += bought
    cash[path, MAKER_CASH] += (futures.maker_units[path] - 0.5 * bought) * gain + futures.paid_spread[path]


@kernel
def margin_base(market: MarketState, path: int, fund: int, stocks: float) -> float:
    """What margin is a ratio of: the stocks of a swap, else the futures' notional; risen with volatility."""
    funds = market.futures_funds
    swap = funds.swap[path, fund]
    notional = max(funds.contracts[path, fund], 0.0) * market.futures.price[path]
    return funds.margin_level[path, fund] * (swap * stocks + (1.0 - swap) * notional)


@kernel
def fill_deposit(market: MarketState, path: int, fund: int, wanted: float) -> None:
    """Move what is missing of a deposit out of the reserve, as far as that goes."""
    funds = market.futures_funds
    moved = min(funds.reserve[path, fund], wanted - funds.deposit[path, fund])
    if moved > 0.0:
        funds.reserve[path, fund] -= moved
        funds.deposit[path, fund] += moved


@kernel
def force_sale(market: MarketState, path: int, fund: int, target: float, days: float, bar: int) -> None:
    """Fix where a forced cut ends and how fast; one that is under way takes the lower end and the faster rate."""
    funds = market.futures_funds
    if market.rules.forced == 0:
        return
    rate = (funds.held[path, fund] - target) / days
    if funds.state[path, fund] != DELEVERAGING:
        funds.state[path, fund] = DELEVERAGING
        funds.rate[path, fund] = rate
        funds.called_in[path, fund] = bar + 1
    elif target < funds.target[path, fund]:
        funds.rate[path, fund] = max(funds.rate[path, fund], rate)
    else:
        return
    funds.target[path, fund] = target


@kernel
def call_futures_margin(market: MarketState, path: int, fund: int, bar: int, at_close: bool) -> None:
    """Call one fund whose deposit is below its floor; what the reserve cannot meet is met by selling both legs.

    The cut frees margin and, if the fund owns its stocks, their price: a shortfall of 1 sells 1/margin of a swap.
    """
    funds, rules = market.futures_funds, market.rules
    stocks = funds.held[path, fund] * book_value(market, path, fund)
    base = margin_base(market, path, fund, stocks)
    required = funds.initial[path, fund] * base
    if at_close:
        fill_deposit(market, path, fund, required)  # routine, and not a call
    equity = funds.deposit[path, fund] + funds.reserve[path, fund] + (1.0 - funds.swap[path, fund]) * stocks
    if equity <= 0.0 and funds.held[path, fund] > 0.0:
        funds.defaulted[path, fund] = 1
        force_sale(market, path, fund, 0.0, rules.cut_days, bar)
        return
    floor = funds.floor[path, fund] * base
    if funds.deposit[path, fund] < floor * (1.0 - CLOSED) and funds.held[path, fund] > CLOSED:
        funds.calls[path, fund] += 1
        funds.called[path, fund] = max(funds.called[path, fund], required - funds.deposit[path, fund])
        fill_deposit(market, path, fund, required)
        if funds.deposit[path, fund] < floor * (1.0 - CLOSED):
            freed = required + (1.0 - funds.swap[path, fund]) * stocks
            cut = (required - funds.deposit[path, fund]) / freed
            target = max(0.0, funds.held[path, fund] * (1.0 - cut) * rules.cut)
            force_sale(market, path, fund, target, rules.cut_days, bar)
    if at_close:
        excess = funds.deposit[path, fund] - required
        if excess > 0.0:
            funds.deposit[path, fund] -= excess
            funds.reserve[path, fund] += excess
        if funds.reserve[path, fund] < 0.0:
            funds.deposit[path, fund] += funds.reserve[path, fund]
            funds.reserve[path, fund] = 0.0


@kernel
def call_futures_margins(market: MarketState, path: int, bar: int, at_close: bool) -> None:
    """Check the futures funds that are watched at every bar, at the close all of them."""
    funds = market.futures_funds
    for fund in range(funds.held.shape[1]):
        if (at_close or funds.watched[path, fund]) and not funds.defaulted[path, fund]:
            call_futures_margin(market, path, fund, bar, at_close)
