"""What futures funds' accounts do in a bar: both legs are booked (docs/model.md, section 8)."""

from __future__ import annotations

from abm.compile import kernel, wide_kernel
from abm.cut import AT_ONCE
from abm.inhabitants.futures_funds.accounts import (
    SeparateAccounts,
    book_naked,
    has_late_cash,
    has_naked_stocks,
    late_cash,
)
from abm.inhabitants.futures_funds.state import FuturesFundState
from abm.inhabitants.futures_market import FuturesMarketState
from abm.state import BasketState, Party, Tape
from cqkit.arrays import FloatArray

FUNDS_CASH, BROKER_CASH = int(Party.FUTURES_FUNDS), int(Party.BROKERS)


@wide_kernel
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
    """Book both legs of every fund, trades at the fill; `cash` is (paths, parties)."""
    count = funds.held.shape[1]
    costs = (half_spread, futures.half_spread, funds.financing * dt)
    for first in range(0, count, AT_ONCE):
        last = min(first + AT_ONCE, count)
        value_books(funds, baskets, path, first, last)
        own, brokers, spread = mark_some(funds, path, first, last, futures.gain[path], futures.late[path], costs)
        if accounts is not None:
            for fund in range(first, last):
                book_separately(funds, accounts, path, fund, bar)
        cash[path, FUNDS_CASH] += own
        cash[path, BROKER_CASH] += brokers
        tape.paid_spread[path] += spread


@wide_kernel
def value_books(funds: FuturesFundState, baskets: BasketState, path: int, first: int, last: int) -> None:
    """What each fund's whole starting book gains in the bar, and from the fill on, by what baskets do."""
    gains, lates, books = funds.gain[path, first:last], funds.late[path, first:last], funds.book[path, first:last]
    common, styled, own = funds.common[path, first:last], funds.styled[path, first:last], funds.own[path, first:last]
    gain, late = baskets.gain[path], baskets.late[path]
    of_common, of_index, late_of_common, late_of_index = gain[0], gain[-1], late[0], late[-1]
    for fund in range(gains.size):
        gains[fund] = common[fund] * of_common + styled[fund] * gain[own[fund]] + books[fund] * of_index
        lates[fund] = common[fund] * late_of_common + styled[fund] * late[own[fund]] + books[fund] * late_of_index


@wide_kernel
def mark_some(
    funds: FuturesFundState,
    path: int,
    first: int,
    last: int,
    gain_of_futures: float,
    late_of_futures: float,
    costs: tuple[float, float, float],
) -> tuple[float, float, float]:
    """Book both legs of some funds; return what these and their brokers get, and what is paid in spreads on stocks.

    The deposit takes the futures' variation, and of a swap the stocks' gains too; whoever pays for stocks pays from
    the reserve. A swap's stocks are bought and held by the broker, who charges financing. `costs` are half the spread
    of stocks and of futures, and a bar's financing.
    """
    gains, lates, swaps = funds.gain[path, first:last], funds.late[path, first:last], funds.swap[path, first:last]
    orders, hedge_orders = funds.order[path, first:last], funds.hedge_order[path, first:last]
    values, books, helds = funds.value[path, first:last], funds.book[path, first:last], funds.held[path, first:last]
    contracts, deposits = funds.contracts[path, first:last], funds.deposit[path, first:last]
    reserves, stock_gains = funds.reserve[path, first:last], funds.stock_gain[path, first:last]
    futures_gains = funds.futures_gain[path, first:last]
    half_spread, half_spread_of_futures, financing = costs
    own, brokers, paid_spread = 0.0, 0.0, 0.0
    for fund in range(orders.size):
        order, hedge_order, swap = orders[fund], hedge_orders[fund], swaps[fund]
        value, held = values[fund] + gains[fund], helds[fund] + order
        stock_gain = helds[fund] * gains[fund] + order * lates[fund]
        futures_gain = -(contracts[fund] * gain_of_futures + hedge_order * late_of_futures)
        proceeds = (1.0 - swap) * proceeds_of(order, value, lates[fund])
        spread, futures_spread = half_spread * abs(order) * books[fund], half_spread_of_futures * abs(hedge_order)
        interest = swap * financing * held * value
        deposits[fund] += futures_gain + swap * stock_gain
        reserves[fund] += proceeds - spread - futures_spread - interest
        stock_gains[fund] += stock_gain - spread - interest
        futures_gains[fund] += futures_gain - futures_spread
        values[fund], helds[fund], contracts[fund] = value, held, contracts[fund] + hedge_order
        own += futures_gain + swap * stock_gain + proceeds - (spread + futures_spread + interest)
        brokers += swap * (proceeds_of(order, value, lates[fund]) - stock_gain) + interest
        paid_spread += spread
    return own, brokers, paid_spread


@kernel
def proceeds_of(order: float, value: float, late: float) -> float:
    """What stocks bring that are sold at the fill, from the book's `value` at the end of the bar."""
    return -order * (value - late)


@kernel
def book_separately(funds: FuturesFundState, accounts: SeparateAccounts, path: int, fund: int, bar: int) -> None:
    """Send the cash of a fund's stocks on its way, and book what those without a hedge gain."""
    order, late = funds.order[path, fund], funds.late[path, fund]
    proceeds = (1.0 - funds.swap[path, fund]) * proceeds_of(order, funds.value[path, fund], late)
    if has_late_cash(accounts, path, fund, proceeds):
        funds.reserve[path, fund] += late_cash(accounts, path, fund, bar, proceeds)
    if has_naked_stocks(accounts, path, fund):
        book_naked(accounts, path, fund, funds.gain[path, fund], late)
