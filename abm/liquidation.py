"""What to sell to raise an amount of money: the cheapest stocks first, under the market's square-root law of impact.

An order for q of a stock that trades V a day moves its price by Y sigma sqrt(q / V) at its end, whatever it lasts
(docs/model.md, section 2, step 5). At a constant rate the mean fill is two thirds of that away, half of the move that
stays, lambda sigma q / V, comes on top, and half the spread s, so that a sale costs

    c(q) = q (2/3 Y sigma sqrt(q / V) + 1/2 lambda sigma q / V + s).

The cheapest sale of a given amount sells where the next unit costs the same in all stocks that are not sold out
(Karush, Kuhn and Tucker): with u = sqrt(q / V), Y sigma u + lambda sigma u^2 + s is one number mu, which without the
part that stays means q = V (mu / (Y sigma))^2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from abm.sections.stocks import Impact
from cqkit.arrays import BoolArray, FloatArray
from cqkit.errors import InputError, raise_faults
from cqkit.plain import counted


@dataclass(frozen=True)
class Sale:
    """What is sold, and what that costs, in money.

    Attributes
    ----------
    sold
        By stock, shape (stocks,).
    cost
        What it brings less than at the prices before, by stock, shape (stocks,); NaN where the stock's volume is not
        known.
    missing
        What was asked for beyond all that can be sold.
    notes
        What was filled in or cannot be told.
    """

    sold: FloatArray
    cost: FloatArray
    missing: float
    notes: tuple[str, ...] = ()

    @property
    def total(self) -> float:
        """Money sold in all, before what the sale costs."""
        return float(self.sold.sum())

    @property
    def total_cost(self) -> float:
        """What the sale costs in all; stocks of unknown volume are left out, and NaN if only such are sold."""
        known = np.isfinite(self.cost)
        return float(self.cost[known].sum()) if known[self.sold > 0].any() or self.total == 0 else math.nan


def cheapest_sale(
    amount: float,
    value: npt.ArrayLike,
    adv: npt.ArrayLike,
    volatility: npt.ArrayLike,
    impact: Impact | None = None,
) -> Sale:
    """Sell an amount at the lowest cost.

    Parameters
    ----------
    amount
        Money to be raised, at the prices before the sale.
    value
        Held of each stock, in money, shape (stocks,); short positions are left alone.
    adv
        Traded of each a day, in money, shape (stocks,); NaN or 0 where it is not known. Such stocks are sold last, all
        by the same share.
    volatility
        Of each, per sqrt(day), shape (stocks,); NaN where it is not known: the median of the others is taken.
    impact
        The market's; by default the settings' own.

    Raises
    ------
    InputError
        When shapes do not fit, or the amount is negative or not finite.
    """
    held, volume, sigma = (np.asarray(numbers, dtype=np.float64) for numbers in (value, adv, volatility))
    _check(amount, held, volume, sigma)
    held = np.maximum(np.nan_to_num(held), 0.0)
    priced = np.isfinite(volume) & (volume > 0)
    sigma, notes = _filled(sigma, held, priced)
    priced &= np.isfinite(sigma)
    sold = np.zeros_like(held)
    sold[priced] = _cheapest(amount, held[priced], volume[priced], sigma[priced], impact or Impact())
    rest, unpriced = max(amount - float(sold.sum()), 0.0), held * ~priced
    if rest > 1e-12 * amount and unpriced.any():
        sold += unpriced * min(rest / float(unpriced.sum()), 1.0)
        notes.append("stocks of unknown volume have to be sold too: what that costs is not known, and not counted")
    cost = np.full_like(held, np.nan)
    cost[priced] = sale_cost(sold[priced], volume[priced], sigma[priced], impact)
    cost[sold == 0] = 0.0
    missing = amount - float(sold.sum())
    return Sale(sold, cost, missing if missing > 1e-9 * amount else 0.0, tuple(notes))


def sale_cost(sold: FloatArray, adv: FloatArray, volatility: FloatArray, impact: Impact | None = None) -> FloatArray:
    """What selling so much of each stock costs, in money; all of one shape, money, money a day, per sqrt(day)."""
    impact = impact or Impact()
    return sold * (volatility * price_moved(sold / adv, impact) + impact.half_spread)


def price_moved(days: FloatArray, impact: Impact) -> FloatArray:
    """By how much a sale of so many days' volume is filled below where it began, over the stock's daily volatility."""
    moved: FloatArray = 2 / 3 * impact.strength * np.sqrt(days) + impact.permanent * days / 2
    return moved


def _cheapest(amount: float, held: FloatArray, adv: FloatArray, sigma: FloatArray, impact: Impact) -> FloatArray:
    """Where the marginal cost above half the spread is one number, or all is sold, shape (stocks,)."""
    if held.sum() <= amount:
        return held
    strength, stays = impact.strength, impact.permanent

    def sold(marginal: float) -> FloatArray:
        # Root of stays u^2 + strength u = marginal / sigma, in the form that loses no digits where `stays` is small.
        with np.errstate(divide="ignore", invalid="ignore"):
            steep = marginal / sigma
            root = 2 * steep / (strength + np.sqrt(strength**2 + 4 * stays * steep))
        free = np.isinf(steep) | (strength + stays == 0)
        return np.minimum(held, np.where(free, np.inf, np.nan_to_num(adv * root**2)))

    days = np.sqrt(held / adv)
    most = float((sigma * (strength * days + stays * days**2)).max())
    if most == 0:  # nothing moves a price: all alike
        return held * (amount / held.sum())
    level = scipy.optimize.brentq(
        lambda marginal: float(sold(marginal).sum()) - amount, 0.0, most, xtol=1e-300, rtol=1e-14
    )
    found = sold(level)
    open_ended = found < held
    if open_ended.any() and found[open_ended].sum() > 0:  # the last digits
        found[open_ended] *= max(1 + (amount - found.sum()) / found[open_ended].sum(), 0.0)
    return np.minimum(found, held)


def _filled(sigma: FloatArray, held: FloatArray, priced: BoolArray) -> tuple[FloatArray, list[str]]:
    """Volatilities with the median in place of those that are not known."""
    unknown = ~(np.isfinite(sigma) & (sigma >= 0))
    if not (unknown & (held > 0) & priced).any():
        return np.where(unknown, np.nan, sigma), []
    if unknown.all():
        return np.full_like(sigma, np.nan), ["no stock's volatility is known: what a sale costs cannot be told"]
    usual = float(np.median(sigma[~unknown]))
    count = int((unknown & (held > 0) & priced).sum())
    stocks = counted(count, "stock")
    return np.where(unknown, usual, sigma), [f"volatility of {stocks} is not known: the others' median is taken"]


def _check(amount: float, held: FloatArray, volume: FloatArray, sigma: FloatArray) -> None:
    faults = []
    if not (math.isfinite(amount) and amount >= 0):
        faults.append(f"amount = {amount}: must be at least 0 and finite (money)")
    if held.ndim != 1 or not held.shape == volume.shape == sigma.shape:
        faults.append(
            f"value, adv and volatility: shapes {held.shape}, {volume.shape}, {sigma.shape}: must be one number a stock"
        )
    raise_faults(faults)
    if np.isinf(held).any():
        raise InputError("value: must be finite (money in each stock)")
