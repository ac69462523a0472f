"""Long-short funds at the close: what is written down of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from abm.inhabitants.base import Inhabitant, Opening
from abm.inhabitants.long_short.state import open_funds
from abm.state import Party
from cqkit.arrays import FloatArray

if TYPE_CHECKING:
    from abm.market import Market


class LongShortFunds(Inhabitant):
    """The crowd's long-short funds."""

    name = "long_short"

    def __init__(self, opening: Opening) -> None:
        super().__init__(opening)
        self.state = open_funds(opening)
        self.starting_equity = self.state.equity.copy()
        self._closed = self.state.cut.closed.copy()

    @property
    def count(self) -> int:
        """How many they are."""
        return self.state.book.shape[1]

    def write(self, market: Market) -> None:
        funds, record, start = self.state, market.record, self.starting_equity
        np.divide(funds.equity, start, out=record.nav[:, market.day, : self.count], where=start > 0)
        record.write_events(market, funds, self._closed, first_fund=0)
        self._closed = funds.cut.closed.copy()

    def close(self, market: Market) -> None:
        funds = self.state
        for daily in (funds.calls, funds.called, funds.forced, funds.rebought):
            daily[:] = 0

    def shares(self, market: Market) -> Mapping[int, FloatArray]:
        units = np.einsum("pf,pbf->pb", self.state.book, self.state.exposure)
        return {Party.CROWD: np.einsum("pb,pbs->ps", units, market.state.baskets.shares)}
