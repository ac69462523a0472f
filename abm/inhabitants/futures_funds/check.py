"""What befalls futures funds' accounts at the end of a bar: own risk rule, margin, calls (docs/model.md, section 8)."""

from __future__ import annotations

import math

from abm.compile import kernel, wide_kernel
from abm.cut import AT_ONCE, ROUNDING, close_account, meet_call, watch_drawdown
from abm.inhabitants.futures_funds.accounts import (
    SeparateAccounts,
    are_apart,
    equity_of,
    forget_call,
    in_part,
    is_past_due,
    sold_without_hedge,
    transit_in_part,
)
from abm.inhabitants.futures_funds.state import FuturesFundState
from abm.state import Party
from cqkit.arrays import FloatArray

FUNDS_CASH, BROKER_CASH = int(Party.FUTURES_FUNDS), int(Party.BROKERS)


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
def margin_base(swap: float, stocks: float, contracts: float, price: float, level: float) -> float:
    """What margin is a ratio to, as it has risen: a swap's stocks, else the futures' notional."""
    return level * (swap * stocks + (1.0 - swap) * abs(contracts) * price)


@wide_kernel
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
    """Check the futures funds that are watched, at the close all of them; `price` is the futures'."""
    count, fading = funds.held.shape[1], -math.expm1(-dt / funds.rules.mark_days)
    for first in range(0, count, AT_ONCE):
        last = min(first + AT_ONCE, count)
        if at_close:
            fill_deposits(funds, path, first, last, price)
        if find_those_to_look_at(funds, accounts, path, first, last, price, fading, look, at_close):
            for fund in range(first, last):
                if funds.looked_at[path, fund] != 0:
                    look_at(funds, accounts, path, fund, price, bar)
        if at_close:
            return_excesses(funds, path, first, last, price)
        if any_closed(funds, path, first, last):
            for fund in range(first, last):
                if funds.cut.closed[path, fund] != 0:
                    settle_closed(funds, accounts, cash, path, fund)


@wide_kernel
def fill_deposits(funds: FuturesFundState, path: int, first: int, last: int, price: float) -> None:
    """Fill deposits from reserves at the close as far as these go: routine, and not a call."""
    helds, values, swaps = funds.held[path, first:last], funds.value[path, first:last], funds.swap[path, first:last]
    deposits, reserves = funds.deposit[path, first:last], funds.reserve[path, first:last]
    initial, levels = funds.initial[path, first:last], funds.margin_level[path, first:last]
    contracts, closed = funds.contracts[path, first:last], funds.cut.closed[path, first:last]
    for fund in range(helds.size):
        stocks = helds[fund] * values[fund]
        required = initial[fund] * margin_base(swaps[fund], stocks, contracts[fund], price, levels[fund])
        moved = max(min(reserves[fund], required - deposits[fund]), 0.0)
        moved = moved if closed[fund] == 0 else 0.0
        deposits[fund] += moved
        reserves[fund] -= moved


@wide_kernel
def return_excesses(funds: FuturesFundState, path: int, first: int, last: int, price: float) -> None:
    """Give reserves what deposits have beyond the margin required; meet reserves in debt from deposits."""
    helds, values, swaps = funds.held[path, first:last], funds.value[path, first:last], funds.swap[path, first:last]
    deposits, reserves = funds.deposit[path, first:last], funds.reserve[path, first:last]
    initial, levels = funds.initial[path, first:last], funds.margin_level[path, first:last]
    contracts, closed = funds.contracts[path, first:last], funds.cut.closed[path, first:last]
    for fund in range(helds.size):
        stocks = helds[fund] * values[fund]
        required = initial[fund] * margin_base(swaps[fund], stocks, contracts[fund], price, levels[fund])
        excess = max(deposits[fund] - required, 0.0)
        moved = excess - min(reserves[fund] + excess, 0.0) if closed[fund] == 0 else 0.0
        deposits[fund] -= moved
        reserves[fund] += moved


