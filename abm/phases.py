"""The market's own phases of a bar, one small compiled function each (docs/model.md, section 2): price, impact, ledger.

Every function works on one path of the market's state, in place. Orders, which the inhabitants place, use only what was
known at the end of the bar before. IntEnum members are compile-time constants inside kernels.
"""

from __future__ import annotations

import math

from abm.compile import exact_kernel, kernel
from abm.laws import power as displacement
from abm.state import BasketState, ImpactState, Ledger, MarketState, Party, ProviderState, StockState, Tape, ValueState
from cqkit.arrays import FloatArray

OUTSIDE_CASH, OTHER_CASH, PROVIDER_CASH = int(Party.OUTSIDE), int(Party.OTHER_DEMAND), int(Party.PROVIDERS)


@kernel
def open_bar(baskets: BasketState, tape: Tape, path: int, dt: float) -> None:
    """Begin with no orders; everybody who is not modelled trades as on an ordinary day."""
    for row in range(baskets.flow.shape[1]):
        baskets.flow[path, row] = 0.0
    tape.volume[path] = dt
    tape.index_order[path] = 0.0
    tape.paid_spread[path] = 0.0


@kernel
def net_flows(market: MarketState, path: int, dt: float) -> None:
    """Shares bought net in each stock, by all who trade baskets and by outside orders (step 3)."""
    baskets, outside = market.baskets, market.outside
    flow = market.stocks.flow[path]
    flow[:] = 0.0
    for row in range(baskets.flow.shape[1]):
        units, shares = baskets.flow[path, row], baskets.shares[path, row]
        for i in range(flow.size):
            flow[i] += units * shares[i]
    if outside.active[path]:
        order = outside.order[path]
        for i in range(flow.size):
            flow[i] += order[i] * dt


@kernel
def move_fundamentals(
    stocks: StockState,
    values: ValueState,
    index_order: float,
    path: int,
    common: FloatArray,
    own: FloatArray,
    drift: float,
    dt: float,
) -> None:
    """Move log values by the market, the factors and each stock's own noise (step 4).

    `common` is (1 + factors,) and `own` (stocks,) standard normals; `drift` is dated news for the market. What those
    whose trades move the market factor buy of the index moves it for good.
    """
    root = math.sqrt(dt) * values.moving
    half = 0.5 * dt * values.moving
    move = drift + values.market_volatility * root * common[0] + values.index_impact * index_order
    news, beta, sigma = stocks.news[path], stocks.beta[path], stocks.sigma[path]
    variance, log_value = stocks.variance[path], stocks.log_value[path]
    for i in range(news.size):
        news[i] = beta[i] * move + sigma[i] * root * own[i] - half * variance[i]
    for factor in range(stocks.loadings.shape[1]):
        shock, loading = values.factor_volatility * root * common[1 + factor], stocks.loadings[path, factor]
        for i in range(news.size):
            news[i] += shock * loading[i]
    for i in range(news.size):
        log_value[i] += news[i]


@kernel
def move_groups(
    stocks: StockState, values: ValueState, path: int, small: float, to_index: float, to_small: float, dt: float
) -> None:
    """Move the values of stocks in and outside the index by news of their own, and by the small stocks' factor."""
    to_small += values.small_cap_volatility * values.moving * math.sqrt(dt) * small
    if to_index == 0.0 and to_small == 0.0:
        return
    news, log_value, index_shares = stocks.news[path], stocks.log_value[path], stocks.index_shares[path]
    for i in range(news.size):
        move = to_index if index_shares[i] > 0.0 else to_small
        news[i] += move
        log_value[i] += move


