"""Whether anybody can earn something under an impact law by trading to and fro: `check_law(law)`.

A law under which that is possible is no law of a market: somebody would do it until it is not (Huberman and Stanzl
2004; Gatheral 2010). Prices here are moved by the trader and, if wanted, by others' flow, through the engine's own
kernels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain, product
from typing import Any, NamedTuple, cast

import numpy as np
import scipy

from abm import laws, phases
from abm.compile import array_kernel, is_ours, kernel, specialise
from abm.laws import Law
from abm.laws import square_root as effect_of
from abm.opening import impact_of_a_bar
from abm.phases import move_prices
from abm.settings import Impact
from abm.state import ImpactState, ProviderState, StockState
from cqkit.arrays import FloatArray
from hedging.checks import CheckError

BARS = (1, 2, 6, 13, 26, 52)  # a day
SIZES = (1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0)  # days of the stock's volume
SPELLS = (1, 2, 5, 13, 52)  # bars in which a grid's round trip buys, and in which it sells
PAUSES = (0, 1, 5)  # days between
LEAST = 1e-7  # of what is traded: fills are the geometric mean of prices, and a profit below this is what that misses
VOLATILITY = 0.02  # of a stock, per sqrt(day)
SEARCH = {"maxiter": 2000, "ftol": 1e-10, "gtol": 1e-9}


class RoundTrip(NamedTuple):
    """Trades that add up to nothing."""

    trades: FloatArray  # bought in each bar, days of the stock's volume
    bars: int  # a day
    told: str  # in words


def round_trip_cost(
    law: str | Law,
    trades: FloatArray,
    bars: int,
    *,
    others: FloatArray | float = 0.0,
    impact: Impact | None = None,
    volatility: float = VOLATILITY,
) -> FloatArray:
    """Money that round trips cost under an impact law, without the spread; below 0 it is a profit.

    Parameters
    ----------
    law : str or Law
        Name of a registered law, or a function as `abm.laws` wants it.
    trades : FloatArray
        What is bought in each bar (below 0: sold), in days of the stock's volume, shape (..., bars); each row has to
        add up to 0.
    bars : int
        Bars a day.
    others : FloatArray or float
        What others buy in the same bars, of the same shape or one that broadcasts to it.
    impact : Impact, optional
        The settings that the law and its memory are taken with; default: those of `Settings`.
    volatility : float
        Of the stock, per sqrt(day).

    Returns
    -------
    FloatArray
        Cost, in days of the stock's volume at the price before the first trade, shape (...).

    Raises
    ------
    ValueError
        If trades do not add up to 0.
    """
    trades = np.asarray(trades, dtype=float)
    if (np.abs(trades.sum(axis=-1)) > 1e-9 * np.abs(trades).sum(axis=-1)).any():
        raise ValueError("trades must add up to 0 in every row: a round trip ends where it began")
    rows = trades.reshape(-1, trades.shape[-1])
    flow = rows + np.broadcast_to(others, trades.shape).reshape(rows.shape)
    rules = impact_of_a_bar(impact or Impact(), bars)
    stocks, providers = _stocks(len(rows), rules.kept.size, volatility)
    return _under(law).trade_alone(stocks, providers, rules, rows, flow, 1 / bars).reshape(trades.shape[:-1])


def check_law(law: str | Law, *, impact: Impact | None = None, volatility: float = VOLATILITY, seed: int = 0) -> None:
    """Put an impact law through what every law must keep.

    It must be finite, odd and never fall as the rate rises; and no round trip may earn anything, neither of a grid
    (sizes from 1e-4 to 10 days of volume, spells of 1 to 52 bars, pauses of 0 to 5 days, 1 to 52 bars a day) nor of
    plans of 64 trades that a search comes to. Longer plans are not looked at: of some hundreds of trades over several
    days there are some that earn a little under the square root too, at much risk (Curato, Gatheral and Lillo 2017).

    Parameters
    ----------
    law, impact, volatility
        As in `round_trip_cost`.
    seed : int
        Of the searches.

    Raises
    ------
    CheckError
        At the first rule broken, which it names, with the round trip that earns something.
    """
    check_shape(law, impact)
    planned = (
        planned_round_trip(law, bars, size=size, impact=impact, seed=seed) for bars, size in product(BARS, SIZES)
    )
    for trip in chain(grid_of_round_trips(), planned):
        gained = -round_trip_cost(law, trip.trades, trip.bars, impact=impact, volatility=volatility)
        share = float(gained / np.abs(trip.trades).sum())
        if share > LEAST:
            raise CheckError(f"{name_of(law)}: {trip.told} earns {100 * share:.3g} % of what is traded")


def check_shape(law: str | Law, impact: Impact | None = None) -> None:
    """Check that a law is finite, odd and never falls as the rate rises; raise CheckError otherwise."""
    rules, rates = impact_of_a_bar(impact or Impact(), 1), np.logspace(-8, 4, 400)
    up, down, none = (_under(law).forces(rates * sign, rules) for sign in (1.0, -1.0, 0.0))
    if not (np.isfinite(up).all() and np.isfinite(down).all() and np.abs(none).max() < 1e-12):
        raise CheckError(f"{name_of(law)}: must be finite, and 0 at a rate of 0")
    if not np.allclose(up, -down, rtol=1e-9):
        raise CheckError(f"{name_of(law)}: must press as strongly when others sell as when they buy")
    if (np.diff(up) < 0).any():
        raise CheckError(f"{name_of(law)}: must not fall as the rate rises")


def grid_of_round_trips() -> Iterator[RoundTrip]:
    """Round trips that buy and sell evenly, at all speeds, in either order."""
    for bars, size, bought, sold, pause, side in product(BARS, SIZES, SPELLS, SPELLS, PAUSES, (1, -1)):
        trades = np.zeros(bought + pause * bars + sold)
        trades[:bought] = side * size / bought
        trades[len(trades) - sold :] = -side * size / sold
        first, then = ("buying", "selling") if side > 0 else ("selling", "buying")
        told = f"{first} {size:g} days' volume over {bought} bars of {bars} a day"
        yield RoundTrip(trades, bars, f"{told} and {then} it over {sold} after {pause} days")


def planned_round_trip(
    law: str | Law,
    bars: int,
    trades: int = 64,
    size: float = 1.0,
    *,
    impact: Impact | None = None,
    seed: int = 0,
    starts: int = 8,
) -> RoundTrip:
    """The cheapest round trip of so many trades that a search by gradient comes to, from random plans.

    Parameters
    ----------
    law, impact
        As in `round_trip_cost`.
    bars : int
        Bars a day.
    trades : int
        How many trades are planned together, one a bar.
    size : float
        What it buys, and sells, in days of the stock's volume.
    seed, starts : int
        Of the random plans, and how many of them.

    Returns
    -------
    RoundTrip
        The one with the lowest cost to first order in prices' moves.
    """
    costs = _PlannedCost(law, impact or Impact(), bars, trades, size)
    random = np.random.default_rng(seed)
    search: Any = scipy.optimize.minimize  # its stubs know no dictionary of options with whole numbers beside others
    found = [
        search(costs, _plan(random, trades, number), jac=True, method="L-BFGS-B", options=SEARCH)
        for number in range(starts)
    ]
    best = costs.trades(min(found, key=lambda one: one.fun).x)
    told = f"a plan of {trades} trades, one a bar of {bars} a day, that buys {size:g} days' volume in all"
    return RoundTrip(best, bars, told)


def _plan(random: np.random.Generator, trades: int, number: int) -> FloatArray:
    """Where a search begins: any trades, steady ones with bursts against them, or a steady way there and back."""
    if number % 3 == 0:
        return random.standard_normal(trades) ** 3
    plan = np.ones(trades)
    if number % 3 == 1:
        every = int(random.integers(2, trades // 2))
        plan[int(random.integers(every)) :: every] = 1.0 - every
    else:
        plan[int(random.integers(1, trades)) :] = -1.0
    return np.asarray(plan * random.choice((-1.0, 1.0)) + 0.1 * random.standard_normal(trades))


class _PlannedCost:
    """Cost of a plan over what it trades, in volatilities and to first order in prices' moves, and its gradient."""

    def __init__(self, law: str | Law, impact: Impact, bars: int, trades: int, size: float) -> None:
        self.rules, self.size, self.bars = impact_of_a_bar(impact, bars), size, bars
        self.forces = _under(law).forces
        rules, apart = self.rules, np.subtract.outer(np.arange(trades), np.arange(trades))
        # What a trade does to the average price of its own bar, and of later ones.
        fading = rules.kept ** np.maximum(apart - 1, 0)[..., None] * (rules.mean_kept + 1) * rules.added
        own, later = np.where(apart == 0, rules.mean_added.sum(), 0), np.where(apart > 0, fading.sum(axis=-1), 0)
        self.response = rules.strength * (own + later)
        self.stays = rules.permanent * (np.tri(trades, k=-1) + np.eye(trades) / 2)

    def trades(self, plan: FloatArray) -> FloatArray:
        """The round trip of a plan: what is left over is taken off evenly, and all is scaled to the size."""
        level = plan - plan.mean()
        return np.asarray(level * (2 * self.size / max(np.abs(level).sum(), 1e-300)))

    def __call__(self, plan: FloatArray) -> tuple[float, FloatArray]:
        traded, total = self.trades(plan), 2 * self.size
        rates, step = traded * self.bars, 1e-6
        wide = step * np.abs(rates) + 1e-9
        slope = (self.forces(rates + wide, self.rules) - self.forces(rates - wide, self.rules)) / (2 * wide)
        price = self.response @ self.forces(rates, self.rules) + self.stays @ traded
        by_trade = price + (self.response.T @ traded) * slope * self.bars + self.stays.T @ traded
        level = plan - plan.mean()
        scale = total / max(np.abs(level).sum(), 1e-300)
        by_plan = scale * (by_trade - (by_trade @ traded) / total * np.sign(level))
        return float(traded @ price) / total, np.asarray(by_plan - by_plan.mean()) / total


