"""What may be traded of the futures in a bar, who comes to buy them, and where their price may stand."""

from __future__ import annotations

from abm.compile import kernel
from abm.inhabitants.exchange.state import ExchangeState
from abm.state import Party
from cqkit.arrays import FloatArray

BUYER_CASH = int(Party.FUTURES_BUYERS)
LEAST_SUPPLY = 0.02  # share of the index that can be had, below which makers ask no more for their risk


@kernel
def open_futures_orders(exchange: ExchangeState, path: int, now: int, bars: int, dt: float) -> None:
    """Find which futures orders are filled in a bar, and what outsiders and diverted money buy in it.

    `kept_out` is still that of the bar before: who was kept out of stocks then comes now.
    """
    fair = exchange.futures_fair[path]
    halted = exchange.futures_halts[now] != 0
    exchange.futures_buy[path] = 0.0 if halted or fair > exchange.futures_upper[path] else 1.0
    exchange.futures_sell[path] = 0.0 if halted or fair < exchange.futures_lower[path] else 1.0
    wanted = exchange.demand[now // bars] * dt
    diverted = exchange.diverting * exchange.kept_out[path] / fair * exchange.futures_buy[path]
    exchange.buyers_order[path] = wanted * filled_futures(exchange, path, wanted) + diverted
    exchange.diverted[path] += diverted


@kernel
def filled_futures(exchange: ExchangeState | None, path: int, order: float) -> float:
    """Share of a futures order that is filled in this bar: all or nothing; all without an exchange."""
    if exchange is None:
        return 1.0
    return float(exchange.futures_buy[path] if order > 0.0 else exchange.futures_sell[path])


@kernel
def supply_of_index(exchange: ExchangeState, path: int, sold_by_makers: float) -> float:
    """Share of the index that makers can have against what they have sold, or bought; some is always left."""
    supply = exchange.index_buy[path] if sold_by_makers > 0.0 else exchange.index_sell[path]
    return max(supply, LEAST_SUPPLY)


@kernel
def hold_futures(
    exchange: ExchangeState, path: int, now: int, bars: int, before: float, price: float, paid: float
) -> tuple[float, float]:
    """Keep the futures' price and the fill of a bar within limits, or where they were `before` if they are halted.

    Sums up the settlement, the mean of the day's last bars.
    """
    exchange.futures_fair[path] = price
    if exchange.futures_halts[now] != 0:
        price, paid = before, before
    else:
        upper, lower = exchange.futures_upper[path], exchange.futures_lower[path]
        price, paid = min(max(price, lower), upper), min(max(paid, lower), upper)
    if now % bars >= bars - exchange.settlement_bars:
        exchange.settlement[path] += price
    return price, paid


@kernel
def settle_buyers(
    exchange: ExchangeState, cash: FloatArray, path: int, gain: float, late: float, half_spread: float
) -> None:
    """Pay outsiders who hold futures their variation; what they have just bought is theirs."""
    order = exchange.buyers_order[path]
    cash[path, BUYER_CASH] += exchange.buyers_units[path] * gain + order * late - half_spread * abs(order)
    exchange.buyers_units[path] += order
