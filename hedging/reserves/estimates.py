"""Reserves, chances of a call and frontiers, from what a hedge needed on each of many paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cqkit.arrays import FloatArray
from cqkit.errors import InputError
from cqkit.statistics import wilson_interval
from hedging.reserves.tails import TAIL_SHARE, Estimate, TailFit, check_confidence, fit_tail, sample_quantile

CONFIDENCES: Final = (0.95, 0.99, 0.999)


def diluted_return(undiluted: npt.ArrayLike, reserve: npt.ArrayLike) -> FloatArray:
    """What a reserve leaves of a return: undiluted/(1 + reserve), both ratios to the book (2008 report, section 2)."""
    return np.asarray(np.asarray(undiluted, dtype=np.float64) / (1 + np.asarray(reserve, dtype=np.float64)))


@dataclass(frozen=True, eq=False)
class SimulatedReserve:
    """What a hedge needed on simulated paths, and the reserves that follow from it.

    Attributes
    ----------
    required : FloatArray, shape (paths,)
        Reserve that would have met every need, R*, as a ratio to the book.
    undiluted : FloatArray, shape (paths,)
        Final hedged P&L on the stock book alone.
    policy, model : str
        Names.
    days, seed : int
        Of the simulation.
    antithetic : bool
        Whether paths 2i and 2i + 1 are mirror images.
    """

    required: FloatArray
    undiluted: FloatArray
    policy: str
    model: str
    days: int
    seed: int
    antithetic: bool

    @property
    def paths(self) -> int:
        """Number of paths."""
        return len(self.required)

    def quantile(self, confidence: float, level: float = 0.95) -> Estimate:
        """Reserve that suffices on a share `confidence` of paths, with an order-statistic interval.

        Raises
        ------
        InputError
            When `confidence` is no probability.
        """
        check_confidence(confidence)
        first = sample_quantile(self.required, confidence, level)
        inflation = self._inflation(first.value)
        return first if inflation == 1 else sample_quantile(self.required, confidence, level, inflation)

    def call_probability(self, reserve: float, level: float = 0.95) -> Estimate:
        """Probability that needs exceed `reserve`, a ratio to the book, with its Wilson interval."""
        share = float((self.required > reserve).mean())
        low, high = wilson_interval(share, self.paths / self._inflation(reserve), level)
        return Estimate(share, float(low), float(high))

    def tail(self, share: float = TAIL_SHARE) -> TailFit:
        """Peaks over threshold: a generalised Pareto law for the largest needs."""
        return fit_tail(self.required, share)

    def table(self, confidences: Sequence[float] = CONFIDENCES, share: float = TAIL_SHARE) -> pd.DataFrame:
        """Reserves by confidence: from the sample, and from the fitted tail.

        Parameters
        ----------
        confidences : sequence of float
            Probabilities that no call comes.
        share : float
            Part of the paths that the tail is fitted to.

        Returns
        -------
        DataFrame
            Columns `confidence`, `reserve`, `low`, `high` (95 % order-statistic interval; the upper end is
            infinite where the paths are too few), `tail`, `tail_low`, `tail_high` (95 % delta-method interval;
            NaN below the threshold or without a fit).
        """
        tail = self.tail(share)
        rows = []
        for confidence in confidences:
            sample, fitted = self.quantile(confidence), tail.quantile(confidence)
            ends = (sample.value, sample.low, sample.high, fitted.value, fitted.low, fitted.high)
            rows.append((confidence, *ends))
        return pd.DataFrame(
            rows, columns=["confidence", "reserve", "low", "high", "tail", "tail_low", "tail_high"], dtype=np.float64
        )

    def threshold_table(self, shares: Sequence[float] = (0.2, 0.15, 0.1, 0.075, 0.05, 0.025, 0.01)) -> pd.DataFrame:
        """What the tail says by where it is taken to begin; a stable shape speaks for the fit.

        Returns
        -------
        DataFrame
            Columns `share`, `threshold`, `exceedances`, `shape`, `shape_error`, `reserve_999`, `low`, `high`.
        """
        rows = []
        for share in shares:
            tail = self.tail(share)
            far = tail.quantile(0.999)
            fitted = (tail.threshold, tail.exceedances, tail.shape, tail.shape_error)
            rows.append((share, *fitted, far.value, far.low, far.high))
        columns = ["share", "threshold", "exceedances", "shape", "shape_error", "reserve_999", "low", "high"]
        return pd.DataFrame(rows, columns=columns)

    def call_frontier(self, reserves: Sequence[float] | None = None) -> pd.DataFrame:
        """Reserve against the probability of a call.

        Parameters
        ----------
        reserves : sequence of float, optional
            Ratios to the book; by default 61 of them from nothing to what hardly any path needs.

        Returns
        -------
        DataFrame
            Columns `reserve`, `probability`, `low`, `high` (95 % Wilson) and `tail` (by the fitted tail, NaN
            below its threshold), which goes on where the sample ends.
        """
        levels = self._reserves(reserves)
        calls = [self.call_probability(float(reserve)) for reserve in levels]
        return pd.DataFrame(
            {
                "reserve": levels,
                "probability": [call.value for call in calls],
                "low": [call.low for call in calls],
                "high": [call.high for call in calls],
                "tail": self.tail().exceedance_probability(levels),
            }
        )

    def dilution_frontier(self, reserves: Sequence[float] | None = None) -> pd.DataFrame:
        """Reserve against what it leaves of the return: safety is paid for with idle cash.

        Returns are hedged P&L on book and reserve, undiluted/(1 + R0), whatever outside money met the calls.

        Parameters
        ----------
        reserves : sequence of float, optional
            As in `call_frontier`.

        Returns
        -------
        DataFrame
            Columns `reserve`, `probability` (of a call) with `low` and `high`, `kept` (share of the undiluted
            return, 1/(1 + R0)), `mean`, `q05`, `q25`, `q50`, `q75`, `q95` (of the return over paths) and
            `outside_money` (mean of what calls ask beyond the reserve, a ratio to the book).
        """
        frame = self.call_frontier(reserves).drop(columns="tail")
        levels = frame["reserve"].to_numpy(np.float64)
        kept = diluted_return(1.0, levels)
        frame["kept"] = kept
        frame["mean"] = kept * self.undiluted.mean()
        for share in (0.05, 0.25, 0.50, 0.75, 0.95):
            # Dividing by 1 + R0 moves every quantile alike.
            frame[f"q{round(100 * share):02d}"] = kept * np.quantile(self.undiluted, share)
        frame["outside_money"] = [float(np.maximum(self.required - reserve, 0).mean()) for reserve in levels]
        return frame

    def _reserves(self, given: Sequence[float] | None) -> FloatArray:
        if given is None:
            most = max(self.quantile(0.999).value, 1e-3)
            return np.linspace(0.0, 1.1 * most, 61)
        levels = np.asarray(given, dtype=np.float64)
        if levels.ndim != 1 or not (levels.size and np.isfinite(levels).all() and (levels >= 0).all()):
            raise InputError("reserves: must be a list of ratios to the book, at least 0 and finite")
        return levels

    def _inflation(self, reserve: float) -> float:
        """Variance of the share of paths above `reserve` against that of independent paths, at least 1.

        The two paths of an antithetic pair are not independent. Needs that rise in both directions, as some
        policies' do, make pairs alike and intervals wider; where pairs are unlike, the wider interval is kept.
        """
        if not self.antithetic:
            return 1.0
        above = self.required > reserve
        share = above.mean()
        if share in {0.0, 1.0}:
            return 1.0
        pairs = above.reshape(-1, 2).mean(axis=1)
        return max(1.0, float(2 * pairs.var() / (share * (1 - share))))
