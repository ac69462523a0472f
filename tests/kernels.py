"""Compile, before the tests, the days that they trade: two processes at a time, each day once.

Otherwise every process of the tests compiles its own, and tests that look at the last bit run twice, since machine code
that a process has compiled itself may differ in it (`abm.warmup`).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from abm import laws, warm_up
from scenarios import load_scenario
from scenarios.loading import changed

KINDS = ("china-2024", "ltcm-1998", "quake-2007")  # futures, credit, neither
ON_AN_EXCHANGE = ("china-2024", "quake-2007")


def main() -> None:
    """Compile every kind of day under each of our laws, and those on an exchange."""
    days = [changed(load_scenario(name), {"impact.law": law}).settings for law in laws.names() for name in KINDS]
    days += [changed(load_scenario(name), {"market.price_limit": 0.1}).settings for name in ON_AN_EXCHANGE]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(warm_up, days))


if __name__ == "__main__":
    main()
