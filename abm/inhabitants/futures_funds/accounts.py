"""Accounts of stocks and of futures that are apart: deadlines of calls, cash on its way, brokers who close one leg.

Of funds that pay for their stocks (docs/model.md, section 11). The cash of stocks that are sold is there as margin a
transfer later. A call is to be met by a deadline, counted from the next bar, the first in which anything can be sold;
until then the fund cuts both legs and counts on what is on its way. After it the broker acts on what is there: he cuts
both legs, or closes futures alone and leaves their stocks without a hedge.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from abm.compile import kernel
from abm.cut import CLOSING, ROUNDING
from abm.inhabitants.futures_funds.state import FuturesFundState
from cqkit.arrays import FloatArray, IntArray, laid_out, whole_laid_out

if TYPE_CHECKING:
    from abm.settings import Settings

NO_CALL, PAST_DUE = -1, -2  # what `SeparateAccounts.due` says beside a bar
SELL, REHEDGE, KEEP = 0, 1, 2  # what becomes of stocks whose futures were closed
ALL = 1e300  # contracts: nobody closes any


class SeparateAccounts(NamedTuple):
    """Accounts of futures funds, arrays shaped (paths, funds)."""

    arriving: FloatArray  # cash of stocks sold, by the bar of its arrival, (paths, funds, bars of a transfer)
    transit: FloatArray  # all of it
    due: IntArray  # bar by which a call is to be met, counted from the start of the run
    kept_back: IntArray  # whether stocks that it wanted to sell did not trade, since it was called
    leaves: FloatArray  # contracts that the broker leaves it
    naked: FloatArray  # share of its starting book whose futures were closed by force
    naked_order: FloatArray  # change of that in this bar
    naked_gain: FloatArray  # of the day
    forced_futures: FloatArray  # futures bought back in the day under compulsion
    unmet: IntArray  # calls of the day whose deadline has passed
    unmet_locked: IntArray  # those of them for which stocks could not be sold
    unmet_late: IntArray  # those whose cash was on its way
    apart: int  # whether there are deadlines and cash on its way at all
    transfer: int  # bars
    top_up: int  # bars
    futures_only: int  # whether a broker closes futures alone
    after: int  # `SELL`, `REHEDGE` or `KEEP`


def open_accounts(settings: Settings, paths: int) -> SeparateAccounts | None:
    """Nothing on its way and nobody called; None where no exchange or broker has rules of his own."""
    if not settings.has_exchange:
        return None
    rules, bars, shape = settings.futures_funds, settings.clock.bars, (paths, settings.futures_fund_count)
    transfer = math.ceil(rules.transfer_days * bars - ROUNDING)
    amounts = ("transit", "naked", "naked_order", "naked_gain", "forced_futures")
    counts = ("kept_back", "unmet", "unmet_locked", "unmet_late")
    zeros: dict[str, Any] = {name: laid_out(shape) for name in amounts}
    none: dict[str, Any] = {name: whole_laid_out(shape) for name in counts}
    return SeparateAccounts(
        arriving=np.zeros((*shape, max(transfer, 1))),
        due=whole_laid_out(shape, NO_CALL),
        leaves=laid_out(shape, ALL),
        **zeros,
        **none,
        apart=int(settings.has_late_cash),
        transfer=transfer,
        top_up=math.ceil(rules.top_up_days * bars - ROUNDING),
        futures_only=int(rules.broker_closes == "futures"),
        after={"sell": SELL, "rehedge": REHEDGE, "keep": KEEP}[rules.after_close],
    )


@kernel
def are_apart(accounts: SeparateAccounts | None, swap: float) -> bool:
    """Whether a fund has its stocks and its futures in accounts that are apart: not a swap, which is its broker's."""
    if accounts is None:
        return False
    return accounts.apart != 0 and swap == 0.0


@kernel
def on_its_way(accounts: SeparateAccounts | None, path: int, fund: int) -> float:
    """Cash of stocks sold that is not there yet."""
    if accounts is None:
        return 0.0
    return float(accounts.transit[path, fund])


@kernel
def equity_of(funds: FuturesFundState, accounts: SeparateAccounts | None, path: int, fund: int) -> float:
    """Own stocks, deposit and reserve, and what is on its way between them."""
    own = (1.0 - funds.swap[path, fund]) * funds.held[path, fund] * funds.value[path, fund]
    return float(own + funds.deposit[path, fund] + funds.reserve[path, fund] + on_its_way(accounts, path, fund))


@kernel
def without_hedge(accounts: SeparateAccounts | None, path: int, fund: int) -> float:
    """Share of its starting book that a fund holds without futures."""
    if accounts is None:
        return 0.0
    return float(accounts.naked[path, fund])


class AccountsInPart(NamedTuple):
    """What loops over some funds on one path read of those accounts, arrays shaped (some,)."""

    transit: FloatArray
    naked: FloatArray
    sells: int  # whether naked stocks are sold


@kernel
def in_part(accounts: SeparateAccounts | None, path: int, first: int, last: int) -> AccountsInPart | None:
    """The accounts of some funds; None where there are none."""
    if accounts is None:
        return None
    transit, naked = accounts.transit[path, first:last], accounts.naked[path, first:last]
    return AccountsInPart(transit, naked, int(accounts.after == SELL))


