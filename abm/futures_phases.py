"""The phases of a bar that belong to index futures and to the funds that hedge with them (docs/model.md, section 8).

Each takes its place among those of `phases.py`; where nobody trades futures they do nothing.
"""

from __future__ import annotations

import math

from abm.compile import kernel
from abm.state import (
    BasketState,
    Flow,
    FundState,
    FuturesFundArrays,
    FuturesMarket,
    MarketState,
    OutsideState,
    Party,
    Rules,
    StockState,
    Tape,
)
from cqkit.arrays import FloatArray

NORMAL, DELEVERAGING, WAITING = int(FundState.NORMAL), int(FundState.DELEVERAGING), int(FundState.WAITING)
REENTERING, DEFAULTED = int(FundState.REENTERING), int(FundState.DEFAULTED)
FORCED, REENTRY, REBALANCING = int(Flow.FORCED), int(Flow.REENTRY), int(Flow.REBALANCING)
ARBITRAGE_FLOW, FUTURES_FLOW = int(Flow.ARBITRAGE), int(Flow.FUTURES)
LIQUIDATOR_CASH, OUTSIDE_CASH, FUNDS_CASH = int(Party.LIQUIDATOR), int(Party.OUTSIDE), int(Party.FUTURES_FUNDS)
BROKER_CASH, ARBITRAGE_CASH, MAKER_CASH = int(Party.BROKERS), int(Party.ARBITRAGE), int(Party.FUTURES_MAKERS)

CLOSED = 1e-12  # a gap this small, relative to a book, is rounding and not a position
SMALLEST_HEDGED = 0.05  # share of a book against which re-entry scales the hedge: less would be noise


@kernel
def forced_share(funds: FuturesFundArrays, path: int, fund: int, dt: float) -> float:
    """Share of the book sold towards the target of the call, at its rate; there, wait, or be gone after a default."""
    gap = funds.target[path, fund] - funds.held[path, fund]
    order = max(gap, -funds.rate[path, fund] * dt) if gap < 0.0 else 0.0
    if gap - order >= -CLOSED:
        funds.state[path, fund] = DEFAULTED if funds.defaulted[path, fund] else WAITING
    return order


@kernel
def reentry_share(funds: FuturesFundArrays, path: int, fund: int, dt: float, days: float) -> float:
    """Share bought back: up to what its cash carries with the reserve that it wants, and no more than it began with."""
    value, paid = funds.value[path, fund], 1.0 - funds.swap[path, fund]
    equity = funds.deposit[path, fund] + funds.reserve[path, fund] + paid * funds.held[path, fund] * value
    carried = equity / ((funds.initial[path, fund] + funds.reserve_wanted[path, fund] + paid) * value)
    gap = min(1.0, carried) - funds.held[path, fund]
    if gap <= 0.0:
        funds.state[path, fund] = NORMAL
        return 0.0
    return min(gap, dt / days)


@kernel
def order_futures_funds(
    funds: FuturesFundArrays, tape: Tape, rules: Rules, path: int, bar: int, dt: float
) -> tuple[float, float]:
    """Orders of every futures fund for both legs: plans made at the close before, forced sales, re-entry.

    A fund that was cut comes back if it is willing and not barred, has waited, and the crowded book has stopped
    falling. Returns the futures bought net and the futures traded.
    """
    rising = tape.gauge[path] > 0.0
    bought, traded = 0.0, 0.0
    for fund in range(funds.held.shape[1]):
        held, contracts, book = funds.held[path, fund], funds.contracts[path, fund], funds.book[path, fund]
        state, order = funds.state[path, fund], 0.0
        if state == DELEVERAGING:
            order = forced_share(funds, path, fund, dt)
            hedge_order = contracts * order / held if held > 0.0 else -contracts
            tape.flows[path, FORCED] += order * book
            funds.forced[path, fund] -= order * book
        else:
            willing = funds.reenters[path, fund] != 0 and funds.barred[path, fund] == 0
            waited = (bar - funds.called_in[path, fund]) * dt >= rules.reentry_wait - CLOSED
            if state == WAITING and willing and waited and rising:
                state = REENTERING
                funds.state[path, fund] = state
            if state == REENTERING and rising:
                order = reentry_share(funds, path, fund, dt, rules.reentry_days)
                tape.flows[path, REENTRY] += order * book
                funds.rebought[path, fund] += order * book
            else:
                order = funds.stock_plan[path, fund] * dt
                tape.flows[path, REBALANCING] += order * book
            hedge_order = funds.hedge_plan[path, fund] * dt + contracts * order / max(held, SMALLEST_HEDGED)
        funds.order[path, fund] = order
        funds.hedge_order[path, fund] = hedge_order
        bought -= hedge_order
        traded += abs(hedge_order)
        tape.volume[path] += abs(order) * book
    return bought, traded


