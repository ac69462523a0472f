"""The user's own hedge desk."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field

from abm.settings.base import Section, known_policy, quantity
from hedging import WhenExhausted


class Desk(Section):
    """The user's hedge desk: long the index plus a tilt to the crowded book, short index futures."""

    size: float = quantity(0.00125, 0, 1e3, "its stock book; 0: no desk", "days of the market's value")
    tilt: float = quantity(1.0, -10, 10, "units of the crowded book carried per unit of stock book", "a ratio")
    policy: Annotated[str, AfterValidator(known_policy)] = Field(
        "full", description="hedge policy, as full or partial:gain=betadyn,lock_rule=daily"
    )
    reserve: float = quantity(0.12, 0, 5, "cash behind the futures", "a ratio to the book, not percent")
    margin: float = quantity(0.10, 1e-4, 1, "initial margin of the futures", "a ratio, not percent")
    starts: date | None = Field(None, description="close at which the hedge is put on; default: the first day's")
    when_exhausted: WhenExhausted = Field(
        "top_up", description="a call that the reserve cannot meet: outside money (top_up), or both legs cut (reduce)"
    )
    price_taker: bool = Field(
        True, description="false: its trades move prices, done over the day after they are decided"
    )
    gains_fund_margin: bool = Field(True, description="whether futures gains add to the reserve")
