"""European options on a forward: price and implied volatility (Black 1976), over whole arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import scipy

from cqkit.arrays import BoolArray, FloatArray

NO_PRICE: Final = "price is missing or not positive"
BELOW_INTRINSIC: Final = "price is not above intrinsic value"
ABOVE_CEILING: Final = "price is not below that of the forward (call) or the strike (put)"
EXPIRED: Final = "no time is left to expiry"
BAD_TERMS: Final = "forward and strike must be positive, and the rate finite"

# Total volatility, sigma sqrt(T), that an implied volatility is looked for in. Prices outside it are those of
# no quote: 1e-8 is .000003 % a year over nine years, 60 is the price's ceiling to the last digit.
_LOWEST, _HIGHEST = 1e-8, 60.0
_STEPS = 100
_CLOSE_ENOUGH = 1e-14


class OptionTerms(NamedTuple):
    """Terms of options, broadcast to one shape.

    Attributes
    ----------
    call : BoolArray
        True for calls, False for puts.
    forward, strike : FloatArray
        Prices in points.
    years : FloatArray
        Time to expiry.
    rate : FloatArray
        Continuously compounded interest a year, a ratio.
    """

    call: BoolArray
    forward: FloatArray
    strike: FloatArray
    years: FloatArray
    rate: FloatArray

    @property
    def discount(self) -> FloatArray:
        """Today's value of one unit of money at expiry."""
        return np.asarray(np.exp(-self.rate * self.years))

    @property
    def intrinsic(self) -> FloatArray:
        """What exercise would bring if the forward stayed, in money at expiry."""
        return np.maximum(np.where(self.call, self.forward - self.strike, self.strike - self.forward), 0.0)


@dataclass(frozen=True, eq=False)
class ImpliedVolatility:
    """Implied volatilities, and why some are missing.

    Attributes
    ----------
    volatility : FloatArray
        A ratio a year; NaN where a price admits none.
    reason : ndarray of str, same shape
        Empty, or why the volatility is NaN.
    """

    volatility: FloatArray
    reason: npt.NDArray[np.str_]


def black_price(
    call: npt.ArrayLike,
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    volatility: npt.ArrayLike,
    years: npt.ArrayLike,
    rate: npt.ArrayLike = 0.0,
) -> FloatArray:
    """Price options on a forward (Black 1976, Journal of Financial Economics 3, equation 16).

    Parameters
    ----------
    call : array_like of bool
        True for calls, False for puts.
    forward, strike : array_like
        Positive prices, in points.
    volatility : array_like
        A ratio a year, at least 0.
    years : array_like
        Time to expiry, at least 0.
    rate : array_like
        Continuously compounded interest a year, a ratio.

    Returns
    -------
    FloatArray
        Points, paid today; the arguments broadcast. NaN goes in, NaN comes out.
    """
    terms = _terms(call, forward, strike, years, rate)
    total = np.asarray(volatility, dtype=np.float64) * np.sqrt(terms.years)
    *parts, total = np.broadcast_arrays(*terms, total)
    terms = OptionTerms(*parts)
    moneyness = -np.abs(np.log(terms.forward / terms.strike))
    # By parity only out-of-the-money options need a formula: what is in the money adds its intrinsic value.
    flat = total == 0
    premium, _ = _out_of_the_money(moneyness, np.where(flat, 1.0, total))
    time_value = np.where(flat, 0.0, premium) * np.sqrt(terms.forward * terms.strike)
    return np.asarray(terms.discount * (terms.intrinsic + time_value))


def implied_volatility(
    call: npt.ArrayLike,
    price: npt.ArrayLike,
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    rate: npt.ArrayLike = 0.0,
) -> ImpliedVolatility:
    """Find the volatility at which `black_price` gives `price`.

    Newton's method on the logarithm of the time value, which is concave in volatility, kept inside a
    bracket. A price with no volatility (below intrinsic value, above its ceiling, missing) gives NaN and a
    reason rather than an error: one bad quote is no reason to lose a day of them.

    Parameters
    ----------
    call, forward, strike, years, rate
        As in `black_price`.
    price : array_like
        Points, paid today.

    Returns
    -------
    ImpliedVolatility
        Of the shape that the arguments broadcast to.
    """
    terms = _terms(call, forward, strike, years, rate)
    *parts, paid = np.broadcast_arrays(*terms, np.asarray(price, dtype=np.float64))
    terms = OptionTerms(*parts)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        at_expiry = paid / terms.discount
        time_value = (at_expiry - terms.intrinsic) / np.sqrt(terms.forward * terms.strike)
        moneyness = -np.abs(np.log(terms.forward / terms.strike))
    reason = _reasons(terms, paid, at_expiry, time_value)
    good = reason == ""
    volatility = np.full(reason.shape, np.nan)
    volatility[good] = _solve(moneyness[good], time_value[good]) / np.sqrt(terms.years[good])
    return ImpliedVolatility(volatility, reason)


