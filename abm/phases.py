"""The phases of a bar, one small compiled function each, in the order of docs/model.md, section 2.

Every function works on one path of the market's state, in place. Orders use only what was known at the end of the bar
before. IntEnum members are compile-time constants inside kernels.
"""

from __future__ import annotations

import math

from abm.compile import kernel
from abm.laws import power as displacement
from abm.state import Flow, FundState, MarketState, Party
from cqkit.arrays import FloatArray

NORMAL, DELEVERAGING, WAITING = int(FundState.NORMAL), int(FundState.DELEVERAGING), int(FundState.WAITING)
REENTERING, DEFAULTED = int(FundState.REENTERING), int(FundState.DEFAULTED)
LIQUIDATOR, FORCED, REENTRY = int(Flow.LIQUIDATOR), int(Flow.FORCED), int(Flow.REENTRY)
REBALANCING, INDEX_SECTOR = int(Flow.REBALANCING), int(Flow.INDEX_SECTOR)
CROWD_CASH, LIQUIDATOR_CASH, SECTOR_CASH = int(Party.CROWD), int(Party.LIQUIDATOR), int(Party.INDEX_SECTOR)
OUTSIDE_CASH, OTHER_CASH, PROVIDER_CASH = int(Party.OUTSIDE), int(Party.OTHER_DEMAND), int(Party.PROVIDERS)

# A gap this small, relative to a book, is rounding and not a position.
CLOSED = 1e-12


@kernel
def ordinary_order(market: MarketState, path: int, fund: int, dt: float) -> float:
    """Slow return to target leverage; dB = (l E - B)(1 - exp(-r dt))."""
    funds = market.funds
    wanted = funds.leverage[path, fund] * max(funds.equity[path, fund], 0.0)
    return (wanted - funds.book[path, fund]) * -math.expm1(-market.rules.rebalancing * dt)


@kernel
def forced_order(market: MarketState, path: int, fund: int, dt: float) -> float:
    """Sell towards B* at the rate fixed by the call; there, wait, or be gone for good after a default."""
    funds = market.funds
    gap = funds.target[path, fund] - funds.book[path, fund]
    order = max(gap, -funds.rate[path, fund] * dt) if gap < 0.0 else 0.0
    if gap - order >= -CLOSED * funds.book[path, fund]:
        funds.state[path, fund] = DEFAULTED if funds.defaulted[path, fund] else WAITING
    return order


@kernel
def comes_back(market: MarketState, path: int, fund: int, bar: int, dt: float) -> bool:
    """Whether a willing fund that was cut buys back: the crowded book has stopped falling, and it has waited."""
    waited = (bar - market.funds.called_in[path, fund]) * dt
    return market.tape.gauge[path] > 0.0 and waited >= market.rules.reentry_wait - CLOSED


@kernel
def reentry_order(market: MarketState, path: int, fund: int, dt: float) -> float:
    """Buy the cut back while the crowded book is not falling; at target leverage, be an ordinary fund again."""
    funds, rules = market.funds, market.rules
    wanted = funds.leverage[path, fund] * max(funds.equity[path, fund], 0.0)
    gap = wanted - funds.book[path, fund]
    if gap <= 0.0:
        funds.state[path, fund] = NORMAL
        return 0.0
    if market.tape.gauge[path] <= 0.0:
        return 0.0
    return min(gap, wanted * (1.0 - rules.cut) * dt / rules.reentry_days)


@kernel
def place_fund_orders(market: MarketState, path: int, bar: int, dt: float) -> None:
    """Orders of all funds by state, and their sum by basket (step 1)."""
    funds, baskets, tape = market.funds, market.baskets, market.tape
    count, rows = funds.exposure.shape[1], funds.exposure.shape[2]
    for row in range(rows):
        baskets.flow[path, row] = 0.0
        baskets.others_flow[path, row] = 0.0
    traded = 0.0
    for fund in range(count):
        order = 0.0
        state = funds.state[path, fund]
        # who never comes back is not asked: the call hands over the whole state, which takes longer than the answer
        if state == WAITING and funds.reenters[path, fund] and comes_back(market, path, fund, bar, dt):
            state = REENTERING
            funds.state[path, fund] = state
        if state == NORMAL:
            order = ordinary_order(market, path, fund, dt)
            tape.flows[path, REBALANCING] += order
        elif state == DELEVERAGING:
            order = forced_order(market, path, fund, dt)
            tape.flows[path, FORCED] += order
            funds.forced[path, fund] -= order
        elif state == REENTERING:
            order = reentry_order(market, path, fund, dt)
            tape.flows[path, REENTRY] += order
            funds.rebought[path, fund] += order
        funds.order[path, fund] = order
        traded += abs(order)
        for row in range(rows):
            baskets.flow[path, row] += order * funds.exposure[path, fund, row]
    tape.volume[path] = dt + 2.0 * traded


