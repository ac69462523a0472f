"""The funds that follow one hedge policy, seated as the hedging engine's policies want to sit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.inhabitants.futures_funds.population import EACH, futures_contract
from cqkit.arrays import FloatArray, IntArray
from hedging import HedgePolicy, Prices, PriceTape, Seat

if TYPE_CHECKING:
    from abm.settings import Settings


class Followers:
    """The funds of one policy: a row of their seat is a fund on a path, and money is counted in units of its book."""

    def __init__(self, settings: Settings, policy: HedgePolicy, funds: IntArray, past: FloatArray) -> None:
        self.policy, self.funds, days = policy, funds, settings.clock.days
        rows = len(past) * funds.size
        tape = PriceTape(Prices(np.ones((rows, 1))), days, Prices(np.repeat(past, funds.size, axis=0)))
        start = np.full(rows, 1 + settings.futures.start_basis)
        self._seat = Seat(policy, futures_contract(settings), tape, days, start_futures=start, each=EACH)
        self._earned = np.zeros(rows)

    @property
    def in_time(self) -> bool:
        """Whether a day is left for which to ask."""
        return self._seat.day < self._seat.days

    def close(self, index: FloatArray, futures: FloatArray, spot: FloatArray, gained: FloatArray) -> None:
        """Take in a close: `index` and `futures` (paths,), `spot` and the day's futures gain (paths, all funds)."""
        bar = Prices(np.repeat(index, self.funds.size)[:, None])
        self._seat.close(bar, spot[:, self.funds].ravel(), np.repeat(futures, self.funds.size))
        self._earned = self._earned + gained[:, self.funds].ravel()
        self._seat.earn(self._earned)

    def contracts(self, held: FloatArray) -> FloatArray:
        """Ask the policy: contracts for a whole book, shape (paths, followers); `held` those now short for one."""
        return self._seat.ask(held[:, self.funds].ravel()).reshape(len(held), self.funds.size)
