"""Long-short funds: their arrays, and how they are drawn (docs/model.md, section 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.cut import CutLimits, CutRules, CutState, uncut
from abm.inhabitants.base import Opening
from abm.randomness import Purpose, normals_of, uniforms_of
from abm.sections.crowd import Funds, shares
from cqkit.arrays import FloatArray, IntArray, laid_out, whole_laid_out

if TYPE_CHECKING:
    from abm.settings import Settings


class LongShortState(NamedTuple):
    """Arrays shaped (paths, funds), but for `exposure` and `flow`."""

    exposure: FloatArray  # a, (paths, baskets, funds): loops run over the funds
    equity: FloatArray  # E
    book: FloatArray  # B, units per side
    leverage: FloatArray  # l, never exceeded by buying
    limit: FloatArray  # L, where a call comes
    order: FloatArray  # dB of this bar
    gain: FloatArray  # of a unit of the book in this bar
    late: FloatArray  # the same from the fill on
    calls: IntArray  # margin calls of the day
    called: FloatArray  # equity missing at the day's worst call
    forced: FloatArray  # units sold under compulsion in the day
    rebought: FloatArray  # units bought back in the day
    flow: FloatArray  # units that all of them buy in this bar, (paths, baskets)
    lenders_loss: FloatArray  # that its lender has booked since it was closed
    apart: int  # whether each fund's book is a basket of its own, after the common one
    watched: int  # funds watched within the day, the others at the close
    every: int  # bars between two looks at them
    funding: float  # a year, on what the long side exceeds equity by
    borrow_fee: float  # a year, on the short side
    limits: CutLimits
    cut: CutState
    rules: CutRules


class FundPopulation(NamedTuple):
    """Properties of the funds, shape (paths, funds) but for `exposure` (paths, funds, baskets)."""

    exposure: FloatArray
    equity: FloatArray
    leverage: FloatArray
    limit: FloatArray
    limits: CutLimits


def draw_funds(
    whole: Settings, seed: int, first_path: int, paths: int, portions: FloatArray | None = None
) -> FundPopulation:
    """Draw exposures, equity, leverage and what is borne by the crowd's long-short funds.

    Two funds' exposures (sqrt(rho), sqrt(1-rho) h) have expected cosine rho, h being isotropic; the crowd's book is
    `leverage` x `capital` on every path, however leverage and equity fall among the funds. `portions` (funds,) of it
    are what books that are given have.
    """
    settings, styles = whole.funds, whole.funds.styles
    count = settings.count - whole.futures_fund_count
    aim = settings.leverage
    if whole.futures_fund_count and settings.long_short_leverage is not None:
        aim = settings.long_short_leverage
    total = settings.capital * shares(settings.kind).get("long_short", 0.0)
    normals = normals_of(seed, Purpose.FUNDS, first_path, (paths, count, styles + 2))
    uniforms = uniforms_of(seed, Purpose.FUND_LIMITS, first_path, (paths, count, 5))
    own = normals[:, :, :styles] / np.linalg.norm(normals[:, :, :styles], axis=2, keepdims=True)
    exposure = np.empty((paths, count, 1 + styles))
    exposure[:, :, 0] = np.sqrt(settings.crowding)
    exposure[:, :, 1:] = np.sqrt(1 - settings.crowding) * own
    relative = np.exp(settings.leverage_spread * normals[:, :, styles])
    capital = np.exp(settings.capital_spread * normals[:, :, styles + 1])
    if portions is None:
        leverage = aim * relative
        equity = total * capital / np.vecdot(capital, relative)[:, None]
    else:  # books are as large as they are; leverages are scaled so that equity adds up to the capital
        leverage = aim * relative * (portions / relative).sum(axis=1, keepdims=True)
        equity = total * aim * portions / leverage
    uniforms = np.ascontiguousarray(uniforms.transpose(2, 0, 1))
    limit = leverage * (1 + between(settings.headroom, uniforms[0]))
    return FundPopulation(exposure, equity, leverage, limit, cut_limits(settings, leverage, uniforms[1:]))


def between(ends: tuple[float, float], uniforms: FloatArray) -> FloatArray:
    """Numbers spread evenly from the lowest to the highest."""
    low, high = ends
    spread: FloatArray = low + (high - low) * uniforms
    return spread


def cut_limits(settings: Funds, leverage: FloatArray, uniforms: FloatArray) -> CutLimits:
    """What funds of some leverage (paths, funds) bear, from `uniforms` (4, paths, funds)."""
    shape = leverage.shape
    return CutLimits(
        tolerated=laid_out(shape, leverage * between(settings.tolerance, uniforms[0])),
        severity=laid_out(shape, between(settings.severity, uniforms[1])),
        wait=laid_out(shape, between(settings.reentry_wait, uniforms[2])),
        willing=whole_laid_out(shape, (uniforms[3] < settings.reentry_share).astype(np.int64)),
    )


def open_funds(opening: Opening) -> LongShortState:
    """Lay out the funds before the first bar; books of the user's own take the place of those drawn."""
    settings, funds = opening.settings, opening.settings.funds
    crowd = draw_funds(settings, opening.seed, opening.first_path, opening.paths, opening.portions)
    shape, rows = crowd.equity.shape, opening.baskets.value.shape[1]
    exposure = crowd.exposure if opening.exposure is None else opening.exposure
    if exposure.shape[2] < rows:  # nobody of them holds the index
        exposure = np.concatenate([exposure, np.zeros((*exposure.shape[:2], rows - exposure.shape[2]))], axis=2)
    book = crowd.leverage * crowd.equity
    return LongShortState(
        exposure=laid_out((opening.paths, rows, shape[1]), exposure.transpose(0, 2, 1)),
        equity=laid_out(shape, crowd.equity),
        book=laid_out(shape, book),
        leverage=laid_out(shape, crowd.leverage),
        limit=laid_out(shape, crowd.limit),
        order=laid_out(shape),
        gain=laid_out(shape),
        late=laid_out(shape),
        calls=whole_laid_out(shape),
        called=laid_out(shape),
        forced=laid_out(shape),
        rebought=laid_out(shape),
        flow=np.zeros((opening.paths, rows)),
        lenders_loss=laid_out(shape),
        apart=int(are_apart(exposure)),
        watched=round(funds.intraday_share * shape[1]),
        every=max(1, settings.clock.bars // funds.looks),
        funding=funds.funding,
        borrow_fee=funds.borrow_fee,
        limits=crowd.limits,
        cut=uncut(book, crowd.equity),
        rules=cut_rules(funds),
    )


def are_apart(exposure: FloatArray) -> bool:
    """Whether exposures (paths, funds, baskets) say that fund f holds basket 1 + f, and that alone, on all paths."""
    _, funds, rows = exposure.shape
    return (
        rows > funds
        and np.count_nonzero(exposure) == len(exposure) * funds
        and all(np.array_equal(np.diagonal(one, offset=1), np.ones(funds)) for one in exposure)
    )


def cut_rules(funds: Funds) -> CutRules:
    """Rules that all funds of the crowd share."""
    return CutRules(
        share=funds.cut,
        days=funds.cut_days,
        mark_days=funds.mark_days,
        reentry_days=funds.reentry_days,
        reentry_cheapness=funds.reentry_cheapness,
        forced=int(funds.forced_sales),
    )
