"""Quantiles and tails of a simulated sample, with their sampling error."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import scipy

from cqkit.arrays import FloatArray
from cqkit.errors import InputError

TAIL_SHARE: Final = 0.05
"""Share of the sample that the tail is fitted to: few enough for the limit law, many enough to fit."""
FEW_EXCEEDANCES: Final = 100
_LEAST_EXCEEDANCES = 20


@dataclass(frozen=True)
class Estimate:
    """A number and its interval; an end that the sample cannot bound is infinite or NaN."""

    value: float
    low: float
    high: float


def check_confidence(confidence: float) -> None:
    """Refuse with InputError what is no probability strictly between 0 and 1."""
    if not 0 < confidence < 1:
        raise InputError(f"confidence = {confidence}: must lie between 0 and 1 (a probability, not percent)")


def sample_quantile(sample: FloatArray, confidence: float, level: float = 0.95, inflation: float = 1.0) -> Estimate:
    """Quantile of a sample, with an interval from order statistics that holds for any distribution.

    The number of draws below the true quantile is binomial, so two order statistics enclose it with
    probability `level` at least (Conover 1999, Practical Nonparametric Statistics, section 3.2).

    Parameters
    ----------
    sample : FloatArray, shape (n,)
        Independent draws, at least 0.
    confidence : float
        Between 0 and 1.
    level : float
        Of the interval.
    inflation : float
        Variance of a share among the draws against that of independent ones, at least 1.

    Returns
    -------
    Estimate
        The upper end is infinite when the sample is too small to bound the quantile from above.
    """
    ordered, count = np.sort(sample), len(sample)
    effective = max(round(count / inflation), 1)
    low, high = (float(scipy.stats.binom.ppf(p, effective, confidence)) for p in ((1 - level) / 2, (1 + level) / 2))
    scale = count / effective
    first, last = int(np.floor(low * scale)), int(np.ceil(high * scale)) + 1
    position = min(max(int(np.ceil(count * confidence - 1e-9)), 1), count)
    return Estimate(
        value=float(ordered[position - 1]),
        low=float(ordered[first - 1]) if first >= 1 else 0.0,
        high=float(ordered[last - 1]) if last <= count else np.inf,
    )


def paths_needed(confidence: float, level: float = 0.95) -> int:
    """Fewest independent draws whose largest bounds a quantile from above, with the upper half of an interval.

    The largest of n draws exceeds the quantile with probability 1 - confidence^n, which must be (1 + level) / 2.
    """
    return math.ceil(math.log((1 - level) / 2) / math.log(confidence))


@dataclass(frozen=True)
class TailFit:
    """A generalised Pareto law for what exceeds a threshold (peaks over threshold).

    Attributes
    ----------
    threshold : float
        In the sample's unit.
    exceedances, count : int
        Draws above the threshold, and all draws.
    shape, scale : float
        Of the law; a positive shape is a tail like a power of -1/shape, a negative one has an end. NaN when the
        sample has no tail to fit.
    shape_error, scale_error : float
        Standard errors (Smith 1987); NaN where the theory gives none, at shapes of -1/2 and below.
    notes : tuple of str
        Warnings: few exceedances, a tail without variance, a shape at which the mean or the error is infinite.
    """

    threshold: float
    exceedances: int
    count: int
    shape: float
    scale: float
    shape_error: float
    scale_error: float
    notes: tuple[str, ...]

    @property
    def share(self) -> float:
        """Share of the sample above the threshold."""
        return self.exceedances / self.count

    def exceedance_probability(self, value: npt.ArrayLike) -> FloatArray:
        """Probability of more than `value`, any shape; NaN below the threshold, where the fit says nothing."""
        level = np.asarray(value, dtype=np.float64)
        with np.errstate(invalid="ignore"):
            beyond = self.share * scipy.stats.genpareto.sf(level - self.threshold, self.shape, scale=self.scale)
        return np.where(level >= self.threshold, beyond, np.nan)

    def quantile(self, confidence: float, level: float = 0.95) -> Estimate:
        """Quantile beyond the threshold; NaN below it.

        The interval is the delta method's on the logarithm of the excess (Coles 2001, section 4.3.3), since the
        sampling error of a far quantile leans to the right; the share above the threshold counts as uncertain
        too.
        """
        nothing = Estimate(np.nan, np.nan, np.nan)
        # At the threshold itself the excess is nothing.
        if not np.isfinite(self.shape) or 1 - confidence > self.share * (1 + 1e-9):
            return nothing
        ratio = max(self.share / (1 - confidence), 1.0)
        log = np.log(ratio)
        shape, scale = self.shape, self.scale
        if abs(shape) < 1e-6:
            unit, by_shape, by_share = log, log**2 / 2, 1 / self.share
        else:
            grown = ratio**shape
            unit = (grown - 1) / shape
            by_shape = (grown * log - unit) / shape
            by_share = grown / self.share
        excess = scale * unit
        value = self.threshold + excess
        if not excess > 0 or not np.isfinite(self.shape_error):
            return Estimate(float(value), np.nan, np.nan)
        # Smith's covariance of shape and scale, and the binomial variance of the share.
        more = 1 + shape
        variance = (
            scale**2 * by_shape**2 * more**2
            - 2 * scale * by_shape * unit * more * scale
            + unit**2 * 2 * scale**2 * more
        ) / self.exceedances
        variance += (scale * by_share) ** 2 * self.share * (1 - self.share) / self.count
        spread = np.exp(float(scipy.special.ndtri((1 + level) / 2)) * np.sqrt(variance) / excess)
        return Estimate(float(value), float(self.threshold + excess / spread), float(self.threshold + excess * spread))


def fit_tail(sample: FloatArray, share: float = TAIL_SHARE) -> TailFit:
    """Fit a generalised Pareto law to the largest draws by maximum likelihood.

    The threshold is the sample's 1 - `share` quantile. A lower one has more draws and more bias, since the law
    holds in the limit only; `threshold_table` shows whether the answer hangs on it.

    Parameters
    ----------
    sample : FloatArray, shape (n,)
        Independent draws.
    share : float
        Between 0 and 0.5.

    Returns
    -------
    TailFit
        With NaN and a note when there are fewer than 20 exceedances or they are all alike.

    Raises
    ------
    InputError
        When `share` is out of range, or the sample is empty.
    """
    if not 0 < share <= 0.5:
        raise InputError(f"share = {share}: must lie above 0 and at most 0.5 (the part of the sample that is tail)")
    if not len(sample):
        raise InputError("sample: is empty: must have draws")
    threshold = float(np.quantile(sample, 1 - share, method="inverted_cdf"))
    excess = sample[sample > threshold] - threshold
    found = len(excess)
    if found < _LEAST_EXCEEDANCES or np.ptp(excess) <= 1e-12 * max(threshold, 1.0):
        why = f"{found} draws exceed the threshold of {threshold:.4g}, or they are all alike: no tail was fitted"
        return TailFit(threshold, found, len(sample), np.nan, np.nan, np.nan, np.nan, (why,))
    # In units of the mean, so that the search starts near; its first guess matches mean and variance.
    mean = excess.mean()
    guess = 0.5 * (1 - mean**2 / excess.var())
    with np.errstate(all="ignore"):
        shape, _, scale = scipy.stats.genpareto.fit(excess / mean, guess, scale=1 - guess, floc=0)
    shape, scale = float(shape), float(scale * mean)
    notes = []
    if found < FEW_EXCEEDANCES:
        notes.append(f"{found} draws exceed the threshold: fewer than {FEW_EXCEEDANCES} say little about the tail")
    if shape >= 1:
        notes.append(f"shape {shape:.2f}: the tail has no mean: far quantiles are guesses")
    regular = shape > -0.5
    if not regular:
        notes.append(f"shape {shape:.2f}: at -0.5 and below the standard errors do not hold and are left out")
    shape_error = float((1 + shape) / np.sqrt(found)) if regular else np.nan
    scale_error = float(scale * np.sqrt(2 * (1 + shape) / found)) if regular else np.nan
    return TailFit(threshold, found, len(sample), shape, scale, shape_error, scale_error, tuple(notes))
