"""What a hedge came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cqkit.arrays import FloatArray, IntArray
from cqkit.errors import InputError
from cqkit.statistics import wilson


@dataclass(frozen=True, eq=False)
class HedgeResult:
    """Daily records of a hedged stock book, and the figures a risk committee asks for.

    Records have shape (paths, days + 1), day 0 being the base close; money is in `currency`. Figures have
    shape (paths,) and are ratios to `start_value` unless they say otherwise.

    Attributes
    ----------
    contracts : FloatArray
        Contracts short after each close, a forced reduction included; on the last day, those closed there.
    variation, futures_pnl : FloatArray
        The day's variation margin and its running sum, in money.
    spot_pnl : FloatArray
        Cumulative P&L of the stock book, in money.
    costs, roll_costs : FloatArray
        Transaction costs and roll spreads paid so far, in money; roll spreads may be received, and negative.
    stock_value : FloatArray
        Stock held after each close, in money.
    margin, top_up, capital_need, shortfall : FloatArray
        Initial margin, what was called to bring the deposit back to it, what the position needs in all, and what
        of that the reserve does not cover, in money; each as the close finds it, before outside money or a
        forced reduction.
    called : FloatArray
        Margin call at the close, in money: the part of the shortfall that is new, and was not called before.
    start_value : float
        Stock book on day 0, in money.
    reserve : float or None
        Cash set aside on day 0 as a ratio to `start_value`; None if the reserve is to be what the hedge
        turned out to need, in which case nothing is ever called.
    currency : str
        ISO code.
    """

    contracts: FloatArray
    variation: FloatArray
    futures_pnl: FloatArray
    spot_pnl: FloatArray
    costs: FloatArray
    roll_costs: FloatArray
    stock_value: FloatArray
    margin: FloatArray
    top_up: FloatArray
    capital_need: FloatArray
    shortfall: FloatArray
    called: FloatArray
    start_value: float
    reserve: float | None
    currency: str

    @staticmethod
    def record_names() -> tuple[str, ...]:
        """Names of the daily records, in order."""
        return (
            "contracts",
            "variation",
            "futures_pnl",
            "spot_pnl",
            "costs",
            "roll_costs",
            "stock_value",
            "margin",
            "top_up",
            "capital_need",
            "shortfall",
            "called",
        )

    @classmethod
    def concatenate(cls, results: Sequence[HedgeResult]) -> HedgeResult:
        """Stack the paths of several results, in order.

        Raises
        ------
        InputError
            When there is none, or they differ in days, starting value, reserve or currency.
        """
        terms = {(result.days, result.start_value, result.reserve, result.currency) for result in results}
        if len(terms) != 1:
            raise InputError(f"results: {len(terms)} sets of days, start value, reserve and currency: must be one")
        first = results[0]
        return cls(
            **{name: np.concatenate([getattr(r, name) for r in results]) for name in cls.record_names()},
            start_value=first.start_value,
            reserve=first.reserve,
            currency=first.currency,
        )

    @property
    def paths(self) -> int:
        """Number of paths."""
        return len(self.contracts)

    @property
    def days(self) -> int:
        """Number of days after day 0."""
        return len(self.contracts[0]) - 1

    @property
    def required_reserve(self) -> FloatArray:
        """Reserve that would have met every need: the largest capital need.

        Forced reductions lower the needs after them, so with those it is not what the whole book needed.
        """
        largest: FloatArray = self.capital_need.max(axis=1)
        return largest / self.start_value

    @property
    def funded_reserve(self) -> FloatArray:
        """Reserve that was set aside, or the required one when none was given."""
        return self.required_reserve if self.reserve is None else np.full(self.paths, self.reserve)

    @property
    def reserve_used(self) -> FloatArray:
        """Largest capital need as a share of the funded reserve, above 1 if it was exhausted.

        It is 1 when no reserve was given, and infinite when a reserve of nothing met any need.
        """
        if self.reserve is None:
            return np.ones(self.paths)
        unfunded = np.where(self.required_reserve > 0, np.inf, 0.0)
        return np.divide(self.required_reserve, self.reserve, out=unfunded, where=self.reserve > 0)

    @property
    def hedged_pnl(self) -> FloatArray:
        """Cumulative P&L of both legs after costs, shape (paths, days + 1), in money."""
        return self.spot_pnl + self.futures_pnl - self.costs - self.roll_costs

    @property
    def held(self) -> FloatArray:
        """Share of the starting stock book held after each close, (paths, days + 1): 1 until a forced reduction."""
        held, _ = self._held_and_spot()
        return held

    @property
    def forced_sales(self) -> FloatArray:
        """Stock sold by a forced reduction at each close, in money at that close, shape (paths, days + 1)."""
        held, spot = self._held_and_spot()
        cut = np.maximum(-np.diff(held, axis=1, prepend=1.0), 0.0)
        sold: FloatArray = self.start_value * cut * spot
        return np.where(cut > 1e-12, sold, 0.0)

    def _held_and_spot(self) -> tuple[FloatArray, FloatArray]:
        """Share held, and what a unit of the stock book is worth while any is, from stock values and their P&L."""
        worth, gained = self.stock_value / self.start_value, self.spot_pnl / self.start_value
        spot, held = np.ones_like(worth), np.ones_like(worth)
        held[:, 0] = worth[:, 0]
        for day in range(1, worth.shape[1]):
            before, change = held[:, day - 1], gained[:, day] - gained[:, day - 1]
            move = np.divide(change, before, out=np.zeros_like(change), where=before > 0)
            spot[:, day] = spot[:, day - 1] + move
            left = np.divide(worth[:, day], spot[:, day], out=np.zeros_like(before), where=spot[:, day] != 0)
            held[:, day] = np.where(np.abs(left - before) > 1e-12, left, before)
        return held, spot

    @property
    def undiluted_return(self) -> FloatArray:
        """Final hedged P&L on the stock book alone."""
        return self.hedged_pnl[:, -1] / self.start_value

    @property
    def total_return(self) -> FloatArray:
        """Final hedged P&L on the stock book and the funded reserve, which dilutes it."""
        return self.undiluted_return / (1.0 + self.funded_reserve)

    @property
    def hedge_loss(self) -> FloatArray:
        """Largest fall of the hedged P&L below its start, at least 0."""
        lowest: FloatArray = self.hedged_pnl.min(axis=1)
        return (0.0 - lowest) / self.start_value

    @property
    def drawdown(self) -> FloatArray:
        """Largest fall of the book with its hedge from the highest value before, a share of that value."""
        worth = 1.0 + self.hedged_pnl / self.start_value
        peak = np.maximum.accumulate(worth, axis=1)
        largest: FloatArray = (1.0 - worth / peak).max(axis=1)
        return largest

    @property
    def margin_call_days(self) -> IntArray:
        """Number of days on which new money was called for."""
        days: IntArray = (self.called > 0).sum(axis=1, dtype=np.int64)
        return days

    @property
    def top_up_days(self) -> IntArray:
        """Number of days on which the deposit was topped up, whether or not the reserve had the money."""
        days: IntArray = (self.top_up > 0).sum(axis=1, dtype=np.int64)
        return days

    @property
    def cost(self) -> FloatArray:
        """Transaction costs and roll spreads paid in all, which `undiluted_return` is after."""
        return (self.costs[:, -1] + self.roll_costs[:, -1]) / self.start_value

    @property
    def first_call_day(self) -> IntArray:
        """First day with a margin call, -1 if there is none."""
        called = self.called > 0
        return np.where(called.any(axis=1), called.argmax(axis=1), -1)

    @property
    def shortfall_max(self) -> FloatArray:
        """Largest shortfall."""
        largest: FloatArray = self.shortfall.max(axis=1)
        return largest / self.start_value

    @property
    def contracts_max(self) -> FloatArray:
        """Most contracts ever short, a number of contracts."""
        most: FloatArray = self.contracts.max(axis=1)
        return most

    def call_probability(self) -> tuple[float, float, float]:
        """Share of paths with a margin call, and its 95 % Wilson interval (Wilson 1927, JASA 22, 209)."""
        return wilson(int(np.count_nonzero(self.margin_call_days)), self.paths)

    def frame(self, dates: pd.DatetimeIndex | None = None) -> pd.DataFrame:
        """All records in long form, one row per path and day.

        Parameters
        ----------
        dates : DatetimeIndex of length days + 1, optional
            Adds a `date` column after `path` and `day`.

        Raises
        ------
        InputError
            When there is not one date for each day.
        """
        columns = {
            "path": np.repeat(np.arange(self.paths), self.days + 1),
            "day": np.tile(np.arange(self.days + 1), self.paths),
            **{name: getattr(self, name).ravel() for name in self.record_names()},
            "hedged_pnl": self.hedged_pnl.ravel(),
        }
        frame = pd.DataFrame(columns)
        if dates is not None:
            if len(dates) != self.days + 1:
                raise InputError(f"dates: {len(dates)} of them: must be {self.days + 1}, one for each day")
            frame.insert(2, "date", dates[frame["day"]])
        return frame

    def summary(self, path: int = 0) -> dict[str, float | int | str | None]:
        """One path's figures as plain numbers, ready for JSON.

        Ratios to the starting book, but for contracts, days and the keys that end in `_money`.
        `first_margin_call_day` is None if there was no call.
        """
        called = int(self.first_call_day[path])
        reserve = float(self.funded_reserve[path])
        return {
            "reserve": reserve,
            "return": float(self.total_return[path]),
            "undiluted_return": float(self.undiluted_return[path]),
            "margin_call_days": int(self.margin_call_days[path]),
            "first_margin_call_day": None if called < 0 else called,
            "called_money": float(self.called[path].sum()),
            "shortfall_max": float(self.shortfall_max[path]),
            "contracts_max": float(self.contracts_max[path]),
            "required_reserve": float(self.required_reserve[path]),
            "hedge_loss": float(self.hedge_loss[path]),
            "drawdown": float(self.drawdown[path]),
            "cost": float(self.cost[path]),
            "top_up_days": int(self.top_up_days[path]),
            "days": self.days,
            "currency": self.currency,
            "start_value_money": self.start_value,
            "reserve_money": reserve * self.start_value,
            "shortfall_max_money": float(self.shortfall[path].max()),
            "spot_pnl_money": float(self.spot_pnl[path, -1]),
            "futures_pnl_money": float(self.futures_pnl[path, -1]),
            "costs_money": float(self.costs[path, -1]),
            "roll_costs_money": float(self.roll_costs[path, -1]),
        }