@kernel
def transit_in_part(some: AccountsInPart | None, fund: int) -> float:
    """`on_its_way` for one of some funds."""
    if some is None:
        return 0.0
    return float(some.transit[fund])


@kernel
def naked_in_part(some: AccountsInPart | None, fund: int) -> float:
    """`without_hedge` for one of some funds."""
    if some is None:
        return 0.0
    return float(some.naked[fund])


@kernel
def sold_in_part(some: AccountsInPart | None, fund: int) -> float:
    """`sold_without_hedge` for one of some funds."""
    if some is None:
        return 0.0
    return float(some.naked[fund]) if some.sells else 0.0


@kernel
def sold_without_hedge(accounts: SeparateAccounts | None, path: int, fund: int) -> float:
    """Share of its starting book that a fund wants to sell since its futures were closed."""
    if accounts is None:
        return 0.0
    return float(accounts.naked[path, fund]) if accounts.after == SELL else 0.0


@kernel
def note_sale(
    accounts: SeparateAccounts | None, path: int, fund: int, order: float, filled: float, bought_back: float
) -> None:
    """Take note of a sale under compulsion, of which a share was `filled`: stocks without a hedge go first."""
    if accounts is None:
        return
    accounts.naked_order[path, fund] = -filled * min(-order, accounts.naked[path, fund])
    accounts.forced_futures[path, fund] += bought_back
    if filled < 1.0 - ROUNDING and accounts.due[path, fund] != NO_CALL:
        accounts.kept_back[path, fund] = 1


@kernel
def close_futures(
    accounts: SeparateAccounts, path: int, fund: int, contracts: float, hedged: float, share: float
) -> float:
    """Futures that the broker buys back by force in a bar, towards what he leaves; `hedged` stocks lose their hedge."""
    gap = contracts - accounts.leaves[path, fund]
    if gap <= 0.0 or contracts <= 0.0:
        return 0.0
    bought = gap * share
    if gap <= CLOSING * contracts:
        bought = gap if share > 0.0 else 0.0
    accounts.naked_order[path, fund] += hedged * bought / contracts
    accounts.forced_futures[path, fund] += bought
    return bought


@kernel
def has_late_cash(accounts: SeparateAccounts, path: int, fund: int, proceeds: float) -> bool:
    """Whether cash is on its way, or is to be sent."""
    return accounts.transfer > 0 and (proceeds > 0.0 or accounts.transit[path, fund] != 0.0)


@kernel
def has_naked_stocks(accounts: SeparateAccounts, path: int, fund: int) -> bool:
    """Whether a fund holds stocks without a hedge, or has just come to."""
    return accounts.naked[path, fund] != 0.0 or accounts.naked_order[path, fund] != 0.0


@kernel
def late_cash(accounts: SeparateAccounts | None, path: int, fund: int, bar: int, proceeds: float) -> float:
    """Send what stocks have brought on its way; return what has arrived of earlier sales, less what was sent.

    What stocks bought cost, `proceeds` below 0, is paid at once.
    """
    if accounts is None:
        return 0.0
    if accounts.transfer == 0:
        return 0.0
    slot = bar % accounts.transfer
    arrived, sent = accounts.arriving[path, fund, slot], max(proceeds, 0.0)
    accounts.arriving[path, fund, slot] = sent
    accounts.transit[path, fund] += sent - arrived
    return float(arrived - sent)


@kernel
def book_naked(accounts: SeparateAccounts | None, path: int, fund: int, gain: float, late: float) -> None:
    """Book what stocks without a hedge gain, by the change of a whole book over the bar and from the fill on."""
    if accounts is None:
        return
    change = accounts.naked_order[path, fund]
    accounts.naked_gain[path, fund] += accounts.naked[path, fund] * gain + change * late
    accounts.naked[path, fund] = max(accounts.naked[path, fund] + change, 0.0)
    accounts.naked_order[path, fund] = 0.0


@kernel
def is_past_due(accounts: SeparateAccounts, path: int, fund: int, short: float, bar: int) -> bool:
    """Whether the deadline has passed of a call that is `short` of its floor; the first time, note why it is unmet."""
    due = accounts.due[path, fund]
    if due == NO_CALL:
        accounts.due[path, fund] = due = bar + accounts.top_up + 1
    if due == PAST_DUE:
        return True
    if bar < due:
        return False
    accounts.due[path, fund] = PAST_DUE
    accounts.unmet[path, fund] += 1
    if accounts.transit[path, fund] >= short:
        accounts.unmet_late[path, fund] += 1
    elif accounts.kept_back[path, fund] != 0:
        accounts.unmet_locked[path, fund] += 1
    return True


@kernel
def forget_call(accounts: SeparateAccounts | None, path: int, fund: int) -> None:
    """The call is met: the broker closes no more."""
    if accounts is None:
        return
    accounts.due[path, fund] = NO_CALL
    accounts.kept_back[path, fund] = 0
    accounts.leaves[path, fund] = ALL
