"""What long-short funds do in a bar: orders, revaluation, own risk rule, margin calls (docs/model.md, section 2)."""

from __future__ import annotations

import math

from abm.compile import wide_kernel
from abm.cut import close_account, decay, may_come_back, purchase, sale, state_of
from abm.inhabitants.exchange.state import ExchangeState
from abm.inhabitants.exchange.stocks import trade_book
from abm.inhabitants.long_short.state import LongShortState
from abm.sections.index import DAYS_A_YEAR
from abm.state import BasketState, Flow, Party, Tape
from cqkit.arrays import FloatArray

FORCED, REENTRY = int(Flow.FORCED), int(Flow.REENTRY)
CROWD_CASH, LENDER_CASH = int(Party.CROWD), int(Party.BROKERS)


@wide_kernel
def place_fund_orders(
    funds: LongShortState,
    exchange: ExchangeState | None,
    baskets: BasketState,
    tape: Tape,
    path: int,
    bar: int,
    dt: float,
) -> None:
    """Orders of all funds, and their sum by basket (step 1)."""
    order_forced_sales(funds, path, dt)
    if tape.cheapness[path] > 0.0:
        order_purchases(funds, path, bar, tape.cheapness[path], dt)
    note_states(funds, path)
    orders, sold, bought = funds.order[path], funds.forced[path], funds.rebought[path]
    if exchange is not None and exchange.held[path] != 0:
        for fund in range(orders.size):
            orders[fund] = trade_book(exchange, path, funds.exposure[path, :, fund], orders[fund])
    forced, back = 0.0, 0.0
    for fund in range(orders.size):
        sale, purchase = min(orders[fund], 0.0), max(orders[fund], 0.0)
        sold[fund] -= sale
        bought[fund] += purchase
        forced += sale
        back += purchase
    tape.flows[path, FORCED] += forced
    tape.flows[path, REENTRY] += back
    tape.volume[path] += 2.0 * (back - forced)
    flow = funds.flow[path]
    flow[:] = 0.0
    if forced != 0.0 or back != 0.0:
        sum_by_basket(orders, funds.exposure[path], funds.apart, flow)
    for row in range(flow.size):
        baskets.flow[path, row] += flow[row]


@wide_kernel
def order_forced_sales(funds: LongShortState, path: int, dt: float) -> None:
    """What each fund is made to sell in a bar, by its own rule or its broker."""
    orders, books, equities, limits = funds.order[path], funds.book[path], funds.equity[path], funds.limit[path]
    starts, targets, called = funds.cut.start[path], funds.cut.target[path], funds.cut.called[path]
    forced, share, sold = funds.rules.forced != 0, funds.rules.share, -math.expm1(-dt / funds.rules.days)
    for fund in range(orders.size):
        carried = share * limits[fund] * max(equities[fund], 0.0)
        wanted = min(targets[fund], carried) if forced and called[fund] != 0 else targets[fund]
        orders[fund] = sale(books[fund], wanted, starts[fund], sold)


@wide_kernel
def order_purchases(funds: LongShortState, path: int, bar: int, cheap: float, dt: float) -> None:
    """What those who sell nothing, and may come back, buy while the crowded book is cheap."""
    orders, books, equities, leverage = funds.order[path], funds.book[path], funds.equity[path], funds.leverage[path]
    willing, wait, cut = funds.limits.willing[path], funds.limits.wait[path], funds.cut
    starts, cut_in, called, closed = cut.start[path], cut.cut_in[path], cut.called[path], cut.closed[path]
    for fund in range(orders.size):
        held, start = books[fund], starts[fund]
        may = may_come_back(willing[fund], cut_in[fund], closed[fund], called[fund], wait[fund], held, start, bar, dt)
        if may and orders[fund] == 0.0:
            equity = max(equities[fund], 0.0)
            orders[fund] = purchase(cut, funds.rules, path, fund, held, leverage[fund] * equity, equity, cheap, dt)


