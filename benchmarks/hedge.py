"""What a replay of the partial hedge costs on many paths, beside the same policy as a plain Python loop.

The bound: 100,000 paths of 250 days within 10 s on two cores, in under 4 GB.

    python benchmarks/hedge.py [--paths 100000] [--days 250] [--policy partial] [--loop-paths 100] [--json]
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import resource
import statistics
import sys
import time

import numpy as np

from cqkit.arrays import FloatArray
from hedging import parse_policy, replay

SEED = 1
HISTORY = 40
MULTIPLIER = 300.0
Z = statistics.NormalDist().inv_cdf(0.10)


def index_paths(paths: int, days: int) -> tuple[FloatArray, FloatArray]:
    """Random walks with a volatility of 30 % a year: history, and closes of day 0 and after."""
    closes = np.random.default_rng(SEED).standard_normal((paths, HISTORY + days + 1))
    closes *= 0.30 / math.sqrt(250)
    np.cumsum(closes, axis=1, out=closes)
    np.exp(closes, out=closes)
    closes *= 3000.0
    return closes[:, :HISTORY], closes[:, HISTORY:]


def partial_contracts(closes: list[float], days: int, value: float) -> list[float]:
    """Contracts of the default partial hedge along one path, in plain Python; `closes` begin with the history."""
    start = closes[HISTORY]
    futures, peak, contracts = 0.0, 0.0, []
    for day in range(days):
        today = closes[HISTORY + day]
        if day:
            futures -= contracts[-1] * (today - closes[HISTORY + day - 1]) * MULTIPLIER / value
        gain = today / start - 1.0 + futures
        peak = max(peak, gain)
        budget = max(gain - 0.5 * peak + 0.05, 0.0)
        window = closes[day : HISTORY + day + 1]
        returns = [math.log(later / earlier) for earlier, later in itertools.pairwise(window)]
        mean = sum(returns) / HISTORY
        sigma = math.sqrt(sum((move - mean) ** 2 for move in returns) / (HISTORY - 1) * 250)
        years = (days - day) / 250
        fall = math.expm1(-(sigma**2) / 2.0 * years + Z * sigma * math.sqrt(years))
        loss = max(-fall * today / start, 0.0)
        ratio = 0.0 if loss <= budget else 1.0 - budget / loss
        contracts.append(ratio * value * (today / start) / (MULTIPLIER * today))
    return contracts


def peak_gigabytes() -> float:
    """Most memory that this process has held so far."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def measure(policy: str, paths: int, days: int, loop_paths: int) -> dict[str, float | str]:
    """Seconds for the replay and, in the same proportion, for the loop."""
    history, window = index_paths(paths, days)
    value = 1e9
    start = time.perf_counter()
    result = replay(parse_policy(policy)[1], window, start_value=value, history=history)
    figures = result.required_reserve, result.total_return
    seconds, memory = time.perf_counter() - start, peak_gigabytes()
    start = time.perf_counter()
    loop = [partial_contracts([*history[path], *window[path]], days, value) for path in range(min(loop_paths, paths))]
    loop_seconds = (time.perf_counter() - start) * paths / len(loop)
    numbers: dict[str, float | str] = {
        "policy": policy,
        "paths": paths,
        "days": days,
        "seconds": seconds,
        "peak_gigabytes": memory,
        "mean_reserve": float(figures[0].mean()),
    }
    if policy == "partial":
        np.testing.assert_allclose(loop, result.contracts[: len(loop), :-1], rtol=1e-6, atol=1e-6)
        numbers |= {"loop_seconds": loop_seconds, "times_faster": loop_seconds / seconds}
    return numbers


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--paths", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=250)
    parser.add_argument("--policy", default="partial", help="as of hedging.parse_policy; only partial has a loop")
    parser.add_argument("--loop-paths", type=int, default=100, help="paths that the loop runs; its time is scaled up")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    numbers = measure(arguments.policy, arguments.paths, arguments.days, arguments.loop_paths)
    if arguments.json:
        print(json.dumps(numbers))
        return
    print(f"{numbers['policy']}: {numbers['paths']:,} paths x {numbers['days']} days")
    print(f"  replay       {numbers['seconds']:8.1f} s, peak memory {numbers['peak_gigabytes']:.1f} GB")
    if "loop_seconds" in numbers:
        print(f"  Python loop  {numbers['loop_seconds']:8.1f} s, scaled up from {arguments.loop_paths} paths")
        print(f"  {numbers['times_faster']:.0f} times faster, the same contracts")


if __name__ == "__main__":
    main()
