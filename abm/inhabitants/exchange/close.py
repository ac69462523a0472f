"""What the exchange does once a day: settle, set the next day's limits, and write down what could not be traded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from abm.inhabitants.base import Inhabitant, Opening
from abm.inhabitants.exchange.state import NO_LIMIT, open_exchange
from abm.state import Party
from cqkit.arrays import FloatArray
from cqkit.errors import InputError

if TYPE_CHECKING:
    from abm.market import Market
    from abm.settings import Settings

LONGEST_SHUT = 5  # days on end on which no stock may be traded, after which the market is no market


class Exchange(Inhabitant):
    """The exchange, where there are limits, halts or outsiders who buy its futures."""

    name = "exchange"

    def __init__(self, opening: Opening) -> None:
        super().__init__(opening)
        self.settings = opening.settings
        self.state = open_exchange(opening)

    @classmethod
    def lives_in(cls, settings: Settings) -> bool:
        return settings.has_exchange

    def write(self, market: Market) -> None:
        """Write down what was locked, kept out and diverted in the day."""
        state, record, day = self.state, market.record, market.day
        if self.settings.has_stock_rules:
            record["locked_share"][:, day] = state.locked
            record["unfilled_purchases"][:, day] = state.unfilled
        if self.settings.has_futures_buyers:
            record["diverted"][:, day] = state.diverted
            record["outside_futures"][:, day] = state.buyers_units

    def close(self, market: Market) -> None:
        """Set the limits of the next day, around the close and the settlement; empty the day's counters."""
        state = self.state
        self._refuse_a_market_without_trade(market)
        for limit, around, of, sign in (
            (state.upper, state.price, state.limit, 1.0),
            (state.lower, state.price, state.limit, -1.0),
        ):
            limit[:] = around * np.maximum(1 + sign * of, 0)
        settled = state.settlement / state.settlement_bars
        if state.futures_limit < NO_LIMIT:
            state.futures_upper[:] = settled * (1 + state.futures_limit)
            state.futures_lower[:] = settled * (1 - state.futures_limit)
        for daily in (
            state.settlement,
            state.locked,
            state.unfilled,
            state.diverted,
            state.missed,
            state.futures_missed,
        ):
            daily[:] = 0

    def _refuse_a_market_without_trade(self, market: Market) -> None:
        """Stop where nothing has been traded for weeks: nothing that follows would mean anything."""
        days = self.state.shut_bars / self.settings.clock.bars
        if (days >= LONGEST_SHUT).any():
            path = int(np.argmax(days))
            raise InputError(
                f"day {market.day + 1}, path {path + market.first_path}: no stock could be traded for "
                f"{LONGEST_SHUT} days: [[halt]] must end, or market.price_limit be wider"
            )

    def futures(self, market: Market) -> Mapping[int, FloatArray]:
        return {Party.FUTURES_BUYERS: self.state.buyers_units}
