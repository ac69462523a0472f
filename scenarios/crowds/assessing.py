"""All measures of one crowd (docs/crowding.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np

from abm.crowding import (
    ContagionIndex,
    FireSales,
    Loop,
    all_rounds,
    contagion_index,
    cosine_overlap,
    crowd_days,
    days_to_sell,
    deleveraging_loop,
    effective_number,
    fire_sales,
    liquidity_overlap,
    market_depth,
    response,
)
from cqkit.arrays import FloatArray
from cqkit.errors import raise_faults
from scenarios.crowds.crowd import Crowd

Shock = Literal["crowd", "market"]
TENTH = 0.1
"""Share of its book that each fund is taken to sell where nobody's equity is known."""


@dataclass(frozen=True)
class Terms:
    """What is asked of a crowd.

    Attributes
    ----------
    shock
        `crowd`: every stock moves against what the funds hold of it net; `market`: every stock falls.
    move
        By how much, a ratio.
    flow
        Days of volume at which the square-root law of impact is made linear.
    participation
        Share of a day's volume that a seller is, for days to liquidate.
    """

    shock: Shock = "crowd"
    move: float = 0.01
    flow: float = 0.1
    participation: float = 0.2

    def __post_init__(self) -> None:
        faults = []
        if self.shock not in get_args(Shock):
            faults.append(f"shock = {self.shock}: must be {' or '.join(get_args(Shock))}")
        if not 0 < self.move <= 1:
            faults.append(f"move = {self.move:g}: must lie in 0..1 (a ratio, .01 is 1 %), 0 not included")
        if not 1e-6 <= self.flow <= 100:
            faults.append(f"flow = {self.flow:g}: must lie in 1e-6..100 (days of volume)")
        if not 0 < self.participation <= 1:
            faults.append(f"participation = {self.participation:g}: must lie in 0..1 (a ratio), 0 not included")
        raise_faults(faults)

    def returns(self, holdings: FloatArray) -> FloatArray:
        """The shock as returns of the stocks, shape (stocks,)."""
        if self.shock == "market":
            return np.full(holdings.shape[1], -self.move)
        return -self.move * np.sign(holdings.sum(axis=0))


class Assessment(NamedTuple):
    """What was measured of a crowd; None where something that is needed is not known.

    Attributes
    ----------
    cosine
        Of what the funds have chosen, shape (funds, funds).
    strategies, entropy
        Effective number of strategies among the books, both ways.
    overlap
        Liquidity-weighted, money, shape (funds, funds).
    contagion
        The indirect contagion index.
    days_half, days_most
        To sell half and nine tenths of a fund's book, shape (funds,).
    crowd_half, crowd_most
        The same of all books together.
    stock_days
        In which all funds together sell each stock, shape (stocks,); NaN where ADV is not known.
    sales
        Fire sales after the shock; where equity is not known, after each has sold a tenth of its book, with gross books
        in place of equity.
    loop
        Of forced sales.
    rounds
        What all rounds of sales together cost over what the first one does; NaN where they do not die out.
    falls
        Moves of the stocks by the first round of sales, shape (stocks,); NaN where depth is not known.
    own_losses
        Money that each fund's sales cost the book beside the crowd, shape (funds,).
    """

    cosine: FloatArray
    strategies: float
    entropy: float
    overlap: FloatArray | None = None
    contagion: ContagionIndex | None = None
    days_half: FloatArray | None = None
    days_most: FloatArray | None = None
    crowd_half: float = float("nan")
    crowd_most: float = float("nan")
    stock_days: FloatArray | None = None
    sales: FireSales | None = None
    loop: Loop | None = None
    rounds: float = float("nan")
    falls: FloatArray | None = None
    own_losses: FloatArray | None = None

    @property
    def average_cosine(self) -> float:
        """Mean over all pairs of funds."""
        return _mean_of_pairs(self.cosine)


def assess(crowd: Crowd, terms: Terms | None = None, depth: FloatArray | None = None) -> Assessment:
    """Measure a crowd.

    Parameters
    ----------
    crowd
        Books and stocks.
    terms
        What is asked; default: `Terms()`.
    depth
        Money that moves a price by 100 %, shape (stocks,); default: by the square-root law at `terms.flow`.
    """
    terms = terms or Terms()
    cosine = cosine_overlap(crowd.active)
    found = Assessment(cosine, effective_number(cosine), effective_number(cosine, "entropy"))
    if crowd.traded.any():
        found = _days(crowd, terms, found)
    if crowd.priced.any():
        found = _prices(crowd, terms, found, depth_of(crowd, terms.flow) if depth is None else depth)
    return found


