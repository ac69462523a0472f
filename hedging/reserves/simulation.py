"""The reserve set in advance: how much cash will meet the futures' needs, and how surely.

What the 2008 report lacks: it reads the reserve off the path after the fact. Here it comes from simulated paths, for
any policy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cqkit.arrays import FloatArray
from cqkit.errors import InputError, raise_faults
from hedging.engine.replaying import replay
from hedging.engine.result import HedgeResult
from hedging.models.paths import PathModel, StockBook
from hedging.policies import HedgePolicy
from hedging.reserves.estimates import SimulatedReserve
from hedging.reserves.needs import HedgeNeeds
from hedging.series.prices import Prices
from hedging.terms import Terms, agreed_terms

_BATCH = 1000
_BATCHES_AT_ONCE = 5


def simulate_reserve(
    policy: HedgePolicy,
    model: PathModel,
    *,
    days: int,
    start_value: float,
    paths: int = 10_000,
    seed: int = 1,
    past: npt.ArrayLike | None = None,
    book: StockBook | None = None,
    antithetic: bool = False,
    warmup: int = 120,
    progress: Callable[[int, int], None] | None = None,
    terms: Terms | None = None,
    **changes: Any,
) -> SimulatedReserve:
    """Replay a policy over simulated paths and keep what it needed on each.

    Paths are drawn in batches of 1,000, each from its own stream, so that more paths leave the first ones as
    they are, and are replayed a few batches at a time: memory does not grow with their number.

    Parameters
    ----------
    policy : HedgePolicy
        Sees closes only: a simulated day's high and low are its close.
    model : PathModel
        Draws the index.
    days : int
        How long the hedge lasts, at least 1.
    start_value : float
        Stock book on day 0, in money.
    paths, seed : int
        At least 2, and at least 0.
    past : array_like, shape (h,), optional
        The user's own index closes up to day 0, oldest first. Policies look back on them, and the bootstrap
        draws from them. Without them the model draws `warmup` days before day 0, on each path its own.
    book : StockBook, optional
        How the stock book moves with the index; by default it is the index.
    antithetic : bool
        Draw paths in mirrored pairs.
    warmup : int
        Days before day 0 where there is no past, at least 0.
    progress : callable, optional
        Called with the paths done and their number.
    terms : Terms, optional
        On what terms the futures are held, the reserve apart; by default as of `Terms`.
    **changes
        Fields of `Terms` that differ from `terms`, such as `contract`, `cost` or `gains_fund_margin`.

    Returns
    -------
    SimulatedReserve

    Raises
    ------
    InputError
        When a parameter is out of range, or model or policy cannot do with what they are given.
    """
    terms = agreed_terms(terms, changes)
    _check_simulation(days, paths, seed, warmup)
    _check_terms(terms)
    if antithetic and paths % 2:
        raise InputError(f"paths = {paths}: must be even with antithetic draws")
    drawn = _Paths(model, StockBook() if book is None else book, days, paths, seed, _past(past), warmup, antithetic)
    required, undiluted = np.empty(paths), np.empty(paths)
    for first, result in drawn.replays(policy, start_value, terms):
        last = first + result.paths
        required[first:last] = result.required_reserve
        undiluted[first:last] = result.undiluted_return
        if progress is not None:
            progress(last, paths)
    return SimulatedReserve(required, undiluted, policy.name, model.name, days, seed, antithetic)


def simulate_needs(
    policy: HedgePolicy,
    model: PathModel,
    *,
    days: int,
    start_value: float,
    terms: Terms,
    paths: int = 10_000,
    seed: int = 1,
    past: npt.ArrayLike | None = None,
    book: StockBook | None = None,
    warmup: int = 120,
    progress: Callable[[float], None] | None = None,
) -> HedgeNeeds:
    """Replay a policy over the paths of `simulate_reserve`, and keep what was needed and called on each.

    Parameters
    ----------
    terms
        With the reserve held.
    progress
        Told the share of the paths done.
    policy, model, days, start_value, paths, seed, past, book, warmup
        As of `simulate_reserve`.

    Raises
    ------
    InputError
        As `simulate_reserve` does.
    """
    _check_simulation(days, paths, seed, warmup)
    drawn = _Paths(model, StockBook() if book is None else book, days, paths, seed, _past(past), warmup)
    found = []
    for first, result in drawn.replays(policy, start_value, terms):
        found.append(HedgeNeeds.of(result))
        if progress is not None:
            progress((first + result.paths) / paths)
    return HedgeNeeds.concatenate(found)


@dataclass(frozen=True)
class _Paths:
    """Paths to be drawn: the index by its model, the stock book with it."""

    model: PathModel
    stock: StockBook
    days: int
    paths: int
    seed: int
    past: tuple[FloatArray | None, FloatArray]  # the user's closes, and their log returns
    warmup: int
    antithetic: bool = False

    def replays(self, policy: HedgePolicy, start_value: float, terms: Terms) -> Iterator[tuple[int, HedgeResult]]:
        """Number of the first path, and accounts, of some batches of paths after others."""
        closes, returns = self.past
        at_once = _BATCH * _BATCHES_AT_ONCE
        ahead = self.days + (self.warmup if closes is None else 0)
        for first in range(0, self.paths, at_once):
            rows = range(first, min(first + at_once, self.paths))
            moves = _draw(self.model, self.stock, rows, ahead, self.seed, returns, self.antithetic)
            path = _levels(moves[0], 1000.0 if closes is None else float(closes[-1]))
            result = replay(
                policy,
                path[:, ahead - self.days :],
                _levels(moves[1][:, ahead - self.days :], 1.0),
                start_value=start_value,
                history=path[:, : ahead - self.days] if closes is None else closes[:-1],
                terms=terms,
            )
            yield first, result


def _draw(
    model: PathModel,
    stock: StockBook,
    paths: range,
    days: int,
    seed: int,
    past: FloatArray,
    antithetic: bool,
) -> tuple[FloatArray, FloatArray]:
    """Daily log returns of index and stock book on the paths of whole batches, both (paths, days)."""
    index_moves, stock_moves = [], []
    for batch in range(paths.start // _BATCH, -(-paths.stop // _BATCH)):
        index_rng, stock_rng = (
            np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(purpose, batch))) for purpose in (0, 1)
        )
        draw = model.antithetic_moves if antithetic else model.moves
        moves = draw(index_rng, _BATCH, days, past)
        index_moves.append(moves)
        stock_moves.append(stock.moves(stock_rng, moves))
    return np.concatenate(index_moves)[: len(paths)], np.concatenate(stock_moves)[: len(paths)]


def _levels(moves: FloatArray, start: float) -> FloatArray:
    """Prices from daily log returns, shape (paths, days + 1)."""
    levels = np.empty((moves.shape[0], moves.shape[1] + 1))
    levels[:, 0] = start
    levels[:, 1:] = start * np.exp(np.cumsum(moves, axis=1))
    return levels


def _past(past: npt.ArrayLike | None) -> tuple[FloatArray | None, FloatArray]:
    """The user's closes, and their daily log returns."""
    if past is None:
        return None, np.empty(0)
    prices = Prices(past)
    prices.check("past")
    if prices.paths != 1 or prices.days < 1:
        raise InputError(f"past: shape {prices.close.shape}: must be (days,), closes up to day 0")
    closes = prices.close[0]
    return closes, np.diff(np.log(closes))


def _check_simulation(days: int, paths: int, seed: int, warmup: int) -> None:
    least = {"days": (days, 1), "paths": (paths, 2), "seed": (seed, 0), "warmup": (warmup, 0)}
    raise_faults([f"{name} = {value}: must be at least {low}" for name, (value, low) in least.items() if value < low])


def _check_terms(terms: Terms) -> None:
    taken = {
        "futures": terms.futures is not None,
        "reserve": terms.reserve is not None,
        "when_exhausted": terms.when_exhausted != "top_up",
    }
    raise_faults([f"{name}: must be left out: the simulation sets it" for name, given in taken.items() if given])
