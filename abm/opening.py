"""The market's own state before its first bar, laid out from its settings."""

from __future__ import annotations

import numpy as np

from abm.books import market_books
from abm.index_path import calm_volatility
from abm.inhabitants.base import INHABITANTS, Opening
from abm.inhabitants.outside import open_outside
from abm.settings import Impact, Settings
from abm.state import (
    PARTS_AT_ONCE,
    BasketState,
    Flow,
    ImpactState,
    Ledger,
    MarketState,
    Party,
    ProviderState,
    StockState,
    Tape,
    ValueState,
)
from abm.stocks import draw_stocks, first_noise, past_index
from cqkit.arrays import FloatArray, laid_out

PAST_DAYS = 60  # of the index before the first day, that hedge policies may look at


def open_market(settings: Settings, seed: int, first_path: int, paths: int) -> tuple[MarketState, Opening]:
    """Draw stocks and books, and lay out the state; return it and what the inhabitants are made from."""
    calm = calm_volatility(settings)
    past = past_index(seed, first_path, paths, PAST_DAYS, calm)
    stocks = _stocks(settings, seed, first_path, paths)
    shares, exposure, portions = market_books(settings, stocks.index_shares, seed, first_path)
    value = shares.sum(axis=2)
    baskets = BasketState(
        shares, value, flow=np.zeros_like(value), gain=np.zeros_like(value), late=np.zeros_like(value)
    )
    per_stock = (paths, settings.market.stocks)
    market = MarketState(
        stocks=stocks,
        baskets=baskets,
        outside=open_outside(*per_stock),
        providers=ProviderState(laid_out(per_stock), np.full(paths, settings.impact.maker_capacity)),
        ledger=Ledger(np.zeros((paths, len(Party) + len(INHABITANTS.names()))), np.zeros(paths)),
        tape=_tape(settings, value[:, 0]),
        impact=impact_of_a_bar(settings.impact, settings.clock.bars),
        values=_values(settings),
    )
    opening = Opening(
        settings, seed, first_path, paths, stocks, baskets, market.outside, exposure, portions, past, calm
    )
    return market, opening


def bytes_a_path(settings: Settings) -> int:
    """About how much memory a path of a market takes, its record included: to cut work up by, not to the byte."""
    stocks, funds, days = settings.market.stocks, settings.funds, settings.clock.days
    rows = 2 + (min(funds.count, stocks) if funds.holdings is not None else funds.styles)  # of baskets
    by_stock = 28 + settings.market.factors + len(settings.impact.rates) + rows
    by_fund = 40 + rows * (not settings.has_futures) + days
    return 8 * (stocks * by_stock + funds.count * by_fund)


def _stocks(settings: Settings, seed: int, first_path: int, paths: int) -> StockState:
    drawn = draw_stocks(settings.market, seed, first_path, paths, settings.listed)._asdict()
    per_stock, impact = (paths, settings.market.stocks), impact_of_a_bar(settings.impact, settings.clock.bars)
    names = ("bought", "displacement", "news", "flow", "gain", "late")
    return StockState(
        **{name: part for name, part in drawn.items() if name != "capitalisation"},
        **{name: laid_out(per_stock) for name in names},
        transient=first_noise(drawn["transient_sd"], seed, first_path),
        memory=laid_out((paths, impact.kept.size, settings.market.stocks)),
        price=laid_out(per_stock, 1.0),
    )


def _tape(settings: Settings, crowded: FloatArray) -> Tape:
    paths = len(crowded)
    zeros: dict[str, FloatArray] = {
        name: np.zeros(paths) for name in ("index_gain", "index_late", "cheapness", "index_order", "paid_spread")
    }
    return Tape(
        index_value=np.ones(paths),
        reference=crowded.copy(),
        volume=np.full(paths, 1 / settings.clock.bars),
        flows=np.zeros((paths, len(Flow))),
        **zeros,
    )


def impact_of_a_bar(impact: Impact, bars: int) -> ImpactState:
    """What kernels need to know of impact, with `bars` a day."""
    dt = 1 / bars
    rates, weights = np.array(impact.rates), np.array(impact.weights)
    spare = max(PARTS_AT_ONCE - rates.size, 0)  # parts that nothing is ever added to
    rates, weights = np.append(rates, np.ones(spare)), np.append(weights, np.zeros(spare))
    kept, gone = np.exp(-rates * dt), -np.expm1(-rates * dt)
    mean = gone / (rates * dt)  # of what decays, over a bar
    return ImpactState(
        strength=impact.strength,
        crossover=impact.crossover,
        reference=impact.reference,
        permanent=impact.permanent,
        half_spread=impact.half_spread,
        kept=kept,
        added=weights * gone / rates,
        mean_kept=mean - 1,
        mean_added=weights / rates * (1 - mean),
    )


def _values(settings: Settings) -> ValueState:
    market = settings.market
    return ValueState(
        market_volatility=market.market_volatility,
        factor_volatility=market.factor_volatility,
        small_cap_volatility=market.small_cap_volatility,
        moving=float(market.fundamentals),
        overnight=market.overnight,
        transient_decay=market.transient_decay,
        reference_days=market.reference_days,
    )
