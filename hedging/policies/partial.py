"""The partial hedge: only against losses that the gains so far do not cover."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import scipy

from cqkit.arrays import FloatArray
from cqkit.plugins import out_of_range
from hedging.models.returns import NormalReturns, ReturnModel
from hedging.models.volatility import RollingVolatility, Volatility
from hedging.policies.base import HedgePolicy, HedgeView, register


@register
@dataclass(frozen=True)
class PartialHedge(HedgePolicy):
    """Hedge the part of a bad market that gains and loss limit do not cover (2008 report, section 3).

    Gains G on the index-like book and its futures, locked in by a share, set a floor; the distance to it is the
    budget B of losses still allowed. With W the loss that the market exceeds until the last day with probability
    1 - `confidence` only, the hedge ratio is h = max(0, 1 - B/W). Where the volatility is not known yet, h = 1.

    The report leaves gain and floor open. `beta` with `ratchet` keeps its ranking of the policies in both of its
    samples, and was chosen after both were seen.

    Parameters
    ----------
    gain : {"beta", "betadyn"}
        G = S_t/S_0 - 1 + futures gains, or the sum of daily gains of a book with beta one to the index, whose
        size follows the stock book's value.
    lock_rule : {"ratchet", "level", "daily"}
        What is locked in: the largest gain so far, today's gain, or the sum of all days' gains without losses.
    loss_limit : float
        Loss allowed, as a share of the starting book, 0..1.
    confidence : float
        Probability with which the limit shall hold, between 0 and 1.
    lock : float
        Share of the gains that the floor locks in, 0..1.
    drift : float
        Expected return of the index a year, -5..5.
    volatility : Volatility
        Annualised, as known at the close.
    method : {"closed_form", "monte_carlo"}
        How the quantile of the return until the last day is found.
    model : ReturnModel
        What Monte Carlo draws from.
    draws, seed : int
        Number of draws a day, and their seed: the same seed gives the same contracts. Every path sees the same.
    """

    name: ClassVar[str] = "partial"

    gain: Literal["beta", "betadyn"] = "beta"
    lock_rule: Literal["ratchet", "level", "daily"] = "ratchet"
    loss_limit: float = 0.05
    confidence: float = 0.90
    lock: float = 0.5
    drift: float = 0.0
    volatility: Volatility = RollingVolatility()  # noqa: RUF009  # it is frozen
    method: Literal["closed_form", "monte_carlo"] = "closed_form"
    model: ReturnModel = NormalReturns()  # noqa: RUF009
    draws: int = 1000
    seed: int = 0

    def faults(self) -> list[str]:
        faults = [
            *out_of_range(self, "loss_limit", 0, 1, "a share of the book, not percent"),
            *out_of_range(self, "confidence", 0, 1, "a probability, not percent", strictly=True),
            *out_of_range(self, "lock", 0, 1, "a share of the gains, not percent"),
            *out_of_range(self, "drift", -5, 5, "a return a year, not percent"),
            *out_of_range(self, "draws", 10),
            *out_of_range(self, "seed", 0),
        ]
        if self.method == "closed_form" and not isinstance(self.model, NormalReturns):
            faults.append(f"model = {self.model.name}: must be normal, or method = monte_carlo")
        return faults

    def contracts(self, view: HedgeView) -> FloatArray:
        budget = self._budget(view)
        loss = self._bad_loss(view)
        with np.errstate(invalid="ignore"):  # a loss that is not known exceeds nothing
            exceeds = loss > budget
        # Divided only where it exceeds: a loss of nearly nothing would overflow.
        uncovered = 1.0 - np.divide(budget, loss, out=np.ones_like(budget), where=exceeds)
        return np.where(np.isnan(loss), 1.0, uncovered) * view.stock_contracts

    def _budget(self, view: HedgeView) -> FloatArray:
        """Losses still allowed above the floor, as a share of the starting book, shape (paths,)."""
        memory, futures = view.memory, view.futures_pnl
        moved = view.index[:, -1] / view.start_price
        if not view.day:
            memory["gain"] = memory["locked"] = np.zeros_like(moved)
        else:
            before = view.index[:, -2] / view.start_price
            size = 1.0 if self.gain == "beta" else view.spot[:, -2] / before
            earned = size * (moved - before) + (futures[:, -1] - futures[:, -2]) / view.start_value
            memory["gain"] = memory["gain"] + earned
            if self.lock_rule == "daily":
                memory["locked"] = memory["locked"] + np.maximum(earned, 0.0)
        gain = memory["gain"]
        if self.lock_rule == "ratchet":
            memory["locked"] = np.maximum(memory["locked"], gain)
        elif self.lock_rule == "level":
            memory["locked"] = np.maximum(gain, 0.0)
        floor = self.lock * memory["locked"] - self.loss_limit
        return np.maximum(gain - floor, 0.0)

    def _bad_loss(self, view: HedgeView) -> FloatArray:
        """Loss of the stock book in a bad market, as a share of the starting book; NaN if not known."""
        sigma = self.volatility.latest(view.prices, view.memory.setdefault("volatility", {}))
        left = view.days - view.day
        years = left / view.prices.a_year
        shock: FloatArray | float = float(scipy.special.ndtri(1.0 - self.confidence))
        if self.method == "monte_carlo":
            rng = np.random.default_rng([self.seed, view.day])
            # The return rises with the shock, so its quantile is the return at the shock's quantile.
            drawn = self.model.shocks(rng, left, self.draws, view.prices)
            shock = np.quantile(drawn, 1.0 - self.confidence, axis=-1)
        fall = np.expm1((self.drift - sigma**2 / 2.0) * years + shock * sigma * np.sqrt(years))
        return np.maximum(-fall * view.spot[:, -1], 0.0)
