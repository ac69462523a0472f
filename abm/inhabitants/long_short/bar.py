"""What long-short funds do in a bar: orders, revaluation, own risk rule, margin calls (docs/model.md, section 2)."""

from __future__ import annotations

import math

from abm.compile import wide_kernel
from abm.cut import AT_ONCE, close_account, decay, is_back, may_come_back, note_states, purchase, sale
from abm.inhabitants.exchange.state import ExchangeState
from abm.inhabitants.exchange.stocks import trade_book
from abm.inhabitants.long_short.state import LongShortState
from abm.loops import add_columns, weigh_columns
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
    flow, cheap, count = funds.flow[path], tape.cheapness[path], funds.order.shape[1]
    flow[:] = 0.0
    for first in range(0, count, AT_ONCE):
        last = min(first + AT_ONCE, count)
        order_forced_sales(funds, path, first, last, dt)
        if cheap > 0.0:
            order_purchases(funds, path, first, last, bar, cheap, dt)
        note_states(funds.cut, funds.order, path, first, last)
        if exchange is not None and exchange.held[path] != 0:
            for fund in range(first, last):
                order = trade_book(exchange, path, funds.exposure[path, :, fund], funds.order[path, fund])
                funds.order[path, fund] = order
        forced, back = add_orders(funds, path, first, last)
        if forced != 0.0 or back != 0.0:
            tape.flows[path, FORCED] += forced
            tape.flows[path, REENTRY] += back
            tape.volume[path] += 2.0 * (back - forced)
            sum_by_basket(funds, path, first, last, flow)
    for row in range(flow.size):
        baskets.flow[path, row] += flow[row]


@wide_kernel
def order_forced_sales(funds: LongShortState, path: int, first: int, last: int, dt: float) -> None:
    """What each fund is made to sell in a bar, by its own rule or its broker."""
    orders, books, cut = funds.order[path, first:last], funds.book[path, first:last], funds.cut
    equities, limits = funds.equity[path, first:last], funds.limit[path, first:last]
    starts, targets, called = cut.start[path, first:last], cut.target[path, first:last], cut.called[path, first:last]
    forced, share, sold = funds.rules.forced != 0, funds.rules.share, -math.expm1(-dt / funds.rules.days)
    for fund in range(orders.size):
        carried = share * limits[fund] * max(equities[fund], 0.0)
        wanted = min(targets[fund], carried) if forced and called[fund] != 0 else targets[fund]
        orders[fund] = sale(books[fund], wanted, starts[fund], sold)


@wide_kernel
def order_purchases(funds: LongShortState, path: int, first: int, last: int, bar: int, cheap: float, dt: float) -> None:
    """What those who sell nothing, and may come back, buy while the crowded book is cheap."""
    orders, books, cut = funds.order[path, first:last], funds.book[path, first:last], funds.cut
    equities, leverage = funds.equity[path, first:last], funds.leverage[path, first:last]
    willing, wait = funds.limits.willing[path, first:last], funds.limits.wait[path, first:last]
    starts, cut_in = cut.start[path, first:last], cut.cut_in[path, first:last]
    called, closed = cut.called[path, first:last], cut.closed[path, first:last]
    targets, marks, bases = cut.target[path, first:last], cut.mark[path, first:last], cut.base[path, first:last]
    for fund in range(orders.size):
        held, start, equity = books[fund], starts[fund], max(equities[fund], 0.0)
        may = may_come_back(willing[fund], cut_in[fund], closed[fund], called[fund], wait[fund], held, start, bar, dt)
        may = may and orders[fund] == 0.0
        if may and is_back(held, targets[fund], start):
            targets[fund], marks[fund], bases[fund] = start, equity, held
        if may:
            bought = purchase(held, start, leverage[fund] * equity, cheap, funds.rules, dt)
            orders[fund] = bought
            if bought > 0.0:
                bases[fund] = max(bases[fund], held + bought)