def name_of(law: str | Law) -> str:
    """What a law is called."""
    return law if isinstance(law, str) else str(getattr(law, "__name__", law))


@array_kernel
def trade_alone(
    stocks: StockState, providers: ProviderState, impact: ImpactState, trades: FloatArray, flow: FloatArray, dt: float
) -> FloatArray:
    """Money that each row of `trades` pays on balance, one stock a row, if `flow` is all that moves prices."""
    paid = np.zeros(trades.shape[0])
    for bar in range(trades.shape[1]):
        stocks.flow[0] = flow[:, bar]
        move_prices(stocks, providers, impact, 0, 0.0, dt)
        for row in range(trades.shape[0]):
            paid[row] += trades[row, bar] * (stocks.price[0, row] - stocks.late[0, row])
    return paid


@array_kernel
def forces(rates: FloatArray, impact: ImpactState) -> FloatArray:
    """What the law makes of each rate."""
    made = np.empty(rates.size)
    for i in range(rates.size):
        made[i] = effect_of(rates[i], impact)
    return made


class _Kernels(NamedTuple):
    """The kernels of this file, compiled for one law."""

    trade_alone: Callable[..., FloatArray]
    forces: Callable[..., FloatArray]


def _under(law: str | Law) -> _Kernels:
    function = laws.get(law) if isinstance(law, str) else law
    return _compiled_for(function, name_of(law))


@lru_cache(maxsize=16)
def _compiled_for(function: Law, name: str) -> _Kernels:
    effect = function if hasattr(function, "py_func") else kernel(function, keep=False)
    keep = is_ours(effect)
    prices = phases.move_prices_under(name, effect)
    return _Kernels(
        specialise(trade_alone, name, keep, move_prices=prices), specialise(forces, name, keep, effect_of=effect)
    )


def _stocks(rows: int, rates: int, volatility: float) -> tuple[StockState, ProviderState]:
    """Stocks alike, a day's volume of 1 each, that nothing but flow moves."""
    one = {name: np.zeros((1, rows)) for name in StockState._fields}
    one |= {name: np.ones((1, rows)) for name in ("adv", "per_adv", "price")}
    one |= {"volatility": np.full((1, rows), volatility)}
    one |= {"memory": np.zeros((1, rates, rows)), "loadings": np.zeros((1, 0, rows))}
    return StockState(**cast("dict[str, Any]", one)), ProviderState(np.zeros((1, rows)), np.ones(1))
