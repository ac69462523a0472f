"""What long-short funds do in a bar: orders, revaluation, own risk rule, margin calls (docs/model.md, section 2)."""

from __future__ import annotations

import math

from abm.compile import kernel
from abm.cut import CutState, close_account, may_come_back, meet_call, purchase, sale, state_of, watch_drawdown
from abm.inhabitants.exchange.state import ExchangeState
from abm.inhabitants.exchange.stocks import trade_book
from abm.inhabitants.long_short.state import LongShortState
from abm.sections.index import DAYS_A_YEAR
from abm.state import BasketState, Flow, Party, Tape
from cqkit.arrays import FloatArray

FORCED, REENTRY = int(Flow.FORCED), int(Flow.REENTRY)
CROWD_CASH, LENDER_CASH = int(Party.CROWD), int(Party.BROKERS)


@kernel
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
    flow, cheap = funds.flow[path], tape.cheapness[path]
    count, rows = funds.exposure.shape[1], funds.exposure.shape[2]
    sold, forced, back = -math.expm1(-dt / funds.rules.days), 0.0, 0.0
    for fund in range(count):
        held, equity = funds.book[path, fund], max(funds.equity[path, fund], 0.0)
        start, wanted = funds.cut.start[path, fund], funds.cut.target[path, fund]
        if funds.cut.called[path, fund] != 0 and funds.rules.forced:
            wanted = min(wanted, funds.rules.share * funds.limit[path, fund] * equity)
        order, closed = sale(held, wanted, start, sold), funds.cut.closed[path, fund]
        if order == 0.0 and cheap > 0.0 and held < start:
            willing, wait = funds.limits.willing[path, fund], funds.limits.wait[path, fund]
            cut_in, called = funds.cut.cut_in[path, fund], funds.cut.called[path, fund]
            if may_come_back(willing, cut_in, closed, called, wait, held, start, bar, dt):
                carried = funds.leverage[path, fund] * equity
                order = purchase(funds.cut, funds.rules, path, fund, held, carried, equity, cheap, dt)
        target, base = funds.cut.target[path, fund], funds.cut.base[path, fund]
        funds.cut.state[path, fund] = state_of(order, closed, target, base, start)
        if exchange is not None and exchange.held[path] != 0:
            order = trade_book(exchange, path, funds.exposure[path, fund], order)
        funds.order[path, fund] = order
        if order != 0.0:
            forced += min(order, 0.0)
            funds.forced[path, fund] -= min(order, 0.0)
            back += max(order, 0.0)
            funds.rebought[path, fund] += max(order, 0.0)
    tape.flows[path, FORCED] += forced
    tape.flows[path, REENTRY] += back
    sum_by_basket(funds.order[path], funds.exposure[path], funds.apart, flow)
    for row in range(rows):
        baskets.flow[path, row] += flow[row]
    tape.volume[path] += 2.0 * (back - forced)


@kernel
def sum_by_basket(orders: FloatArray, exposure: FloatArray, apart: int, flow: FloatArray) -> None:
    """Units of each basket that funds order together, from `exposure` (funds, baskets) or a basket each."""
    for row in range(flow.size):
        flow[row] = 0.0
    for fund in range(orders.size):
        order = orders[fund]
        if order != 0.0 and apart != 0:
            flow[1 + fund] += order
        elif order != 0.0:
            for row in range(flow.size):
                flow[row] += order * exposure[fund, row]


@kernel
def mark_funds(
    funds: LongShortState, baskets: BasketState, tape: Tape, cash: FloatArray, path: int, half_spread: float, dt: float
) -> None:
    """Revalue books and equity; a trade is done at the fill and pays the spread, lenders are paid (step 6)."""
    flow, rows = funds.flow[path], funds.exposure.shape[2]
    fees, interest = 0.0, 0.0
    year = dt / DAYS_A_YEAR
    for fund in range(funds.order.shape[1]):
        order, book, equity = funds.order[path, fund], funds.book[path, fund], funds.equity[path, fund]
        gained, late, paid = 0.0, 0.0, 0.0
        if funds.apart != 0:
            gained, late = baskets.gain[path, 1 + fund], baskets.late[path, 1 + fund]
        else:
            for row in range(rows):
                gained += funds.exposure[path, fund, row] * baskets.gain[path, row]
            if order != 0.0:
                for row in range(rows):
                    late += funds.exposure[path, fund, row] * baskets.late[path, row]
        if order != 0.0:
            paid = 2.0 * half_spread * abs(order)
            fees += paid
        if funds.cut.closed[path, fund] == 0:
            due = (funds.funding * max(book - equity, 0.0) + funds.borrow_fee * book) * year
            interest += due
            paid += due
        funds.equity[path, fund] = equity + book * gained + order * late - paid
        funds.book[path, fund] = book + order
    spent = 0.0
    for row in range(rows):
        spent += flow[row] * (baskets.value[path, row] - baskets.late[path, row])
    cash[path, CROWD_CASH] -= spent + fees + interest
    cash[path, LENDER_CASH] += interest
    tape.paid_spread[path] += fees


@kernel
def call_margin(cut: CutState, path: int, fund: int, book: float, most: float, share: float, bar: int) -> int:
    """Call a fund that holds more than the `most`, and see whether an older call is met; return 1 for a new call."""
    if cut.called[path, fund] != 0:
        if book <= share * most * (1.0 + 1e-9):
            meet_call(cut, path, fund, book, bar)
        return 0
    if book <= most:
        return 0
    cut.called[path, fund] = 1
    cut.cut_in[path, fund] = bar
    return 1


@kernel
def check_funds(
    funds: LongShortState, cash: FloatArray, path: int, bar: int, look: bool, at_close: bool, dt: float
) -> None:
    """Check the funds that are watched, at the close all of them; lenders settle closed ones (step 7)."""
    cut, rules, lost, fading = funds.cut, funds.rules, 0.0, -math.expm1(-dt / funds.rules.mark_days)
    for fund in range(funds.equity.shape[1]):
        equity, book, mark = funds.equity[path, fund], funds.book[path, fund], cut.mark[path, fund]
        mark = max(equity, mark + (equity - mark) * fading)
        cut.mark[path, fund] = mark
        # Whoever has sold all may still owe.
        open_yet = cut.closed[path, fund] == 0 and (book > 0.0 or equity < 0.0)
        if open_yet and (at_close or (look and fund < funds.watched)):
            tolerated, limit = funds.limits.tolerated[path, fund], funds.limit[path, fund]
            sells = cut.called[path, fund] != 0 or cut.target[path, fund] < book
            if equity <= 0.0:
                close_account(cut, path, fund, rules.forced)
            elif sells or equity < (1.0 - tolerated) * mark or book > limit * equity:
                if rules.forced:
                    beyond = 1.0 - equity / mark - tolerated
                    watch_drawdown(cut, path, fund, book, beyond, funds.limits.severity[path, fund], bar)
                if cut.called[path, fund] != 0 or book > limit * equity:
                    funds.calls[path, fund] += call_margin(cut, path, fund, book, limit * equity, rules.share, bar)
                if cut.called[path, fund] != 0:
                    funds.called[path, fund] = max(funds.called[path, fund], book / limit - equity)
        if cut.closed[path, fund] != 0:
            lost -= equity
            funds.lenders_loss[path, fund] -= equity
            funds.equity[path, fund] = 0.0
    cash[path, CROWD_CASH] += lost
    cash[path, LENDER_CASH] -= lost
