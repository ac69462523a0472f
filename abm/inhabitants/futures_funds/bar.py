"""What futures funds do in a bar: orders for both legs, their accounts, margin calls (docs/model.md, section 8)."""

from __future__ import annotations

from abm.compile import kernel
from abm.cut import CLOSED, CutRules, force_cut, forced_order, has_waited
from abm.inhabitants.futures_funds.state import FuturesFundState
from abm.inhabitants.futures_market import FuturesMarketState
from abm.state import BasketState, Flow, FundState, Party, Tape
from cqkit.arrays import FloatArray

NORMAL, DELEVERAGING, WAITING = int(FundState.NORMAL), int(FundState.DELEVERAGING), int(FundState.WAITING)
REENTERING = int(FundState.REENTERING)
FORCED, REENTRY, REBALANCING = int(Flow.FORCED), int(Flow.REENTRY), int(Flow.REBALANCING)
FUNDS_CASH, BROKER_CASH = int(Party.FUTURES_FUNDS), int(Party.BROKERS)

SMALLEST_HEDGED = 0.05  # share of a book against which re-entry scales the hedge: less would be noise


@kernel
def reentry_share(funds: FuturesFundState, path: int, fund: int, dt: float, days: float) -> float:
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
def order_futures_funds(funds: FuturesFundState, tape: Tape, path: int, bar: int, dt: float) -> tuple[float, float]:
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
            order = forced_order(funds, path, fund, held, CLOSED, dt)
            hedge_order = contracts * order / held if held > 0.0 else -contracts
            tape.flows[path, FORCED] += order * book
            funds.forced[path, fund] -= order * book
        else:
            willing = funds.reenters[path, fund] != 0 and funds.barred[path, fund] == 0
            if state == WAITING and willing and has_waited(funds, funds.rules, path, fund, bar, dt) and rising:
                state = REENTERING
                funds.state[path, fund] = state
            if state == REENTERING and rising:
                order = reentry_share(funds, path, fund, dt, funds.rules.reentry_days)
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
    funds: FuturesFundState,
    futures: FuturesMarketState,
    baskets: BasketState,
    tape: Tape,
    path: int,
    bar: int,
    dt: float,
) -> None:
    """Orders of all futures funds, and their sum by basket."""
    flow, exposure = funds.flow[path], funds.exposure[path]
    bought, traded = order_futures_funds(funds, tape, path, bar, dt)
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
    """Book both legs of every fund, trades at the middle of the bar's move.

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
def call_below_floor(
    funds: FuturesFundState, rules: CutRules, path: int, fund: int, required: float, stocks: float
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
    return max(0.0, funds.held[path, fund] * (1.0 - cut) * rules.share)


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
def call_futures_margins(funds: FuturesFundState, path: int, price: float, bar: int, at_close: bool) -> None:
    """Check the futures funds that are watched at every bar, at the close all of them; `price` is the futures'.

    Margin is a ratio to a swap's stocks, else to the futures' notional, and has risen with volatility.
    """
    rules = funds.rules
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
                force_cut(funds, path, fund, funds.held[path, fund], 0.0, rules.days, bar)
            continue
        if funds.deposit[path, fund] < floor and funds.held[path, fund] > CLOSED:
            target = call_below_floor(funds, rules, path, fund, required, stocks)
            if funds.deposit[path, fund] < floor and rules.forced:
                force_cut(funds, path, fund, funds.held[path, fund], target, rules.days, bar)
        if at_close:
            return_excess(funds, path, fund, required)
