"""Systemicness and vulnerability: what funds that have to keep their leverage do to each other after a shock.

Source: Greenwood, Landier and Thesmar 2015, Vulnerable banks; for books that are long and short see `must_sell`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from abm.crowding.overlap import liquidity_overlap
from cqkit.arrays import FloatArray


class FireSales(NamedTuple):
    """The first round of sales after a shock; arrays by fund, shape (funds,), but for `losses`.

    Systemicness adds up to the crowd's aggregate vulnerability, and is size x sold x linkage.

    Attributes
    ----------
    direct
        Loss by the shock itself, a ratio to the fund's equity.
    sold
        Share of its book that the fund has to sell.
    size
        Its gross book over the equity of all.
    linkage
        What all books together lose when it sells all of its own, a ratio to its gross book.
    systemicness
        What its sales cost all funds, a ratio to the equity of all.
    vulnerability
        What all sales cost it, a ratio to its equity (indirect vulnerability).
    losses
        Money that the sales of fund i (row) cost fund j (column), shape (funds, funds).
    aggregate
        What all sales cost all funds, a ratio to the equity of all.
    """

    direct: FloatArray
    sold: FloatArray
    size: FloatArray
    linkage: FloatArray
    systemicness: FloatArray
    vulnerability: FloatArray
    losses: FloatArray
    aggregate: float


def must_sell(holdings: FloatArray, equity: FloatArray, shock: FloatArray) -> FloatArray:
    """Gross value that each fund has to sell to be back at its leverage after a `shock` (stocks,), shape (funds,).

    With gross book G = sum |x|, equity E and leverage l = G / E: l x loss less what the gross book itself has shrunk,
    -sum_k (l x_k - |x_k|) f_k; for a book that is long only, debt over equity times its loss, as Greenwood, Landier and
    Thesmar have it. Nobody sells more than all, and who has lost its equity sells all. A fund that gains need not buy,
    and one without debt or short positions beyond its equity (l <= 1) need not sell.

    Parameters
    ----------
    holdings
        In money, signed, shape (funds, stocks).
    equity
        In money, shape (funds,).
    shock
        Returns of the stocks, shape (stocks,).
    """
    gross, loss = np.abs(holdings).sum(axis=1), -(holdings @ shock)
    leverage = np.divide(gross, equity, out=np.full_like(gross, np.inf), where=equity > 0)
    ruined = (loss >= equity) & (leverage > 1)
    wanted = np.where(ruined, 0.0, leverage) * loss + np.abs(holdings) @ shock
    needed = np.where(ruined, gross, wanted)
    return np.where(leverage > 1, np.clip(needed, 0.0, gross), 0.0)


def fire_sales(
    holdings: FloatArray,
    equity: FloatArray,
    depth: FloatArray,
    shock: FloatArray,
    overlap: FloatArray | None = None,
) -> FireSales:
    """Sales after a shock, and what they cost whom.

    Each fund sells its book in proportion; a stock of which a value q is sold falls by q / D. With s_i what fund i
    sells, G_i its gross book and Omega the liquidity-weighted overlaps, j loses s_i Omega_ij / G_i by it.

    Parameters
    ----------
    holdings, equity, shock
        As of `must_sell`.
    depth
        Money that moves a price by 100 %, shape (stocks,).
    overlap
        `liquidity_overlap(holdings, depth)`, where it is known already.
    """
    sales, gross = must_sell(holdings, equity, shock), np.abs(holdings).sum(axis=1)
    sold = np.divide(sales, gross, out=np.zeros_like(gross), where=gross > 0)
    overlap = liquidity_overlap(holdings, depth) if overlap is None else overlap
    losses = sold[:, None] * overlap
    whole = equity[equity > 0].sum()
    own = np.where(equity > 0, equity, np.nan)
    return FireSales(
        direct=-(holdings @ shock) / own,
        sold=sold,
        size=gross / whole,
        linkage=np.divide(overlap.sum(axis=1), gross, out=np.zeros_like(gross), where=gross > 0),
        systemicness=losses.sum(axis=1) / whole,
        vulnerability=losses.sum(axis=0) / own,
        losses=losses,
        aggregate=float(losses.sum() / whole),
    )
