"""The reserve of a full hedge in closed form: how high a Brownian motion rises, by reflection."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt
import scipy

from cqkit.arrays import FloatArray
from cqkit.errors import raise_faults
from hedging.reserves.tails import check_confidence

REFLECTION_ASSUMPTIONS: Final = (
    "full hedge of day 0's stock value, contracts held constant, in fractions",
    "the log price of the index is a Brownian motion without drift and with constant volatility",
    "losses and margin are called at every moment, or at closes if bars_per_year is given",
    "the futures price is the index; no interest, costs, rolls or changes of the margin rate",
)


# A barrier that is looked at every dt acts like one that is watched always but stands higher by a factor
# exp(-zeta(1/2)/sqrt(2 pi) sigma sqrt(dt)): Broadie, Glasserman and Kou (1997), Mathematical Finance 7, 325.
_WATCHED = 0.5825971579390106


def reflection_reserve(
    volatility: float,
    confidence: float,
    years: float,
    margin: float = 0.10,
    *,
    bars_per_year: float | None = None,
) -> float:
    """Reserve that the full hedge will not exceed with a given probability, as a ratio to the book.

    By reflection the highest of a driftless Brownian motion exceeds a level twice as often as its end does, so
    R0/V0 = m + (1 + m)(exp(z sigma sqrt(tau)) - 1) with z = Phi^-1((1 + c)/2). `REFLECTION_ASSUMPTIONS` lists
    what this takes for granted.

    Parameters
    ----------
    volatility : float
        Of the index, a ratio a year.
    confidence : float
        Probability that no call comes, between 0 and 1.
    years : float
        Time that the hedge lasts.
    margin : float
        Initial margin, a share of notional.
    bars_per_year : float, optional
        How often needs are looked at, 250 for daily closes. By default always, which errs on the safe side.

    Raises
    ------
    InputError
        When a number lies outside its range.
    """
    _check_reflection(volatility, years, margin, bars_per_year)
    check_confidence(confidence)
    log_rise = scipy.special.ndtri((1 + confidence) / 2) * volatility * math.sqrt(years) - _between_looks(
        volatility, bars_per_year
    )
    return float(margin + (1 + margin) * max(math.expm1(log_rise), 0.0))


def reflection_call_probability(
    reserve: npt.ArrayLike,
    volatility: float,
    years: float,
    margin: float = 0.10,
    *,
    bars_per_year: float | None = None,
) -> FloatArray:
    """Probability that the full hedge's needs will exceed a reserve: the inverse of `reflection_reserve`.

    Parameters
    ----------
    reserve : array_like
        Ratio to the book; any shape. Less than the initial margin is called on day 0.
    volatility, years, margin, bars_per_year
        As of `reflection_reserve`.

    Returns
    -------
    FloatArray
        Of the shape of `reserve`.

    Raises
    ------
    InputError
        When a number lies outside its range.
    """
    _check_reflection(volatility, years, margin, bars_per_year)
    ratio = np.asarray(reserve, dtype=np.float64)
    rise = np.maximum((ratio - margin) / (1 + margin), 0.0)
    level = np.log1p(rise) + _between_looks(volatility, bars_per_year)
    width = volatility * math.sqrt(years)
    chance = 2 * scipy.special.ndtr(-level / width) if width > 0 else np.where(level > 0, 0.0, 1.0)
    return np.where(ratio < margin, 1.0, chance)


def _between_looks(volatility: float, bars_per_year: float | None) -> float:
    """How far the log price typically stands above a barrier when it is first seen there."""
    return 0.0 if bars_per_year is None else _WATCHED * volatility / math.sqrt(bars_per_year)


def _check_reflection(volatility: float, years: float, margin: float, bars_per_year: float | None) -> None:
    faults = []
    if not 0 <= volatility <= 5:
        faults.append(f"volatility = {volatility}: must lie in 0..5 (a ratio a year, not percent)")
    if not 0 < years <= 100:
        faults.append(f"years = {years}: must lie above 0 and at most 100")
    if not 0 < margin <= 1:
        faults.append(f"margin = {margin}: must lie above 0 and at most 1 (a ratio, not percent)")
    if bars_per_year is not None and not (math.isfinite(bars_per_year) and bars_per_year > 0):
        faults.append(f"bars_per_year = {bars_per_year}: must be positive")
    raise_faults(faults)
