"""The state of a market before its first bar, laid out from its settings."""

from __future__ import annotations

import numpy as np

from abm import schedules
from abm.credit_state import CreditState, LargeFundState, PredatorState
from abm.population import draw_books, draw_funds, draw_stocks, draw_stops, read_holdings
from abm.settings import Settings
from abm.state import (
    BasketState,
    Flow,
    FundArrays,
    FundState,
    ImpactState,
    Ledger,
    LiquidatorState,
    MarketState,
    OutsideState,
    Party,
    ProviderState,
    Rules,
    SectorState,
    StockState,
    Tape,
)


def build_state(settings: Settings, seed: int, first_path: int, paths: int) -> MarketState:
    """Draw who is in the market and lay out the state before the first bar."""
    funds, clock = settings.funds, settings.clock
    stocks = draw_stocks(settings.market, seed, first_path, paths)
    crowd = draw_funds(funds, seed, first_path, paths)
    own_books = read_holdings(funds, settings.market.stocks)
    if own_books is None:
        exposure, shares = crowd.exposure, draw_books(settings.market, funds.styles, seed, first_path, paths)
    else:
        exposure, shares = (np.repeat(part[None], paths, axis=0) for part in own_books)
    shape, per_stock = (paths, funds.count), (paths, settings.market.stocks)
    value = shares.sum(axis=2)
    baskets = BasketState(shares, value, flow=np.zeros_like(value), gain=np.zeros_like(value))
    return MarketState(
        stocks=StockState(
            **stocks._asdict(),
            log_value=np.zeros(per_stock),
            displacement=np.zeros(per_stock),
            inventory=np.zeros(per_stock),
            price=np.ones(per_stock),
            news=np.zeros(per_stock),
            flow=np.zeros(per_stock),
            gain=np.zeros(per_stock),
        ),
        baskets=baskets,
        funds=FundArrays(
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
        ),
        liquidator=_liquidator(settings, paths),
        sector=_sector(settings, seed, first_path, paths),
        outside=OutsideState(np.zeros(paths, dtype=np.int64), np.zeros(per_stock), np.zeros(per_stock)),
        providers=ProviderState(
            np.zeros(per_stock), np.zeros(per_stock), np.full(paths, settings.impact.maker_capacity)
        ),
        ledger=Ledger(np.zeros((paths, len(Party))), np.zeros(paths)),
        tape=Tape(
            index_value=np.ones(paths),
            index_gain=np.zeros(paths),
            gauge=np.zeros(paths),
            volume=np.full(paths, 1 / clock.bars),
            flows=np.zeros((paths, len(Flow))),
        ),
        impact=_impact(settings),
        rules=_rules(settings),
        credit=_credit(settings, paths),
    )


def _liquidator(settings: Settings, paths: int) -> LiquidatorState:
    clock, liquidator = settings.clock, settings.liquidator
    begins = clock.event_day
    if liquidator.begins is not None:
        begins = int(np.searchsorted(clock.dates, np.datetime64(liquidator.begins, "D")))
    first_bar = int(np.ceil((begins + liquidator.starts) * clock.bars - 1e-3))
    schedule = schedules.make(liquidator)
    sales = schedule.sales(first_bar, clock.days * clock.bars, clock.bars)
    book = np.full(paths, liquidator.size)
    return LiquidatorState(book, np.zeros(paths), liquidator.size, schedule.participation, first_bar, sales)


def _sector(settings: Settings, seed: int, first_path: int, paths: int) -> SectorState:
    sector = settings.index_sector
    stops = draw_stops(sector, seed, first_path, paths)
    return SectorState(
        loss=np.zeros(paths),
        stop=stops,
        holding=np.ones_like(stops),
        target=np.ones_like(stops),
        order=np.zeros(paths),
        kept=1 - sector.cut,
        speed=sector.cut / sector.cut_days,
        units=sector.holding,
        impact=sector.impact,
    )


def _impact(settings: Settings) -> ImpactState:
    impact = settings.impact
    return ImpactState(
        impact.strength,
        impact.exponent,
        impact.depth,
        impact.recovery,
        impact.value_capital,
        impact.other_demand,
        impact.half_spread,
    )


def _rules(settings: Settings) -> Rules:
    funds = settings.funds
    return Rules(
        settings.market.market_volatility,
        settings.market.factor_volatility,
        funds.cut,
        funds.cut_days,
        round(funds.intraday_share * funds.count),
        funds.rebalancing,
        funds.reentry_days,
        funds.reentry_wait,
        funds.gauge_half_life,
    )


def _credit(settings: Settings, paths: int) -> CreditState:
    fund = settings.large_fund
    book, equity = np.full(paths, fund.book), np.full(paths, fund.equity if fund.book > 0 else 0.0)
    nothing = np.zeros((5, paths))
    return CreditState(
        int(fund.book > 0),
        LargeFundState(book, equity, goal=book.copy(), pace=nothing[0], order=nothing[1]),
        PredatorState(nothing[2], goal=nothing[3], order=nothing[4], speed=1 / settings.predators.days),
        collateral=np.zeros((paths, 2)),
    )
