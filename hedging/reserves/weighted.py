"""Quantiles of a sample drawn where it matters: weights make up for it, pairs of strata say how sure the figure is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy

from cqkit.arrays import FloatArray
from cqkit.errors import InputError
from hedging.reserves.tails import check_confidence

LEAST_EVIDENCE: Final = 5.0  # strata, told by their share of the variance: with fewer an interval says nothing


@dataclass(frozen=True)
class WeightedQuantile:
    """A quantile with its interval, and what it is worth in plain draws.

    Attributes
    ----------
    value, low, high
        All NaN where the sample says too little.
    variance
        Of the estimated probability of more than `value`.
    evidence
        How many strata that estimate rests on (Satterthwaite's degrees of freedom).
    """

    value: float
    low: float
    high: float
    variance: float
    evidence: float

    def plain_draws(self, confidence: float) -> float:
        """So many independent draws have the same variance; NaN where nothing is told."""
        return confidence * (1 - confidence) / self.variance if self.variance > 0 else float("nan")


@dataclass(frozen=True, eq=False)
class WeightedSample:
    """Two independent draws of each of many equally likely strata of a proposal.

    Attributes
    ----------
    values
        Draws 2 j and 2 j + 1 are of stratum j, shape (2 strata,).
    weights
        True density over the proposal's at each draw, shape (2 strata,): 1 on average.
    """

    values: FloatArray
    weights: FloatArray

    def __post_init__(self) -> None:
        if self.values.ndim != 1 or self.values.shape != self.weights.shape or self.values.size % 2:
            raise InputError("sample: must have values and weights alike, two of each stratum")

    def exceedance(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Every value of the sample in rising order; the probability of more; its variance and degrees of freedom.

        The difference of a stratum's two draws says how much it varies (Cochran 1977, Sampling Techniques, section
        5A.12): strata are narrow, so that what a stratum holds for certain adds nothing.
        """
        count = self.values.size
        order = np.argsort(-self.values, kind="stable")
        falling, weights = self.values[order], self.weights[order] / count
        other = (self.weights / count)[order ^ 1]
        rank = np.empty(count, dtype=np.int64)
        rank[order] = np.arange(count)
        second = rank[order ^ 1] < np.arange(count)  # the other of the pair has gone before
        added = [np.where(second, np.abs(weights - other) ** power - other**power, weights**power) for power in (2, 4)]
        sums = [np.concatenate([[0.0], np.cumsum(part)]) for part in (weights, *added)]
        above = np.searchsorted(-falling, -falling, side="left")  # draws above each, whatever ties there are
        probability, variance, fourth = (np.maximum(total[above], 0.0)[::-1] for total in sums)
        freedom = np.divide(variance**2, fourth, out=np.zeros(count), where=fourth > 0)
        return falling[::-1], probability, variance, freedom

    def quantile(self, confidence: float, level: float = 0.95) -> WeightedQuantile:
        """Value that is exceeded with probability 1 - `confidence`, with the interval of all that are not refuted.

        A value is refuted where the estimated probability of more than it lies more than Student's t standard errors
        from 1 - `confidence` (Woodruff 1952, with Satterthwaite's degrees of freedom).

        Raises
        ------
        InputError
            When `confidence` is no probability.
        """
        check_confidence(confidence)
        values, probability, variance, freedom = self.exceedance()
        beyond = 1 - confidence
        place = int(np.argmax(probability <= beyond * (1 + 1e-9)))
        if freedom[place] < LEAST_EVIDENCE:
            nothing = float("nan")
            return WeightedQuantile(nothing, nothing, nothing, nothing, float(freedom[place]))
        half = scipy.special.stdtrit(np.maximum(freedom, 1.0), (1 + level) / 2) * np.sqrt(variance)
        # Below a value that is too low all are, and above one that is too high.
        low = int(np.flatnonzero(probability[:place] - half[:place] > beyond).max(initial=-1)) + 1
        high = place + int(np.argmax(np.append(probability[place:] + half[place:] < beyond, True)))
        return WeightedQuantile(
            value=float(values[place]),
            low=float(values[low]),
            high=float(values[high]) if high < values.size else float("inf"),
            variance=float(variance[place]),
            evidence=float(freedom[place]),
        )
