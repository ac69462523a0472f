"""What is asked of a market anywhere in its box, and how it is judged: by path, against its twin on the same noise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy

from abm import Market
from abm.state import Flow, FundKind
from cqkit.arrays import BoolArray, FloatArray
from scenarios.measures import ForcedShare, Outcome

LEDGER = 1e-12  # what a bar's cash ledger may be off by
BOOKED = 1e-9  # equity below zero, over the crowd's at the start, that nobody need book
EQUAL = 1e-9  # profits that differ by less are equal
LEVEL = 0.01  # family-wise: the chance that any step of a sound market is called a fault
UNCAUSED = 0.01  # share of paths that may have a forced sale though nothing has happened
ERRORS = 2.0  # standard errors of a median above which it is no chance
MEDIAN = float(np.sqrt(np.pi / 2))  # standard error of a median over that of a mean

REQUIREMENTS = {
    "finite": "Prices and accounts stay finite and in range",
    "runaway": "While a sale goes on the crowded book is not worth more than in the twin",
    "booked": "No equity below zero that no lender books",
    "ledger": f"The ledger of every bar closes within {LEDGER:g}",
    "monotone": "Trough and final loss do not shrink along axes that hurt",
    "no_gain": "Where crowding and a seller meet, the crowd does not end above its twin",
    "cause": f"Without seller and dated news at most {100 * UNCAUSED:g} % of paths have a forced sale",
}


class Seen(NamedTuple):
    """What is read off a market, by path."""

    value: FloatArray  # change of a unit of the crowded book since the start, (paths, days)
    selling: BoolArray  # whether somebody liquidates, (paths, days)
    trough: FloatArray  # lowest profit of the crowd, over its equity at the start, (paths,)
    final: FloatArray  # the same at the end
    unbooked: FloatArray  # most equity below zero at a close, which no lender has booked, over the same
    lenders: FloatArray  # what lenders have booked by the end, over the same
    forced: FloatArray  # sold under compulsion, over the crowd's book at the start
    residual: FloatArray  # largest distance of any bar's ledger from closing


def see(market: Market) -> Seen:
    """Read off a market what it is judged by."""
    record = market.record
    profit, lenders = record["crowd_profit"], record["lenders_loss"]
    sold = record.flows[:, :, Flow.LIQUIDATOR] < 0
    if "large_fund_sold" in record:
        sold |= record["large_fund_sold"] > 0
    return Seen(
        value=np.cumsum(record["crowded_book"], axis=1),
        selling=sold,
        trough=np.minimum(profit.min(axis=1), 0),
        final=profit[:, -1],
        unbooked=below_zero(market).max(axis=1),
        lenders=lenders[:, -1],
        forced=ForcedShare().values(Outcome(market.settings, record, None)),
        residual=record.ledger_residual.copy(),
    )


def below_zero(market: Market) -> FloatArray:
    """Equity of the crowd's funds below zero, over all their equity at the start, (paths, days).

    What a lender books he takes off the account, whose equity is then 0: whatever is below is nobody's.
    """
    record = market.record
    start = np.zeros_like(record.nav[:, 0])
    start[:, record.kinds == FundKind.LONG_SHORT] = market.starting_equity
    if market.settings.has_futures:
        start[:, record.kinds != FundKind.LONG_SHORT] = market.futures_crowd.starting_equity
    total = start.sum(axis=1, keepdims=True)
    weight = np.divide(start, total, out=np.zeros_like(start), where=total > 0)
    below: FloatArray = np.einsum("pdf,pf->pd", np.maximum(-record.nav, 0), weight)
    return below


def joined(blocks: Sequence[Seen]) -> Seen:
    """The same of all blocks of paths."""
    return Seen(*(np.concatenate(parts) for parts in zip(*blocks, strict=True)))


def is_finite(seen: Seen) -> bool:
    """Whether everything that is read is a number."""
    return all(bool(np.isfinite(part).all()) for part in seen)


def runs_away(seen: Seen, twin: Seen) -> float:
    """How far the crowded book's median value rises above its twin's beyond chance, while a sale goes on; 0 if not."""
    days = seen.selling.any(axis=0)
    above = (seen.value - twin.value)[:, days]
    if not days.any() or len(above) < 2:
        return 0.0
    error = MEDIAN * above.std(axis=0, ddof=1) / np.sqrt(len(above))
    median = np.median(above, axis=0)
    beyond = np.where(median > ERRORS * error + EQUAL, median, 0.0)
    return float(beyond.max())


def uncaused(seen: Seen) -> float:
    """Chance of as many paths with a forced sale, were they to have one in one path of a hundred."""
    return float(
        scipy.stats.binomtest(int((seen.forced > 0).sum()), seen.forced.size, UNCAUSED, alternative="greater").pvalue
    )
