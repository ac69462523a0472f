"""Dated entries of an exchange: what it halts, and who comes to buy futures there (docs/model.md, section 11)."""

from __future__ import annotations

from pydantic import Field

from abm.sections.base import Section, quantity
from abm.sections.stocks import Day


class Halt(Section):
    """Stocks that do not trade for a time: their price waits, their value moves on, and orders wait with the price."""

    date: Day = Field(description="the trading day on which it begins")
    starts: float = quantity(0.0, 0, 1, "when it begins, after the opening; whole bars", "of a trading day")
    days: float = quantity(1.0, 1e-6, 2000, "how long it lasts, in whole bars, at least one", "trading days")
    share: float = quantity(0.0, 0, 1, "of all capitalisation that is halted, among large stocks and small", "a share")
    futures_trade: bool = Field(True, description="whether index futures trade meanwhile")


class FuturesDemand(Section):
    """Outsiders who buy index futures for the index's sake, as an input; below 0 they sell."""

    date: Day = Field(description="its first trading day")
    days: int = quantity(1, 1, 2000, "trading days that it goes on for", "days")
    amount: float = quantity(
        0.0, -100, 100, "bought on each day, evenly over its bars", "days of the futures' own volume"
    )