@wide_kernel
def note_states(funds: LongShortState, path: int) -> None:
    """Write down what each fund is doing."""
    orders, states, closed = funds.order[path], funds.cut.state[path], funds.cut.closed[path]
    targets, bases, starts = funds.cut.target[path], funds.cut.base[path], funds.cut.start[path]
    for fund in range(orders.size):
        states[fund] = state_of(orders[fund], closed[fund], targets[fund], bases[fund], starts[fund])


@wide_kernel
def sum_by_basket(orders: FloatArray, exposure: FloatArray, apart: int, flow: FloatArray) -> None:
    """Add units of each basket that funds order to `flow`, from `exposure` (baskets, funds) or a basket each."""
    if apart != 0:
        for fund in range(orders.size):
            flow[1 + fund] += orders[fund]
        return
    for row in range(flow.size):
        units, total = exposure[row], 0.0
        for fund in range(orders.size):
            total += orders[fund] * units[fund]
        flow[row] += total


@wide_kernel
def mark_funds(
    funds: LongShortState, baskets: BasketState, tape: Tape, cash: FloatArray, path: int, half_spread: float, dt: float
) -> None:
    """Revalue books and equity; a trade is done at the fill and pays the spread, lenders are paid (step 6)."""
    flow, rows = funds.flow[path], funds.exposure.shape[1]
    orders, books, equities, closed = funds.order[path], funds.book[path], funds.equity[path], funds.cut.closed[path]
    gains, lates = funds.gain[path], funds.late[path]
    value_books(funds, baskets, path)
    fees, interest, year = 0.0, 0.0, dt / DAYS_A_YEAR
    for fund in range(orders.size):
        order, book, equity = orders[fund], books[fund], equities[fund]
        fee = 2.0 * half_spread * abs(order)
        due = (funds.funding * max(book - equity, 0.0) + funds.borrow_fee * book) * year
        due = due if closed[fund] == 0 else 0.0
        fees += fee
        interest += due
        equities[fund] = equity + book * gains[fund] + order * lates[fund] - fee - due
        books[fund] = book + order
    spent = 0.0
    for row in range(rows):
        spent += flow[row] * (baskets.value[path, row] - baskets.late[path, row])
    cash[path, CROWD_CASH] -= spent + fees + interest
    cash[path, LENDER_CASH] += interest
    tape.paid_spread[path] += fees


@wide_kernel
def value_books(funds: LongShortState, baskets: BasketState, path: int) -> None:
    """What a unit of each fund's book gains in the bar, and from the fill on, from what baskets do."""
    gains, lates, gain, late = funds.gain[path], funds.late[path], baskets.gain[path], baskets.late[path]
    if funds.apart != 0:
        for fund in range(gains.size):
            gains[fund], lates[fund] = gain[1 + fund], late[1 + fund]
        return
    gains[:] = 0.0
    lates[:] = 0.0
    exposure = funds.exposure[path]
    rows = len(exposure)
    for row in range(0, rows - rows % 2, 2):
        one, other = exposure[row], exposure[row + 1]
        a, b, c, d = gain[row], gain[row + 1], late[row], late[row + 1]
        for fund in range(gains.size):
            gains[fund] += a * one[fund] + b * other[fund]
            lates[fund] += c * one[fund] + d * other[fund]
    if rows % 2:
        one, a, c = exposure[rows - 1], gain[rows - 1], late[rows - 1]
        for fund in range(gains.size):
            gains[fund] += a * one[fund]
            lates[fund] += c * one[fund]


