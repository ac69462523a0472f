"""What a bar costs: as a ratio to its floor, and on two threads against one.

The floor is the time that bare loops, which the compiler turns into SIMD, take to draw the same normals, and for two
square roots, six updates of state and one exponential a stock, which the laws cannot do without. The bar is one of a
block of paths, as studies trade them. Everything is measured in the same run, alternating, and the best of several
rounds counts.

    python benchmarks/bar.py [--paths 400] [--rounds 5] [--json]
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from abm import Market, Settings
from abm.compile import kernel
from abm.loops import growth
from abm.randomness import DayNoise
from abm.together import trade_bars
from cqkit.arrays import FloatArray
from scenarios import Case, simulate
from scenarios.ensemble import Size

SEED = 1
UPDATES = 6


@kernel
def bare_bar(rate: FloatArray, crossover: float, state: FloatArray, out: FloatArray) -> None:
    """What the laws need of a bar in bare loops: two square roots, six updates of state and an exponential a stock."""
    for i in range(rate.size):
        out[i] = rate[i] / math.sqrt(math.sqrt(rate[i] * rate[i] + crossover * crossover))
    for part in range(0, UPDATES, 3):
        first, second, third = state[part], state[part + 1], state[part + 2]
        for i in range(rate.size):
            first[i] = 0.9 * first[i] + 0.1 * out[i]
            second[i] = 0.8 * second[i] + 0.2 * out[i]
            third[i] = 0.7 * third[i] + 0.3 * out[i]
    for i in range(rate.size):
        out[i] = growth(0.01 * out[i])


@kernel
def bare_bars(bars: int, rate: FloatArray, crossover: float, state: FloatArray, out: FloatArray) -> None:
    """The same for some bars."""
    for _ in range(bars):
        bare_bar(rate, crossover, state, out)


def floor_seconds(settings: Settings, paths: int) -> float:
    """Time for the normals, roots, updates and exponentials of one day on all paths."""
    bars, stocks = settings.clock.bars, settings.market.stocks
    noise = DayNoise.empty(bars, settings.market.factors, stocks)
    noise.draw(SEED, 0, 0)
    rate, out, state = np.linspace(-0.1, 0.1, stocks), np.empty(stocks), np.zeros((UPDATES, stocks))
    start = time.perf_counter()
    for path in range(paths):
        noise.draw(SEED, path, 0)
        bare_bars(bars, rate, settings.impact.crossover, state, out)
    return time.perf_counter() - start


def day_seconds(market: Market) -> float:
    """Time for one day's noise and bars on all paths, by one thread, without the close."""
    start = time.perf_counter()
    trade_bars([market])
    return time.perf_counter() - start


def run_seconds(settings: Settings, paths: int, workers: int) -> float:
    """Time for a whole run, closes included, as every study simulates it."""
    start = time.perf_counter()
    simulate({"run": Case(settings)}, _nothing, paths=paths, seed=SEED, workers=workers)
    return time.perf_counter() - start


def _nothing(key: str, market: Market) -> None:
    """Read nothing off a market."""


def floor_on(settings: Settings, paths: int, workers: int) -> float:
    """Time for the bare loop's day on all paths, cut evenly over threads: what the machine itself can do."""
    start = time.perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda _: floor_seconds(settings, paths // workers), range(workers)))
    return time.perf_counter() - start


def best(measure: Callable[[], float], rounds: int) -> float:
    """Least of several measurements: what the machine can do when nothing else runs."""
    return min(measure() for _ in range(rounds))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--paths", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    settings, paths = Settings(), options.paths
    block = Size().block_of([Case(settings)], paths)
    run_seconds(settings, 2, 1)  # compile, and warm the caches
    floor_seconds(settings, 1)
    floors, days = [], []
    for _ in range(options.rounds):
        floors.append(floor_seconds(settings, paths))
        market = Market(settings, SEED, block)
        for _ in range(settings.clock.event_day + 2):  # the busiest day: the crowd is forced to sell
            market.step(workers=2)
        days.append(day_seconds(market))
    bars = settings.clock.bars
    one, two = (
        best(lambda workers=workers: run_seconds(settings, paths, workers), options.rounds) for workers in (1, 2)
    )
    bare = [best(lambda workers=workers: floor_on(settings, 10 * paths, workers), options.rounds) for workers in (1, 2)]
    found = {
        "stocks": settings.market.stocks,
        "funds": settings.funds.count,
        "bar_microseconds": 1e6 * min(days) / block / bars,
        "floor_microseconds": 1e6 * min(floors) / paths / bars,
        "ratio_to_floor": min(days) / block / (min(floors) / paths),
        "one_thread_seconds": one,
        "two_threads_seconds": two,
        "speed_up_on_two_threads": one / two,
        "speed_up_of_the_bare_loop": bare[0] / bare[1],
    }
    if options.json:
        print(json.dumps(found, indent=2))
        return
    print(f"A bar of {found['stocks']} stocks and {found['funds']} funds: {found['bar_microseconds']:.1f} us")
    print(f"its floor (the same normals, roots, updates and exponentials): {found['floor_microseconds']:.1f} us")
    print(f"ratio to the floor: {found['ratio_to_floor']:.2f} (wanted: at most 2.2)")
    print(f"{paths} paths of {settings.clock.days} days: {one:.2f} s on one thread, {two:.2f} s on two")
    print(f"speed-up on two threads: {found['speed_up_on_two_threads']:.2f} (wanted: at least 1.8);", end=" ")
    print(f"the bare loop's on this machine: {found['speed_up_of_the_bare_loop']:.2f}")


if __name__ == "__main__":
    main()
