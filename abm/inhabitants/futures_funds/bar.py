"""What futures funds do in a bar: orders for both legs, their accounts, margin calls (docs/model.md, section 8)."""

from __future__ import annotations

import math

from abm.compile import kernel
from abm.cut import ROUNDING, close_account, meet_call, purchase, sale, state_of, watch_drawdown
from abm.inhabitants.exchange.futures import filled_futures
from abm.inhabitants.exchange.state import ExchangeState
from abm.inhabitants.exchange.stocks import trade_book
from abm.inhabitants.futures_funds.state import FuturesFundState
from abm.inhabitants.futures_market import FuturesMarketState
from abm.state import BasketState, Flow, Party, Tape
from cqkit.arrays import FloatArray

FORCED, REENTRY, REBALANCING = int(Flow.FORCED), int(Flow.REENTRY), int(Flow.REBALANCING)
FUNDS_CASH, BROKER_CASH = int(Party.FUTURES_FUNDS), int(Party.BROKERS)

SMALLEST_HEDGED = 0.05  # share of a book against which re-entry scales the hedge: less would be noise


@kernel
def equity_of(funds: FuturesFundState, path: int, fund: int) -> float:
    """Own stocks, deposit and reserve."""
    own = (1.0 - funds.swap[path, fund]) * funds.held[path, fund] * funds.value[path, fund]
    return float(own + funds.deposit[path, fund] + funds.reserve[path, fund])


@kernel
def carried_share(funds: FuturesFundState, path: int, fund: int, equity: float) -> float:
    """Share of its starting book that its cash carries with the reserve that it wants."""
    paid = 1.0 - funds.swap[path, fund]
    needed = (funds.initial[path, fund] + funds.reserve_wanted[path, fund] + paid) * funds.value[path, fund]
    return float(equity / needed)


@kernel
def fill_both_legs(
    exchange: ExchangeState | None, path: int, exposure: FloatArray, order: float, bought_back: float
) -> float:
    """Share of an order of stocks that is filled, with the futures bought back for it: no leg goes without the other."""
    if exchange is None:
        return 1.0
    filled = filled_futures(exchange, path, bought_back) if bought_back != 0.0 else 1.0
    return filled * trade_book(exchange, path, exposure, filled * order)


@kernel
def order_futures_funds(
    funds: FuturesFundState, exchange: ExchangeState | None, tape: Tape, path: int, bar: int, dt: float
) -> tuple[float, float]:
    """Orders of every futures fund for both legs: forced sales, coming back, and plans made at the close before.

    Returns the futures bought net and the futures traded.
    """
    cheap = tape.cheapness[path]
    bought, traded, sold = 0.0, 0.0, -math.expm1(-dt / funds.rules.days)
    for fund in range(funds.held.shape[1]):
        held, contracts, book = funds.held[path, fund], funds.contracts[path, fund], funds.book[path, fund]
        start, wanted = funds.cut.start[path, fund], funds.cut.target[path, fund]
        if funds.cut.called[path, fund] != 0 and funds.rules.forced:
            wanted = min(wanted, funds.call_target[path, fund])
        order, beyond = sale(held, wanted, start, sold), held - funds.line[path, fund]
        if beyond > ROUNDING:  # a line of its contract lets it hold less
            order = min(order, -min(beyond, funds.line_rate[path, fund] * dt))
        state = order
        if order < 0.0:
            hedge_order = contracts * order / held if held > 0.0 else -contracts
            filled = fill_both_legs(exchange, path, funds.exposure[path, fund], order, -hedge_order)
            order *= filled
            hedge_order *= filled
            tape.flows[path, FORCED] += order * book
            funds.forced[path, fund] -= order * book
        else:
            if funds.barred[path, fund] == 0 and held < start and cheap > 0.0:
                equity = equity_of(funds, path, fund)
                carried = carried_share(funds, path, fund, equity)
                order = purchase(funds, path, fund, held, carried, equity, cheap, bar, dt)
                state = order
            comes_back = order > 0.0
            if not comes_back:
                room = max(start - held, 0.0)  # less than at the close before, if it has come back meanwhile
                order = min(funds.stock_plan[path, fund] * dt, room)
            order *= fill_both_legs(exchange, path, funds.exposure[path, fund], order, -contracts * order)
            hedge_order = funds.hedge_plan[path, fund] * dt
            hedge_order *= filled_futures(exchange, path, -hedge_order)
            if comes_back:
                tape.flows[path, REENTRY] += order * book
                funds.rebought[path, fund] += order * book
            else:
                tape.flows[path, REBALANCING] += order * book
            hedge_order += contracts * order / max(held, SMALLEST_HEDGED)
        closed, target, base = funds.cut.closed[path, fund], funds.cut.target[path, fund], funds.cut.base[path, fund]
        funds.cut.state[path, fund] = state_of(state, closed, target, base, start)
        funds.order[path, fund] = order
        funds.hedge_order[path, fund] = hedge_order
        bought -= hedge_order
        traded += abs(hedge_order)
        tape.volume[path] += abs(order) * book
    return bought, traded