def brief(crowd: Crowd, terms: Terms, depth: FloatArray) -> dict[str, float]:
    """What changes from day to day, and is quickly measured; names as those of `DAILY`."""
    cosine, books, equity = cosine_overlap(crowd.active), crowd.holdings, crowd.equity
    gross, owned = float(crowd.gross.sum()), float(equity[equity > 0].sum())
    together = np.abs(books).sum(axis=0, keepdims=True)
    overlap = liquidity_overlap(books, depth)
    loop = deleveraging_loop(books, equity, depth, overlap)
    return {
        "overlap": _mean_of_pairs(cosine),
        "strategies": effective_number(cosine),
        "contagion_share": contagion_index(overlap).share,
        "days_most": float(days_to_sell(together, crowd.adv, 0.9, terms.participation)[0]),
        "leverage": gross / owned if owned > 0 else float("nan"),
        "aggregate_vulnerability": fire_sales(books, equity, depth, terms.returns(books), overlap).aggregate,
        "loop_gain": loop.gain,
        "critical_ratio": loop.critical,
    }


def loops_by_flow(crowd: Crowd, depths: Mapping[float, FloatArray]) -> list[tuple[float, Loop]]:
    """The loop of a crowd by the flow at which depth is taken; empty where equity or liquidity is not known."""
    if not (crowd.levered and crowd.priced.any()):
        return []
    return [(flow, deleveraging_loop(crowd.holdings, crowd.equity, depth)) for flow, depth in depths.items()]


def depth_of(crowd: Crowd, flow: float) -> FloatArray:
    """Depth of the stocks by the square-root law; what is not known moves no price, and is taken as infinitely deep."""
    depth = market_depth(crowd.adv, crowd.volatility, flow=flow)
    return np.where(crowd.priced, depth, np.inf)


def _mean_of_pairs(cosine: FloatArray) -> float:
    count = len(cosine)
    return float((cosine.sum() - np.trace(cosine)) / (count * (count - 1))) if count > 1 else float("nan")


def _days(crowd: Crowd, terms: Terms, found: Assessment) -> Assessment:
    known, part = crowd.traded, terms.participation
    books, adv = crowd.holdings[:, known], crowd.adv[known]
    together = np.abs(books).sum(axis=0, keepdims=True)
    by_stock = np.full(len(known), np.nan)
    by_stock[known] = crowd_days(books, adv, part)
    return found._replace(
        days_half=days_to_sell(books, adv, 0.5, part),
        days_most=days_to_sell(books, adv, 0.9, part),
        crowd_half=float(days_to_sell(together, adv, 0.5, part)[0]),
        crowd_most=float(days_to_sell(together, adv, 0.9, part)[0]),
        stock_days=by_stock,
    )


def _prices(crowd: Crowd, terms: Terms, found: Assessment, depth: FloatArray) -> Assessment:
    books = crowd.holdings
    overlap = liquidity_overlap(books, depth)
    found = found._replace(overlap=overlap, contagion=contagion_index(overlap))
    if crowd.levered:
        sales = fire_sales(books, crowd.equity, depth, terms.returns(books), overlap)
        whole = all_rounds(sales.sold * crowd.gross, response(books, crowd.equity, depth))
        found = found._replace(
            loop=deleveraging_loop(books, crowd.equity, depth, overlap),
            rounds=_cost(whole, overlap, crowd.gross) / _cost_of(sales),
        )
    else:
        # Nobody is known to owe anything: a tenth of each book is sold, and gross books stand in for equity.
        sales = _a_tenth_sold(crowd.gross, overlap)
    falls = np.where(crowd.priced, -(sales.sold @ books) / depth, np.nan)
    own = None if crowd.own is None else sales.sold * liquidity_overlap(books, depth, crowd.own[None])[:, 0]
    return found._replace(sales=sales, falls=falls, own_losses=own)


def _a_tenth_sold(gross: FloatArray, overlap: FloatArray) -> FireSales:
    losses = TENTH * overlap
    return FireSales(
        direct=np.zeros(len(gross)),
        sold=np.full(len(gross), TENTH),
        size=gross / gross.sum(),
        linkage=overlap.sum(axis=1) / gross,
        systemicness=losses.sum(axis=1) / gross.sum(),
        vulnerability=losses.sum(axis=0) / gross,
        losses=losses,
        aggregate=float(losses.sum() / gross.sum()),
    )


def _cost(sales: FloatArray, overlap: FloatArray, gross: FloatArray) -> float:
    """Money that sales (gross, by fund) cost all funds."""
    shares = np.divide(sales, gross, out=np.zeros_like(gross), where=gross > 0)
    return float((shares[:, None] * overlap).sum())


def _cost_of(sales: FireSales) -> float:
    cost = float(sales.losses.sum())
    return cost if cost != 0 else float("nan")
