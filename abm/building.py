"""The state of a market before its first bar, laid out from its settings."""

from __future__ import annotations

import numpy as np

from abm import schedules
from abm.credit_state import CreditState, LargeFundState, PredatorState
from abm.futures_population import FuturesFundPopulation, draw_active_books, draw_futures_funds
from abm.measures import DAYS_A_YEAR
from abm.population import draw_books, draw_funds, draw_stocks, draw_stops, read_holdings
from abm.settings import Settings
from abm.state import (
    BasketState,
    Flow,
    FundArrays,
    FundState,
    FuturesFundArrays,
    FuturesMarket,
    ImpactState,
    Ledger,
    LiquidatorState,
    OutsideState,
    Party,
    ProviderState,
    Rules,
    SectorState,
    State,
    StockState,
    Tape,
)
from cqkit.arrays import FloatArray


def build_state(settings: Settings, seed: int, first_path: int, paths: int, past: FloatArray) -> State:
    """Draw who is in the market and lay out the state before the first bar; `past` is the index before it."""
    clock = settings.clock
    stocks = draw_stocks(settings.market, seed, first_path, paths)
    crowd = draw_funds(settings, seed, first_path, paths)
    exposure, shares = _books(settings, crowd.exposure, stocks.index_shares, seed, first_path)
    shape, per_stock = crowd.equity.shape, (paths, settings.market.stocks)
    value = shares.sum(axis=2)
    hedgers = _futures_funds(settings, shares, past, seed, first_path)
    baskets = BasketState(
        shares, value, flow=np.zeros_like(value), others_flow=np.zeros_like(value), gain=np.zeros_like(value)
    )
    return State(
        stocks=StockState(
            **{name: part for name, part in stocks._asdict().items() if name != "capitalisation"},
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
            cut_base=(crowd.leverage if settings.funds.cut_from == "target" else crowd.limit).copy(),
        ),
        liquidator=_liquidator(settings, paths),
        sector=_sector(settings, seed, first_path, paths),
        outside=OutsideState(
            np.zeros(paths, dtype=np.int64), np.zeros(per_stock), np.zeros(per_stock), np.zeros(paths), np.zeros(paths)
        ),
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
        futures=_futures(settings, hedgers, paths),
        futures_funds=hedgers,
        credit=_credit(settings, paths),
    )


def _books(
    settings: Settings, exposure: FloatArray, index_shares: FloatArray, seed: int, first_path: int
) -> tuple[FloatArray, FloatArray]:
    """Exposures of long-short funds (paths, funds, baskets) and basket shares (paths, baskets, stocks).

    Where futures funds trade, the crowd's books are active ones, long small stocks and short the index, for long-short
    funds too; the index itself is the last basket wherever futures are traded.
    """
    paths, funds = len(index_shares), settings.funds
    own_books = read_holdings(funds, settings.market.stocks)
    if own_books is not None:
        exposure, shares = (np.repeat(part[None], paths, axis=0) for part in own_books)
    elif settings.futures_fund_count or settings.liquidator.kind == "futures":
        shares = draw_active_books(settings.market, funds.styles, seed, first_path, paths)
    else:
        shares = draw_books(settings.market, funds.styles, seed, first_path, paths)
    if settings.has_futures:
        shares = np.concatenate([shares, index_shares[:, None]], axis=1)
        exposure = np.concatenate([exposure, np.zeros((*exposure.shape[:2], 1))], axis=2)
    return exposure, shares


def _futures_funds(
    settings: Settings, shares: FloatArray, past: FloatArray, seed: int, first_path: int
) -> FuturesFundArrays:
    count = settings.futures_fund_count
    shape = (len(shares), count)
    if count:
        drawn = draw_futures_funds(settings, shares[:, :-1], past, seed, first_path)
    else:
        drawn = FuturesFundPopulation.nobody(len(shares), shares.shape[1])
    contracts = drawn.hedge * drawn.book
    notional = contracts * (1 + settings.futures.start_basis)
    return FuturesFundArrays(
        exposure=drawn.exposure,
        book=drawn.book,
        value=drawn.book.copy(),
        swap=drawn.swap,
        initial=drawn.initial,
        floor=drawn.floor,
        reserve_wanted=drawn.reserve,
        start_value=drawn.unit_value,
        reenters=drawn.reenters,
        watched=drawn.watched,
        held=np.ones(shape),
        contracts=contracts,
        deposit=drawn.initial * np.where(drawn.swap > 0, drawn.book, np.abs(notional)),
        reserve=drawn.reserve * drawn.book,
        state=np.full(shape, int(FundState.NORMAL)),
        defaulted=np.zeros(shape, dtype=np.int64),
        barred=np.zeros(shape, dtype=np.int64),
        called_in=np.zeros(shape, dtype=np.int64),
        margin_level=np.ones(shape),
        calls=np.zeros(shape, dtype=np.int64),
        **{name: np.zeros(shape) for name in _DAILY},
    )


_DAILY = (
    *("target", "rate", "stock_plan", "hedge_plan", "order", "hedge_order"),
    *("called", "forced", "rebought", "stock_gain", "futures_gain"),
)


def _futures(settings: Settings, hedgers: FuturesFundArrays, paths: int) -> FuturesMarket:
    futures = settings.futures
    liquidator = np.full(paths, settings.liquidator.size * (settings.liquidator.kind == "futures"))
    names = ("gain", "sold_by_makers", "noise", "order", "arbitrage", "paid_spread", "arbitrage_units", "outside_units")
    return FuturesMarket(
        price=np.full(paths, 1 + futures.start_basis),
        maker_units=hedgers.contracts.sum(axis=1) + liquidator,
        liquidator_units=liquidator,
        volume=futures.volume,
        impact=futures.impact,
        decay=futures.decay,
        arbitraged=futures.arbitrage,
        start_basis=futures.start_basis,
        noise_volatility=futures.noise,
        noise_decay=futures.noise_decay,
        half_spread=futures.half_spread,
        financing=settings.futures_funds.financing / DAYS_A_YEAR,
        present=int(settings.has_futures),
        **{name: np.zeros(paths) for name in names},
    )


def _liquidator(settings: Settings, paths: int) -> LiquidatorState:
    clock, liquidator = settings.clock, settings.liquidator
    begins = clock.event_day
    if liquidator.begins is not None:
        begins = int(np.searchsorted(clock.dates, np.datetime64(liquidator.begins, "D")))
    first_bar = int(np.ceil((begins + liquidator.starts) * clock.bars - 1e-3))
    schedule = schedules.make(liquidator)
    sales = schedule.sales(first_bar, clock.days * clock.bars, clock.bars)
    hedged = liquidator.kind == "futures"
    return LiquidatorState(
        book=np.full(paths, liquidator.size),
        order=np.zeros(paths),
        size=liquidator.size,
        participation=schedule.participation,
        first_bar=first_bar,
        sales=sales,
        crowded_units=settings.futures_funds.tilt if hedged else 1.0,
        index_units=float(hedged),
        gross=1.0 if hedged else 2.0,
    )


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
        round(funds.intraday_share * (funds.count - settings.futures_fund_count)),
        funds.rebalancing,
        funds.reentry_days,
        funds.reentry_wait,
        funds.gauge_half_life,
        int(funds.forced_sales),
        float(settings.market.fundamentals),
        settings.market.small_cap_volatility,
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
