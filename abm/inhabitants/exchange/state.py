"""The exchange's arrays before the first bar: who has which limit, who is halted when (docs/model.md, section 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from abm.inhabitants.base import Opening
from abm.randomness import Purpose, stream
from abm.stocks import draw_stocks
from cqkit.arrays import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from abm.settings import Settings

FREE, NO_BUYS, NO_SALES, NOTHING = 0, 1, -1, 2  # what `ExchangeState.side` of a stock says
NO_LIMIT = 1e300  # a limit that no price reaches


class ExchangeState(NamedTuple):
    """What may be traded; arrays shaped (paths,), or (paths, stocks) where it says "by stock"."""

    price: FloatArray  # of stocks, the market's own, by stock
    books: FloatArray  # shares in a unit of each basket, the market's own, (paths, baskets, stocks)
    index_shares: FloatArray  # the market's own, by stock
    adv: FloatArray  # the market's own, by stock
    capital: FloatArray  # shares of all capitalisation, by stock
    limit: FloatArray  # L, `NO_LIMIT` without one, by stock
    upper: FloatArray  # price limits of the day, by stock
    lower: FloatArray
    fair: FloatArray  # W, what the price would be, by stock; only where it waits
    waits: IntArray  # whether the price waits for it, by stock
    waiting: IntArray  # how many do
    side: IntArray  # what may not be done in this bar, by stock
    held: IntArray  # whether there is anything that may not be done in this bar
    shut_bars: IntArray  # for how many bars on end nothing at all may have been traded
    net: FloatArray  # shares in a unit of a book that trades, by stock
    pressure: FloatArray  # shares bought net of stocks that trade, by stock: what presses prices
    flow_before: FloatArray  # units of each basket bought before a user's own inhabitants order, (paths, baskets)
    booked: FloatArray  # shares bought net in everybody's books, by stock
    set_aside: FloatArray  # outside orders of stocks that do not trade in this bar, by stock
    missed: FloatArray  # share of the day for which an outside order of a stock could not be traded, by stock
    index_buy: FloatArray  # share of the index's value that can be bought in this bar, and sold
    index_sell: FloatArray
    fair_index: FloatArray  # index at the prices that would be, less the quoted one, at the end of the bar
    fair_fill: FloatArray  # the same at the fill of its trades
    kept_out: FloatArray  # purchases of stocks that could not be made in this bar, money
    halted_in: IntArray  # bits: in which halts a stock is, by stock
    halts: IntArray  # bits: which halts there are in each bar, (bars of the run,)
    futures_halts: IntArray  # whether futures are halted, (bars of the run,)
    futures_upper: FloatArray  # price limits of the futures today
    futures_lower: FloatArray
    futures_fair: FloatArray  # what they would stand at
    futures_buy: FloatArray  # share of futures purchases that is filled in this bar, and of sales
    futures_sell: FloatArray
    futures_missed: FloatArray  # share of the day for which outside orders of futures could not be traded
    settlement: FloatArray  # sum of the day's last prices so far
    demand: FloatArray  # futures that outsiders buy on each day, units, (days of the run,)
    buyers_order: FloatArray  # futures bought in this bar by outsiders and diverted money
    buyers_units: FloatArray  # that they hold
    locked: FloatArray  # share of capitalisation that could not be bought or sold, the day's mean so far
    unfilled: FloatArray  # purchases kept out in the day, money
    diverted: FloatArray  # futures bought with such money in the day
    limited: int  # whether stocks have limits or halts at all
    futures_limit: float  # L_F, `NO_LIMIT` without one
    settlement_bars: int
    diverting: float  # delta


def open_exchange(opening: Opening) -> ExchangeState:
    """Lay out the exchange; limits of the first day are around prices at the start."""
    settings, paths, stocks = opening.settings, opening.paths, opening.stocks
    capital = draw_stocks(settings.market, opening.seed, opening.first_path, paths, settings.listed).capitalisation
    limit = _limits(opening, stocks.index_shares)
    futures_limit = settings.futures.price_limit or NO_LIMIT
    halts, futures_halts = _halts(settings)
    by_stock, start = np.zeros_like(stocks.price), np.full(paths, 1 + settings.futures.start_basis)
    names = ("fair", "net", "pressure", "booked", "set_aside", "missed")
    sums: tuple[str, ...] = (
        "fair_index",
        "fair_fill",
        "kept_out",
        "futures_missed",
        "settlement",
        "buyers_order",
        "buyers_units",
    )
    sums += ("locked", "unfilled", "diverted")
    counts = ("waiting", "held", "shut_bars")
    zeros: dict[str, Any] = {name: by_stock.copy() for name in names} | {name: np.zeros(paths) for name in sums}
    whole: dict[str, Any] = {name: np.zeros(paths, dtype=np.int64) for name in counts}
    filled: dict[str, Any] = {
        name: np.ones(paths) for name in ("index_buy", "index_sell", "futures_buy", "futures_sell")
    }
    return ExchangeState(
        price=stocks.price,
        books=opening.baskets.shares,
        index_shares=stocks.index_shares,
        adv=stocks.adv,
        capital=capital,
        limit=limit,
        upper=stocks.price * (1 + limit),
        lower=stocks.price * np.maximum(1 - limit, 0),
        flow_before=np.zeros_like(opening.baskets.value),
        waits=np.zeros(by_stock.shape, dtype=np.int64),
        side=np.zeros(by_stock.shape, dtype=np.int64),
        **zeros,
        **whole,
        **filled,
        halted_in=_halted(settings, capital),
        halts=halts,
        futures_halts=futures_halts,
        futures_upper=start * (1 + futures_limit),
        futures_lower=start * max(1 - futures_limit, 0),
        futures_fair=start.copy(),
        demand=_demand(settings),
        limited=int(settings.has_stock_rules),
        futures_limit=futures_limit,
        settlement_bars=min(settings.futures.settlement_bars, settings.clock.bars),
        diverting=settings.futures.diverted,
    )


def _limits(opening: Opening, index_shares: FloatArray) -> FloatArray:
    """Each stock's price limit, (paths, stocks): the wide one for some of those outside the index, drawn."""
    market = opening.settings.market
    found = np.full(index_shares.shape, market.price_limit or NO_LIMIT)
    if market.wide_share == 0:
        return found
    for row, held in enumerate(index_shares):
        draws = stream(opening.seed, Purpose.WIDE_LIMITS, opening.first_path + row).random(held.size)
        outside = np.flatnonzero(held == 0)
        first = outside[np.argsort(draws[outside], kind="stable")][: round(market.wide_share * outside.size)]
        found[row, first] = market.wide_limit or NO_LIMIT
    return found