@kernel
def place_liquidator_orders(market: MarketState, path: int, bar: int, volume: float) -> None:
    """Sell what the schedule asks for, and a share of the `volume` of the bar before (step 2)."""
    seller = market.liquidator
    sale = seller.sales[bar] * seller.size
    if bar >= seller.first_bar:
        sale += seller.participation * volume / seller.gross
    sale = min(sale, seller.book[path])
    seller.order[path] = -sale
    market.baskets.flow[path, 0] -= sale * seller.crowded_units
    if seller.index_units > 0.0:
        market.baskets.flow[path, market.baskets.flow.shape[1] - 1] -= sale * seller.index_units
    market.tape.flows[path, LIQUIDATOR] -= sale


@kernel
def place_sector_orders(market: MarketState, path: int, dt: float) -> None:
    """Members that were stopped out sell part of their index holding (section 4)."""
    sector = market.sector
    sold = 0.0
    if sector.units > 0.0:
        members = sector.stop.shape[1]
        for member in range(members):
            excess = sector.holding[path, member] - sector.target[path, member]
            if excess > 0.0:
                sale = min(excess, sector.speed * dt)
                sector.holding[path, member] -= sale
                sold += sale / members
    sector.order[path] = -sold * sector.units
    market.tape.flows[path, INDEX_SECTOR] -= sold * sector.units


@kernel
def net_flows(market: MarketState, path: int, dt: float) -> None:
    """Shares bought net in each stock, by all who trade baskets and by outside orders (step 3)."""
    stocks, baskets, outside = market.stocks, market.baskets, market.outside
    flow = stocks.flow[path]
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
    market: MarketState, path: int, common: FloatArray, own: FloatArray, drift: float, dt: float
) -> None:
    """Move log values by the market, the factors and each stock's own noise (step 4).

    `common` is (1 + factors,) and `own` (stocks,) standard normals; `drift` is dated news for the market. What the
    long-biased sector sells moves the market factor for good.
    """
    stocks, sector, rules = market.stocks, market.sector, market.rules
    root = math.sqrt(dt) * rules.fundamentals
    half = 0.5 * dt * rules.fundamentals
    move = drift + rules.market_volatility * root * common[0] + sector.impact * sector.order[path]
    news, beta, sigma = stocks.news[path], stocks.beta[path], stocks.sigma[path]
    variance, log_value = stocks.variance[path], stocks.log_value[path]
    for i in range(news.size):
        news[i] = beta[i] * move + sigma[i] * root * own[i] - half * variance[i]
    for factor in range(stocks.loadings.shape[1]):
        shock, loading = rules.factor_volatility * root * common[1 + factor], stocks.loadings[path, factor]
        for i in range(news.size):
            news[i] += shock * loading[i]
    for i in range(news.size):
        log_value[i] += news[i]


@kernel
def trade_price_impact(market: MarketState, path: int, demand: FloatArray, dt: float) -> None:
    """Move displaced prices by the bar's net flow and by other demand (step 5).

    Liquidity providers take the other side of everything into inventory; inventory decays as slow capital arrives,
    faster the larger the mispricing; the price stands a concave function of inventory away from value (Alfonsi, Fruth
    and Schied 2010, with kappa1 added). `demand` is (stocks,) standard normals.
    """
    stocks, impact = market.stocks, market.impact
    inventory, displaced, price = stocks.inventory[path], stocks.displacement[path], stocks.price[path]
    sigma, adv, flow = stocks.sigma[path], stocks.adv[path], stocks.flow[path]
    news, gain = stocks.news[path], stocks.gain[path]
    noise = impact.other_demand * math.sqrt(dt)
    capacity = 1.0 / market.providers.capacity[path]
    for i in range(gain.size):
        x = displaced[i]
        decay = math.exp(-(impact.recovery + impact.value_capital * abs(x) / sigma[i]) * dt)
        inventory[i] = inventory[i] * decay + flow[i] * capacity / adv[i] + noise * demand[i]
        displaced[i] = displacement(inventory[i], sigma[i], impact)
        gain[i] = price[i] * (math.exp(news[i] + displaced[i] - x) - 1.0)
        price[i] += gain[i]


@kernel
def book_providers(market: MarketState, path: int, demand: FloatArray, dt: float) -> float:
    """Give the other side of every trade to the providers at the middle of the bar's move; return the cash they pay."""
    stocks, providers, outside = market.stocks, market.providers, market.outside
    flow, price, gain, adv = stocks.flow[path], stocks.price[path], stocks.gain[path], stocks.adv[path]
    weights, index_units = stocks.index_shares[path], market.sector.order[path]
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


@kernel
def mark_to_market(market: MarketState, path: int) -> None:
    """Revalue books and equity; a trade is done at the middle of its own bar's move, and pays the spread (step 6)."""
    stocks, baskets, funds, tape = market.stocks, market.baskets, market.funds, market.tape
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
    for fund in range(funds.order.shape[1]):
        gained = 0.0
        for row in range(baskets.gain.shape[1]):
            gained += funds.exposure[path, fund, row] * baskets.gain[path, row]
        order = funds.order[path, fund]
        funds.equity[path, fund] += (funds.book[path, fund] + 0.5 * order) * gained
        funds.equity[path, fund] -= 2.0 * market.impact.half_spread * abs(order)
        funds.book[path, fund] += order
    market.liquidator.book[path] += market.liquidator.order[path]
    market.sector.loss[path] -= baskets.gain[path, 0]


