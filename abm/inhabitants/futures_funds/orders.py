"""What futures funds order in a bar: both legs together, and what a broker closes of one (docs/model.md, section 8)."""

from __future__ import annotations

import math

from abm.compile import kernel
from abm.cut import ROUNDING, is_back, may_come_back, purchase, sale, state_of
from abm.inhabitants.exchange.futures import filled_futures, is_held
from abm.inhabitants.exchange.state import ExchangeState
from abm.inhabitants.exchange.stocks import trade_book
from abm.inhabitants.futures_funds.accounts import (
    ALL,
    SeparateAccounts,
    close_futures,
    equity_of,
    note_sale,
    sold_without_hedge,
    without_hedge,
)
from abm.inhabitants.futures_funds.state import FuturesFundState
from abm.inhabitants.futures_market import FuturesMarketState
from abm.state import BasketState, Flow, Tape
from cqkit.arrays import FloatArray

FORCED, REENTRY, REBALANCING = int(Flow.FORCED), int(Flow.REENTRY), int(Flow.REBALANCING)

SMALLEST_HEDGED = 0.05  # share of a book against which re-entry scales the hedge: less would be noise


@kernel
def carried_share(equity: float, swap: float, initial: float, reserve_wanted: float, value: float) -> float:
    """Share of its starting book that a fund's cash carries with the reserve that it wants."""
    return equity / ((initial + reserve_wanted + (1.0 - swap)) * value)


@kernel
def is_at_rest(held: float, target: float, called: int, line: float) -> bool:
    """Whether a fund whose accounts are one is made to sell nothing: by its own rule, its broker, or a line."""
    return called == 0 and held <= target and held - line <= ROUNDING


@kernel
def fill_both_legs(exchange: ExchangeState, path: int, exposure: FloatArray, order: float, bought_back: float) -> float:
    """Share of an order of stocks that is filled with the futures against them: no leg goes without the other."""
    filled = filled_futures(exchange, path, bought_back) if bought_back != 0.0 else 1.0
    return trade_book(exchange, path, exposure, filled * order) / order if order != 0.0 else 1.0


@kernel
def forced_sale(
    funds: FuturesFundState, accounts: SeparateAccounts | None, path: int, fund: int, sold: float, dt: float
) -> float:
    """What a fund is made to sell in a bar, as an order <= 0: by its own rule, its broker, a line of its contract."""
    held, start, wanted = funds.held[path, fund], funds.cut.start[path, fund], funds.cut.target[path, fund]
    if funds.cut.called[path, fund] != 0 and funds.rules.forced:
        wanted = min(wanted, funds.call_target[path, fund])
    if accounts is not None and funds.rules.forced:
        wanted = min(wanted, held - sold_without_hedge(accounts, path, fund))
    order, beyond = sale(held, wanted, start, sold), held - funds.line[path, fund]
    if beyond > ROUNDING:  # a line of its contract lets it hold less
        order = min(order, -min(beyond, funds.line_rate[path, fund] * dt))
    return float(order)


@kernel
def sell_both_legs(
    funds: FuturesFundState,
    accounts: SeparateAccounts | None,
    exchange: ExchangeState | None,
    path: int,
    fund: int,
    order: float,
) -> tuple[float, float]:
    """Sell stocks under compulsion and buy futures back for those that have a hedge, as far as both can be traded."""
    contracts, naked = funds.contracts[path, fund], without_hedge(accounts, path, fund)
    hedged = funds.held[path, fund] - naked
    hedge_order = contracts * min(order + naked, 0.0) / hedged if hedged > 0.0 else -contracts
    filled = 1.0
    if exchange is not None and is_held(exchange, path):
        filled = fill_both_legs(exchange, path, funds.exposure[path, fund], order, -hedge_order)
    note_sale(accounts, path, fund, order, filled, -filled * hedge_order)
    if filled < 1.0:
        return order * filled, hedge_order * filled
    return order, hedge_order


@kernel
def planned_hedge(
    funds: FuturesFundState, accounts: SeparateAccounts | None, exchange: ExchangeState | None, path: int, fund: int
) -> float:
    """Futures a day sold short by the plan of the close before; nobody adds to what a broker closes."""
    plan = funds.hedge_plan[path, fund]
    if exchange is not None and filled_futures(exchange, path, -plan) == 0.0:
        plan = 0.0
    if accounts is not None and plan > 0.0 and accounts.leaves[path, fund] < funds.contracts[path, fund]:
        plan = 0.0
    return float(plan)


@kernel
def closed_by_broker(
    funds: FuturesFundState,
    accounts: SeparateAccounts | None,
    exchange: ExchangeState | None,
    path: int,
    fund: int,
    order: float,
    hedge_order: float,
    share: float,
) -> float:
    """Futures that a broker buys back without their stocks in a bar, beside the fund's own orders for both legs."""
    if accounts is None:
        return 0.0
    if not funds.rules.forced:
        return 0.0
    left = funds.contracts[path, fund] + hedge_order
    hedged = funds.held[path, fund] + order - accounts.naked[path, fund] - accounts.naked_order[path, fund]
    return close_futures(accounts, path, fund, left, hedged, share * filled_futures(exchange, path, 1.0))


