"""What long-short funds do in a bar: orders by state, revaluation, margin calls (docs/model.md, section 2)."""

from __future__ import annotations

import math

from abm.compile import kernel
from abm.cut import CLOSED, force_cut, forced_order, has_waited
from abm.inhabitants.long_short.state import LongShortState
from abm.state import BasketState, Flow, FundState, Party, Tape
from cqkit.arrays import FloatArray

NORMAL, DELEVERAGING, WAITING = int(FundState.NORMAL), int(FundState.DELEVERAGING), int(FundState.WAITING)
REENTERING = int(FundState.REENTERING)
FORCED, REENTRY, REBALANCING = int(Flow.FORCED), int(Flow.REENTRY), int(Flow.REBALANCING)
CROWD_CASH = int(Party.CROWD)


@kernel
def ordinary_order(funds: LongShortState, path: int, fund: int, dt: float) -> float:
    """Slow return to target leverage; dB = (l E - B)(1 - exp(-r dt))."""
    wanted = funds.leverage[path, fund] * max(funds.equity[path, fund], 0.0)
    return (wanted - funds.book[path, fund]) * -math.expm1(-funds.rebalancing * dt)


@kernel
def reentry_order(funds: LongShortState, gauge: float, path: int, fund: int, dt: float) -> float:
    """Buy the cut back while the crowded book is not falling; at target leverage, be an ordinary fund again."""
    wanted = funds.leverage[path, fund] * max(funds.equity[path, fund], 0.0)
    gap = wanted - funds.book[path, fund]
    if gap <= 0.0:
        funds.state[path, fund] = NORMAL
        return 0.0
    if gauge <= 0.0:
        return 0.0
    return min(gap, wanted * (1.0 - funds.rules.share) * dt / funds.rules.reentry_days)


@kernel
def place_fund_orders(funds: LongShortState, baskets: BasketState, tape: Tape, path: int, bar: int, dt: float) -> None:
    """Orders of all funds by state, and their sum by basket (step 1).

    A willing fund that was cut buys back once the crowded book has stopped falling and it has waited.
    """
    flow, gauge = funds.flow[path], tape.gauge[path]
    count, rows = funds.exposure.shape[1], funds.exposure.shape[2]
    for row in range(rows):
        flow[row] = 0.0
    traded = 0.0
    for fund in range(count):
        order = 0.0
        state = funds.state[path, fund]
        willing = state == WAITING and funds.reenters[path, fund] != 0 and gauge > 0.0
        if willing and has_waited(funds, funds.rules, path, fund, bar, dt):
            state = REENTERING
            funds.state[path, fund] = state
        if state == NORMAL:
            order = ordinary_order(funds, path, fund, dt)
            tape.flows[path, REBALANCING] += order
        elif state == DELEVERAGING:
            book = funds.book[path, fund]
            order = forced_order(funds, path, fund, book, CLOSED * book, dt)
            tape.flows[path, FORCED] += order
            funds.forced[path, fund] -= order
        elif state == REENTERING:
            order = reentry_order(funds, gauge, path, fund, dt)
            tape.flows[path, REENTRY] += order
            funds.rebought[path, fund] += order
        funds.order[path, fund] = order
        traded += abs(order)
        for row in range(rows):
            flow[row] += order * funds.exposure[path, fund, row]
    for row in range(rows):
        baskets.flow[path, row] += flow[row]
    tape.volume[path] += 2.0 * traded


@kernel
def mark_funds(
    funds: LongShortState, baskets: BasketState, tape: Tape, cash: FloatArray, path: int, half_spread: float
) -> None:
    """Revalue books and equity; a trade is done at the middle of its own bar's move, and pays the spread (step 6)."""
    flow = funds.flow[path]
    fees = 0.0
    for fund in range(funds.order.shape[1]):
        gained = 0.0
        for row in range(baskets.gain.shape[1]):
            gained += funds.exposure[path, fund, row] * baskets.gain[path, row]
        order = funds.order[path, fund]
        funds.equity[path, fund] += (funds.book[path, fund] + 0.5 * order) * gained
        funds.equity[path, fund] -= 2.0 * half_spread * abs(order)
        funds.book[path, fund] += order
        fees += 2.0 * half_spread * abs(order)
    paid = 0.0
    for row in range(flow.size):
        paid += flow[row] * (baskets.value[path, row] - 0.5 * baskets.gain[path, row])
    cash[path, CROWD_CASH] -= paid + fees
    tape.paid_spread[path] += fees


@kernel
def call_margin(funds: LongShortState, path: int, fund: int, bar: int) -> None:
    """Call one fund's margin if its leverage is beyond the limit; a fund without equity is in default (step 8)."""
    equity, book, rules = funds.equity[path, fund], funds.book[path, fund], funds.rules
    if book <= 0.0:
        return
    if equity <= 0.0:
        funds.defaulted[path, fund] = 1
        if rules.forced == 0:
            return
        funds.state[path, fund] = DELEVERAGING
        funds.target[path, fund] = 0.0
        funds.rate[path, fund] = book / rules.days
        return
    limit = funds.limit[path, fund]
    if book <= limit * equity:
        return
    if rules.forced:
        target = rules.share * funds.cut_base[path, fund] * equity
        if not force_cut(funds, path, fund, book, target, rules.days, bar):
            return
    funds.calls[path, fund] += 1
    funds.called[path, fund] = max(funds.called[path, fund], book / limit - equity)


@kernel
def call_margins(funds: LongShortState, path: int, bar: int, at_close: bool) -> None:
    """Check the funds that are watched at every bar, at the close all of them (step 8)."""
    watched = funds.equity.shape[1] if at_close else funds.watched
    for fund in range(watched):
        if not funds.defaulted[path, fund]:
            call_margin(funds, path, fund, bar)