@wide_kernel
def add_orders(funds: LongShortState, path: int, first: int, last: int) -> tuple[float, float]:
    """Add orders to what funds sold and bought back in the day; return what they sell, below 0, and buy now."""
    orders, forced, back = funds.order[path, first:last], 0.0, 0.0
    sold, bought = funds.forced[path, first:last], funds.rebought[path, first:last]
    for fund in range(orders.size):
        forced += min(orders[fund], 0.0)
        back += max(orders[fund], 0.0)
    if forced != 0.0 or back != 0.0:
        for fund in range(orders.size):
            sold[fund] -= min(orders[fund], 0.0)
            bought[fund] += max(orders[fund], 0.0)
    return forced, back


@wide_kernel
def sum_by_basket(funds: LongShortState, path: int, first: int, last: int, flow: FloatArray) -> None:
    """Add units of each basket that funds order to `flow`."""
    orders = funds.order[path, first:last]
    if funds.apart != 0:
        own = flow[1 + first : 1 + last]
        for fund in range(orders.size):
            own[fund] += orders[fund]
        return
    add_columns(orders, funds.exposure[path], first, flow)


@wide_kernel
def mark_funds(
    funds: LongShortState, baskets: BasketState, tape: Tape, cash: FloatArray, path: int, half_spread: float, dt: float
) -> None:
    """Revalue books and equity; a trade is done at the fill and pays the spread, lenders are paid (step 6)."""
    flow, count, spent, fees, interest = funds.flow[path], funds.order.shape[1], 0.0, 0.0, 0.0
    for first in range(0, count, AT_ONCE):
        last = min(first + AT_ONCE, count)
        value_books(funds, baskets, path, first, last)
        fee, due = mark_some(funds, path, first, last, half_spread, dt / DAYS_A_YEAR)
        fees += fee
        interest += due
    for row in range(flow.size):
        spent += flow[row] * (baskets.value[path, row] - baskets.late[path, row])
    cash[path, CROWD_CASH] -= spent + fees + interest
    cash[path, LENDER_CASH] += interest
    tape.paid_spread[path] += fees


@wide_kernel
def mark_some(
    funds: LongShortState, path: int, first: int, last: int, half_spread: float, year: float
) -> tuple[float, float]:
    """Revalue some funds; return what they pay in spreads and in interest. `year` is the bar's part of it."""
    orders, books = funds.order[path, first:last], funds.book[path, first:last]
    gains, lates = funds.gain[path, first:last], funds.late[path, first:last]
    equities, closed = funds.equity[path, first:last], funds.cut.closed[path, first:last]
    fees, interest = 0.0, 0.0
    for fund in range(orders.size):
        order, book, equity = orders[fund], books[fund], equities[fund]
        fee = 2.0 * half_spread * abs(order)
        due = (funds.funding * max(book - equity, 0.0) + funds.borrow_fee * book) * year
        due = due if closed[fund] == 0 else 0.0
        fees += fee
        interest += due
        equities[fund] = equity + book * gains[fund] + order * lates[fund] - fee - due
        books[fund] = book + order
    return fees, interest


@wide_kernel
def value_books(funds: LongShortState, baskets: BasketState, path: int, first: int, last: int) -> None:
    """What a unit of each fund's book gains in the bar, and from the fill on, by what baskets do."""
    gains, lates = funds.gain[path, first:last], funds.late[path, first:last]
    gain, late = baskets.gain[path], baskets.late[path]
    if funds.apart != 0:
        own, own_late = gain[1 + first : 1 + last], late[1 + first : 1 + last]
        for fund in range(gains.size):
            gains[fund], lates[fund] = own[fund], own_late[fund]
        return
    weigh_columns(gain, late, funds.exposure[path], first, gains, lates)