@kernel
def trade_price_impact(
    stocks: StockState, providers: ProviderState, impact: ImpactState, path: int, demand: FloatArray, dt: float
) -> None:
    """Move displaced prices by the bar's net flow and by other demand (step 5).

    Liquidity providers take the other side of everything into inventory; inventory decays as slow capital arrives,
    faster the larger the mispricing; the price stands a concave function of inventory away from value (Alfonsi, Fruth
    and Schied 2010, with kappa1 added). `demand` is (stocks,) standard normals.
    """
    inventory, displaced, price = stocks.inventory[path], stocks.displacement[path], stocks.price[path]
    sigma, adv, flow = stocks.sigma[path], stocks.adv[path], stocks.flow[path]
    news, gain = stocks.news[path], stocks.gain[path]
    noise = impact.other_demand * math.sqrt(dt)
    capacity = 1.0 / providers.capacity[path]
    for i in range(gain.size):
        x = displaced[i]
        decay = math.exp(-(impact.recovery + impact.value_capital * abs(x) / sigma[i]) * dt)
        inventory[i] = inventory[i] * decay + flow[i] * capacity / adv[i] + noise * demand[i]
        displaced[i] = displacement(inventory[i], sigma[i], impact)
        gain[i] = price[i] * (math.exp(news[i] + displaced[i] - x) - 1.0)
        price[i] += gain[i]


@kernel
def mark_to_market(stocks: StockState, baskets: BasketState, tape: Tape, path: int) -> None:
    """Revalue the baskets and the index (step 6)."""
    gain = stocks.gain[path]
    for row in range(baskets.gain.shape[1]):
        shares, change = baskets.shares[path, row], 0.0
        for i in range(gain.size):
            change += shares[i] * gain[i]
        baskets.gain[path, row] = change
        baskets.value[path, row] += change
    weights, change = stocks.index_shares[path], 0.0
    for i in range(gain.size):
        change += weights[i] * gain[i]
    tape.index_gain[path] = change
    tape.index_value[path] += change


@kernel
def book_providers(market: MarketState, path: int, demand: FloatArray, dt: float) -> float:
    """Give the other side of every trade to the providers at the middle of the bar's move; return the cash they pay."""
    stocks, providers, outside = market.stocks, market.providers, market.outside
    flow, price, gain, adv = stocks.flow[path], stocks.price[path], stocks.gain[path], stocks.adv[path]
    weights, index_units = stocks.index_shares[path], market.tape.index_order[path]
    shares, other = providers.shares[path], providers.other_shares[path]
    noise = market.impact.other_demand * math.sqrt(dt) * providers.capacity[path]
    paid = 0.0
    paid_by_other = 0.0
    for i in range(flow.size):
        middle = price[i] - 0.5 * gain[i]
        bought_by_other = noise * demand[i] * adv[i]
        bought = flow[i] + index_units * weights[i] + bought_by_other
        other[i] += bought_by_other
        shares[i] -= bought
        paid_by_other += bought_by_other * middle
        paid -= bought * middle
    market.ledger.cash[path, OTHER_CASH] -= paid_by_other
    if outside.active[path]:
        order, average = outside.order[path], outside.price[path]
        spent = 0.0
        for i in range(flow.size):
            middle = price[i] - 0.5 * gain[i]
            average[i] += middle * dt
            spent += (order[i] * middle + abs(order[i]) * market.impact.half_spread) * dt
            paid -= abs(order[i]) * market.impact.half_spread * dt
        market.ledger.cash[path, OUTSIDE_CASH] -= spent
    return paid


@exact_kernel
def close_ledger(ledger: Ledger, tape: Tape, path: int, paid_by_providers: float) -> None:
    """Pay the providers what they are owed, and note how far the bar's ledger is from closing.

    Exact, or a bar's many small payments would be added to the providers' large account one by one.
    """
    cash = ledger.cash
    cash[path, PROVIDER_CASH] += tape.paid_spread[path] - paid_by_providers
    total = 0.0
    for party in range(cash.shape[1]):
        total += cash[path, party]
    ledger.residual[path] = max(ledger.residual[path], abs(total))


@kernel
def read_gauge(baskets: BasketState, tape: Tape, values: ValueState, path: int, dt: float) -> None:
    """Smooth the crowded book's return: has it stopped falling? (step 7)."""
    weight = 1.0 - 2.0 ** (-dt / values.gauge_half_life)
    gauge = tape.gauge
    gauge[path] = (1.0 - weight) * gauge[path] + weight * baskets.gain[path, 0] / dt
