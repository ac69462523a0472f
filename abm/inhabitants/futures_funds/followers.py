"""The funds that follow one hedge policy, as the hedging engine's policies want to see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from abm.inhabitants.futures_funds.population import futures_contract
from cqkit.arrays import FloatArray, IntArray
from cqkit.errors import InputError
from hedging import HedgePolicy, HedgeView, Prices, PriceTape

if TYPE_CHECKING:
    from abm.settings import Settings


class Followers:
    """The funds of one policy: what each has lived through, as the hedging engine's policies want to see it.

    A row is a fund on a path; money is counted in units of the fund's starting book.
    """

    def __init__(self, settings: Settings, policy: HedgePolicy, funds: IntArray, past: FloatArray) -> None:
        self.policy, self.funds, self.days = policy, funds, settings.clock.days
        self.contract = futures_contract(settings)
        rows = len(past) * funds.size
        self._memory: dict[str, Any] = {}
        start = Prices(np.ones((rows, 1)))
        self._tape = PriceTape(start, self.days, Prices(np.repeat(past, funds.size, axis=0)))
        self._spot, self._futures, self._pnl = (np.zeros((self.days + 1, rows)).T for _ in range(3))
        self._spot[:, 0] = 1.0
        self._futures[:, 0] = 1 + settings.futures.start_basis
        self.day = 0

    def close(self, index: FloatArray, futures: FloatArray, spot: FloatArray, gained: FloatArray) -> None:
        """Take in a close: `index` and `futures` (paths,), `spot` and the day's futures gain (paths, all funds)."""
        self.day += 1
        self._tape.append(Prices(np.repeat(index, self.funds.size)[:, None]))
        self._futures[:, self.day] = np.repeat(futures, self.funds.size)
        self._spot[:, self.day] = spot[:, self.funds].ravel()
        self._pnl[:, self.day] = self._pnl[:, self.day - 1] + gained[:, self.funds].ravel()

    def contracts(self, held: FloatArray) -> FloatArray:
        """Ask the policy: contracts for a whole book, shape (paths, followers); `held` those now short for one."""
        known = self.day + 1
        view = HedgeView(
            day=self.day,
            days=self.days,
            prices=self._tape.known,
            spot=self._spot[:, :known],
            futures=self._futures[:, :known],
            futures_pnl=self._pnl[:, :known],
            contracts=held[:, self.funds].ravel(),
            start_value=1.0,
            contract=self.contract,
            memory=self._memory,
        )
        asked = self.policy.contracts(view)
        if asked.shape != view.contracts.shape or not np.isfinite(asked).all():
            raise InputError(
                f"policy {self.policy.name}: day {self.day}: must answer with one finite number of contracts for each "
                "of the funds that follow it"
            )
        return asked.reshape(len(held), self.funds.size)