@wide_kernel
def check_funds(
    funds: LongShortState, cash: FloatArray, path: int, bar: int, look: bool, at_close: bool, dt: float
) -> None:
    """Check the funds that are watched, at the close all of them; lenders settle closed ones (step 7)."""
    count, lost, fading = funds.equity.shape[1], 0.0, -math.expm1(-dt / funds.rules.mark_days)
    checked = count if at_close else (funds.watched if look else 0)
    for first in range(0, count, AT_ONCE):
        last = min(first + AT_ONCE, count)
        fade_marks(funds, path, first, last, fading)
        until = min(last, checked)
        if until > first:
            close_those_without_equity(funds, path, first, until)
            if funds.rules.forced:
                watch_drawdowns(funds, path, first, until, bar)
            call_margins(funds, path, first, until, bar)
        lost += settle_closed(funds, path, first, last)
    cash[path, CROWD_CASH] += lost
    cash[path, LENDER_CASH] -= lost


@wide_kernel
def fade_marks(funds: LongShortState, path: int, first: int, last: int, fading: float) -> None:
    """High-water marks rise with equity, and fade towards it."""
    equities, marks = funds.equity[path, first:last], funds.cut.mark[path, first:last]
    for fund in range(equities.size):
        marks[fund] = max(equities[fund], marks[fund] + (equities[fund] - marks[fund]) * fading)


@wide_kernel
def settle_closed(funds: LongShortState, path: int, first: int, last: int) -> float:
    """Bring the accounts of closed funds to 0; return what their lenders lose by that."""
    equities, closed = funds.equity[path, first:last], funds.cut.closed[path, first:last]
    lenders_loss, lost = funds.lenders_loss[path, first:last], 0.0
    for fund in range(equities.size):
        lost -= equities[fund] if closed[fund] != 0 else 0.0
    if lost != 0.0:
        for fund in range(equities.size):
            owed = -equities[fund] if closed[fund] != 0 else 0.0
            lenders_loss[fund] += owed
            equities[fund] += owed
    return lost


@wide_kernel
def close_those_without_equity(funds: LongShortState, path: int, first: int, last: int) -> None:
    """Close funds whose equity is gone; whoever has sold all may still owe."""
    equities, closed, gone = funds.equity[path, first:last], funds.cut.closed[path, first:last], 0
    for fund in range(equities.size):
        gone += 1 if equities[fund] <= 0.0 and closed[fund] == 0 else 0
    if gone == 0:
        return
    for fund in range(first, last):
        equity, book = funds.equity[path, fund], funds.book[path, fund]
        if equity <= 0.0 and funds.cut.closed[path, fund] == 0 and (book > 0.0 or equity < 0.0):
            close_account(funds.cut, path, fund, funds.rules.forced)


@wide_kernel
def watch_drawdowns(funds: LongShortState, path: int, first: int, last: int, bar: int) -> None:
    """Apply the own risk rule to funds that hold something: `abm.cut.watch_drawdown` for all of them at once."""
    cut, equities, books = funds.cut, funds.equity[path, first:last], funds.book[path, first:last]
    limits, tolerated = funds.limit[path, first:last], funds.limits.tolerated[path, first:last]
    severity, bases = funds.limits.severity[path, first:last], cut.base[path, first:last]
    marks, targets, cut_in = cut.mark[path, first:last], cut.target[path, first:last], cut.cut_in[path, first:last]
    called, closed = cut.called[path, first:last], cut.closed[path, first:last]
    for fund in range(equities.size):
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
def call_margins(funds: LongShortState, path: int, first: int, last: int, bar: int) -> None:
    """Call funds that hold more than their limit, and see whether older calls are met."""
    cut, equities, books = funds.cut, funds.equity[path, first:last], funds.book[path, first:last]
    limits, targets = funds.limit[path, first:last], cut.target[path, first:last]
    cut_in, called, closed = cut.cut_in[path, first:last], cut.called[path, first:last], cut.closed[path, first:last]
    calls, missing = funds.calls[path, first:last], funds.called[path, first:last]
    share, open_calls = funds.rules.share * (1.0 + 1e-9), 0
    for fund in range(equities.size):
        open_calls += 1 if called[fund] != 0 or books[fund] > limits[fund] * equities[fund] else 0
    if open_calls == 0:
        return
    for fund in range(equities.size):
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
