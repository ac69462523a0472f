"""A trading day of one path, bar by bar: the only place that knows the order in which the inhabitants act.

It is compiled once for each impact law and each set of inhabitants: who is not there is None, and costs nothing; what a
user's own inhabitants do is compiled into it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from abm import laws, phases
from abm.compile import is_ours, kernel, specialise
from abm.handed import Handed
from abm.inhabitants.base import Act, OwnInhabitant
from abm.inhabitants.exchange.state import ExchangeState
from abm.inhabitants.exchange.stocks import (
    hold_prices,
    net_tradable_flows,
    note_flow,
    open_stocks,
    press_by_others,
    take_outside_orders_back,
)
from abm.inhabitants.futures_funds.accounts import SeparateAccounts
from abm.inhabitants.futures_funds.bar import mark_futures_funds
from abm.inhabitants.futures_funds.check import check_futures_funds
from abm.inhabitants.futures_funds.orders import place_futures_fund_orders
from abm.inhabitants.futures_funds.state import FuturesFundState
from abm.inhabitants.futures_market import (
    FuturesMarketState,
    net_futures,
    open_futures_bar,
    price_futures,
    settle_futures,
)
from abm.inhabitants.large_fund.bar import mark_credit, place_credit_orders
from abm.inhabitants.large_fund.state import CreditState
from abm.inhabitants.liquidator import LiquidatorState, mark_liquidator, place_liquidator_orders
from abm.inhabitants.long_short.bar import check_funds, mark_funds, place_fund_orders
from abm.inhabitants.long_short.state import LongShortState
from abm.inhabitants.opportunists import OpportunistState, mark_opportunists, place_opportunist_orders
from abm.inhabitants.sector import SectorState, mark_sector, place_sector_orders, stop_sector_out
from abm.phases import (
    book_providers,
    close_ledger,
    mark_to_market,
    move_prices,
    move_values,
    open_bar,
    read_cheapness,
)
from abm.randomness import DayNoise
from abm.state import MarketState
from cqkit.arrays import FloatArray

TradePaths = Callable[..., None]


@kernel
def nobody(
    market: MarketState, futures: FuturesMarketState | None, others: tuple[Any, ...], path: int, bar: int, dt: float
) -> None:
    """Where no inhabitant of a user's own acts."""


settle_others = check_others = nobody


@kernel
def order_others(
    exchange: ExchangeState | None,
    market: MarketState,
    futures: FuturesMarketState | None,
    others: tuple[Any, ...],
    path: int,
    bar: int,
    dt: float,
) -> None:
    """Where no inhabitant of a user's own orders."""


@kernel
def one_path(noise: DayNoise, number: int) -> DayNoise:
    """That path's noise, of that of some."""
    return DayNoise(noise.common[number], noise.own[number], noise.transient[number], noise.futures[number])


