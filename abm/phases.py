"""The market's own phases of a bar, one small compiled function each (docs/model.md, section 2): price, impact, ledger.

Every function works on one path of the market's state, in place. Orders, which the inhabitants place, use only what was
known at the end of the bar before. IntEnum members are compile-time constants inside kernels.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from abm.compile import exact_kernel, is_ours, kernel, specialise, wide_kernel
from abm.laws import Law
from abm.laws import square_root as effect_of
from abm.loops import growth, products, weigh_rows
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
from cqkit.arrays import FloatArray

FACTORS_AT_ONCE = 5
OUTSIDE_CASH, PROVIDER_CASH = int(Party.OUTSIDE), int(Party.PROVIDERS)


@kernel
def open_bar(baskets: BasketState, tape: Tape, path: int, dt: float) -> None:
    """Begin with no orders; everybody who is not modelled trades as on an ordinary day."""
    for row in range(baskets.flow.shape[1]):
        baskets.flow[path, row] = 0.0
    tape.volume[path] = dt
    tape.index_order[path] = 0.0
    tape.paid_spread[path] = 0.0


@wide_kernel
def net_flows(market: MarketState, path: int, dt: float) -> None:
    """Shares bought net in each stock, by all who trade baskets or the index, and by outside orders (step 3)."""
    baskets, outside = market.baskets, market.outside
    flow = market.stocks.flow[path]
    weigh_rows(baskets.flow[path], 1.0, baskets.shares[path], flow)
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


@wide_kernel
def move_values(market: MarketState, path: int, noise: DayNoise, bar: int, drift: FloatArray, dt: float) -> float:
    """Move all values by a bar's news and noise; return what part of it comes before the bar's average trade (step 4).

    Log values move by the market, the factors and each stock's own news: all in one loop but for what moves groups of
    stocks and factors after the first five. Other investors' transient noise, which is outside impact, passes alone.
    `drift` (4,) is the day's dated news for the market, for stocks in the index, for smaller and for larger ones;
    `noise` are standard normals.
    """
    stocks, values, common = market.stocks, market.values, noise.common[bar]
    weight, before = share_of_day(values, bar == 0, dt)
    root, half = math.sqrt(weight) * values.moving, 0.5 * weight * values.moving
    move = drift[0] * dt + values.market_volatility * root * common[0]
    kept = math.exp(-values.transient_decay * dt) if values.moving != 0.0 else 1.0
    fresh = math.sqrt(1.0 - kept * kept)
    news, transient = stocks.news[path], stocks.transient[path]
    beta, sigma, variance, sd = stocks.beta[path], stocks.sigma[path], stocks.variance[path], stocks.transient_sd[path]
    own, others = noise.own[bar], noise.transient[bar]
    small, factors = values.small_cap_volatility * root * noise.futures[bar, 0], values.factor_volatility * root
    more = len(common) > 1 + FACTORS_AT_ONCE or small != 0.0 or drift[1] != 0.0 or drift[2] != 0.0 or drift[3] != 0.0
    if more:
        weigh_rows(common[1 + FACTORS_AT_ONCE :], factors, stocks.loadings[path, FACTORS_AT_ONCE:], news)
        move_groups(stocks, path, drift, small, dt)
    one, first = factor_of(stocks, path, common, factors, 0)
    two, second = factor_of(stocks, path, common, factors, 1)
    three, third = factor_of(stocks, path, common, factors, 2)
    four, fourth = factor_of(stocks, path, common, factors, 3)
    five, fifth = factor_of(stocks, path, common, factors, 4)
    for i in range(news.size):
        shared = one * first[i] + two * second[i] + three * third[i] + four * fourth[i] + five * fifth[i]
        lasting = shared + beta[i] * move + sigma[i] * root * own[i] - half * variance[i]
        passing = (kept - 1.0) * transient[i] + fresh * sd[i] * others[i]
        transient[i] += passing
        news[i] = lasting + passing + (news[i] if more else 0.0)
    return before


@kernel
def factor_of(stocks: StockState, path: int, common: FloatArray, scale: float, number: int) -> tuple[float, FloatArray]:
    """How far that factor moves in a bar, and the stocks' loadings on it; one that there is not does not move."""
    if number < stocks.loadings.shape[1]:
        return scale * common[1 + number], stocks.loadings[path, number]
    return 0.0, stocks.beta[path]


@wide_kernel
def move_groups(stocks: StockState, path: int, drift: FloatArray, small: float, dt: float) -> None:
    """Add to the news that of stocks in the index, smaller and larger ones; `small` is what small ones' factor does."""
    to_index, to_small, to_large = drift[1] * dt, drift[2] * dt + small, drift[3] * dt
    if to_index == 0.0 and to_small == 0.0 and to_large == 0.0:
        return
    news, index_shares, larger = stocks.news[path], stocks.index_shares[path], stocks.larger[path]
    for i in range(news.size):
        outside = to_large if larger[i] > 0.0 else to_small
        news[i] += to_index if index_shares[i] > 0.0 else outside


