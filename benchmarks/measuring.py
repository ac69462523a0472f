"""What workloads are measured with: the engine beside a plain Mesa model, NumPy alone, and the floor, in one run."""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from agents import PlainModel
from arrays import ArrayMarket
from bar import floor_seconds

from abm import Market, Settings, warm_up
from abm.randomness import DayNoise
from scenarios import Case, simulate

SEED = 1
Figures = dict[str, Any]


def peak_gigabytes() -> float:
    """Most memory that this process has held so far."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def seconds_of(work: Callable[[], Any]) -> float:
    """Time that some work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def bars_of(settings: Settings) -> int:
    """Bars of a whole run."""
    return settings.clock.days * settings.clock.bars


def trade(cases: Sequence[Settings], paths: int, workers: int) -> None:
    """Open markets and trade all their days, on one noise, as every study does."""
    simulate(
        {number: Case(case) for number, case in enumerate(cases)}, _nothing, paths=paths, seed=SEED, workers=workers
    )


def _nothing(key: int, market: Market) -> None:
    """Read nothing off a market."""


def floor_a_path(settings: Settings) -> float:
    """The floor of a whole path of one market: what bare loops take for its noise and the laws' roots and powers."""
    days = max(2, 2_000_000 // (settings.clock.bars * settings.market.stocks))
    return floor_seconds(settings, days) / days * settings.clock.days


class Engine(NamedTuple):
    """What was measured of the engine: seconds a path, of every round."""

    one: list[float]  # on one thread
    two: list[float]  # on two
    floor: list[float]  # of as many markets, in the same round
    gigabytes: float


def measure_engine(
    cases: Sequence[Settings],
    paths: int,
    rounds: int,
    run: Callable[[int, int], Any] | None = None,
    alone: int | None = None,
) -> Engine:
    """Measure the engine and its floor in turn; `run(paths, workers)` takes the place of trading the cases.

    On one thread it trades `alone` paths only, where that is given.
    """
    for case in cases:
        warm_up(case)
    work = run or (lambda count, workers: trade(cases, count, workers))
    fewer, gigabytes = alone or paths, 0.0
    found = Engine([], [], [], 0.0)
    floor_a_path(cases[0])
    for _ in range(rounds):
        found.floor.append(len(cases) * floor_a_path(cases[0]))
        found.one.append(seconds_of(lambda: work(fewer, 1)) / fewer)
        found.two.append(seconds_of(lambda: work(paths, 2)) / paths)
        gigabytes = peak_gigabytes()
    return found._replace(gigabytes=gigabytes)


def array_seconds(settings: Settings, budget: float = 3.0) -> float:
    """Seconds that NumPy alone takes for a path of one market with its noise, by the quickest of some days."""
    market, clock = ArrayMarket(Market(settings, SEED, 1)), settings.clock
    noise = DayNoise.empty(clock.bars, settings.market.factors, settings.market.stocks)
    generator, spent = np.random.Generator(np.random.SFC64(SEED)), [0.0]

    def trade_day() -> None:
        for part in noise:
            part[:] = generator.standard_normal(part.shape)
        for bar in range(clock.bars):
            market.trade_bar(noise, bar)

    while len(spent) <= clock.days and sum(spent) < budget:
        spent.append(seconds_of(trade_day))
    return min(spent[1:]) * clock.days


def agent_seconds(settings: Settings, *, rows: bool, budget: float = 3.0) -> float:
    """Seconds that the plain Mesa model takes for a path of one market, by the quickest of some bars of it."""
    model, clock = PlainModel(Market(settings, SEED, 1), rows=rows), settings.clock
    noise = DayNoise.empty(clock.bars, settings.market.factors, settings.market.stocks)
    noise.draw(SEED, 0, 0)
    model.noise = noise
    model.step()
    spent = [seconds_of(model.step)]
    while len(spent) < bars_of(settings) - 1 and sum(spent) < budget:
        spent.append(seconds_of(model.step))
    return min(spent) * bars_of(settings)


def resized(settings: Settings, funds: int, stocks: int) -> Settings:
    """The same market with other numbers of funds and stocks."""
    return settings.model_copy(
        update={
            "funds": settings.funds.model_copy(update={"count": funds}),
            "market": settings.market.model_copy(update={"stocks": stocks}),
        }
    )


def extrapolated(settings: Settings, funds: int, stocks: int, *, rows: bool) -> Figures:
    """Seconds of the plain model at a size that it cannot reach, from the largest that it does.

    Its exponents in funds and in stocks are measured there, against half of either; none counts for more than 1, which
    leaves the answer too low rather than too high.
    """
    sizes = [(funds, stocks), (funds // 2, stocks), (funds, stocks // 2)]
    largest, fewer_funds, fewer_stocks = (agent_seconds(resized(settings, *size), rows=rows) for size in sizes)
    by_funds, by_stocks = (float(np.log2(largest / less)) for less in (fewer_funds, fewer_stocks))
    more_funds, more_stocks = settings.funds.count / funds, settings.market.stocks / stocks
    return {
        "seconds": largest * more_funds ** min(by_funds, 1.0) * more_stocks ** min(by_stocks, 1.0),
        "measured_at": [funds, stocks],
        "seconds_there": largest,
        "exponent_in_funds": by_funds,
        "exponent_in_stocks": by_stocks,
    }


def told(engine: Engine, markets: int = 1, **beside: float) -> Figures:
    """A workload's figures: seconds a path by who does it, how often the engine's they are, and what noise there is.

    `beside` are seconds a path of the other implementations; they trade a market at a time, so `markets` of them.
    """
    seconds = {"engine": min(engine.one), "engine on two threads": min(engine.two), "floor": min(engine.floor)}
    seconds |= {name: markets * spent for name, spent in beside.items()}
    shares = [one / floor for one, floor in zip(engine.one, engine.floor, strict=True)]
    return {
        "seconds_a_path": seconds,
        "times_the_engine": {name: spent / seconds["engine"] for name, spent in seconds.items() if name in beside},
        "times_the_floor": statistics.median(shares),
        "speed_up_on_two_threads": min(engine.one) / min(engine.two),
        "noise": (max(shares) - min(shares)) / (2 * statistics.median(shares)),
        "gigabytes": engine.gigabytes,
    }