def _halted(settings: Settings, capital: FloatArray) -> IntArray:
    """In which halts each stock is, as bits, (paths, stocks)."""
    found = np.zeros(capital.shape, dtype=np.int64)
    for number, halt in enumerate(settings.halt):
        found |= stocks_of_share(capital, halt.share).astype(np.int64) << number
    return found


def stocks_of_share(capital: FloatArray, share: float) -> BoolArray:
    """Choose stocks that make up a share of all capitalisation (paths, stocks), among large and small alike.

    From the largest to the smallest, one is taken whenever those taken so far fall short of the share by half of it.
    """
    order = np.argsort(-capital, axis=1, kind="stable")
    taken, chosen, seen = np.zeros(len(capital)), np.zeros(capital.shape, dtype=bool), np.zeros(len(capital))
    rows = np.arange(len(capital))
    for column in order.T:
        size = capital[rows, column]
        seen += size
        take = share * seen - taken >= size / 2 if share < 1 else np.ones(len(capital), dtype=bool)
        chosen[rows, column] = take
        taken += np.where(take, size, 0.0)
    return chosen


def _halts(settings: Settings) -> tuple[IntArray, IntArray]:
    """Which halts there are in each bar, as bits, and whether futures are halted; (bars of the run,) each."""
    clock = settings.clock
    halts, futures = np.zeros((2, clock.days * clock.bars), dtype=np.int64)
    for number, halt in enumerate(settings.halt):
        first = clock.day_of(halt.date) * clock.bars + round(halt.starts * clock.bars)
        during = slice(first, first + max(round(halt.days * clock.bars), 1))
        halts[during] |= 1 << number
        futures[during] |= not halt.futures_trade
    return halts, futures


def _demand(settings: Settings) -> FloatArray:
    """Futures that outsiders buy on each day, in index units, (days,)."""
    found = np.zeros(settings.clock.days)
    for entry in settings.futures_demand:
        first = settings.clock.day_of(entry.date)
        found[first : first + entry.days] += entry.amount * settings.futures.volume
    return found
