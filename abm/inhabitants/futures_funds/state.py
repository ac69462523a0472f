"""Futures funds: their arrays before the first bar (docs/model.md, section 8)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from abm.cut import CutLimits, CutRules, CutState, uncut
from abm.inhabitants.base import Opening
from abm.inhabitants.futures_funds.population import FuturesFundPopulation, draw_futures_funds
from abm.inhabitants.long_short.state import cut_rules
from abm.sections.index import DAYS_A_YEAR
from cqkit.arrays import FloatArray, IntArray, laid_out, whole_laid_out


class FuturesFundState(NamedTuple):
    """Funds long stocks and short index futures; arrays shaped (paths, funds), but for `flow` and `exposure`.

    The stocks are as many units of the index as the book is worth, tilted to the common book and to one style of its
    own.
    """

    common: FloatArray  # units of the common book in its whole starting book
    styled: FloatArray  # units of its own style book in it
    own: IntArray  # which basket that style is
    book: FloatArray  # starting stock book, money
    swap: FloatArray  # phi: 1 if a broker holds the stocks and settles their gains in cash, else 0
    value: FloatArray  # of the whole starting book at the latest prices
    initial: FloatArray  # initial margin, a ratio to its base
    floor: FloatArray  # maintenance margin, a ratio to its base
    reserve_wanted: FloatArray  # cash beyond the margin, a ratio to the stock book
    start_value: FloatArray  # unit value at the start, a ratio to par
    watched: IntArray  # whether it is watched at every bar
    held: FloatArray  # g, share of the starting book that it holds
    contracts: FloatArray  # U, index units short
    deposit: FloatArray  # A
    reserve: FloatArray  # C
    barred: IntArray  # below a line of its contract: no buying, whatever happens
    call_target: FloatArray  # share at which an unmet call is met
    line: FloatArray  # share that a line of its contract lets it hold
    line_rate: FloatArray  # share sold per day for that
    stock_plan: FloatArray  # share of the starting book to trade over the day, decided at the close before
    hedge_plan: FloatArray  # contracts to add over the day, decided at the close before
    gain: FloatArray  # of its whole starting book in this bar
    late: FloatArray  # the same from the fill on
    compelled: FloatArray  # what it is made to sell in this bar, or buys to come back, before what can be traded
    order: FloatArray  # dg of this bar
    hedge_order: FloatArray  # dU of this bar
    margin_level: FloatArray  # what margins are multiplied by since volatility rose
    looked_at: IntArray  # whether its account has to be looked at closely in this bar
    calls: IntArray  # margin calls of the day
    called: FloatArray  # margin missing at the day's worst call
    forced: FloatArray  # units sold under compulsion in the day
    rebought: FloatArray  # units bought back in the day
    stock_gain: FloatArray  # of the day
    futures_gain: FloatArray  # of the day
    flow: FloatArray  # units of each basket that all of them buy in this bar, (paths, baskets)
    exposure: FloatArray  # where one fund's units of each basket are laid out, (paths, baskets)
    lenders_loss: FloatArray  # that its lender has booked since it was closed
    financing: float  # that brokers charge on swap-financed stock, a day
    limits: CutLimits
    cut: CutState
    rules: CutRules


_ZEROS = (
    *("line_rate", "stock_plan", "hedge_plan", "gain", "late", "compelled", "order", "hedge_order"),
    *("called", "forced", "rebought", "stock_gain", "futures_gain"),
)


def open_futures_funds(opening: Opening) -> FuturesFundState:
    """Lay out the funds, hedged as their policies ask on the eve."""
    settings, shares = opening.settings, opening.baskets.shares
    count = settings.futures_fund_count
    shape = (opening.paths, count)
    if count:
        drawn = draw_futures_funds(settings, shares[:, :-1], opening.past, opening.seed, opening.first_path)
    else:
        drawn = FuturesFundPopulation.nobody(opening.paths)
    contracts = drawn.hedge * drawn.book
    notional = contracts * (1 + settings.futures.start_basis)
    return FuturesFundState(
        common=laid_out(shape, drawn.common),
        styled=laid_out(shape, drawn.styled),
        own=whole_laid_out(shape, drawn.own),
        book=laid_out(shape, drawn.book),
        value=laid_out(shape, drawn.book),
        swap=laid_out(shape, drawn.swap),
        initial=laid_out(shape, drawn.initial),
        floor=laid_out(shape, drawn.floor),
        reserve_wanted=laid_out(shape, drawn.reserve),
        start_value=laid_out(shape, drawn.unit_value),
        watched=whole_laid_out(shape, drawn.watched),
        held=laid_out(shape, 1.0),
        contracts=laid_out(shape, contracts),
        deposit=laid_out(shape, drawn.initial * np.where(drawn.swap > 0, drawn.book, np.abs(notional))),
        reserve=laid_out(shape, drawn.reserve * drawn.book),
        barred=whole_laid_out(shape),
        call_target=laid_out(shape, 1.0),
        line=laid_out(shape, 1.0),
        margin_level=laid_out(shape, 1.0),
        looked_at=whole_laid_out(shape),
        calls=whole_laid_out(shape),
        flow=np.zeros((opening.paths, shares.shape[1])),
        exposure=np.zeros((opening.paths, shares.shape[1])),
        financing=settings.futures_funds.financing / DAYS_A_YEAR,
        lenders_loss=laid_out(shape),
        limits=drawn.limits,
        cut=uncut(np.ones(shape), drawn.book / drawn.leverage),
        rules=cut_rules(settings.funds),
        **{name: laid_out(shape) for name in _ZEROS},
    )
