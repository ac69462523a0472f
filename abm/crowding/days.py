"""How long it takes to sell: days to liquidate, by position, by fund, and for the whole crowd stock by stock."""

from __future__ import annotations

import numpy as np

from cqkit.arrays import FloatArray

PARTICIPATION = 0.2  # share of a day's volume that a seller is


def days_to_liquidate(value: FloatArray, adv: FloatArray, participation: float = PARTICIPATION) -> FloatArray:
    """Days |x| / (p V) in which positions are sold at a share p of the volume; what is not traded takes for ever.

    `value` (..., stocks) and `adv` (stocks,) in money. Source: days to ADV of hedge funds' common holdings (Brown,
    Howard and Lundblad), which is p = 1.
    """
    held, traded = np.abs(value), participation * np.broadcast_to(adv, value.shape)
    return np.divide(held, traded, out=np.where(held > 0, np.inf, 0.0), where=traded > 0)


def crowd_days(holdings: FloatArray, adv: FloatArray, participation: float = PARTICIPATION) -> FloatArray:
    """Days in which all funds together sell each stock, sum_i |x_ik| / (p V_k), shape (stocks,)."""
    return days_to_liquidate(np.abs(holdings).sum(axis=0), adv, participation)


def days_to_sell(
    holdings: FloatArray, adv: FloatArray, share: float = 1.0, participation: float = PARTICIPATION
) -> FloatArray:
    """Days in which each fund sells a `share` of its gross book, shape (funds,), every stock from the first day.

    It sells as much as a share `participation` of the volume allows, stock by stock, until what is sold adds up: the
    liquid part goes first. All of it (share 1) takes as long as its worst position. An empty book takes 0 days.
    """
    days = days_to_liquidate(holdings, adv, participation)
    found = np.zeros(len(holdings))
    for fund, (value, needed) in enumerate(zip(np.abs(holdings), days, strict=True)):
        tradable = np.isfinite(needed) & (needed > 0)
        order = np.argsort(needed[tradable], kind="stable")
        ends, sizes = needed[tradable][order], value[tradable][order]
        # Sold by the end of each position: those that are done by then, and the rest at their rates.
        done, still = np.cumsum(sizes), (sizes / ends).sum() - np.cumsum(sizes / ends)
        goal = share * value.sum()
        if goal > done[-1:].sum() * (1 + 1e-9):
            found[fund] = np.inf
        elif goal > 0:
            found[fund] = np.interp(goal, np.concatenate([[0.0], done + still * ends]), np.concatenate([[0.0], ends]))
    return found
