"""One fund of a small market, put where a rule of cutting or coming back must decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from abm import Market, Settings
from abm.inhabitants.long_short.bar import check_funds, place_fund_orders
from abm.inhabitants.long_short.state import LongShortState

FUND = 3


def at(array: Any) -> Any:
    """What an array shaped (paths, funds) says of the fund."""
    return array[0, FUND]


@dataclass
class Alone:
    """A market of which only one fund is touched."""

    market: Market

    @property
    def funds(self) -> LongShortState:
        """All funds of the market."""
        return self.market.state.funds

    @property
    def dt(self) -> float:
        """Days in a bar."""
        return 1 / self.market.settings.clock.bars

    def hold(self, book: float) -> None:
        """Give it a book."""
        self.funds.book[0, FUND] = book

    def own(self, equity: float) -> None:
        """Give it equity."""
        self.funds.equity[0, FUND] = equity

    def cheap(self, by: float) -> None:
        """Let the crowded book be that cheap."""
        self.market.state.tape.cheapness[0] = by

    def check(self, bar: int = 0, at_close: bool = True) -> None:
        """Check all funds after a bar."""
        check_funds(self.funds, self.market.state.ledger.cash, 0, bar, True, at_close, self.dt)

    def order(self, bar: int = 0) -> float:
        """What it asks for in a bar."""
        state = self.market.state
        place_fund_orders(self.funds, None, state.baskets, state.tape, 0, bar, self.dt)
        return float(at(self.funds.order))


def alone(
    small: Callable[..., Settings],
    equity: float,
    book: float,
    limit: float = 10.0,
    start: float = 3.0,
    severity: float = 4.0,
    tolerated: float = 0.05,
    wait: float = 0.5,
    **sections: Any,
) -> Alone:
    """A fund of leverage 2 that held `start` before its first bar, and its market; marks of the others do not fade."""
    market = Market(small(**sections))
    funds = market.state.funds
    numbers = {
        "leverage": 2.0,
        "limit": limit,
        "equity": equity,
        "book": book,
    }
    for name, value in numbers.items():
        getattr(funds, name)[0, FUND] = value
    for name in ("start", "target", "base"):
        getattr(funds.cut, name)[0, FUND] = start
    funds.cut.mark[0, FUND] = equity
    funds.limits.severity[0, FUND], funds.limits.tolerated[0, FUND] = severity, tolerated
    funds.limits.wait[0, FUND], funds.limits.willing[0, FUND] = wait, 1
    return Alone(market)
