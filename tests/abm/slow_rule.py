"""When a fund has to sell, and when it may come back, written slowly (docs/model.md, section 2, steps 1 and 7).

The rule is that of long-short funds and of futures funds alike. What a broker's call asks for is theirs to say.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Rule:
    """Of one fund: when it has to sell, and when it may come back (section 2, steps 1 and 7).

    Books are in any unit: dollars a side for long-short funds, the share of the starting book for futures funds.
    """

    whole: float  # B0
    severity: float
    tolerance: float  # d_n, the drawdown that is borne
    wait: float  # days
    willing: bool
    mark: float  # M
    wanted: float = field(init=False)  # T
    base: float = field(init=False)  # C
    under_call: bool = False
    met: int = 0  # calls, so far
    closed: bool = False
    made_to_sell: int | None = None  # t_n, the bar of the latest check that did so

    @classmethod
    def of(cls, drawn: Any, n: int, whole: float, equity: float) -> Rule:
        """Take over what the engine has drawn for fund `n` on path 0."""
        tolerated, severity, wait = (float(one[0, n]) for one in (drawn.tolerated, drawn.severity, drawn.wait))
        return cls(whole, severity, tolerated, wait, bool(drawn.willing[0, n]), equity)

    def __post_init__(self) -> None:
        self.wanted = self.base = self.whole

    def sale(self, book: float, called_to: float, days: float, dt: float) -> float:
        """Step 1, selling: the order, below 0, of a fund that holds more than it wants; 0 otherwise."""
        wanted = self.wanted
        if self.under_call:
            wanted = min(wanted, called_to)
        if self.closed:
            wanted = 0.0
        if book <= wanted:
            return 0.0
        gap = wanted - book
        return gap if -gap <= 1e-4 * self.whole else gap * (1 - math.exp(-dt / days))

    def may_come_back(self, book: float, cheapness: float, bar: int, bars: int) -> bool:
        if self.closed or self.under_call or not self.willing or self.made_to_sell is None:
            return False
        return book < self.whole and cheapness > 0 and bar - self.made_to_sell >= self.wait * bars

    def take_up_business(self, book: float, equity: float) -> None:
        """Step 1: a fund that may come back starts anew once it has sold what it had to."""
        if book >= self.wanted - 1e-12 * self.whole and self.wanted < self.whole:
            self.wanted, self.mark, self.base = self.whole, equity, book

    def fade(self, equity: float, days: float, dt: float) -> None:
        """Step 7: the high-water mark."""
        self.mark = max(equity, self.mark + (equity - self.mark) * (1 - math.exp(-dt / days)))

    def check_drawdown(self, book: float, equity: float, bar: int) -> None:
        """Step 7, the fund's own rule."""
        drawdown = 1 - equity / self.mark
        allowed = self.base * math.exp(-self.severity * max(0.0, drawdown - self.tolerance))
        if allowed < book:
            self.wanted, self.made_to_sell = allowed, bar
        elif self.wanted < book:
            self.wanted = book

    def close(self) -> None:
        self.closed, self.wanted = True, 0.0

    def call(self, bar: int) -> None:
        self.under_call, self.made_to_sell = True, bar

    def meet_call(self, book: float, bar: int) -> None:
        self.under_call, self.made_to_sell = False, bar
        self.wanted = min(self.wanted, book)
        self.met += 1
