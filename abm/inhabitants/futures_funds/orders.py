"""What futures funds order in a bar: both legs together, and what a broker closes of one (docs/model.md, section 8)."""

from __future__ import annotations

import math

from abm.compile import kernel, wide_kernel
from abm.cut import AT_ONCE, ROUNDING, is_back, may_come_back, note_states, purchase, sale
from abm.inhabitants.exchange.futures import filled_futures, is_held
from abm.inhabitants.exchange.state import ExchangeState
from abm.inhabitants.exchange.stocks import trade_book
from abm.inhabitants.futures_funds.accounts import (
    ALL,
    SeparateAccounts,
    close_futures,
    in_part,
    naked_in_part,
    note_sale,
    sold_in_part,
    transit_in_part,
    without_hedge,
)
from abm.inhabitants.futures_funds.state import FuturesFundState
from abm.inhabitants.futures_market import FuturesMarketState
from abm.state import BasketState, Flow, Tape
from cqkit.arrays import FloatArray

FORCED, REENTRY, REBALANCING = int(Flow.FORCED), int(Flow.REENTRY), int(Flow.REBALANCING)

SMALLEST_HEDGED = 0.05  # share of a book against which re-entry scales the hedge: less would be noise


@wide_kernel
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
    """Orders of all futures funds for both legs, and their sum by basket.

    Forced sales come first, then coming back, then plans made at the close before.
    """
    flow, cheap, count = funds.flow[path], tape.cheapness[path], funds.held.shape[1]
    restricted = exchange is not None and is_held(exchange, path)
    sold = -math.expm1(-dt / funds.rules.days)
    flow[:] = 0.0
    for first in range(0, count, AT_ONCE):
        last = min(first + AT_ONCE, count)
        order_forced_sales(funds, accounts, path, first, last, dt)
        if cheap > 0.0:
            order_returns(funds, accounts, path, first, last, bar, cheap, dt)
        note_states(funds.cut, funds.compelled, path, first, last)
        order_both_legs(funds, accounts, path, first, last, dt)
        if restricted or accounts is not None:
            for fund in range(first, last):
                restrict_orders(funds, accounts, exchange, path, fund, restricted, sold, dt)
        add_orders(funds, futures, tape, path, first, last)
        add_flows(funds, path, first, last, flow)
    for row in range(flow.size):
        baskets.flow[path, row] += flow[row]


@wide_kernel
def order_forced_sales(
    funds: FuturesFundState, accounts: SeparateAccounts | None, path: int, first: int, last: int, dt: float
) -> None:
    """What each fund is made to sell in a bar: by its own rule, its broker, a line of its contract."""
    some, cut, compelled = in_part(accounts, path, first, last), funds.cut, funds.compelled[path, first:last]
    helds, call_targets = funds.held[path, first:last], funds.call_target[path, first:last]
    lines, rates = funds.line[path, first:last], funds.line_rate[path, first:last]
    starts, targets, called = cut.start[path, first:last], cut.target[path, first:last], cut.called[path, first:last]
    forced, sold = funds.rules.forced != 0, -math.expm1(-dt / funds.rules.days)
    for fund in range(compelled.size):
        held, wanted = helds[fund], targets[fund]
        wanted = min(wanted, call_targets[fund]) if forced and called[fund] != 0 else wanted
        wanted = min(wanted, held - sold_in_part(some, fund)) if forced else wanted
        order, beyond = sale(held, wanted, starts[fund], sold), held - lines[fund]
        by_line = min(beyond, rates[fund] * dt) if beyond > ROUNDING else 0.0
        compelled[fund] = min(order, -by_line)


@wide_kernel
def order_returns(
    funds: FuturesFundState,
    accounts: SeparateAccounts | None,
    path: int,
    first: int,
    last: int,
    bar: int,
    cheap: float,
    dt: float,
) -> None:
    """What willing funds below their starting book buy back, if they may."""
    some, cut, compelled = in_part(accounts, path, first, last), funds.cut, funds.compelled[path, first:last]
    helds, values, swaps = funds.held[path, first:last], funds.value[path, first:last], funds.swap[path, first:last]
    deposits, reserves = funds.deposit[path, first:last], funds.reserve[path, first:last]
    initial, wanted = funds.initial[path, first:last], funds.reserve_wanted[path, first:last]
    willing, wait = funds.limits.willing[path, first:last], funds.limits.wait[path, first:last]
    barred, starts, cut_in = funds.barred[path, first:last], cut.start[path, first:last], cut.cut_in[path, first:last]
    called, closed = cut.called[path, first:last], cut.closed[path, first:last]
    targets, marks, bases = cut.target[path, first:last], cut.mark[path, first:last], cut.base[path, first:last]
    for fund in range(compelled.size):
        held, start, own = helds[fund], starts[fund], 1.0 - swaps[fund]
        may = may_come_back(willing[fund], cut_in[fund], closed[fund], called[fund], wait[fund], held, start, bar, dt)
        may = may and barred[fund] == 0 and compelled[fund] == 0.0
        equity = own * held * values[fund] + deposits[fund] + reserves[fund] + transit_in_part(some, fund)
        if may and is_back(held, targets[fund], start):
            targets[fund], marks[fund], bases[fund] = start, equity, held
        if may:  # its cash carries so much with the reserve that it wants
            carried = equity / ((initial[fund] + wanted[fund] + own) * values[fund])
            bought = purchase(held, start, carried, cheap, funds.rules, dt)
            compelled[fund] = bought
            if bought > 0.0:
                bases[fund] = max(bases[fund], held + bought)