@kernel
def trade_path(
    path: int,
    day: int,
    first: int,
    last: int,
    noise: DayNoise,
    drift: FloatArray,
    market: MarketState,
    funds: LongShortState,
    liquidator: LiquidatorState,
    opportunists: OpportunistState | None,
    sector: SectorState,
    futures: FuturesMarketState | None,
    hedgers: FuturesFundState | None,
    accounts: SeparateAccounts | None,
    credit: CreditState | None,
    exchange: ExchangeState | None,
    others: tuple[Any, ...],
) -> None:
    """Trade the bars `first`..`last` of a day on one path.

    `drift` (4,) is the day's dated news for the market, for stocks in the index, for smaller and for larger ones;
    `others` are the states of the user's own inhabitants. Without an exchange everything can be traded at any time.
    """
    stocks, baskets, tape, cash = market.stocks, market.baskets, market.tape, market.ledger.cash
    spread, bars = market.impact.half_spread, noise.common.shape[0]
    dt = 1.0 / bars
    for bar in range(first, last):
        now, volume = day * bars + bar, tape.volume[path]
        open_bar(baskets, tape, path, dt)
        if futures is not None:
            open_futures_bar(futures, exchange, market.outside, path, now, bars, dt)
        open_stocks(exchange, path, now, dt)

        place_fund_orders(funds, exchange, baskets, tape, path, now, dt)
        if hedgers is not None and futures is not None:
            place_futures_fund_orders(hedgers, accounts, futures, exchange, baskets, tape, path, now, dt)
        place_liquidator_orders(liquidator, exchange, baskets, tape, futures, path, now, volume)
        if opportunists is not None:
            place_opportunist_orders(opportunists, exchange, baskets, tape, path, now, dt)
        order_others(exchange, market, futures, others, path, now, dt)
        if futures is not None:
            net_futures(futures, exchange, baskets, tape, path)
        place_sector_orders(sector, exchange, tape, path, dt)
        if credit is not None:
            place_credit_orders(credit, exchange, baskets, tape, path, dt)

        net_tradable_flows(exchange, market, path, dt)
        before = move_values(market, path, noise, bar, drift, dt)
        move_prices(stocks, market.providers, market.impact, path, before, dt)
        hold_prices(exchange, market, path)
        mark_to_market(stocks, baskets, tape, path)
        if futures is not None:
            price_futures(futures, exchange, market.outside, tape, path, now, bars, noise.futures[bar, 1], dt)

        mark_funds(funds, baskets, tape, cash, path, spread, dt)
        mark_liquidator(liquidator, baskets, tape, futures, cash, path, spread)
        if opportunists is not None:
            mark_opportunists(opportunists, baskets, tape, cash, path, spread)
        mark_sector(sector, baskets, tape, cash, path, spread)
        if futures is not None:
            settle_futures(futures, exchange, market.outside, tape, cash, path, dt)
        if hedgers is not None and futures is not None:
            mark_futures_funds(hedgers, accounts, futures, baskets, tape, cash, path, now, spread, dt)
        if credit is not None:
            mark_credit(credit, baskets, tape, cash, path, spread)
        settle_others(market, futures, others, path, now, dt)
        close_ledger(market.ledger, tape, path, book_providers(market, path, dt))
        take_outside_orders_back(exchange, market, path, dt)

        read_cheapness(baskets, tape, market.values, path, dt)
        at_close, look = bar == bars - 1, (bar + 1) % funds.every == 0
        check_funds(funds, cash, path, now, look, at_close, dt)
        if hedgers is not None and futures is not None:
            check_futures_funds(hedgers, accounts, cash, path, futures.price[path], now, look, at_close, dt)
        stop_sector_out(sector, path)
        check_others(market, futures, others, path, now, dt)


@kernel
def trade_paths(
    present: Handed,
    first_path: int,
    day: int,
    first: int,
    last: int,
    some_noise: DayNoise,
    drift: FloatArray,
) -> None:
    """The same on as many paths as `some_noise` is of, from `first_path` on, one after the other."""
    for number in range(some_noise.common.shape[0]):
        noise = one_path(some_noise, number)
        trade_path(first_path + number, day, first, last, noise, drift, *present.parts)


def trade_paths_under(law: str, own: Sequence[type[OwnInhabitant]] = ()) -> TradePaths:
    """Return `trade_paths` compiled for the impact law of that name, with a user's own inhabitants in it."""
    return _trade_paths_with(laws.get(law), law, tuple(own))


@lru_cache(maxsize=16)
def _trade_paths_with(effect: laws.Law, law: str, own: tuple[type[OwnInhabitant], ...]) -> TradePaths:
    keep = is_ours(effect) and not own
    names: dict[str, Any] = {"move_prices": phases.move_prices_under(law, effect)}
    if own:
        acts = {act: _in_turn([getattr(who, act) for who in own]) for act in ("order", "settle", "check")}
        orders = specialise(_order_on_exchange, "in_turn", keep=False, order_in_turn=acts["order"])
        names |= {"order_others": orders, "settle_others": acts["settle"], "check_others": acts["check"]}
    return specialise(trade_paths, law, keep, trade_path=specialise(trade_path, law, keep, **names))


def ask_first(*_: Any) -> None:
    """Stands for what the first of the others does."""


def ask_rest(*_: Any) -> None:
    """Stands for what those after him do."""


def _ask(
    market: MarketState, futures: FuturesMarketState | None, others: tuple[Any, ...], path: int, bar: int, dt: float
) -> None:
    ask_first(market, futures, others[0], path, bar, dt)
    ask_rest(market, futures, others[1:], path, bar, dt)


def order_in_turn(*_: Any) -> None:
    """Stands for what a user's own inhabitants order."""


def _order_on_exchange(
    exchange: ExchangeState | None,
    market: MarketState,
    futures: FuturesMarketState | None,
    others: tuple[Any, ...],
    path: int,
    bar: int,
    dt: float,
) -> None:
    note_flow(exchange, market, path)
    order_in_turn(market, futures, others, path, bar, dt)
    press_by_others(exchange, market, path)


def _in_turn(acts: Sequence[Act | None]) -> Act:
    """One kernel that lets each of the others act on its own state, in order."""
    rest: Act = nobody
    for act in reversed(acts):
        first = nobody if act is None else kernel(act, keep=False, makes_arrays=True)
        rest = specialise(_ask, "in_turn", keep=False, ask_first=first, ask_rest=rest)
    return rest
