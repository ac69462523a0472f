"""Compile, before the tests, the days that they trade: two processes at a time, each day once.

Otherwise every process of the tests compiles its own, and tests that look at the last bit run twice, since machine code
that a process has compiled itself may differ in it (`abm.warmup`).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from abm import is_warm, laws, warm_up
from scenarios import load_scenario
from scenarios.loading import changed

ALONE = {"opportunists.capital": 0.0}
KINDS: tuple[tuple[str, dict[str, Any]], ...] = (("china-2024", {}), ("quake-2007", ALONE))  # with futures, and plain


def main() -> None:
    """Compile the kinds of day that many tests trade under each of our laws and on an exchange, and the others once."""
    limits = {"market.price_limit": 0.1}
    asked: list[tuple[str, dict[str, Any]]] = [("quake-2007", {}), ("ltcm-1998", {})]
    asked += [(name, {**changes, "impact.law": law}) for name, changes in KINDS for law in laws.names()]
    asked += [(name, changes | limits) for name, changes in KINDS]
    days = [changed(load_scenario(name), changes).settings for name, changes in asked]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(warm_up, [day for day in days if not is_warm(day)]))


if __name__ == "__main__":
    main()
