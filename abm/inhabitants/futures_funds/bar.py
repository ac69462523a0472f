"""What futures funds' accounts do in a bar: both legs are booked, margin is called (docs/model.md, section 8)."""

from __future__ import annotations

import math

from abm.compile import kernel
from abm.cut import ROUNDING, close_account, meet_call, watch_drawdown
from abm.inhabitants.futures_funds.accounts import (
    SeparateAccounts,
    are_apart,
    book_naked,
    equity_of,
    forget_call,
    has_late_cash,
    has_naked_stocks,
    is_past_due,
    late_cash,
    on_its_way,
    sold_without_hedge,
)
from abm.inhabitants.futures_funds.state import FuturesFundState
from abm.inhabitants.futures_market import FuturesMarketState
from abm.state import BasketState, Party, Tape
from cqkit.arrays import FloatArray

FUNDS_CASH, BROKER_CASH = int(Party.FUTURES_FUNDS), int(Party.BROKERS)


@kernel
def mark_futures_funds(
    funds: FuturesFundState,
    accounts: SeparateAccounts | None,
    futures: FuturesMarketState,
    baskets: BasketState,
    tape: Tape,
    cash: FloatArray,
    path: int,
    bar: int,
    half_spread: float,
    dt: float,
) -> None:
    """Book both legs of every fund, trades at the fill.

    The deposit takes the futures' variation, and of a swap the stocks' gains too; whoever pays for stocks pays from
    the reserve. A swap's stocks are bought and held by the broker, who charges financing. `cash` is (paths, parties).
    """
    own, brokers, paid_spread = 0.0, 0.0, 0.0  # added up here: an account in memory is read and written for every fund
    gains, lates = baskets.gain[path], baskets.late[path]
    for fund in range(funds.held.shape[1]):
        holdings, gain, late = funds.exposure[path, fund], 0.0, 0.0
        order, hedge_order = funds.order[path, fund], funds.hedge_order[path, fund]
        for row in range(gains.size):
            gain += holdings[row] * gains[row]
        if order != 0.0 or accounts is not None:  # stocks may lose their hedge without being sold
            for row in range(lates.size):
                late += holdings[row] * lates[row]
        value, swap = funds.value[path, fund] + gain, funds.swap[path, fund]
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
        if accounts is not None and has_late_cash(accounts, path, fund, (1.0 - swap) * proceeds):
            funds.reserve[path, fund] += late_cash(accounts, path, fund, bar, (1.0 - swap) * proceeds)
        if accounts is not None and has_naked_stocks(accounts, path, fund):
            book_naked(accounts, path, fund, gain, late)
        funds.stock_gain[path, fund] += stock_gain - spread - interest
        funds.futures_gain[path, fund] += futures_gain - futures_spread
        own += futures_gain + swap * stock_gain + (1.0 - swap) * proceeds - (spread + futures_spread + interest)
        brokers += swap * (proceeds - stock_gain) + interest
        paid_spread += spread
    cash[path, FUNDS_CASH] += own
    cash[path, BROKER_CASH] += brokers
    tape.paid_spread[path] += paid_spread


@kernel
def fill_deposit(deposit: FloatArray, reserve: FloatArray, path: int, fund: int, wanted: float) -> None:
    """Move what is missing of a deposit out of the reserve, as far as that goes."""
    moved = min(reserve[path, fund], wanted - deposit[path, fund])
    if moved > 0.0:
        reserve[path, fund] -= moved
        deposit[path, fund] += moved


@kernel
def call_below_floor(funds: FuturesFundState, path: int, fund: int, required: float, floor: float, bar: int) -> None:
    """Call a fund whose deposit is below its floor; where the reserve does not meet that, fix what it may hold.

    A cut of both legs frees margin and, if the fund owns its stocks, their price: a shortfall of 1 sells 1/margin of
    a swap. `required` is the full margin.
    """
    funds.calls[path, fund] += 1
    funds.called[path, fund] = max(funds.called[path, fund], required - funds.deposit[path, fund])
    fill_deposit(funds.deposit, funds.reserve, path, fund, required)
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
def call_with_deadline(
    funds: FuturesFundState,
    accounts: SeparateAccounts,
    path: int,
    fund: int,
    required: float,
    floor: float,
    bar: int,
) -> None:
    """The same where a call has a deadline: until then what is on its way counts, after it only what is there.

    After it a broker who closes futures alone leaves as many as the deposit is the full margin of: a shortfall of 1
    buys back 1/margin of them, where a cut of both legs sells 1/(1 + margin).
    """
    funds.calls[path, fund] += 1
    funds.called[path, fund] = max(funds.called[path, fund], required - funds.deposit[path, fund])
    fill_deposit(funds.deposit, funds.reserve, path, fund, required)
    if funds.deposit[path, fund] >= floor:
        return
    held, contracts, cut = funds.held[path, fund], funds.contracts[path, fund], funds.cut
    missing = required - funds.deposit[path, fund]
    past_due = is_past_due(accounts, path, fund, floor - funds.deposit[path, fund], bar)
    target = funds.call_target[path, fund] if cut.called[path, fund] != 0 else held
    if past_due and accounts.futures_only:
        left = contracts * max(1.0 - missing / required, 0.0) * funds.rules.share
        accounts.leaves[path, fund] = min(accounts.leaves[path, fund], left)
    else:
        if not past_due:
            missing -= accounts.transit[path, fund]
        if missing > 0.0:
            freed = required + held * funds.value[path, fund]
            target = min(target, max(0.0, held * (1.0 - missing / freed) * funds.rules.share))
    cut.called[path, fund] = 1
    cut.cut_in[path, fund] = bar
    funds.call_target[path, fund] = target