@wide_kernel
def find_those_to_look_at(
    funds: FuturesFundState,
    accounts: SeparateAccounts | None,
    path: int,
    first: int,
    last: int,
    price: float,
    fading: float,
    look: bool,
    at_close: bool,
) -> bool:
    """Let high-water marks rise with equity and fade to it; note who has to sell, lost much or is short of margin."""
    some, cut = in_part(accounts, path, first, last), funds.cut
    helds, values, swaps = funds.held[path, first:last], funds.value[path, first:last], funds.swap[path, first:last]
    deposits, reserves = funds.deposit[path, first:last], funds.reserve[path, first:last]
    floors, levels = funds.floor[path, first:last], funds.margin_level[path, first:last]
    contracts, watched = funds.contracts[path, first:last], funds.watched[path, first:last]
    looked_at, tolerated = funds.looked_at[path, first:last], funds.limits.tolerated[path, first:last]
    marks, bases, targets = cut.mark[path, first:last], cut.base[path, first:last], cut.target[path, first:last]
    called, closed, found = cut.called[path, first:last], cut.closed[path, first:last], 0
    for fund in range(helds.size):
        stocks, held = helds[fund] * values[fund], helds[fund]
        equity = (1.0 - swaps[fund]) * stocks + deposits[fund] + reserves[fund] + transit_in_part(some, fund)
        mark = max(equity, marks[fund] + (equity - marks[fund]) * fading)
        marks[fund] = mark if closed[fund] == 0 else marks[fund]
        base = margin_base(swaps[fund], stocks, contracts[fund], price, levels[fund])
        sells = called[fund] != 0 or min(bases[fund], targets[fund]) < held
        lost = equity < (1.0 - tolerated[fund]) * mark or equity <= 0.0
        short = deposits[fund] < floors[fund] * base - ROUNDING * stocks  # what rounding leaves calls for nothing
        now = (at_close or (look and watched[fund] != 0)) and closed[fund] == 0
        looked_at[fund] = 1 if now and (sells or lost or short) else 0
        found += looked_at[fund]
    return found > 0


@kernel
def look_at(
    funds: FuturesFundState, accounts: SeparateAccounts | None, path: int, fund: int, price: float, bar: int
) -> None:
    """Close a fund without equity; else let its own risk rule and its broker look at it."""
    swap, held, level = funds.swap[path, fund], funds.held[path, fund], funds.margin_level[path, fund]
    stocks, cut, limits = held * funds.value[path, fund], funds.cut, funds.limits
    equity = equity_of(funds, accounts, path, fund)
    if equity <= 0.0 and held > 0.0:
        close_account(cut, path, fund, funds.rules.forced)
        forget_call(accounts, path, fund)
        return
    base = margin_base(swap, stocks, funds.contracts[path, fund], price, level)
    required, floor = funds.initial[path, fund] * base, funds.floor[path, fund] * base - ROUNDING * stocks
    beyond = 1.0 - equity / cut.mark[path, fund] - limits.tolerated[path, fund]
    if funds.rules.forced and (beyond > 0.0 or min(cut.base[path, fund], cut.target[path, fund]) < held):
        watch_drawdown(cut, path, fund, held, beyond, limits.severity[path, fund], bar)
    if funds.deposit[path, fund] < floor and held > ROUNDING:
        if accounts is not None and are_apart(accounts, swap):
            call_with_deadline(funds, accounts, path, fund, required, floor, bar)
        else:
            call_below_floor(funds, path, fund, required, floor, bar)
    elif cut.called[path, fund] != 0 and is_met(funds, accounts, path, fund, required):
        meet_call(cut, path, fund, held - sold_without_hedge(accounts, path, fund), bar)
        forget_call(accounts, path, fund)


@wide_kernel
def any_closed(funds: FuturesFundState, path: int, first: int, last: int) -> bool:
    """Whether there are closed funds among some."""
    closed, count = funds.cut.closed[path, first:last], 0
    for fund in range(closed.size):
        count += closed[fund]
    return count > 0
