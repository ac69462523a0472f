"""The market's own phases of a bar, one small compiled function each (docs/model.md, section 2): price, impact, ledger.

Every function works on one path of the market's state, in place. Orders, which the inhabitants place, use only what was
known at the end of the bar before. IntEnum members are compile-time constants inside kernels.
"""

from __future__ import annotations

import math

from abm.compile import exact_kernel, kernel
from abm.laws import square_root as effect_of
from abm.randomness import DayNoise
from abm.state import (
    PARTS_AT_ONCE,
    BasketState,
    ImpactState,
    Ledger,
    MarketState,
    Party,
    ProviderState,
    StockState,
    Tape,
    ValueState,
)
from abm.sums import add_rows, products
from cqkit.arrays import FloatArray, SingleArray

OUTSIDE_CASH, PROVIDER_CASH = int(Party.OUTSIDE), int(Party.PROVIDERS)


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
    """Shares bought net in each stock, by all who trade baskets or the index, and by outside orders (step 3)."""
    baskets, outside = market.baskets, market.outside
    flow = market.stocks.flow[path]
    flow[:] = 0.0
    add_rows(baskets.flow[path], 1.0, baskets.shares[path], flow)
    index_units = market.tape.index_order[path]
    if index_units != 0.0:
        index = market.stocks.index_shares[path]
        for i in range(flow.size):
            flow[i] += index_units * index[i]
    if outside.active[path]:
        order = outside.order[path]
        for i in range(flow.size):
            flow[i] += order[i] * dt


@kernel
def share_of_day(values: ValueState, first: bool, dt: float) -> tuple[float, float]:
    """What part of a day's variance a bar has, and what part of its news comes before its average trade.

    What happens overnight comes before the first trade of the day.
    """
    trading = (1.0 - values.overnight) * dt
    if not first:
        return trading, 0.5
    return values.overnight + trading, (values.overnight + 0.5 * trading) / (values.overnight + trading)


@kernel
def move_fundamentals(
    stocks: StockState,
    values: ValueState,
    path: int,
    common: FloatArray,
    own: SingleArray,
    drift: float,
    weight: float,
) -> None:
    """Move log values by the market, the factors and each stock's own noise (step 4).

    `common` is (1 + factors,) and `own` (stocks,) standard normals; `drift` is dated news for the market in this bar,
    `weight` the bar's part of the day's variance.
    """
    root = math.sqrt(weight) * values.moving
    half = 0.5 * weight * values.moving
    move = drift + values.market_volatility * root * common[0]
    news, beta, sigma = stocks.news[path], stocks.beta[path], stocks.sigma[path]
    variance, log_value = stocks.variance[path], stocks.log_value[path]
    for i in range(news.size):
        news[i] = beta[i] * move + sigma[i] * root * own[i] - half * variance[i]
    add_rows(common[1:], values.factor_volatility * root, stocks.loadings[path], news)
    for i in range(news.size):
        log_value[i] += news[i]


@kernel
def move_groups(
    stocks: StockState, values: ValueState, path: int, small: float, drift: FloatArray, weight: float, dt: float
) -> None:
    """Move the values of stocks in the index, smaller and larger ones by news of their own, and small ones' factor."""
    to_index, to_small, to_large = drift[1] * dt, drift[2] * dt, drift[3] * dt
    to_small += values.small_cap_volatility * values.moving * math.sqrt(weight) * small
    if to_index == 0.0 and to_small == 0.0 and to_large == 0.0:
        return
    news, log_value, index_shares = stocks.news[path], stocks.log_value[path], stocks.index_shares[path]
    larger = stocks.larger[path]
    for i in range(news.size):
        outside = to_large if larger[i] > 0.0 else to_small
        move = to_index if index_shares[i] > 0.0 else outside
        news[i] += move
        log_value[i] += move


@kernel
def move_noise(stocks: StockState, values: ValueState, path: int, normals: SingleArray, dt: float) -> None:
    """Move other investors' transient noise, which is outside impact and passes by itself (step 4)."""
    if values.moving == 0.0:
        return
    kept = math.exp(-values.transient_decay * dt)
    fresh = math.sqrt(1.0 - kept * kept)
    transient, sd, news = stocks.transient[path], stocks.transient_sd[path], stocks.news[path]
    for i in range(news.size):
        move = (kept - 1.0) * transient[i] + fresh * sd[i] * normals[i]
        transient[i] += move
        news[i] += move


@kernel
def move_values(market: MarketState, path: int, noise: DayNoise, bar: int, drift: FloatArray, dt: float) -> float:
    """Move all values by a bar's news and noise; return what part of it comes before the bar's average trade (step 4).

    `drift` (4,) is the day's dated news for the market, for stocks in the index, for smaller and for larger ones.
    """
    stocks, values = market.stocks, market.values
    weight, before = share_of_day(values, bar == 0, dt)
    move_fundamentals(stocks, values, path, noise.common[bar], noise.own[bar], drift[0] * dt, weight)
    move_groups(stocks, values, path, noise.futures[bar, 0], drift, weight, dt)
    move_noise(stocks, values, path, noise.transient[bar], dt)
    return before


