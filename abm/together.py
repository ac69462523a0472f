"""Many markets, one noise: markets that trade day by day together, on all cores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING

from abm.randomness import DayNoise
from cqkit.cores import available_workers

if TYPE_CHECKING:
    from abm.market import Market


def trade_day(markets: Sequence[Market], workers: int = 1) -> None:
    """Trade the next day in all `markets` on the same noise, and close it.

    Raises
    ------
    ValueError
        If the markets cannot share noise: another seed, first path, lift, day, or number of stocks, factors or bars.
    """
    lead = markets[0]
    with_futures = any(market.reads_futures_noise for market in markets)
    if any(_noise_key(market) != _noise_key(lead) or market.lift is not lead.lift for market in markets):
        raise ValueError(
            "markets that trade together need the same seed, first path, lift, day, stocks, factors and bars"
        )

    # All threads draw from one iterator, so that none waits while another still has a share of its own to do.
    waiting = iter(range(max(market.paths for market in markets)))
    turn = Lock()

    def next_path() -> int | None:
        with turn:
            return next(waiting, None)

    def trade() -> None:
        noise = DayNoise.empty(lead.settings.clock.bars, lead.settings.market.factors, lead.settings.market.stocks)
        while (path := next_path()) is not None:
            noise.draw(lead.seed, lead.first_path + path, lead.day, with_futures)
            _steer(noise, lead, path)
            for market in markets:
                if path < market.paths:
                    market.trade_path(path, noise)

    if workers == 1:
        trade()
    else:
        with ThreadPoolExecutor(workers) as pool:
            for finished in [pool.submit(trade) for _ in range(workers)]:
                finished.result()
    for market in markets:
        market.close()


def _steer(noise: DayNoise, lead: Market, path: int) -> None:
    if lead.lift is not None:
        noise.common[:, 0] += lead.lift[path, lead.day]


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