@kernel
def place_futures_fund_orders(
    market: MarketState, futures: FuturesMarket, funds: FuturesFundArrays, path: int, bar: int, dt: float
) -> None:
    """Orders of all futures funds, and their sum by basket."""
    flow, exposure = market.baskets.others_flow[path], funds.exposure[path]
    bought, traded = order_futures_funds(funds, market.tape, market.rules, path, bar, dt)
    futures.order[path] = bought
    futures.paid_spread[path] = futures.half_spread * traded
    for fund in range(exposure.shape[0]):
        order, holdings = funds.order[path, fund], exposure[fund]
        if order != 0.0:
            for row in range(flow.size):
                flow[row] += order * holdings[row]
    for row in range(flow.size):
        market.baskets.flow[path, row] += flow[row]


@kernel
def place_futures_orders(market: MarketState, futures: FuturesMarket, path: int, dt: float) -> None:
    """Futures that the liquidator buys back and that outside orders buy; index that arbitrageurs buy against them."""
    baskets, tape = market.baskets, market.tape
    index_row = baskets.flow.shape[1] - 1
    sold = market.liquidator.order[path] * market.liquidator.index_units
    outside = market.outside.futures_order[path] * dt
    futures.order[path] += outside - sold
    futures.paid_spread[path] += futures.half_spread * (abs(sold) + abs(outside))
    tape.flows[path, FUTURES_FLOW] += futures.order[path]
    passed_on = -math.expm1(-futures.decay * dt) * futures.sold_by_makers[path] * futures.volume
    futures.arbitrage[path] = futures.arbitraged * passed_on
    baskets.flow[path, index_row] += futures.arbitrage[path]
    baskets.others_flow[path, index_row] += futures.arbitrage[path] + sold
    tape.flows[path, ARBITRAGE_FLOW] += futures.arbitrage[path]


@kernel
def move_groups(
    stocks: StockState, rules: Rules, path: int, small: float, to_index: float, to_small: float, dt: float
) -> None:
    """Move the values of stocks in and outside the index by news of their own, and by the small stocks' factor."""
    to_small += rules.small_cap_volatility * rules.fundamentals * math.sqrt(dt) * small
    if to_index == 0.0 and to_small == 0.0:
        return
    news, log_value, index_shares = stocks.news[path], stocks.log_value[path], stocks.index_shares[path]
    for i in range(news.size):
        move = to_index if index_shares[i] > 0.0 else to_small
        news[i] += move
        log_value[i] += move


@kernel
def price_futures(
    futures: FuturesMarket, outside: OutsideState, path: int, index: float, noise: float, dt: float
) -> None:
    """Futures stand on the index by a basis that is linear in what makers have sold and not passed on."""
    futures.sold_by_makers[path] *= math.exp(-futures.decay * dt)
    futures.sold_by_makers[path] += futures.order[path] / futures.volume
    futures.noise[path] *= math.exp(-futures.noise_decay * dt)
    futures.noise[path] += futures.noise_volatility * math.sqrt(dt) * noise
    basis = futures.start_basis + futures.noise[path] + futures.impact * futures.sold_by_makers[path]
    price = index * (1.0 + basis)
    futures.gain[path] = price - futures.price[path]
    futures.price[path] = price
    outside.futures_price[path] += (price - 0.5 * futures.gain[path]) * dt


@kernel
def mark_futures_funds(
    funds: FuturesFundArrays,
    futures: FuturesMarket,
    baskets: BasketState,
    cash: FloatArray,
    path: int,
    half_spread: float,
    dt: float,
) -> float:
    """Book both legs of every fund, trades at the middle of the bar's move; return the spread paid on stocks.

    The deposit takes the futures' variation, and of a swap the stocks' gains too; whoever pays for stocks pays from
    the reserve. A swap's stocks are bought and held by the broker, who charges financing. `cash` is (paths, parties).
    """
    paid_spread = 0.0
    gains, values = baskets.gain[path], baskets.value[path]
    for fund in range(funds.held.shape[1]):
        holdings, gain, value = funds.exposure[path, fund], 0.0, 0.0
        for row in range(values.size):
            gain += holdings[row] * gains[row]
            value += holdings[row] * values[row]
        order, hedge_order = funds.order[path, fund], funds.hedge_order[path, fund]
        swap = funds.swap[path, fund]
        stock_gain = (funds.held[path, fund] + 0.5 * order) * gain
        futures_gain = -(funds.contracts[path, fund] + 0.5 * hedge_order) * futures.gain[path]
        proceeds = -order * (value - 0.5 * gain)
        spread = half_spread * abs(order) * funds.book[path, fund]
        futures_spread = futures.half_spread * abs(hedge_order)
        funds.value[path, fund] = value
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
def settle_futures(market: MarketState, futures: FuturesMarket, path: int, dt: float) -> None:
    """Pay variation on everybody else's futures, each on its own position; arbitrageurs pay for their index too."""
    tape, cash = market.tape, market.ledger.cash
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
def trade_futures(
    market: MarketState, futures: FuturesMarket, funds: FuturesFundArrays, path: int, noise: float, dt: float
) -> float:
    """Price the futures and book everybody's accounts in them; return the spread that futures funds paid on stocks."""
    price_futures(futures, market.outside, path, market.tape.index_value[path], noise, dt)
    settle_futures(market, futures, path, dt)
    spread = market.impact.half_spread
    return mark_futures_funds(funds, futures, market.baskets, market.ledger.cash, path, spread, dt)