@kernel
def is_restricted(accounts: SeparateAccounts | None, held: bool, path: int, fund: int) -> bool:
    """Whether an exchange or a broker has a say in a fund's hedge: asking them for every fund costs time."""
    if accounts is None:
        return held
    return held or accounts.leaves[path, fund] < ALL


@kernel
def order_of_return(
    funds: FuturesFundState,
    accounts: SeparateAccounts | None,
    path: int,
    fund: int,
    cheap: float,
    bar: int,
    dt: float,
) -> float:
    """What a willing fund below its starting book buys back, if it may."""
    cut, held, start = funds.cut, funds.held[path, fund], funds.cut.start[path, fund]
    closed, called, cut_in = cut.closed[path, fund], cut.called[path, fund], cut.cut_in[path, fund]
    if not may_come_back(1, cut_in, closed, called, funds.limits.wait[path, fund], held, start, bar, dt):
        return 0.0
    swap, value, initial = funds.swap[path, fund], funds.value[path, fund], funds.initial[path, fund]
    equity = equity_of(funds, accounts, path, fund)
    carried = carried_share(equity, swap, initial, funds.reserve_wanted[path, fund], value)
    if is_back(held, cut.target[path, fund], start):
        cut.target[path, fund], cut.mark[path, fund], cut.base[path, fund] = start, equity, held
    order = purchase(held, start, carried, cheap, funds.rules, dt)
    cut.base[path, fund] = max(cut.base[path, fund], held + order)
    return order


@kernel
def order_futures_funds(
    funds: FuturesFundState,
    accounts: SeparateAccounts | None,
    exchange: ExchangeState | None,
    tape: Tape,
    path: int,
    bar: int,
    dt: float,
) -> tuple[float, float]:
    """Orders of every futures fund for both legs: forced sales, coming back, and plans made at the close before.

    Returns the futures bought net and the futures traded.
    """
    cheap = tape.cheapness[path]
    bought, traded, sold = 0.0, 0.0, -math.expm1(-dt / funds.rules.days)
    forced, back, rebalanced, volume = 0.0, 0.0, 0.0, 0.0
    held_back = exchange is not None and is_held(exchange, path)
    for fund in range(funds.held.shape[1]):
        held, contracts, book = funds.held[path, fund], funds.contracts[path, fund], funds.book[path, fund]
        start = funds.cut.start[path, fund]
        target, called = funds.cut.target[path, fund], funds.cut.called[path, fund]
        order = 0.0
        if accounts is not None or not is_at_rest(held, target, called, funds.line[path, fund]):
            order = forced_sale(funds, accounts, path, fund, sold, dt)
        state = order
        if order < 0.0:
            order, hedge_order = sell_both_legs(funds, accounts, exchange, path, fund, order)
            forced += order * book
            funds.forced[path, fund] -= order * book
        else:
            if cheap > 0.0 and held < start and funds.barred[path, fund] == 0 and funds.limits.willing[path, fund] != 0:
                order = order_of_return(funds, accounts, path, fund, cheap, bar, dt)
                state = order
            comes_back = order > 0.0
            if not comes_back:
                room = max(start - held, 0.0)  # less than at the close before, if it has come back meanwhile
                order = min(funds.stock_plan[path, fund] * dt, room)
            if exchange is not None and is_held(exchange, path):
                order *= fill_both_legs(exchange, path, funds.exposure[path, fund], order, -contracts * order)
            if comes_back:
                back += order * book
                funds.rebought[path, fund] += order * book
            else:
                rebalanced += order * book
            plan = funds.hedge_plan[path, fund]
            if is_restricted(accounts, held_back, path, fund):
                plan = planned_hedge(funds, accounts, exchange, path, fund)
            hedged = max(held - without_hedge(accounts, path, fund), SMALLEST_HEDGED)
            hedge_order = plan * dt + (contracts * order / hedged if order != 0.0 else 0.0)
        if is_restricted(accounts, held_back, path, fund):
            hedge_order -= closed_by_broker(funds, accounts, exchange, path, fund, order, hedge_order, sold)
        closed, target, base = funds.cut.closed[path, fund], funds.cut.target[path, fund], funds.cut.base[path, fund]
        funds.cut.state[path, fund] = state_of(state, closed, target, base, start)
        funds.order[path, fund] = order
        funds.hedge_order[path, fund] = hedge_order
        bought -= hedge_order
        traded += abs(hedge_order)
        volume += abs(order) * book
    tape.flows[path, FORCED] += forced
    tape.flows[path, REENTRY] += back
    tape.flows[path, REBALANCING] += rebalanced
    tape.volume[path] += volume
    return bought, traded


@kernel
def place_futures_fund_orders(
    funds: FuturesFundState,
    accounts: SeparateAccounts | None,
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
    bought, traded = order_futures_funds(funds, accounts, exchange, tape, path, bar, dt)
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
