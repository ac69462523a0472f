"""State of the market itself: named arrays with a leading path axis; its inhabitants bring their own.

Kernels receive the parts they need, and one path's index. Units: money is days of the whole market's traded value,
books are in units that were worth 1 at the start, prices start at 1, time is in days. Everything is held in shares: a
unit of a book is a fixed number of shares of each stock.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from cqkit.arrays import FloatArray, IntArray

PARTS_AT_ONCE = 6  # of the propagator's memory, in one loop over the stocks


class FundState(IntEnum):
    """What a fund is doing: read off its last order; kernels compare with the integers."""

    NORMAL = 0
    DELEVERAGING = 1
    WAITING = 2
    REENTERING = 3
    DEFAULTED = 4  # closed: the account is its lender's


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
    OPPORTUNISTS = 7


class Party(IntEnum):
    """Whose cash: columns of `Ledger.cash`."""

    CROWD = 0
    LIQUIDATOR = 1
    INDEX_SECTOR = 2
    OUTSIDE = 3
    OPPORTUNISTS = 4
    PROVIDERS = 5
    FUTURES_FUNDS = 6
    BROKERS = 7
    ARBITRAGE = 8
    FUTURES_MAKERS = 9
    INVESTORS = 10
    LARGE_FUND = 11
    PREDATORS = 12
    RESCUERS = 13
    FUTURES_BUYERS = 14  # outsiders who want the index, and money that stocks keep out


class StockState(NamedTuple):
    """Arrays shaped (paths, stocks), but for `loadings` and `memory`."""

    adv: FloatArray  # shares traded on an ordinary day; they sum to 1
    per_adv: FloatArray  # 1 / adv: to divide takes long
    sigma: FloatArray  # idiosyncratic volatility, per sqrt(day)
    beta: FloatArray
    index_shares: FloatArray  # shares of each stock in one unit of the index, worth 1 at the start
    loadings: FloatArray  # (paths, factors, stocks)
    variance: FloatArray  # of the log value, per day
    volatility: FloatArray  # its root: what impact is measured in
    transient_sd: FloatArray  # of z
    larger: FloatArray  # 1 where the index leaves a stock out because it is too large, else 0
    transient: FloatArray  # z
    memory: FloatArray  # u, what is left of past flow by rate of decay, (paths, rates, stocks)
    bought: FloatArray  # Q, all net flow so far, ADV-days
    displacement: FloatArray  # x
    price: FloatArray  # exp(v + z - z(0) + x), v the log value: the sum of all news but z's
    news: FloatArray  # change of v + z in this bar
    flow: FloatArray  # D, shares bought net in this bar by everybody
    gain: FloatArray  # change of price in this bar
    late: FloatArray  # its change from the fill of this bar's trades, the geometric mean, to the end of the bar


class BasketState(NamedTuple):
    """The common book (row 0), the style books, and the index (last row) where futures are traded on it."""

    shares: FloatArray  # Q, (paths, baskets, stocks)
    value: FloatArray  # of a unit, (paths, baskets)
    flow: FloatArray  # units bought in this bar, (paths, baskets)
    gain: FloatArray  # r, change of value in this bar, (paths, baskets)
    late: FloatArray  # r', its change from the fill to the end of the bar, (paths, baskets)


class OutsideState(NamedTuple):
    """Orders of agents written by the user, executed evenly over the next day."""

    active: IntArray  # (paths,)
    order: FloatArray  # shares to buy in the day, (paths, stocks)
    price: FloatArray  # average price paid so far, (paths, stocks)
    futures_order: FloatArray  # futures to buy in the day, (paths,)
    futures_price: FloatArray  # average price of the futures over the day so far, (paths,)
    futures_units: FloatArray  # futures bought so far, (paths,)


class ProviderState(NamedTuple):
    """Liquidity providers, the other side of every trade."""

    shares: FloatArray  # (paths, stocks)
    capacity: FloatArray  # psi, (paths,)


class Ledger(NamedTuple):
    """Cash by `Party`, and how far the bars were from closing."""

    cash: FloatArray  # (paths, parties)
    residual: FloatArray  # largest |sum of cash| at the end of any bar, (paths,)


class Tape(NamedTuple):
    """What is read off a day."""

    index_value: FloatArray  # of a unit of the index, (paths,)
    index_gain: FloatArray  # its change in this bar, (paths,)
    index_late: FloatArray  # its change from the fill to the end of the bar, (paths,)
    reference: FloatArray  # recent mean of the crowded book's value, over that at the start, (paths,)
    cheapness: FloatArray  # c, by how much the crowded book is below it, (paths,)
    volume: FloatArray  # traded in this bar by everybody but the liquidator, (paths,)
    index_order: FloatArray  # index units bought in this bar outside the baskets, (paths,)
    paid_spread: FloatArray  # on stocks in this bar, to the providers, (paths,)
    flows: FloatArray  # units bought in the day by `Flow`, (paths, flows)


class ImpactState(NamedTuple):
    """Impact parameters; symbols in docs/model.md. Arrays are (rates,), `PARTS_AT_ONCE` at least, for one bar."""

    strength: float  # Y
    crossover: float  # q0, ADV a day
    reference: float  # q_ref, ADV a day
    permanent: float  # lambda
    half_spread: float  # s
    kept: FloatArray  # e, what a bar leaves of the memory
    added: FloatArray  # what a bar's flow adds to it
    mean_kept: FloatArray  # m - 1, change of the old memory on the bar's average
    mean_added: FloatArray  # what a bar's flow adds on the bar's average


class ValueState(NamedTuple):
    """What moves the values of all stocks."""

    market_volatility: float
    factor_volatility: float
    small_cap_volatility: float
    moving: float  # 1: values move; 0: they keep still
    overnight: float  # g, share of a day's variance that comes before the opening
    transient_decay: float  # of other investors' noise, per day
    reference_days: float  # of the mean that the crowded book is cheap against


class MarketState(NamedTuple):
    """What belongs to nobody in the market alone: the part of the state that every phase of a bar may touch."""

    stocks: StockState
    baskets: BasketState
    outside: OutsideState
    providers: ProviderState
    ledger: Ledger
    tape: Tape
    impact: ImpactState
    values: ValueState