def _terms(
    call: npt.ArrayLike, forward: npt.ArrayLike, strike: npt.ArrayLike, years: npt.ArrayLike, rate: npt.ArrayLike
) -> OptionTerms:
    numbers = [np.asarray(value, dtype=np.float64) for value in (forward, strike, years, rate)]
    return OptionTerms(np.asarray(call, dtype=np.bool_), *numbers)


def _reasons(
    terms: OptionTerms, paid: FloatArray, at_expiry: FloatArray, time_value: FloatArray
) -> npt.NDArray[np.str_]:
    """Say of each price why it has no volatility, or nothing."""
    ceiling = np.where(terms.call, terms.forward, terms.strike)
    usable = (
        np.isfinite(terms.forward) & (terms.forward > 0) & np.isfinite(terms.strike) & (terms.strike > 0)
    ) & np.isfinite(terms.rate)
    return np.select(
        [
            ~usable,
            ~(terms.years > 0),
            ~(np.isfinite(paid) & (paid > 0)),
            ~(time_value > 0),
            at_expiry >= ceiling,
        ],
        [BAD_TERMS, EXPIRED, NO_PRICE, BELOW_INTRINSIC, ABOVE_CEILING],
        default="",
    )


def _out_of_the_money(moneyness: FloatArray, total: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Undiscounted price over sqrt(FK) of the option out of the money, and its derivative's ratio to it.

    Jaeckel's normalisation (2015, "Let's be rational", section 2): x = -abs(ln F/K), s = sigma sqrt(T),
    b = e^(x/2) N(x/s + s/2) - e^(-x/2) N(x/s - s/2). Far out the two terms cancel, so there the scaled
    complementary error function takes the common factor out.
    """
    h, t = moneyness / total, total / 2
    far = h + t < 0
    hf, tf = np.where(far, h, -1.0), np.where(far, t, 0.5)
    scaled = 0.5 * (scipy.special.erfcx(-(hf + tf) / np.sqrt(2)) - scipy.special.erfcx(-(hf - tf) / np.sqrt(2)))
    common = np.exp(-0.5 * (h**2 + t**2))
    plain = np.exp(moneyness / 2) * scipy.special.ndtr(h + t) - np.exp(-moneyness / 2) * scipy.special.ndtr(h - t)
    price = np.where(far, common * scaled, plain)
    vega = common / np.sqrt(2 * np.pi)
    tiny = np.finfo(np.float64).tiny
    ratio = np.where(far, 1 / np.sqrt(2 * np.pi) / np.maximum(scaled, tiny), vega / np.maximum(plain, tiny))
    return price, ratio


def _solve(moneyness: FloatArray, target: FloatArray) -> FloatArray:
    """Total volatility at which the price out of the money is `target`; both of shape (n,)."""
    low, high = np.full_like(target, _LOWEST), np.full_like(target, _HIGHEST)
    # Where the price bends from convex to concave (Manaster and Koehler 1982), or at the money, its slope.
    guess = np.clip(np.maximum(np.sqrt(-2 * moneyness), target * np.sqrt(2 * np.pi)), _LOWEST, _HIGHEST)
    wanted = np.log(target)
    for _ in range(_STEPS):
        price, slope = _out_of_the_money(moneyness, guess)
        with np.errstate(divide="ignore"):
            gap = np.log(price) - wanted
        low, high = np.where(gap < 0, guess, low), np.where(gap > 0, guess, high)
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
            step = guess - gap / slope
        inside = np.isfinite(step) & (step >= low) & (step <= high)
        better = np.where(gap == 0, guess, np.where(inside, step, np.sqrt(low * high)))
        done = np.abs(better - guess) <= _CLOSE_ENOUGH * guess
        guess = better
        if done.all():
            break
    return guess