@kernel
def place_futures_fund_orders(
    funds: FuturesFundState,
    futures: FuturesMarketState,
    exchange: ExchangeState | None,
    baskets: BasketState,
    tape: Tape,
    path: int,
    bar: int,
    dt: float,
) -> None:
    """Orders of all futures funds, and their sum by basket."""
    flow, exposure = funds.flow[path], funds.exposure[path]
    bought, traded = order_futures_funds(funds, exchange, tape, path, bar, dt)
    futures.fund_order[path] = bought
    futures.paid_spread[path] += futures.half_spread * traded
    for row in range(flow.size):
        flow[row] = 0.0
    for fund in range(exposure.shape[0]):
        order, holdings = funds.order[path, fund], exposure[fund]
        if order != 0.0:
            for row in range(flow.size):
                flow[row] += order * holdings[row]
    for row in range(flow.size):
        baskets.flow[path, row] += flow[row]


@kernel
def mark_futures_funds(
    funds: FuturesFundState,
    futures: FuturesMarketState,
    baskets: BasketState,
    tape: Tape,
    cash: FloatArray,
    path: int,
    half_spread: float,
    dt: float,
) -> None:
    """Book both legs of every fund, trades at the fill.

    The deposit takes the futures' variation, and of a swap the stocks' gains too; whoever pays for stocks pays from
    the reserve. A swap's stocks are bought and held by the broker, who charges financing. `cash` is (paths, parties).
    """
    paid_spread = 0.0
    gains, lates, values = baskets.gain[path], baskets.late[path], baskets.value[path]
    for fund in range(funds.held.shape[1]):
        holdings, gain, late, value = funds.exposure[path, fund], 0.0, 0.0, 0.0
        for row in range(values.size):
            gain += holdings[row] * gains[row]
            late += holdings[row] * lates[row]
            value += holdings[row] * values[row]
        order, hedge_order = funds.order[path, fund], funds.hedge_order[path, fund]
        swap = funds.swap[path, fund]
        stock_gain = funds.held[path, fund] * gain + order * late
        futures_gain = -(funds.contracts[path, fund] * futures.gain[path] + hedge_order * futures.late[path])
        proceeds = -order * (value - late)
        spread = half_spread * abs(order) * funds.book[path, fund]
        futures_spread = futures.half_spread * abs(hedge_order)
        funds.value[path, fund] = value
        funds.held[path, fund] += order
        funds.contracts[path, fund] += hedge_order
        interest = swap * funds.financing * dt * funds.held[path, fund] * value
        funds.deposit[path, fund] += futures_gain + swap * stock_gain
        funds.reserve[path, fund] += (1.0 - swap) * proceeds - spread - futures_spread - interest
        funds.stock_gain[path, fund] += stock_gain - spread - interest
        funds.futures_gain[path, fund] += futures_gain - futures_spread
        cash[path, FUNDS_CASH] += futures_gain + swap * stock_gain + (1.0 - swap) * proceeds
        cash[path, FUNDS_CASH] -= spread + futures_spread + interest
        cash[path, BROKER_CASH] += swap * (proceeds - stock_gain) + interest
        paid_spread += spread
    tape.paid_spread[path] += paid_spread


@kernel
def fill_deposit(funds: FuturesFundState, path: int, fund: int, wanted: float) -> None:
    """Move what is missing of a deposit out of the reserve, as far as that goes."""
    moved = min(funds.reserve[path, fund], wanted - funds.deposit[path, fund])
    if moved > 0.0:
        funds.reserve[path, fund] -= moved
        funds.deposit[path, fund] += moved