@kernel
def is_met(funds: FuturesFundState, accounts: SeparateAccounts | None, path: int, fund: int, required: float) -> bool:
    """Whether a fund under a call has sold what it had to, or with a deadline has the full margin again."""
    if are_apart(accounts, funds.swap[path, fund]) and funds.deposit[path, fund] >= required * (1.0 - 1e-9):
        return True
    return bool(funds.held[path, fund] <= funds.call_target[path, fund] * (1.0 + 1e-9))


@kernel
def return_excess(deposit: FloatArray, reserve: FloatArray, path: int, fund: int, required: float) -> None:
    """Give the reserve what the deposit has beyond the margin required; meet a reserve in debt from the deposit."""
    excess = deposit[path, fund] - required
    if excess > 0.0:
        deposit[path, fund] -= excess
        reserve[path, fund] += excess
    if reserve[path, fund] < 0.0:
        deposit[path, fund] += reserve[path, fund]
        reserve[path, fund] = 0.0


@kernel
def check_futures_fund(
    funds: FuturesFundState,
    accounts: SeparateAccounts | None,
    path: int,
    fund: int,
    equity: float,
    required: float,
    floor: float,
    bar: int,
) -> None:
    """Close a fund without equity; else let its own risk rule and its broker look at it."""
    held, cut, limits = funds.held[path, fund], funds.cut, funds.limits
    if equity <= 0.0 and held > 0.0:
        close_account(cut, path, fund, funds.rules.forced)
        forget_call(accounts, path, fund)
        return
    beyond = 1.0 - equity / cut.mark[path, fund] - limits.tolerated[path, fund]
    if funds.rules.forced and (beyond > 0.0 or min(cut.base[path, fund], cut.target[path, fund]) < held):
        watch_drawdown(cut, path, fund, held, beyond, limits.severity[path, fund], bar)
    if funds.deposit[path, fund] < floor and held > ROUNDING:
        if accounts is not None and are_apart(accounts, funds.swap[path, fund]):
            call_with_deadline(funds, accounts, path, fund, required, floor, bar)
        else:
            call_below_floor(funds, path, fund, required, floor, bar)
    elif cut.called[path, fund] != 0 and is_met(funds, accounts, path, fund, required):
        meet_call(cut, path, fund, held - sold_without_hedge(accounts, path, fund), bar)
        forget_call(accounts, path, fund)


@kernel
def settle_closed(
    funds: FuturesFundState, accounts: SeparateAccounts | None, cash: FloatArray, path: int, fund: int
) -> None:
    """Bring a closed fund's account to 0: its lender pays what is missing, and takes what is over."""
    equity = equity_of(funds, accounts, path, fund)
    funds.reserve[path, fund] -= equity
    funds.lenders_loss[path, fund] -= equity
    cash[path, FUNDS_CASH] -= equity
    cash[path, BROKER_CASH] += equity


@kernel
def check_futures_funds(
    funds: FuturesFundState,
    accounts: SeparateAccounts | None,
    cash: FloatArray,
    path: int,
    price: float,
    bar: int,
    look: bool,
    at_close: bool,
    dt: float,
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
            equity += on_its_way(accounts, path, fund)
            mark = max(equity, mark + (equity - mark) * fading)
            funds.cut.mark[path, fund] = mark
            if at_close or (look and funds.watched[path, fund]):
                notional = abs(funds.contracts[path, fund]) * price
                base = funds.margin_level[path, fund] * (swap * stocks + (1.0 - swap) * notional)
                required = funds.initial[path, fund] * base
                if at_close:
                    fill_deposit(funds.deposit, funds.reserve, path, fund, required)  # routine, and not a call
                    deposit = funds.deposit[path, fund]
                floor = funds.floor[path, fund] * base - ROUNDING * stocks  # what rounding leaves calls for nothing
                most = min(funds.cut.base[path, fund], funds.cut.target[path, fund])
                sells = funds.cut.called[path, fund] != 0 or most < held
                drawn = equity < (1.0 - funds.limits.tolerated[path, fund]) * mark
                if sells or drawn or deposit < floor or equity <= 0.0:
                    check_futures_fund(funds, accounts, path, fund, equity, required, floor, bar)
                if at_close and funds.cut.closed[path, fund] == 0:
                    return_excess(funds.deposit, funds.reserve, path, fund, required)
        if funds.cut.closed[path, fund] != 0:
            settle_closed(funds, accounts, cash, path, fund)
