"""How the price of a stock moves within a bar, written slowly (docs/model.md, section 2, steps 4 and 5)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from abm import Market
from abm.randomness import DayNoise
from abm.stocks import draw_stocks


@dataclass
class Stock:
    adv: float
    own_volatility: float
    beta: float
    index_shares: float
    larger: bool  # than all stocks of the index
    loadings: list[float]
    variance: float = 0.0  # of the log value, a day
    noise_volatility: float = 0.0  # of other investors' transient noise
    noise: float = 0.0  # z
    memory: list[float] = field(default_factory=list)  # u, by rate of decay
    news: float = 0.0  # change of v + z in this bar
    bought: float = 0.0  # Q, in days of the volume that makers can carry
    displacement: float = 0.0  # x
    before: float = 1.0  # the prices before the bar, of its trades, and after it
    fill: float = 1.0
    price: float = 1.0
    flow: float = 0.0  # shares bought net in this bar
    pressed: float = 0.0  # those of them that press the price: all, unless an exchange keeps some from being traded
    sold_by_makers: float = 0.0  # shares, since the start


def stocks_of(market: Market) -> list[Stock]:
    """Take over the stocks that the engine has drawn on path 0; what follows from them is worked out."""
    drawn, settings = market.state.stocks, market.settings
    capital = draw_stocks(settings.market, market.seed, 0, 1, settings.listed).capitalisation[0]
    by_size = sorted(range(settings.market.stocks), key=lambda i: -capital[i])
    skipped = set(by_size[: round(settings.market.index_skips * settings.market.stocks)])
    stocks = [
        Stock(
            float(drawn.adv[0, i]),
            float(drawn.sigma[0, i]),
            float(drawn.beta[0, i]),
            float(drawn.index_shares[0, i]),
            i in skipped,
            [float(b) for b in drawn.loadings[0, :, i]],
            noise=float(drawn.transient[0, i]),
            memory=[0.0 for _ in settings.impact.rates],
        )
        for i in range(settings.market.stocks)
    ]
    usual = median(stock.adv for stock in stocks)
    for stock in stocks:
        stock.variance = variance(settings, stock)
        relative = (stock.adv / usual) ** -settings.market.transient_size_slope
        stock.noise_volatility = settings.market.transient_volatility * stock.own_volatility * relative
    return stocks


def whole_book(exposure: list[float], books: list[list[float]]) -> list[float]:
    """Shares of each stock in so many units of each basket."""
    return [sum(a * row[i] for a, row in zip(exposure, books, strict=True)) for i in range(len(books[0]))]


def variance(settings: Any, stock: Stock) -> float:
    """Of a stock's log value, a day."""
    market = settings.market
    found = stock.own_volatility**2 + (stock.beta * market.market_volatility) ** 2
    found += market.factor_volatility**2 * sum(loading**2 for loading in stock.loadings)
    small = stock.index_shares == 0 and not stock.larger
    return float(found + (market.small_cap_volatility**2 if small else 0.0))


def move_value(
    settings: Any, stock: Stock, noise: DayNoise, bar: int, i: int, moves: tuple[float, float, float, float]
) -> tuple[float, float]:
    """Step 4: the bar's news of stock `i`, and the share of it that comes before the average trade.

    `moves` are the day's dated moves of the market, of stocks in the index, of smaller and of larger ones.
    """
    market, dt = settings.market, 1 / settings.clock.bars
    night = market.overnight
    weight, early = (1 - night) * dt, 0.5
    if bar == 0:
        weight += night
        early = (night + (1 - night) * dt / 2) / weight
    news = stock.beta * moves[0] * dt
    if stock.index_shares > 0:
        news += moves[1] * dt
    else:
        news += (moves[3] if stock.larger else moves[2]) * dt
    if market.fundamentals:
        root = math.sqrt(weight)
        news += stock.beta * market.market_volatility * root * noise.common[bar, 0]
        for k, loading in enumerate(stock.loadings):
            news += loading * market.factor_volatility * root * noise.common[bar, 1 + k]
        if stock.index_shares == 0 and not stock.larger:
            news += market.small_cap_volatility * root * noise.futures[bar, 0]
        news += stock.own_volatility * root * float(noise.own[bar, i]) - stock.variance * weight / 2
    if market.fundamentals:
        kept = math.exp(-market.transient_decay * dt)
        old = stock.noise
        stock.noise = kept * old + stock.noise_volatility * math.sqrt(1 - kept**2) * float(noise.transient[bar, i])
        news += stock.noise - old
    return news, early


def press_price(settings: Any, stock: Stock, capacity: float, news: float, early: float) -> None:
    """Step 5: impact of the bar's net flow, the fill and the new price."""
    impact, dt = settings.impact, 1 / settings.clock.bars
    sigma = math.sqrt(stock.variance)
    rate = stock.pressed / (stock.adv * capacity * dt)
    force = law(impact, rate)
    change = impact.permanent * sigma * rate * dt
    mean = change / 2
    for k, (decay, weight) in enumerate(zip(impact.rates, impact.weights, strict=True)):
        kept = math.exp(-decay * dt)
        averaged = (1 - kept) / (decay * dt)
        old = stock.memory[k]
        stock.memory[k] = kept * old + weight * (1 - kept) / decay * force
        change += impact.strength * sigma * (stock.memory[k] - old)
        mean += impact.strength * sigma * ((averaged - 1) * old + weight / decay * (1 - averaged) * force)
    stock.bought += rate * dt
    stock.news = news
    stock.displacement += change
    stock.sold_by_makers += stock.flow
    y = early * news + mean
    stock.before = stock.price
    stock.fill = stock.before * math.exp(y)
    stock.price = stock.before * math.exp(news + change)


def law(impact: Any, rate: float) -> float:
    if impact.law == "linear":
        return float(rate / math.sqrt(impact.reference))
    return float(rate / (rate**2 + impact.crossover**2) ** 0.25)