@kernel
def settle_cash(market: MarketState, path: int, paid_by_providers: float, paid_spread: float) -> None:
    """Book everybody's cash, each from its own trades, and note how far the bar's ledger is from closing.

    `paid_spread` is what futures funds, whose cash is booked already, have paid on their stocks.
    """
    baskets, funds, cash, tape = market.baskets, market.funds, market.ledger.cash, market.tape
    fee = 2.0 * market.impact.half_spread
    crowd = 0.0
    last = baskets.flow.shape[1] - 1
    for row in range(baskets.flow.shape[1]):
        units = baskets.flow[path, row]
        if row == 0:
            units -= market.liquidator.order[path] * market.liquidator.crowded_units
        units -= baskets.others_flow[path, row]
        crowd -= units * (baskets.value[path, row] - 0.5 * baskets.gain[path, row])
    fees = 0.0
    for fund in range(funds.order.shape[1]):
        fees += fee * abs(funds.order[path, fund])
    cash[path, CROWD_CASH] += crowd - fees
    sold = market.liquidator.order[path]
    worth = market.liquidator.crowded_units * (baskets.value[path, 0] - 0.5 * baskets.gain[path, 0])
    if market.liquidator.index_units > 0.0:
        worth += market.liquidator.index_units * (baskets.value[path, last] - 0.5 * baskets.gain[path, last])
    fee = market.liquidator.gross * market.impact.half_spread
    cash[path, LIQUIDATOR_CASH] -= sold * worth + fee * abs(sold)
    fees += fee * abs(sold)
    units = market.sector.order[path]
    sector_fee = market.impact.half_spread * abs(units)
    cash[path, SECTOR_CASH] -= units * (tape.index_value[path] - 0.5 * tape.index_gain[path]) + sector_fee
    fees += sector_fee
    cash[path, PROVIDER_CASH] += fees + paid_spread - paid_by_providers
    total = 0.0
    for party in range(cash.shape[1]):
        total += cash[path, party]
    market.ledger.residual[path] = max(market.ledger.residual[path], abs(total))


@kernel
def read_gauge(market: MarketState, path: int, dt: float) -> None:
    """Smooth the crowded book's return: has it stopped falling? (step 7)."""
    weight = 1.0 - 2.0 ** (-dt / market.rules.gauge_half_life)
    gauge = market.tape.gauge
    gauge[path] = (1.0 - weight) * gauge[path] + weight * market.baskets.gain[path, 0] / dt


@kernel
def call_margin(market: MarketState, path: int, fund: int, bar: int) -> None:
    """Call one fund's margin if its leverage is beyond the limit; a fund without equity is in default (step 8)."""
    funds, rules = market.funds, market.rules
    equity, book = funds.equity[path, fund], funds.book[path, fund]
    if book <= 0.0:
        return
    if equity <= 0.0:
        funds.defaulted[path, fund] = 1
        if rules.forced == 0:
            return
        funds.state[path, fund] = DELEVERAGING
        funds.target[path, fund] = 0.0
        funds.rate[path, fund] = book / rules.cut_days
        return
    limit = funds.limit[path, fund]
    if book <= limit * equity:
        return
    if rules.forced == 0:
        funds.calls[path, fund] += 1
        funds.called[path, fund] = max(funds.called[path, fund], book / limit - equity)
        return
    target = rules.cut * funds.cut_base[path, fund] * equity
    if funds.state[path, fund] == DELEVERAGING:
        if target >= funds.target[path, fund]:
            return
        funds.rate[path, fund] = max(funds.rate[path, fund], (book - target) / rules.cut_days)
    else:
        funds.state[path, fund] = DELEVERAGING
        funds.rate[path, fund] = (book - target) / rules.cut_days
        funds.called_in[path, fund] = bar + 1
    funds.target[path, fund] = target
    funds.calls[path, fund] += 1
    funds.called[path, fund] = max(funds.called[path, fund], book / limit - equity)


@kernel
def call_margins(market: MarketState, path: int, bar: int, at_close: bool) -> None:
    """Check the funds that are watched at every bar, at the close all of them (step 8)."""
    funds = market.funds
    watched = funds.equity.shape[1] if at_close else market.rules.watched
    for fund in range(watched):
        if not funds.defaulted[path, fund]:
            call_margin(market, path, fund, bar)


@kernel
def stop_sector_out(market: MarketState, path: int) -> None:
    """Members whose loss on the crowded book is beyond their stop decide to sell index (section 4)."""
    sector = market.sector
    if sector.units > 0.0:
        for member in range(sector.stop.shape[1]):
            if sector.loss[path] > sector.stop[path, member]:
                sector.target[path, member] = sector.kept
