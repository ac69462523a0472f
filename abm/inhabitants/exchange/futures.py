"""What may be traded of the futures in a bar, who comes to buy them, and where their price may stand."""

from __future__ import annotations

from abm.compile import kernel
from abm.inhabitants.exchange.state import ExchangeState
from abm.state import OutsideState, Party
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
def is_held(exchange: ExchangeState, path: int) -> bool:
    """Whether there is anything in this bar, of stocks or futures, that may not be traded."""
    return exchange.held[path] != 0 or exchange.futures_buy[path] < 1.0 or exchange.futures_sell[path] < 1.0


@kernel
def is_index_held(exchange: ExchangeState, path: int) -> bool:
    """Whether stocks of the index wait, or cannot all be had."""
    return exchange.waiting[path] != 0 or exchange.index_buy[path] < 1.0 or exchange.index_sell[path] < 1.0


@kernel
def hold_futures(
    exchange: ExchangeState,
    outside: OutsideState,
    path: int,
    now: int,
    bars: int,
    price: FloatArray,
    gain: FloatArray,
    late: FloatArray,
    dt: float,
) -> None:
    """Keep the futures' price and the fill of a bar within limits, or where they were if they are halted.

    `price`, `gain` and `late` (paths,) are the futures'. Sums up the settlement, the mean of the day's last bars.
    """
    before, would, filled = price[path] - gain[path], price[path], price[path] - late[path]
    upper, lower = exchange.futures_upper[path], exchange.futures_lower[path]
    exchange.futures_fair[path] = would
    halted = exchange.futures_halts[now] != 0
    if halted or max(would, filled) > upper or min(would, filled) < lower:
        held, paid = min(max(would, lower), upper), min(max(filled, lower), upper)
        if halted:
            held = paid = before
        price[path], gain[path], late[path] = held, held - before, held - paid
        outside.futures_price[path] += (paid - filled) * dt
        filled = paid
    if filled_futures(exchange, path, outside.futures_order[path]) == 0.0:
        outside.futures_price[path] -= filled * dt
    if now % bars >= bars - exchange.settlement_bars:
        exchange.settlement[path] += price[path]


@kernel
def settle_buyers(
    exchange: ExchangeState, cash: FloatArray, path: int, gain: float, late: float, half_spread: float
) -> None:
    """Pay outsiders who hold futures their variation; what they have just bought is theirs."""
    order = exchange.buyers_order[path]
    cash[path, BUYER_CASH] += exchange.buyers_units[path] * gain + order * late - half_spread * abs(order)
    exchange.buyers_units[path] += order
