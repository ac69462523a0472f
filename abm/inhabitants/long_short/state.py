"""Long-short funds: their arrays, and how they are drawn (docs/model.md, section 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.cut import CutRules
from abm.inhabitants.base import Opening
from abm.randomness import Purpose, stream
from abm.sections.crowd import Funds, shares
from abm.state import FundState
from cqkit.arrays import FloatArray, IntArray

if TYPE_CHECKING:
    from abm.settings import Settings


class LongShortState(NamedTuple):
    """Arrays shaped (paths, funds), but for `exposure` and `flow`."""

    exposure: FloatArray  # a, (paths, funds, baskets)
    equity: FloatArray  # E
    book: FloatArray  # B, units per side
    leverage: FloatArray  # l, target
    limit: FloatArray  # l (1 + buf), where a call comes
    reenters: IntArray  # whether it comes back after a forced cut
    state: IntArray  # FundState
    defaulted: IntArray
    target: FloatArray  # B*, where a forced cut ends
    rate: FloatArray  # units sold per day while deleveraging
    called_in: IntArray  # bar after the call that began the latest cut, counted from the start of the run
    order: FloatArray  # dB of this bar
    calls: IntArray  # margin calls of the day
    called: FloatArray  # equity missing at the day's worst call
    forced: FloatArray  # units sold under compulsion in the day
    rebought: FloatArray  # units bought back in the day
    cut_base: FloatArray  # leverage that a forced cut goes to a share of
    flow: FloatArray  # units that all of them buy in this bar, (paths, baskets)
    watched: int  # funds watched at every bar, the others at the close
    rebalancing: float  # r
    rules: CutRules


class FundPopulation(NamedTuple):
    """Properties of the funds, shape (paths, funds) but for `exposure` (paths, funds, baskets)."""

    exposure: FloatArray
    equity: FloatArray
    leverage: FloatArray
    limit: FloatArray
    reenters: IntArray


def draw_funds(whole: Settings, seed: int, first_path: int, paths: int) -> FundPopulation:
    """Draw exposures, equity, leverage and headroom of the crowd's long-short funds.

    Two funds' exposures (sqrt(rho), sqrt(1-rho) h) have expected cosine rho, h being isotropic; the crowd's book is
    `leverage` x `capital` on every path, however leverage and equity fall among the funds.
    """
    settings, styles = whole.funds, whole.funds.styles
    count = settings.count - whole.futures_fund_count
    aim = settings.leverage
    if whole.futures_fund_count and settings.long_short_leverage is not None:
        aim = settings.long_short_leverage
    total = settings.capital * shares(settings.kind).get("long_short", 0.0)
    exposure = np.empty((paths, count, 1 + styles))
    equity, leverage, limit = np.empty((3, paths, count))
    reenters = np.empty((paths, count), dtype=np.int64)
    for row in range(paths):
        normals = stream(seed, Purpose.FUNDS, first_path + row).standard_normal((count, styles + 2))
        uniforms = stream(seed, Purpose.FUND_LIMITS, first_path + row).random((count, 2))
        own = normals[:, :styles] / np.linalg.norm(normals[:, :styles], axis=1, keepdims=True)
        exposure[row, :, 0] = np.sqrt(settings.crowding)
        exposure[row, :, 1:] = np.sqrt(1 - settings.crowding) * own
        relative = np.exp(settings.leverage_spread * normals[:, styles])
        capital = np.exp(settings.capital_spread * normals[:, styles + 1])
        equity[row] = total * capital / (capital @ relative)
        leverage[row] = aim * relative
        low, high = settings.headroom
        limit[row] = leverage[row] * (1 + low + (high - low) * uniforms[:, 0])
        reenters[row] = uniforms[:, 1] < settings.reentry_share
    return FundPopulation(exposure, equity, leverage, limit, reenters)


def open_funds(opening: Opening) -> LongShortState:
    """Lay out the funds before the first bar; books of the user's own take the place of those drawn."""
    settings, funds = opening.settings, opening.settings.funds
    crowd = draw_funds(settings, opening.seed, opening.first_path, opening.paths)
    shape, rows = crowd.equity.shape, opening.baskets.value.shape[1]
    exposure = crowd.exposure if opening.exposure is None else opening.exposure
    if exposure.shape[2] < rows:  # nobody of them holds the index
        exposure = np.concatenate([exposure, np.zeros((*exposure.shape[:2], rows - exposure.shape[2]))], axis=2)
    return LongShortState(
        exposure,
        equity=crowd.equity,
        book=crowd.leverage * crowd.equity,
        leverage=crowd.leverage,
        limit=crowd.limit,
        reenters=crowd.reenters,
        state=np.full(shape, int(FundState.NORMAL)),
        defaulted=np.zeros(shape, dtype=np.int64),
        target=np.zeros(shape),
        rate=np.zeros(shape),
        called_in=np.zeros(shape, dtype=np.int64),
        order=np.zeros(shape),
        calls=np.zeros(shape, dtype=np.int64),
        called=np.zeros(shape),
        forced=np.zeros(shape),
        rebought=np.zeros(shape),
        cut_base=(crowd.leverage if funds.cut_from == "target" else crowd.limit).copy(),
        flow=np.zeros((opening.paths, rows)),
        watched=round(funds.intraday_share * shape[1]),
        rebalancing=funds.rebalancing,
        rules=cut_rules(funds),
    )


def cut_rules(funds: Funds) -> CutRules:
    """Rules of the forced cut that all funds of the crowd share."""
    return CutRules(
        share=funds.cut,
        days=funds.cut_days,
        reentry_days=funds.reentry_days,
        reentry_wait=funds.reentry_wait,
        forced=int(funds.forced_sales),
    )
