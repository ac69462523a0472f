"""Optimal liquidation of Almgren and Chriss (2000): the trajectory, its expected cost and its variance.

The market of this package is not theirs: its impact is a square root of flow and fades. Their closed form is the
yardstick for the schedule `almgren_chriss`, and tells what urgency a risk aversion stands for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cqkit.arrays import FloatArray
from cqkit.errors import InputError, raise_faults


@dataclass(frozen=True)
class Liquidation:
    """An optimal way out of a position.

    Attributes
    ----------
    holdings
        Shares left after each interval, shape (intervals + 1,), from the position to 0.
    trades
        Shares sold in each interval, shape (intervals,).
    expected_cost
        Expected implementation shortfall, in money.
    variance
        Of that shortfall, in money squared.
    urgency
        kappa T, what the schedule `almgren_chriss` takes as `liquidator.urgency`; 0 is an even sale.
    """

    holdings: FloatArray
    trades: FloatArray
    expected_cost: float
    variance: float
    urgency: float


def almgren_chriss(
    shares: float,
    days: float,
    intervals: int,
    *,
    volatility: float,
    temporary: float,
    permanent: float = 0.0,
    fixed: float = 0.0,
    risk_aversion: float = 0.0,
) -> Liquidation:
    """Sell a position at the least expected cost plus `risk_aversion` x variance (Almgren and Chriss 2000, section 2).

    Parameters
    ----------
    shares
        The position X.
    days
        The time T in which it must be sold.
    intervals
        Trading intervals N, each tau = T / N long.
    volatility
        sigma, money per share and sqrt(day).
    temporary
        eta: money per share that a rate of one share a day costs while it lasts.
    permanent
        gamma: money per share that each share sold moves the price for good.
    fixed
        epsilon, half the spread and fees, money per share.
    risk_aversion
        lambda, per unit of money; 0 is an even sale.

    Returns
    -------
    Liquidation
        x_j = X sinh(kappa (T - t_j)) / sinh(kappa T) with 2 (cosh(kappa tau) - 1) / tau^2 = lambda sigma^2 / eta~ and
        eta~ = eta - gamma tau / 2; expected cost gamma X^2 / 2 + epsilon X + (eta~ / tau) sum n_k^2 and variance
        sigma^2 tau sum x_k^2 (their equations 2.9 to 2.18).

    Raises
    ------
    InputError
        With a line for every argument out of range.
    """
    _check(shares, days, intervals, volatility, temporary, permanent, fixed, risk_aversion)
    step = days / intervals
    adjusted = temporary - 0.5 * permanent * step
    if not adjusted > 0:
        raise InputError(
            f"temporary = {temporary:g}: must be above permanent x days / (2 x intervals) = "
            f"{0.5 * permanent * step:g}, or trading fast is cheaper than trading slowly"
        )
    # half the angle, so that a small risk aversion does not drown in the rounding of cosh near 1
    kappa = 2 / step * math.asinh(0.5 * step * math.sqrt(risk_aversion / adjusted) * volatility)
    holdings = shares * _remaining(np.linspace(0, 1, intervals + 1), kappa * days)
    trades = -np.diff(holdings)
    cost = 0.5 * permanent * shares**2 + fixed * shares + adjusted / step * float(trades @ trades)
    variance = volatility**2 * step * float(holdings[1:] @ holdings[1:])
    return Liquidation(holdings, trades, cost, variance, kappa * days)


def _remaining(elapsed: FloatArray, urgency: float) -> FloatArray:
    """sinh(urgency (1 - elapsed)) / sinh(urgency), written so that nothing overflows; `elapsed` from 0 to 1."""
    left = 1 - elapsed
    if urgency < 1e-8:
        return left
    fading = np.exp(-urgency * elapsed) * np.expm1(-2 * urgency * left) / np.expm1(-2 * urgency)
    return np.where(left == 0, 0.0, np.where(left == 1, 1.0, fading))


def _check(
    shares: float,
    days: float,
    intervals: int,
    volatility: float,
    temporary: float,
    permanent: float,
    fixed: float,
    risk_aversion: float,
) -> None:
    positive = {"shares": shares, "days": days, "temporary": temporary}
    others = {"volatility": volatility, "permanent": permanent, "fixed": fixed, "risk_aversion": risk_aversion}
    faults = [
        f"{name} = {value:g}: must be a finite number above 0"
        for name, value in positive.items()
        if not 0 < value < math.inf
    ]
    faults += [
        f"{name} = {value:g}: must be a finite number, at least 0"
        for name, value in others.items()
        if not 0 <= value < math.inf
    ]
    if not (isinstance(intervals, int | np.integer) and 1 <= intervals <= 10_000_000):
        faults.append(f"intervals = {intervals}: must be a whole number from 1 to 10000000")
    raise_faults(faults)
