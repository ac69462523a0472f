"""What the large fund and its predators do in a bar (docs/ltcm.md, section 2)."""

from __future__ import annotations

from abm.compile import kernel
from abm.inhabitants.exchange.state import ExchangeState
from abm.inhabitants.exchange.stocks import trade_basket
from abm.inhabitants.large_fund.state import CreditState
from abm.state import BasketState, Party, Tape
from cqkit.arrays import FloatArray

FUND_CASH, PREDATOR_CASH, LENDER_CASH = int(Party.LARGE_FUND), int(Party.PREDATORS), int(Party.BROKERS)


@kernel
def place_credit_orders(
    credit: CreditState, exchange: ExchangeState | None, baskets: BasketState, tape: Tape, path: int, dt: float
) -> None:
    """Sell towards what the close before decided, at most at its pace; predators go a share of their way (step 2)."""
    fund, predators = credit.fund, credit.predators
    sale = min(max(fund.book[path] - fund.goal[path], 0.0), fund.pace[path] * dt)
    gap = predators.goal[path] - predators.book[path]
    order = gap * min(predators.speed * dt, 1.0)
    sale = -trade_basket(exchange, path, 0, -sale)
    order = trade_basket(exchange, path, 0, order)
    fund.order[path] = -sale
    predators.order[path] = order
    baskets.flow[path, 0] += fund.order[path] + predators.order[path]
    tape.volume[path] += 2.0 * (sale + abs(predators.order[path]))


@kernel
def mark_credit(
    credit: CreditState, baskets: BasketState, tape: Tape, cash: FloatArray, path: int, half_spread: float
) -> None:
    """Revalue the large fund and book the cash of both, at the fill; whose equity is gone, its lender owns."""
    fund, predators, late = credit.fund, credit.predators, baskets.late[path, 0]
    order, paid, fee = fund.order[path], baskets.value[path, 0] - late, 2.0 * half_spread
    fund.equity[path] += fund.book[path] * baskets.gain[path, 0] + order * late - fee * abs(order)
    fund.book[path] += order
    predators.book[path] += predators.order[path]
    cash[path, FUND_CASH] -= order * paid + fee * abs(order)
    cash[path, PREDATOR_CASH] -= predators.order[path] * paid + fee * abs(predators.order[path])
    if fund.closed[path] != 0 or fund.equity[path] <= 0.0:
        fund.closed[path] = 1
        cash[path, FUND_CASH] -= fund.equity[path]
        cash[path, LENDER_CASH] += fund.equity[path]
        fund.lenders_loss[path] -= fund.equity[path]
        fund.equity[path] = 0.0
    tape.paid_spread[path] += fee * (abs(order) + abs(predators.order[path]))