@wide_kernel
def move_prices(
    stocks: StockState, providers: ProviderState, impact: ImpactState, path: int, before: float, dt: float
) -> None:
    """Take the bar's flow into the propagator's memory, and move prices by news and impact (step 5).

    `before` is the part of the news that comes before the average trade.
    """
    scale, memory = 1.0 / (providers.capacity[path] * dt), stocks.memory[path]
    if impact.kept.size > PARTS_AT_ONCE:
        remember_further(stocks, impact, path, scale)
    parts = (memory[0], memory[1], memory[2], memory[3], memory[4], memory[5])
    move_each_price(stocks, impact, path, before, scale, dt, parts)


@wide_kernel
def move_each_price(
    stocks: StockState,
    impact: ImpactState,
    path: int,
    before: float,
    scale: float,
    dt: float,
    parts: tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray],
) -> None:
    """The same for the first six rates of decay, whose memory is given in `parts` (stocks,) that lie apart.

    `abm.opening.impact_of_a_bar` sees to the six. What further rates remember is in `gain` and `late`. Two loops, since
    a stock's exponentials wait for all before them: in one, too little else could be done meanwhile.
    """
    gain, late, flow, per_adv = stocks.gain[path], stocks.late[path], stocks.flow[path], stocks.per_adv[path]
    displaced, price, news = stocks.displacement[path], stocks.price[path], stocks.news[path]
    bought, volatility = stocks.bought[path], stocks.volatility[path]
    kept, added, mean_kept, more = impact.kept, impact.added, impact.mean_kept, impact.kept.size > PARTS_AT_ONCE
    one, two, three, four, five, six = parts
    half_of_trade, arrives = 0.5 * impact.permanent * dt, 0.0
    for k in range(PARTS_AT_ONCE):
        arrives += impact.mean_added[k]
    for i in range(flow.size):
        rate = flow[i] * scale * per_adv[i]
        fresh = effect_of(rate, impact)
        a, b, c, d, e, f = one[i], two[i], three[i], four[i], five[i], six[i]
        mean = arrives * fresh + mean_kept[0] * a + mean_kept[1] * b + mean_kept[2] * c
        mean += mean_kept[3] * d + mean_kept[4] * e + mean_kept[5] * f
        a, b, c = kept[0] * a + added[0] * fresh, kept[1] * b + added[1] * fresh, kept[2] * c + added[2] * fresh
        d, e, f = kept[3] * d + added[3] * fresh, kept[4] * e + added[4] * fresh, kept[5] * f + added[5] * fresh
        one[i], two[i], three[i], four[i], five[i], six[i] = a, b, c, d, e, f
        level = a + b + c + d + e + f
        if more:
            level += gain[i]
            mean += late[i]
        whole = bought[i] + rate * dt
        x = volatility[i] * (impact.strength * level + impact.permanent * whole)
        y = before * news[i] + volatility[i] * (impact.strength * mean + half_of_trade * rate)
        gain[i], late[i] = news[i] + x - displaced[i], y
        bought[i], displaced[i] = whole, x
    for i in range(flow.size):
        opened = price[i]
        gained = opened * growth(gain[i])
        price[i], gain[i], late[i] = opened + gained, gained, gained - opened * growth(late[i])


@wide_kernel
def remember_further(stocks: StockState, impact: ImpactState, path: int, scale: float) -> None:
    """Take the bar's flow into what rates of decay after the first six remember.

    Leaves the sum of that memory in `gain`, and the change of its mean over the bar in `late`.
    """
    flow, per_adv, level, mean = stocks.flow[path], stocks.per_adv[path], stocks.gain[path], stocks.late[path]
    level[:] = 0.0
    mean[:] = 0.0
    for k in range(PARTS_AT_ONCE, impact.kept.size):
        part, kept, mean_kept = stocks.memory[path, k], impact.kept[k], impact.mean_kept[k]
        added, mean_added = impact.added[k], impact.mean_added[k]
        for i in range(flow.size):
            fresh = effect_of(flow[i] * scale * per_adv[i], impact)
            mean[i] += mean_kept * part[i] + mean_added * fresh
            part[i] = kept * part[i] + added * fresh
            level[i] += part[i]


def move_prices_under(law: str, effect: Law) -> Callable[..., None]:
    """Return `move_prices` compiled for the impact law `effect`, which is called `law`."""
    keep = is_ours(effect)
    further = specialise(remember_further, law, keep, effect_of=effect)
    each = specialise(move_each_price, law, keep, effect_of=effect)
    return specialise(move_prices, law, keep, remember_further=further, move_each_price=each)


@wide_kernel
def mark_to_market(stocks: StockState, baskets: BasketState, tape: Tape, path: int) -> None:
    """Revalue the baskets and the index, over the bar and from the fill of its trades on (step 6)."""
    gain, late = stocks.gain[path], stocks.late[path]
    products(baskets.shares[path], gain, late, baskets.gain[path], baskets.late[path])
    for row in range(baskets.gain.shape[1]):
        baskets.value[path, row] += baskets.gain[path, row]
    tape.index_gain[path], tape.index_late[path] = worth_change(stocks.index_shares[path], gain, late)
    tape.index_value[path] += tape.index_gain[path]


@wide_kernel
def worth_change(shares: FloatArray, gain: FloatArray, late: FloatArray) -> tuple[float, float]:
    """What prices' changes, over the bar and from the fill on, make of a unit of some shares."""
    whole, rest = 0.0, 0.0
    for i in range(gain.size):
        whole += shares[i] * gain[i]
        rest += shares[i] * late[i]
    return whole, rest


@wide_kernel
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
