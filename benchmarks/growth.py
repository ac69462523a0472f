"""How the cost of a bar grows with funds and with stocks, in a market of funds that hedge with index futures.

Beside what a bar costs whatever its size, cost should grow in proportion to either: an exponent of 1. All sizes are
measured in turn, in processor time, and the best of several rounds counts.

    python benchmarks/growth.py [--rounds 8] [--json]
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

import numpy as np
from scipy.optimize import nnls

from abm import Market, Settings
from abm.randomness import DayNoise

SEED = 1
FUNDS, STOCKS = (50, 100, 200, 400, 800), (200, 400, 800, 1600, 3200)
PATHS = 6


def crowd(funds: int, stocks: int) -> Settings:
    """A crowd like that of 2024: funds of both kinds, a hedged liquidator, and arbitrage."""
    return Settings.model_validate(
        {
            "clock": {"start": "2024-01-25", "event": "2024-01-29", "days": 8, "bars": 8},
            "market": {"stocks": stocks, "factors": 3, "index_share": 0.3, "small_cap_volatility": 0.0025},
            "funds": {"kind": "futures", "count": funds, "styles": 20, "leverage": 4.0, "capital": 1.4},
            "futures": {"volume": 0.35},
            "liquidator": {"kind": "futures", "size": 0.3, "starts": 0, "days": 5},
            "index_sector": {"holding": 0},
            "desk": {"size": 0},
        }
    )


def bar_seconds(funds: int, stocks: int) -> float:
    """Processor time of a bar of the day on which the liquidation starts, noise included, without the close."""
    settings = crowd(funds, stocks)
    market = Market(settings, SEED, PATHS)
    while market.day < settings.clock.event_day:
        market.step()
    noise = DayNoise.empty(settings.clock.bars, settings.market.factors, stocks)
    start = time.thread_time()
    for path in range(PATHS):
        noise.draw(SEED, path, market.day, futures=True)
        market.trade_path(path, noise)
    return (time.thread_time() - start) / (PATHS * settings.clock.bars)


def fitted(sizes: tuple[int, ...], seconds: list[float]) -> tuple[float, float]:
    """Fixed cost in seconds and exponent of what grows: least squares of fixed + each * size ** exponent, in ratios."""
    target, scale, fits = np.array(seconds), np.array(sizes) / sizes[-1], []
    for power in np.arange(0.3, 2.001, 0.01):
        terms = np.stack([np.ones_like(scale), scale**power]) / target
        (fixed, _), misfit = nnls(terms.T, np.ones_like(target))
        fits.append((misfit, fixed, power))
    _, fixed, power = min(fits)
    return float(fixed), float(power)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    grown = {
        "funds": [(funds, STOCKS[1]) for funds in FUNDS],
        "stocks": [(FUNDS[2], stocks) for stocks in STOCKS],
    }
    pairs = sorted({pair for series in grown.values() for pair in series})
    bar_seconds(*pairs[0])  # compile, and warm the caches
    best = dict.fromkeys(pairs, float("inf"))
    for _ in range(options.rounds):
        for pair in pairs:
            best[pair] = min(best[pair], bar_seconds(*pair))
    found: dict[str, dict[str, Any]] = {}
    for (what, series), sizes in zip(grown.items(), (FUNDS, STOCKS), strict=True):
        seconds = [best[pair] for pair in series]
        fixed, power = fitted(sizes, seconds)
        found[what] = {
            "sizes": list(sizes),
            "bar_microseconds": [1e6 * spent for spent in seconds],
            "one_more_microseconds": (1e6 * np.diff(seconds) / np.diff(sizes)).tolist(),
            "fixed_microseconds": 1e6 * fixed,
            "exponent": power,
        }
    if options.json:
        print(json.dumps(found, indent=2))
        return
    other = {"funds": f"{STOCKS[1]} stocks", "stocks": f"{FUNDS[2]} funds"}
    for what, figures in found.items():
        print(f"{what.capitalize()}, beside {other[what]}: microseconds a bar, and for one more")
        more = ["", *(f"{each:.3f}" for each in figures["one_more_microseconds"])]
        for size, spent, each in zip(figures["sizes"], figures["bar_microseconds"], more, strict=True):
            print(f"{size:>8} {spent:>9.1f} {each:>8}")
        print(
            f"    {figures['fixed_microseconds']:.0f} whatever their number, and what grows, grows as a power of",
            end=" ",
        )
        print(f"{figures['exponent']:.2f} of {what} (wanted: about 1)")


if __name__ == "__main__":
    main()