@wide_kernel
def check_funds(
    funds: LongShortState, cash: FloatArray, path: int, bar: int, look: bool, at_close: bool, dt: float
) -> None:
    """Check the funds that are watched, at the close all of them; lenders settle closed ones (step 7)."""
    equities, marks, closed = funds.equity[path], funds.cut.mark[path], funds.cut.closed[path]
    lenders_loss, fading = funds.lenders_loss[path], -math.expm1(-dt / funds.rules.mark_days)
    for fund in range(equities.size):
        marks[fund] = max(equities[fund], marks[fund] + (equities[fund] - marks[fund]) * fading)
    if at_close:
        check_first(funds, path, bar, equities.size)
    elif look:
        check_first(funds, path, bar, funds.watched)
    lost = 0.0
    for fund in range(equities.size):
        owed = -equities[fund] if closed[fund] != 0 else 0.0
        lost += owed
        lenders_loss[fund] += owed
        equities[fund] += owed
    cash[path, CROWD_CASH] += lost
    cash[path, LENDER_CASH] -= lost


@wide_kernel
def check_first(funds: LongShortState, path: int, bar: int, count: int) -> None:
    """Check as many funds, the first: whether equity is left, own risk rule, margin calls."""
    close_those_without_equity(funds, path, count)
    if funds.rules.forced:
        watch_drawdowns(funds, path, bar, count)
    call_margins(funds, path, bar, count)


@wide_kernel
def close_those_without_equity(funds: LongShortState, path: int, count: int) -> None:
    """Close funds whose equity is gone; whoever has sold all may still owe."""
    equities, books, closed, gone = funds.equity[path], funds.book[path], funds.cut.closed[path], 0
    for fund in range(count):
        gone += 1 if equities[fund] <= 0.0 and closed[fund] == 0 else 0
    if gone == 0:
        return
    for fund in range(count):
        if equities[fund] <= 0.0 and closed[fund] == 0 and (books[fund] > 0.0 or equities[fund] < 0.0):
            close_account(funds.cut, path, fund, funds.rules.forced)


@wide_kernel
def watch_drawdowns(funds: LongShortState, path: int, bar: int, count: int) -> None:
    """Apply the own risk rule to funds that hold something: `abm.cut.watch_drawdown` for all of them at once."""
    cut, equities, books, limits = funds.cut, funds.equity[path], funds.book[path], funds.limit[path]
    tolerated, severity = funds.limits.tolerated[path], funds.limits.severity[path]
    bases, marks = cut.base[path], cut.mark[path]
    targets, cut_in, called, closed = cut.target[path], cut.cut_in[path], cut.called[path], cut.closed[path]
    for fund in range(count):
        equity, book, target = equities[fund], books[fund], targets[fund]
        beyond = 1.0 - equity / marks[fund] - tolerated[fund]
        watched = beyond > 0.0 or called[fund] != 0 or target < book or book > limits[fund] * equity
        watched = watched and closed[fund] == 0 and book > 0.0
        most = bases[fund] * decay(severity[fund] * max(beyond, 0.0))
        sells = watched and most < book
        lapses = watched and target < book
        targets[fund] = most if sells else (book if lapses else target)
        cut_in[fund] = bar if sells else cut_in[fund]


@wide_kernel
def call_margins(funds: LongShortState, path: int, bar: int, count: int) -> None:
    """Call funds that hold more than their limit, and see whether older calls are met."""
    cut, equities, books, limits = funds.cut, funds.equity[path], funds.book[path], funds.limit[path]
    targets, cut_in, called, closed = cut.target[path], cut.cut_in[path], cut.called[path], cut.closed[path]
    calls, missing, share = funds.calls[path], funds.called[path], funds.rules.share * (1.0 + 1e-9)
    for fund in range(count):
        equity, book, older = equities[fund], books[fund], called[fund] != 0
        most, holds = limits[fund] * equity, closed[fund] == 0 and book > 0.0
        met = holds and older and book <= share * most
        new = holds and not older and book > most
        called[fund] = 1 if new or (older and not met) else 0
        calls[fund] += 1 if new else 0
        cut_in[fund] = bar if new or met else cut_in[fund]
        targets[fund] = min(targets[fund], book) if met else targets[fund]
        short = book / limits[fund] - equity
        missing[fund] = max(missing[fund], short) if holds and called[fund] != 0 else missing[fund]