@kernel
def call_below_floor(funds: FuturesFundState, path: int, fund: int, required: float, floor: float, bar: int) -> None:
    """Call a fund whose deposit is below its floor; where the reserve does not meet that, fix what it may hold.

    A cut of both legs frees margin and, if the fund owns its stocks, their price: a shortfall of 1 sells 1/margin of
    a swap. `required` is the full margin.
    """
    funds.calls[path, fund] += 1
    funds.called[path, fund] = max(funds.called[path, fund], required - funds.deposit[path, fund])
    fill_deposit(funds, path, fund, required)
    if funds.deposit[path, fund] >= floor:
        return
    held, cut = funds.held[path, fund], funds.cut
    freed = required + (1.0 - funds.swap[path, fund]) * held * funds.value[path, fund]
    missing = (required - funds.deposit[path, fund]) / freed
    target = max(0.0, held * (1.0 - missing) * funds.rules.share)
    if cut.called[path, fund] != 0:
        target = min(target, funds.call_target[path, fund])
    cut.called[path, fund] = 1
    cut.cut_in[path, fund] = bar
    funds.call_target[path, fund] = target


@kernel
def return_excess(funds: FuturesFundState, path: int, fund: int, required: float) -> None:
    """Give the reserve what the deposit has beyond the margin required; meet a reserve in debt from the deposit."""
    excess = funds.deposit[path, fund] - required
    if excess > 0.0:
        funds.deposit[path, fund] -= excess
        funds.reserve[path, fund] += excess
    if funds.reserve[path, fund] < 0.0:
        funds.deposit[path, fund] += funds.reserve[path, fund]
        funds.reserve[path, fund] = 0.0


@kernel
def check_futures_fund(
    funds: FuturesFundState, path: int, fund: int, equity: float, required: float, floor: float, bar: int
) -> None:
    """Close a fund without equity; else let its own risk rule and its broker look at it."""
    held, cut, limits = funds.held[path, fund], funds.cut, funds.limits
    if equity <= 0.0 and held > 0.0:
        close_account(cut, path, fund, funds.rules.forced)
        return
    beyond = 1.0 - equity / cut.mark[path, fund] - limits.tolerated[path, fund]
    if funds.rules.forced and (beyond > 0.0 or min(cut.base[path, fund], cut.target[path, fund]) < held):
        watch_drawdown(cut, path, fund, held, beyond, limits.severity[path, fund], bar)
    if funds.deposit[path, fund] < floor and held > ROUNDING:
        call_below_floor(funds, path, fund, required, floor, bar)
    elif cut.called[path, fund] != 0 and held <= funds.call_target[path, fund] * (1.0 + 1e-9):
        meet_call(cut, path, fund, held, bar)


@kernel
def settle_closed(funds: FuturesFundState, cash: FloatArray, path: int, fund: int) -> None:
    """Bring a closed fund's account to 0: its lender pays what is missing, and takes what is over."""
    equity = equity_of(funds, path, fund)
    funds.reserve[path, fund] -= equity
    funds.lenders_loss[path, fund] -= equity
    cash[path, FUNDS_CASH] -= equity
    cash[path, BROKER_CASH] += equity


@kernel
def check_futures_funds(
    funds: FuturesFundState, cash: FloatArray, path: int, price: float, bar: int, look: bool, at_close: bool, dt: float
) -> None:
    """Check the futures funds that are watched, at the close all of them; `price` is the futures'.

    Margin is a ratio to a swap's stocks, else to the futures' notional, and has risen with volatility.
    """
    fading = -math.expm1(-dt / funds.rules.mark_days)
    for fund in range(funds.held.shape[1]):
        if funds.cut.closed[path, fund] == 0:
            swap, held, deposit = funds.swap[path, fund], funds.held[path, fund], funds.deposit[path, fund]
            stocks = held * funds.value[path, fund]
            equity, mark = (1.0 - swap) * stocks + deposit + funds.reserve[path, fund], funds.cut.mark[path, fund]
            mark = max(equity, mark + (equity - mark) * fading)
            funds.cut.mark[path, fund] = mark
            if at_close or (look and funds.watched[path, fund]):
                notional = abs(funds.contracts[path, fund]) * price
                base = funds.margin_level[path, fund] * (swap * stocks + (1.0 - swap) * notional)
                required = funds.initial[path, fund] * base
                if at_close:
                    fill_deposit(funds, path, fund, required)  # routine, and not a call
                    deposit = funds.deposit[path, fund]
                floor = funds.floor[path, fund] * base - ROUNDING * stocks  # what rounding leaves calls for nothing
                most = min(funds.cut.base[path, fund], funds.cut.target[path, fund])
                sells = funds.cut.called[path, fund] != 0 or most < held
                drawn = equity < (1.0 - funds.limits.tolerated[path, fund]) * mark
                if sells or drawn or deposit < floor or equity <= 0.0:
                    check_futures_fund(funds, path, fund, equity, required, floor, bar)
                if at_close and funds.cut.closed[path, fund] == 0:
                    return_excess(funds, path, fund, required)
        if funds.cut.closed[path, fund] != 0:
            settle_closed(funds, cash, path, fund)