@wide_kernel
def order_both_legs(
    funds: FuturesFundState, accounts: SeparateAccounts | None, path: int, first: int, last: int, dt: float
) -> None:
    """Stocks that are sold or bought, and futures with them: what is compelled, else what was planned at the close."""
    some, starts = in_part(accounts, path, first, last), funds.cut.start[path, first:last]
    compelled, orders = funds.compelled[path, first:last], funds.order[path, first:last]
    hedge_orders, helds = funds.hedge_order[path, first:last], funds.held[path, first:last]
    contracts, plans = funds.contracts[path, first:last], funds.stock_plan[path, first:last]
    hedge_plans = funds.hedge_plan[path, first:last]
    for fund in range(orders.size):
        naked, room = naked_in_part(some, fund), max(starts[fund] - helds[fund], 0.0)  # it may have come back meanwhile
        order = compelled[fund] if compelled[fund] != 0.0 else min(plans[fund] * dt, room)
        sold = hedge_of_sale(contracts[fund], helds[fund], naked, order)
        planned = hedge_plans[fund] * dt + hedge_of_plan(contracts[fund], helds[fund], naked, order)
        orders[fund], hedge_orders[fund] = order, sold if compelled[fund] < 0.0 else planned


@kernel
def hedge_of_sale(contracts: float, held: float, naked: float, order: float) -> float:
    """Futures bought back, below 0, with stocks sold under compulsion: those that have no hedge go first."""
    hedged = held - naked
    return float(contracts * min(order + naked, 0.0) / hedged if hedged > 0.0 else -contracts)


@kernel
def hedge_of_plan(contracts: float, held: float, naked: float, order: float) -> float:
    """Futures sold with stocks that are bought, or bought back with those sold as planned."""
    return float(contracts * order / max(held - naked, SMALLEST_HEDGED))


@kernel
def restrict_orders(
    funds: FuturesFundState,
    accounts: SeparateAccounts | None,
    exchange: ExchangeState | None,
    path: int,
    fund: int,
    restricted: bool,
    sold: float,
    dt: float,
) -> None:
    """What an exchange and a broker leave of a fund's orders, and what a broker closes of its futures.

    `sold` is the share of a gap that is closed in a bar.
    """
    order, hedge_order = funds.order[path, fund], funds.hedge_order[path, fund]
    contracts, asked = funds.contracts[path, fund], is_restricted(accounts, restricted, path, fund)
    if funds.compelled[path, fund] < 0.0:
        filled = 1.0
        if exchange is not None and restricted:
            filled = fill_both_legs(funds, exchange, path, fund, order, -hedge_order)
        note_sale(accounts, path, fund, order, filled, -filled * hedge_order)
        order *= filled
        hedge_order *= filled
    elif asked:
        if exchange is not None and restricted:
            order *= fill_both_legs(funds, exchange, path, fund, order, -contracts * order)
        hedge_order = planned_hedge(funds, accounts, exchange, path, fund) * dt
        hedge_order += hedge_of_plan(contracts, funds.held[path, fund], without_hedge(accounts, path, fund), order)
    if asked:
        hedge_order -= closed_by_broker(funds, accounts, exchange, path, fund, order, hedge_order, sold)
    funds.order[path, fund], funds.hedge_order[path, fund] = order, hedge_order


@kernel
def fill_both_legs(
    funds: FuturesFundState, exchange: ExchangeState, path: int, fund: int, order: float, bought_back: float
) -> float:
    """Share of an order of stocks that is filled with the futures against them: no leg goes without the other."""
    filled = filled_futures(exchange, path, bought_back) if bought_back != 0.0 else 1.0
    exposure = funds.exposure[path]
    exposure[:] = 0.0
    exposure[0], exposure[funds.own[path, fund]] = funds.common[path, fund], funds.styled[path, fund]
    exposure[-1] = funds.book[path, fund]
    return trade_book(exchange, path, exposure, filled * order) / order if order != 0.0 else 1.0


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


@wide_kernel
def add_orders(
    funds: FuturesFundState, futures: FuturesMarketState, tape: Tape, path: int, first: int, last: int
) -> None:
    """Add up what the funds trade of stocks, by why they do, and of futures."""
    compelled, orders = funds.compelled[path, first:last], funds.order[path, first:last]
    hedge_orders, books = funds.hedge_order[path, first:last], funds.book[path, first:last]
    sold, rebought = funds.forced[path, first:last], funds.rebought[path, first:last]
    forced, back, rebalanced, volume, bought, traded = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for fund in range(orders.size):
        units, why = orders[fund] * books[fund], compelled[fund]
        by_force, to_return = units if why < 0.0 else 0.0, units if why > 0.0 else 0.0
        sold[fund] -= by_force
        rebought[fund] += to_return
        forced += by_force
        back += to_return
        rebalanced += units - by_force - to_return
        volume += abs(units)
        bought -= hedge_orders[fund]
        traded += abs(hedge_orders[fund])
    tape.flows[path, FORCED] += forced
    tape.flows[path, REENTRY] += back
    tape.flows[path, REBALANCING] += rebalanced
    tape.volume[path] += volume
    futures.fund_order[path] += bought
    futures.paid_spread[path] += futures.half_spread * traded


@wide_kernel
def add_flows(funds: FuturesFundState, path: int, first: int, last: int, flow: FloatArray) -> None:
    """Add units of each basket that some funds order to `flow`."""
    orders, common, books = funds.order[path, first:last], funds.common[path, first:last], funds.book[path, first:last]
    styled, own = funds.styled[path, first:last], funds.own[path, first:last]
    of_common, of_index = 0.0, 0.0
    for fund in range(orders.size):
        of_common += orders[fund] * common[fund]
        of_index += orders[fund] * books[fund]
    for fund in range(orders.size):
        flow[own[fund]] += orders[fund] * styled[fund]
    flow[0] += of_common
    flow[-1] += of_index
