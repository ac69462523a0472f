"""State of a market: named arrays with a leading path axis, grouped by whom they belong to.

Kernels receive the `MarketState`, or the parts they need, and one path's index. Units: money is days of the whole
market's traded value, books are in units that were worth 1 at the start, prices start at 1, time is in days. Everything
is held in shares: a unit of a book is a fixed number of shares of each stock.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple

from abm.credit_state import CreditState
from cqkit.arrays import FloatArray, IntArray


class FundState(IntEnum):
    """What a fund is doing; kernels compare with the integers."""

    NORMAL = 0
    DELEVERAGING = 1
    WAITING = 2
    REENTERING = 3
    DEFAULTED = 4


class FundKind(IntEnum):
    """How a fund is hedged and paid for."""

    LONG_SHORT = 0  # short stocks
    SWAP = 1  # short index futures, its stocks held by a broker
    CASH = 2  # short index futures, its stocks paid for


class Flow(IntEnum):
    """Who trades: columns of `Tape.flows`."""

    LIQUIDATOR = 0
    FORCED = 1
    REENTRY = 2
    REBALANCING = 3
    INDEX_SECTOR = 4
    ARBITRAGE = 5
    FUTURES = 6  # bought by futures funds and the liquidator, whatever the reason


class Party(IntEnum):
    """Whose cash: columns of `Ledger.cash`."""

    CROWD = 0
    LIQUIDATOR = 1
    INDEX_SECTOR = 2
    OUTSIDE = 3
    OTHER_DEMAND = 4
    PROVIDERS = 5
    FUTURES_FUNDS = 6
    BROKERS = 7
    ARBITRAGE = 8
    FUTURES_MAKERS = 9
    INVESTORS = 10
    LARGE_FUND = 11
    PREDATORS = 12
    RESCUERS = 13


class StockState(NamedTuple):
    """Arrays shaped (paths, stocks), but for `loadings`."""

    adv: FloatArray  # shares traded on an ordinary day; they sum to 1
    sigma: FloatArray  # idiosyncratic volatility, per sqrt(day)
    beta: FloatArray
    index_shares: FloatArray  # shares of each stock in one unit of the index, worth 1 at the start
    loadings: FloatArray  # (paths, factors, stocks)
    variance: FloatArray  # of the log value, per day
    log_value: FloatArray  # v
    displacement: FloatArray  # x
    inventory: FloatArray  # m, ADV-days
    price: FloatArray  # exp(v + x)
    news: FloatArray  # change of v in this bar
    flow: FloatArray  # D, shares bought net in this bar by everybody but other demand
    gain: FloatArray  # change of price in this bar


class BasketState(NamedTuple):
    """The common book (row 0), the style books, and the index (last row) where futures are traded on it."""

    shares: FloatArray  # Q, (paths, baskets, stocks)
    value: FloatArray  # of a unit, (paths, baskets)
    flow: FloatArray  # units bought in this bar, (paths, baskets)
    others_flow: FloatArray  # of these, what those bought whose cash is booked apart, (paths, baskets)
    gain: FloatArray  # r, change of value in this bar, (paths, baskets)


class FundArrays(NamedTuple):
    """Arrays shaped (paths, funds), but for `exposure`."""

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


class FuturesFundArrays(NamedTuple):
    """Funds long stocks and short index futures; arrays shaped (paths, funds), but for `exposure`."""

    exposure: FloatArray  # units of each basket in a fund's whole starting book, (paths, funds, baskets)
    book: FloatArray  # starting stock book, money
    swap: FloatArray  # phi: 1 if a broker holds the stocks and settles their gains in cash, else 0
    value: FloatArray  # of the whole starting book at the latest prices
    initial: FloatArray  # initial margin, a ratio to its base
    floor: FloatArray  # maintenance margin, a ratio to its base
    reserve_wanted: FloatArray  # cash beyond the margin, a ratio to the stock book
    start_value: FloatArray  # unit value at the start, a ratio to par
    reenters: IntArray
    watched: IntArray  # whether it is watched at every bar
    held: FloatArray  # g, share of the starting book that it holds
    contracts: FloatArray  # U, index units short
    deposit: FloatArray  # A
    reserve: FloatArray  # C
    state: IntArray  # FundState
    defaulted: IntArray
    barred: IntArray  # below a line of its contract: no buying, whatever happens
    target: FloatArray  # share at which a forced cut ends
    rate: FloatArray  # share sold per day while deleveraging
    called_in: IntArray  # bar after the call that began the latest cut
    stock_plan: FloatArray  # share of the starting book to trade over the day, decided at the close before
    hedge_plan: FloatArray  # contracts to add over the day, decided at the close before
    order: FloatArray  # dg of this bar
    hedge_order: FloatArray  # dU of this bar
    margin_level: FloatArray  # what margins are multiplied by since volatility rose
    calls: IntArray  # margin calls of the day
    called: FloatArray  # margin missing at the day's worst call
    forced: FloatArray  # units sold under compulsion in the day
    rebought: FloatArray  # units bought back in the day
    stock_gain: FloatArray  # of the day
    futures_gain: FloatArray  # of the day


class FuturesMarket(NamedTuple):
    """Index futures, priced in index units; arrays shaped (paths,)."""

    price: FloatArray  # F
    gain: FloatArray  # its change in this bar
    sold_by_makers: FloatArray  # m_F, ADV-days that makers have sold and not passed on
    noise: FloatArray  # of the basis
    order: FloatArray  # units bought net in this bar by all but makers and arbitrageurs
    arbitrage: FloatArray  # index units that arbitrageurs buy in this bar, futures units that they sell
    paid_spread: FloatArray  # on futures in this bar
    maker_units: FloatArray  # futures that makers hold
    arbitrage_units: FloatArray  # index units that arbitrageurs hold against as many futures sold
    liquidator_units: FloatArray  # futures that the liquidator is short
    outside_units: FloatArray  # futures that outside orders have bought
    volume: float  # ADV_F
    impact: float  # lambda_b
    decay: float  # kappa_b
    arbitraged: float  # theta
    start_basis: float
    noise_volatility: float
    noise_decay: float
    half_spread: float
    financing: float  # on swaps, a day
    present: int  # whether there is such a market


class LiquidatorState(NamedTuple):
    """The liquidating fund."""

    book: FloatArray  # units left, (paths,)
    order: FloatArray  # of this bar, (paths,)
    size: float
    participation: float
    first_bar: int
    sales: FloatArray  # share of `size` to sell in each bar of the run, (bars of the run,)
    crowded_units: float  # of the crowded book in a unit of its own book
    index_units: float  # of the index in a unit of its own book, and futures short against it
    gross: float  # traded in stocks per unit of its own book


class SectorState(NamedTuple):
    """Long-biased investors who carry the crowded book beside the index."""

    loss: FloatArray  # on a unit of the crowded book so far, (paths,)
    stop: FloatArray  # loss that stops a member out, (paths, members)
    holding: FloatArray  # share of its index units that a member still has, (paths, members)
    target: FloatArray  # share that it wants to keep, (paths, members)
    order: FloatArray  # index units traded in this bar, (paths,)
    kept: float  # share kept after a stop
    speed: float  # share sold per day
    units: float  # index units of the whole sector at the start
    impact: float


class OutsideState(NamedTuple):
    """Orders of agents written by the user, executed evenly over the next day."""

    active: IntArray  # (paths,)
    order: FloatArray  # shares to buy in the day, (paths, stocks)
    price: FloatArray  # average price paid so far, (paths, stocks)
    futures_order: FloatArray  # futures to buy in the day, (paths,)
    futures_price: FloatArray  # average price of the futures over the day so far, (paths,)


class ProviderState(NamedTuple):
    """Liquidity providers and slow capital, the other side of every trade."""

    shares: FloatArray  # (paths, stocks)
    other_shares: FloatArray  # what other demand has bought, (paths, stocks)
    capacity: FloatArray  # psi, (paths,)


class Ledger(NamedTuple):
    """Cash by `Party`, and how far the bars were from closing."""

    cash: FloatArray  # (paths, parties)
    residual: FloatArray  # largest |sum of cash| at the end of any bar, (paths,)


class Tape(NamedTuple):
    """What is read off a day."""

    index_value: FloatArray  # of a unit of the index, (paths,)
    index_gain: FloatArray  # its change in this bar, (paths,)
    gauge: FloatArray  # smoothed return of the crowded book, per day, (paths,)
    volume: FloatArray  # traded by everybody but the liquidator in the last bar, (paths,)
    flows: FloatArray  # units bought in the day by `Flow`, (paths, flows)


class ImpactState(NamedTuple):
    """Impact parameters; symbols in docs/model.md."""

    strength: float  # Y
    exponent: float  # delta
    depth: float  # d
    recovery: float  # kappa
    value_capital: float  # kappa1
    other_demand: float  # eta
    half_spread: float  # s


class Rules(NamedTuple):
    """Rules that are the same for all funds, and volatilities of the common factors."""

    market_volatility: float
    factor_volatility: float
    cut: float  # zeta
    cut_days: float  # tau_d
    watched: int  # funds watched at every bar
    rebalancing: float  # r
    reentry_days: float  # tau_re
    reentry_wait: float
    gauge_half_life: float  # h
    forced: int  # whether a call that is not met forces sales
    fundamentals: float  # 1: values move; 0: they keep still
    small_cap_volatility: float


class MarketState(NamedTuple):
    """All but futures and credit."""

    stocks: StockState
    baskets: BasketState
    funds: FundArrays
    liquidator: LiquidatorState
    sector: SectorState
    outside: OutsideState
    providers: ProviderState
    ledger: Ledger
    tape: Tape
    impact: ImpactState
    rules: Rules


class State(NamedTuple):
    """A market with futures and credit. Kernels take it in parts: every array that a call hands over costs time."""

    stocks: StockState
    baskets: BasketState
    funds: FundArrays
    liquidator: LiquidatorState
    sector: SectorState
    outside: OutsideState
    providers: ProviderState
    ledger: Ledger
    tape: Tape
    impact: ImpactState
    rules: Rules
    futures: FuturesMarket
    futures_funds: FuturesFundArrays
    credit: CreditState

    @property
    def core(self) -> MarketState:
        """All but futures and credit."""
        parts: tuple[Any, ...] = self
        return MarketState(*parts[: len(MarketState._fields)])