@kernel
def fill_deposit(funds: FuturesFundArrays, path: int, fund: int, wanted: float) -> None:
    """Move what is missing of a deposit out of the reserve, as far as that goes."""
    moved = min(funds.reserve[path, fund], wanted - funds.deposit[path, fund])
    if moved > 0.0:
        funds.reserve[path, fund] -= moved
        funds.deposit[path, fund] += moved


@kernel
def force_sale(funds: FuturesFundArrays, path: int, fund: int, target: float, days: float, bar: int) -> None:
    """Fix where a forced cut ends and how fast; one that is under way takes the lower end and the faster rate."""
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
def call_below_floor(
    funds: FuturesFundArrays, rules: Rules, path: int, fund: int, required: float, stocks: float
) -> float:
    """Call a fund whose deposit is below its floor; return the share that it has to keep if its reserve is too small.

    A cut of both legs frees margin and, if the fund owns its stocks, their price: a shortfall of 1 sells 1/margin of
    a swap. `required` is the full margin, `stocks` the value of the book held.
    """
    funds.calls[path, fund] += 1
    funds.called[path, fund] = max(funds.called[path, fund], required - funds.deposit[path, fund])
    fill_deposit(funds, path, fund, required)
    freed = required + (1.0 - funds.swap[path, fund]) * stocks
    cut = (required - funds.deposit[path, fund]) / freed
    return max(0.0, funds.held[path, fund] * (1.0 - cut) * rules.cut)


@kernel
def return_excess(funds: FuturesFundArrays, path: int, fund: int, required: float) -> None:
    """Give the reserve what the deposit has beyond the margin required; meet a reserve in debt from the deposit."""
    excess = funds.deposit[path, fund] - required
    if excess > 0.0:
        funds.deposit[path, fund] -= excess
        funds.reserve[path, fund] += excess
    if funds.reserve[path, fund] < 0.0:
        funds.deposit[path, fund] += funds.reserve[path, fund]
        funds.reserve[path, fund] = 0.0


@kernel
def call_futures_margins(
    funds: FuturesFundArrays, rules: Rules, path: int, price: float, bar: int, at_close: bool
) -> None:
    """Check the futures funds that are watched at every bar, at the close all of them; `price` is the futures'.

    Margin is a ratio to a swap's stocks, else to the futures' notional, and has risen with volatility.
    """
    for fund in range(funds.held.shape[1]):
        if funds.defaulted[path, fund] or not (at_close or funds.watched[path, fund]):
            continue
        swap, stocks = funds.swap[path, fund], funds.held[path, fund] * funds.value[path, fund]
        notional = abs(funds.contracts[path, fund]) * price
        base = funds.margin_level[path, fund] * (swap * stocks + (1.0 - swap) * notional)
        required = funds.initial[path, fund] * base
        if at_close:
            fill_deposit(funds, path, fund, required)  # routine, and not a call
        equity = funds.deposit[path, fund] + funds.reserve[path, fund] + (1.0 - swap) * stocks
        floor = funds.floor[path, fund] * base - CLOSED * stocks  # what rounding leaves of a hedge calls for nothing
        if equity <= 0.0 and funds.held[path, fund] > 0.0:
            funds.defaulted[path, fund] = 1
            if rules.forced:
                force_sale(funds, path, fund, 0.0, rules.cut_days, bar)
            continue
        if funds.deposit[path, fund] < floor and funds.held[path, fund] > CLOSED:
            target = call_below_floor(funds, rules, path, fund, required, stocks)
            if funds.deposit[path, fund] < floor and rules.forced:
                force_sale(funds, path, fund, target, rules.cut_days, bar)
        if at_close:
            return_excess(funds, path, fund, required)
