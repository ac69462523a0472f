"""Whether anybody can earn something under an impact law by trading to and fro: `check_law(law)`.

A law under which that is possible is no law of a market: somebody would do it until it is not (Huberman and Stanzl
2004; Gatheral 2010). Prices here are moved by the trader and, if wanted, by others' flow, through the engine's own
kernels.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple, cast

import numpy as np
from scipy.optimize import differential_evolution

from abm import laws, phases
from abm.compile import is_ours, kernel, specialise
from abm.laws import Law
from abm.opening import impact_of_a_bar
from abm.phases import move_prices, remember_flow
from abm.settings import Impact
from abm.state import ImpactState, ProviderState, StockState
from cqkit.arrays import FloatArray
from hedging.checks import CheckError

BARS = (1, 2, 6, 13, 26, 52)  # a day
SIZES = (1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0)  # days of the stock's volume
SPELLS = (1, 2, 5, 13, 52)  # bars in which a grid's round trip buys, and in which it sells
PAUSES = (0, 1, 5)  # days between
STEPS = 14  # of a searched round trip
LEAST = 1e-7  # of what is traded: fills are exact to second order in prices' moves, and a profit below this is that
VOLATILITY = 0.02  # of a stock, per sqrt(day)


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
    return _trade_under(law)(stocks, providers, rules, rows, flow, 1 / bars).reshape(trades.shape[:-1])


def check_law(law: str | Law, *, impact: Impact | None = None, volatility: float = VOLATILITY, seed: int = 0) -> None:
    """Put an impact law through what every law must keep.

    It must be finite, odd and never fall as the rate rises; and no round trip may earn anything, neither of a grid
    (sizes from 1e-4 to 10 days of volume, spells of 1 to 52 bars, pauses of 0 to 5 days, 1 to 52 bars a day) nor of
    those that a random search comes to.

    Parameters
    ----------
    law, impact, volatility
        As in `round_trip_cost`.
    seed : int
        Of the search.

    Raises
    ------
    CheckError
        At the first rule broken, which it names, with the round trip that earns something.
    """
    check_shape(law, impact)
    for trips in (grid_of_round_trips(), searched_round_trips(law, impact, volatility, seed)):
        for trip in trips:
            gained = -round_trip_cost(law, trip.trades, trip.bars, impact=impact, volatility=volatility)
            share = float(gained / np.abs(trip.trades).sum())
            if share > LEAST:
                raise CheckError(f"{name_of(law)}: {trip.told} earns {100 * share:.3g} % of what is traded")


def check_shape(law: str | Law, impact: Impact | None = None) -> None:
    """Check that a law is finite, odd and never falls as the rate rises; raise CheckError otherwise."""
    effect, rules = _compiled(law), impact_of_a_bar(impact or Impact(), 1)
    rates = np.logspace(-8, 4, 400)
    up, down = (np.array([effect(sign * rate, rules) for rate in rates]) for sign in (1.0, -1.0))
    if not (np.isfinite(up).all() and np.isfinite(down).all() and effect(0.0, rules) == 0):
        raise CheckError(f"{name_of(law)}: must be finite, and 0 at a rate of 0")
    if not np.allclose(up, -down, rtol=1e-9):
        raise CheckError(f"{name_of(law)}: must press as strongly when others sell as when they buy")
    if (np.diff(up) < 0).any():
        raise CheckError(f"{name_of(law)}: must not fall as the rate rises")


def grid_of_round_trips() -> Iterator[RoundTrip]:
    """Round trips that buy and sell evenly, at all speeds; the last of each size and bars sells first."""
    for bars, size, bought, sold, pause, side in product(BARS, SIZES, SPELLS, SPELLS, PAUSES, (1, -1)):
        trades = np.zeros(bought + pause * bars + sold)
        trades[:bought] = side * size / bought
        trades[len(trades) - sold :] = -side * size / sold
        first, then = ("buying", "selling") if side > 0 else ("selling", "buying")
        told = f"{first} {size:g} days' volume over {bought} bars of {bars} a day"
        yield RoundTrip(trades, bars, f"{told} and {then} it over {sold} after {pause} days")


def searched_round_trips(
    law: str | Law, impact: Impact | None, volatility: float, seed: int, rounds: int = 60
) -> Iterator[RoundTrip]:
    """The cheapest round trips that a random search finds, one for each number of bars a day."""
    for bars in BARS:

        def share(steps: FloatArray, bars: int = bars) -> FloatArray:
            trades = shape_of(steps.T)
            cost = round_trip_cost(law, trades, bars, impact=impact, volatility=volatility)
            return cost / np.abs(trades).sum(axis=-1)

        bounds = [(-4.0, 1.0)] + [(-1.0, 1.0)] * STEPS
        found = differential_evolution(
            share, bounds, maxiter=rounds, popsize=8, polish=False, vectorized=True, updating="deferred", seed=seed
        )
        trades = shape_of(found.x[None, :])[0]
        told = ", ".join(f"{trade:.3g}" for trade in trades)
        yield RoundTrip(trades, bars, f"buying {told} days' volume in bars of {bars} a day")


def shape_of(steps: FloatArray) -> FloatArray:
    """Round trips from rows of a size's logarithm and of steps, cubed so that a few may be much larger than others."""
    trades = steps[:, 1:] ** 3
    trades = trades - trades.mean(axis=1, keepdims=True)
    half = np.maximum(np.abs(trades).sum(axis=1, keepdims=True) / 2, 1e-12)
    return np.asarray(10 ** steps[:, :1] * trades / half)


def name_of(law: str | Law) -> str:
    """What a law is called."""
    return law if isinstance(law, str) else str(getattr(law, "__name__", law))


@kernel
def trade_alone(
    stocks: StockState, providers: ProviderState, impact: ImpactState, trades: FloatArray, flow: FloatArray, dt: float
) -> FloatArray:
    """Money that each row of `trades` pays on balance, one stock a row, if `flow` is all that moves prices."""
    paid = np.zeros(trades.shape[0])
    for bar in range(trades.shape[1]):
        stocks.flow[0] = flow[:, bar]
        remember_flow(stocks, providers, impact, 0, dt)
        move_prices(stocks, providers, impact, 0, 0.0)
        for row in range(trades.shape[0]):
            paid[row] += trades[row, bar] * (stocks.price[0, row] - stocks.late[0, row])
    return paid


def _compiled(law: str | Law) -> Law:
    if isinstance(law, str):
        return laws.get(law)
    return law if hasattr(law, "py_func") else kernel(law, keep=False)


@lru_cache(maxsize=16)
def _trade_under(law: str | Law) -> Any:
    effect = _compiled(law)
    keep, name = is_ours(effect), name_of(law)
    return specialise(
        trade_alone, name, keep, remember_flow=specialise(phases.remember_flow, name, keep, effect_of=effect)
    )


def _stocks(rows: int, rates: int, volatility: float) -> tuple[StockState, ProviderState]:
    """Stocks alike, a day's volume of 1 each, that nothing but flow moves."""
    one = {name: np.zeros((1, rows)) for name in StockState._fields}
    one |= {"adv": np.ones((1, rows)), "price": np.ones((1, rows)), "volatility": np.full((1, rows), volatility)}
    one |= {"memory": np.zeros((1, rates, rows)), "loadings": np.zeros((1, 0, rows))}
    return StockState(**cast("dict[str, Any]", one)), ProviderState(np.zeros((1, rows)), np.ones(1))