@kernel
def remember_flow(stocks: StockState, providers: ProviderState, impact: ImpactState, path: int, dt: float) -> None:
    """Take the bar's flow into the propagator's memory (step 5).

    Leaves the sum of the memory in `gain`, and the change of its mean over the bar in `late`: a loop over all stocks
    for three rates of decay at a time, so that they vectorise (`abm.opening.impact_of_a_bar` sees to the three).
    """
    flow, per_adv, effect = stocks.flow[path], stocks.per_adv[path], stocks.effect[path]
    bought, level, mean = stocks.bought[path], stocks.gain[path], stocks.late[path]
    scale = 1.0 / (providers.capacity[path] * dt)
    for i in range(flow.size):
        rate = flow[i] * scale * per_adv[i]
        bought[i] += rate * dt
        effect[i] = effect_of(rate, impact)
        level[i] = 0.0
        mean[i] = 0.0
    kept, added, mean_kept, mean_added = impact.kept, impact.added, impact.mean_kept, impact.mean_added
    for k in range(0, kept.size, PARTS_AT_ONCE):
        first, second, third = stocks.memory[path, k], stocks.memory[path, k + 1], stocks.memory[path, k + 2]
        arrives = mean_added[k] + mean_added[k + 1] + mean_added[k + 2]
        for i in range(flow.size):
            a, b, c, fresh = first[i], second[i], third[i], effect[i]
            mean[i] += mean_kept[k] * a + mean_kept[k + 1] * b + mean_kept[k + 2] * c + arrives * fresh
            a = kept[k] * a + added[k] * fresh
            b = kept[k + 1] * b + added[k + 1] * fresh
            c = kept[k + 2] * c + added[k + 2] * fresh
            first[i], second[i], third[i] = a, b, c
            level[i] += a + b + c


@kernel
def growth(move: float) -> float:
    """exp(move) - 1 by its series at a sixteenth of the move, doubled four times: written so that loops vectorise.

    To the last digits for moves up to 1 in a bar, to 1e-8 for moves up to 10.
    """
    x = move / 16.0
    rest = 1 / 720 + x * (1 / 5040 + x * (1 / 40320 + x * (1 / 362880 + x * (1 / 3628800))))
    grown = x * (1.0 + x * (1 / 2 + x * (1 / 6 + x * (1 / 24 + x * (1 / 120 + x * rest)))))
    grown = grown * (2.0 + grown)
    grown = grown * (2.0 + grown)
    grown = grown * (2.0 + grown)
    return grown * (2.0 + grown)


@kernel
def move_prices(stocks: StockState, providers: ProviderState, impact: ImpactState, path: int, before: float) -> None:
    """Move prices by news and impact; `before` is the part of the news that comes before the average trade (step 5)."""
    gain, late, flow, per_adv = stocks.gain[path], stocks.late[path], stocks.flow[path], stocks.per_adv[path]
    displaced, price, news = stocks.displacement[path], stocks.price[path], stocks.news[path]
    bought, volatility = stocks.bought[path], stocks.volatility[path]
    half_of_trade = 0.5 * impact.permanent / providers.capacity[path]
    for i in range(gain.size):
        x = volatility[i] * (impact.strength * gain[i] + impact.permanent * bought[i])
        y = before * news[i] + volatility[i] * (impact.strength * late[i] + half_of_trade * flow[i] * per_adv[i])
        opened = price[i]
        gain[i] = opened * growth(news[i] + x - displaced[i])
        price[i] = opened + gain[i]
        late[i] = gain[i] - opened * growth(y)
        displaced[i] = x


@kernel
def mark_to_market(stocks: StockState, baskets: BasketState, tape: Tape, path: int) -> None:
    """Revalue the baskets and the index, over the bar and from the fill of its trades on (step 6)."""
    gain, late = stocks.gain[path], stocks.late[path]
    products(baskets.shares[path], gain, late, baskets.gain[path], baskets.late[path])
    for row in range(baskets.gain.shape[1]):
        baskets.value[path, row] += baskets.gain[path, row]
    tape.index_gain[path], tape.index_late[path] = worth_change(stocks.index_shares[path], gain, late)
    tape.index_value[path] += tape.index_gain[path]


@kernel
def worth_change(shares: FloatArray, gain: FloatArray, late: FloatArray) -> tuple[float, float]:
    """What prices' changes, over the bar and from the fill on, make of a unit of some shares."""
    whole, rest = 0.0, 0.0
    for i in range(gain.size):
        whole += shares[i] * gain[i]
        rest += shares[i] * late[i]
    return whole, rest


@kernel
def book_providers(market: MarketState, path: int, dt: float) -> float:
    """Give the other side of every trade to the providers at the fill; return the cash they pay."""
    stocks, providers, outside = market.stocks, market.providers, market.outside
    flow, price, late = stocks.flow[path], stocks.price[path], stocks.late[path]
    shares = providers.shares[path]
    paid = 0.0
    for i in range(flow.size):
        shares[i] -= flow[i]
        paid -= flow[i] * (price[i] - late[i])
    if outside.active[path]:
        order, average = outside.order[path], outside.price[path]
        spent = 0.0
        for i in range(flow.size):
            fill = price[i] - late[i]
            average[i] += fill * dt
            spent += (order[i] * fill + abs(order[i]) * market.impact.half_spread) * dt
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
def read_cheapness(baskets: BasketState, tape: Tape, values: ValueState, path: int, dt: float) -> None:
    """How far the crowded book stands below its own recent mean (step 8)."""
    weight = -math.expm1(-dt / values.reference_days)
    value = baskets.value[path, 0]
    tape.reference[path] += weight * (value - tape.reference[path])
    tape.cheapness[path] = tape.reference[path] - value
