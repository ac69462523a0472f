"""Phases of a bar for the large fund and its predators, called from `abm/day.py`; like those of `abm/phases.py`."""

from __future__ import annotations

from abm.compile import kernel
from abm.state import MarketState, Party

FUND_CASH, PREDATOR_CASH, PROVIDER_CASH = int(Party.LARGE_FUND), int(Party.PREDATORS), int(Party.PROVIDERS)


@kernel
def place_credit_orders(market: MarketState, path: int, dt: float) -> None:
    """Sell towards what the close before decided, at most at its pace; predators go a share of their way (step 2)."""
    fund, predators, baskets = market.credit.fund, market.credit.predators, market.baskets
    sale = min(max(fund.book[path] - fund.goal[path], 0.0), fund.pace[path] * dt)
    fund.order[path] = -sale
    gap = predators.goal[path] - predators.book[path]
    predators.order[path] = gap * min(predators.speed * dt, 1.0)
    baskets.flow[path, 0] += fund.order[path] + predators.order[path]
    market.tape.volume[path] += 2.0 * (sale + abs(predators.order[path]))


@kernel
def mark_credit(market: MarketState, path: int) -> None:
    """Revalue the large fund; a trade is done at the middle of its own bar's move, and pays the spread (step 6)."""
    fund, predators, gain = market.credit.fund, market.credit.predators, market.baskets.gain[path, 0]
    order = fund.order[path]
    fund.equity[path] += (fund.book[path] + 0.5 * order) * gain - 2.0 * market.impact.half_spread * abs(order)
    fund.book[path] += order
    predators.book[path] += predators.order[path]


@kernel
def settle_credit(market: MarketState, path: int) -> None:
    """Book the cash of both from their own trades; `settle_cash` books everybody else's and closes the bar."""
    fund, predators, cash = market.credit.fund, market.credit.predators, market.ledger.cash
    middle = market.baskets.value[path, 0] - 0.5 * market.baskets.gain[path, 0]
    fee = 2.0 * market.impact.half_spread
    cash[path, FUND_CASH] -= fund.order[path] * middle + fee * abs(fund.order[path])
    cash[path, PREDATOR_CASH] -= predators.order[path] * middle + fee * abs(predators.order[path])
    cash[path, PROVIDER_CASH] += fee * (abs(fund.order[path]) + abs(predators.order[path]))
