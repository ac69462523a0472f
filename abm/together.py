"""Many markets, one noise: markets that trade day by day together, on all cores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from abm.randomness import DayNoise
from cqkit.cores import available_workers

if TYPE_CHECKING:
    from abm.market import Market
    from abm.settings import Settings

NOISE = 2**19  # bytes of noise that are drawn before they are traded on: they stay in the second cache
SHARES = 4  # that each thread takes at least


def trade_day(markets: Sequence[Market], workers: int = 1) -> None:
    """Trade the next day in all `markets` on the same noise, and close it; errors as of `trade_bars`."""
    trade_bars(markets, workers)
    for market in markets:
        market.close()


def trade_bars(markets: Sequence[Market], workers: int = 1) -> None:
    """Trade the next day's bars in all `markets` on the same noise; the day is still to be closed.

    Raises
    ------
    ValueError
        If the markets cannot share noise: another seed, first path, lift, day, or number of stocks, factors or bars.
    """
    lead = markets[0]
    if any(_noise_key(market) != _noise_key(lead) or market.lift is not lead.lift for market in markets):
        raise ValueError(
            "markets that trade together need the same seed, first path, lift, day, stocks, factors and bars"
        )
    paths, clock, stocks = max(market.paths for market in markets), lead.settings.clock, lead.settings.market
    some = max(1, min(_at_once(lead.settings), paths // (SHARES * workers)))

    # All threads draw from one iterator, so that none waits while another still has a share of its own to do.
    waiting = iter(_in_turn(paths, some, lead.day))
    turn = Lock()

    def next_paths() -> int | None:
        with turn:
            return next(waiting, None)

    def trade() -> None:
        noise = DayNoise.of_paths(some, clock.bars, stocks.factors, stocks.stocks)
        while (first := next_paths()) is not None:
            _trade_paths(markets, first, noise.first(paths - first))

    if workers == 1:
        trade()
    else:
        with ThreadPoolExecutor(workers) as pool:
            for finished in [pool.submit(trade) for _ in range(workers)]:
                finished.result()


def _at_once(settings: Settings) -> int:
    """Paths whose noise is drawn in one call, and then handed to each market's compiled day in one."""
    return max(1, NOISE // (2 * np.dtype(np.float32).itemsize * settings.clock.bars * settings.market.stocks))


def _in_turn(paths: int, some: int, day: int) -> range:
    """The first of some paths each, in the order in which they are traded: backwards every other day.

    So those that were traded last, which are in the third cache yet, come first.
    """
    firsts = range(0, paths, some)
    return firsts if day % 2 == 0 else firsts[::-1]


def _trade_paths(markets: Sequence[Market], first: int, noise: DayNoise) -> None:
    """Draw the `noise` of some paths, from `first` on, and trade the day on them in all markets that have them."""
    lead, with_futures = markets[0], any(market.reads_futures_noise for market in markets)
    noise.draw_some(lead.seed, lead.first_path + first, lead.day, with_futures)
    if lead.lift is not None:
        noise.common[:, :, 0] += lead.lift[first : first + len(noise.common), lead.day]
    for market in markets:
        if first < market.paths:
            market.trade_paths(first, noise.first(market.paths - first))


def run_together(
    markets: Sequence[Market], workers: int | None = None, on_day: Callable[[int], None] | None = None
) -> None:
    """Trade all `markets` to their own last day; `on_day` is told the number of path-days done."""
    workers = available_workers() if workers is None else workers
    while open_markets := [market for market in markets if market.day < market.dates.size]:
        trade_day(open_markets, workers)
        if on_day is not None:
            on_day(sum(market.paths for market in open_markets))


def _noise_key(market: Market) -> tuple[int, ...]:
    clock, stocks = market.settings.clock, market.settings.market
    return (market.seed, market.first_path, market.day, clock.bars, stocks.factors, stocks.stocks)
