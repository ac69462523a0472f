"""The reserve set in advance: how much cash will meet the futures' needs, and how surely.

What the 2008 report lacks: it reads the reserve off the path after the fact. Here it comes from a closed form
for the full hedge, or from simulated paths for any policy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm

from cqkit.arrays import FloatArray
from cqkit.errors import InputError, raise_faults
from hedging.path_models import PathModel, StockBook
from hedging.policies import HedgePolicy
from hedging.prices import Prices
from hedging.replay import replay
from hedging.tails import TAIL_SHARE, Estimate, TailFit, fit_tail, sample_quantile, wilson_interval

CONFIDENCES: Final = (0.95, 0.99, 0.999)
REFLECTION_ASSUMPTIONS: Final = (
    "full hedge of day 0's stock value, contracts held constant, in fractions",
    "the log price of the index is a Brownian motion without drift and with constant volatility",
    "losses and margin are called at every moment, or at closes if bars_per_year is given",
    "the futures price is the index; no interest, costs, rolls or changes of the margin rate",
)

# A barrier that is looked at every dt acts like one that is watched always but stands higher by a factor
# exp(-zeta(1/2)/sqrt(2 pi) sigma sqrt(dt)): Broadie, Glasserman and Kou (1997), Mathematical Finance 7, 325.
_WATCHED = 0.5825971579390106
_BATCH = 1000
_BATCHES_AT_ONCE = 5
_TAKEN = frozenset({"index", "spot", "history", "reserve", "when_exhausted", "futures"})


def reflection_reserve(
    volatility: float,
    confidence: float,
    years: float,
    margin: float = 0.10,
    *,
    bars_per_year: float | None = None,
) -> float:
    """Reserve that the full hedge will not exceed with a given probability, as a ratio to the book.

    By reflection the highest of a driftless Brownian motion exceeds a level twice as often as its end does, so
    R0/V0 = m + (1 + m)(exp(z sigma sqrt(tau)) - 1) with z = Phi^-1((1 + c)/2). `REFLECTION_ASSUMPTIONS` lists
    what this takes for granted.

    Parameters
    ----------
    volatility : float
        Of the index, a ratio a year.
    confidence : float
        Probability that no call comes, between 0 and 1.
    years : float
        Time that the hedge lasts.
    margin : float
        Initial margin, a share of notional.
    bars_per_year : float, optional
        How often needs are looked at, 250 for daily closes. By default always, which errs on the safe side.

    Raises
    ------
    InputError
        When a number lies outside its range.
    """
    _check_reflection(volatility, years, margin, bars_per_year)
    if not 0 < confidence < 1:
        raise InputError(f"confidence = {confidence}: must lie between 0 and 1 (a probability, not percent)")
    log_rise = norm.ppf((1 + confidence) / 2) * volatility * math.sqrt(years) - _between_looks(
        volatility, bars_per_year
    )
    return float(margin + (1 + margin) * max(math.expm1(log_rise), 0.0))


def reflection_call_probability(
    reserve: npt.ArrayLike,
    volatility: float,
    years: float,
    margin: float = 0.10,
    *,
    bars_per_year: float | None = None,
) -> FloatArray:
    """Probability that the full hedge's needs will exceed a reserve: the inverse of `reflection_reserve`.

    Parameters
    ----------
    reserve : array_like
        Ratio to the book; any shape. Less than the initial margin is called on day 0.
    volatility, years, margin, bars_per_year
        As of `reflection_reserve`.

    Returns
    -------
    FloatArray
        Of the shape of `reserve`.

    Raises
    ------
    InputError
        When a number lies outside its range.
    """
    _check_reflection(volatility, years, margin, bars_per_year)
    ratio = np.asarray(reserve, dtype=np.float64)
    rise = np.maximum((ratio - margin) / (1 + margin), 0.0)
    level = np.log1p(rise) + _between_looks(volatility, bars_per_year)
    width = volatility * math.sqrt(years)
    chance = 2 * norm.sf(level / width) if width > 0 else np.where(level > 0, 0.0, 1.0)
    return np.where(ratio < margin, 1.0, chance)


def diluted_return(undiluted: npt.ArrayLike, reserve: npt.ArrayLike) -> FloatArray:
    """What a reserve leaves of a return: undiluted/(1 + reserve), both ratios to the book (2008 report, section 2)."""
    return np.asarray(np.asarray(undiluted, dtype=np.float64) / (1 + np.asarray(reserve, dtype=np.float64)))


@dataclass(frozen=True, eq=False)
class SimulatedReserve:
    """What a hedge needed on simulated paths, and the reserves that follow from it.

    Attributes
    ----------
    required : FloatArray, shape (paths,)
        Reserve that would have met every need, R*, as a ratio to the book.
    undiluted : FloatArray, shape (paths,)
        Final hedged P&L on the stock book alone.
    policy, model : str
        Names.
    days, seed : int
        Of the simulation.
    antithetic : bool
        Whether paths 2i and 2i + 1 are mirror images.
    """

    required: FloatArray
    undiluted: FloatArray
    policy: str
    model: str
    days: int
    seed: int
    antithetic: bool

    @property
    def paths(self) -> int:
        """Number of paths."""
        return len(self.required)

    def quantile(self, confidence: float, level: float = 0.95) -> Estimate:
        """Reserve that suffices on a share `confidence` of paths, with an order-statistic interval.

        Raises
        ------
        InputError
            When `confidence` is no probability.
        """
        if not 0 < confidence < 1:
            raise InputError(f"confidence = {confidence}: must lie between 0 and 1 (a probability, not percent)")
        first = sample_quantile(self.required, confidence, level)
        inflation = self._inflation(first.value)
        return first if inflation == 1 else sample_quantile(self.required, confidence, level, inflation)

    def call_probability(self, reserve: float, level: float = 0.95) -> Estimate:
        """Probability that needs exceed `reserve`, a ratio to the book, with its Wilson interval."""
        share = float((self.required > reserve).mean())
        low, high = wilson_interval(share, self.paths / self._inflation(reserve), level)
        return Estimate(share, float(low), float(high))

    def tail(self, share: float = TAIL_SHARE) -> TailFit:
        """Peaks over threshold: a generalised Pareto law for the largest needs."""
        return fit_tail(self.required, share)

    def table(self, confidences: Sequence[float] = CONFIDENCES, share: float = TAIL_SHARE) -> pd.DataFrame:
        """Reserves by confidence: from the sample, and from the fitted tail.

        Parameters
        ----------
        confidences : sequence of float
            Probabilities that no call comes.
        share : float
            Part of the paths that the tail is fitted to.

        Returns
        -------
        DataFrame
            Columns `confidence`, `reserve`, `low`, `high` (95 % order-statistic interval; the upper end is
            infinite where the paths are too few), `tail`, `tail_low`, `tail_high` (95 % delta-method interval;
            NaN below the threshold or without a fit).
        """
        tail = self.tail(share)
        rows = []
        for confidence in confidences:
            sample, fitted = self.quantile(confidence), tail.quantile(confidence)
            ends = (sample.value, sample.low, sample.high, fitted.value, fitted.low, fitted.high)
            rows.append((confidence, *ends))
        return pd.DataFrame(
            rows, columns=["confidence", "reserve", "low", "high", "tail", "tail_low", "tail_high"], dtype=np.float64
        )

    def threshold_table(self, shares: Sequence[float] = (0.2, 0.15, 0.1, 0.075, 0.05, 0.025, 0.01)) -> pd.DataFrame:
        """What the tail says by where it is taken to begin; a stable shape speaks for the fit.

        Returns
        -------
        DataFrame
            Columns `share`, `threshold`, `exceedances`, `shape`, `shape_error`, `reserve_999`, `low`, `high`.
        """
        rows = []
        for share in shares:
            tail = self.tail(share)
            far = tail.quantile(0.999)
            fitted = (tail.threshold, tail.exceedances, tail.shape, tail.shape_error)
            rows.append((share, *fitted, far.value, far.low, far.high))
        columns = ["share", "threshold", "exceedances", "shape", "shape_error", "reserve_999", "low", "high"]
        return pd.DataFrame(rows, columns=columns)

    def call_frontier(self, reserves: Sequence[float] | None = None) -> pd.DataFrame:
        """Reserve against the probability of a call.

        Parameters
        ----------
        reserves : sequence of float, optional
            Ratios to the book; by default 61 of them from nothing to what hardly any path needs.

        Returns
        -------
        DataFrame
            Columns `reserve`, `probability`, `low`, `high` (95 % Wilson) and `tail` (by the fitted tail, NaN
            below its threshold), which goes on where the sample ends.
        """
        levels = self._reserves(reserves)
        calls = [self.call_probability(float(reserve)) for reserve in levels]
        return pd.DataFrame(
            {
                "reserve": levels,
                "probability": [call.value for call in calls],
                "low": [call.low for call in calls],
                "high": [call.high for call in calls],
                "tail": self.tail().exceedance_probability(levels),
            }
        )

    def dilution_frontier(self, reserves: Sequence[float] | None = None) -> pd.DataFrame:
        """Reserve against what it leaves of the return: safety is paid for with idle cash.

        Returns are hedged P&L on book and reserve, undiluted/(1 + R0), whatever outside money met the calls.

        Parameters
        ----------
        reserves : sequence of float, optional
            As in `call_frontier`.

        Returns
        -------
        DataFrame
            Columns `reserve`, `probability` (of a call) with `low` and `high`, `kept` (share of the undiluted
            return, 1/(1 + R0)), `mean`, `q05`, `q25`, `q50`, `q75`, `q95` (of the return over paths) and
            `outside_money` (mean of what calls ask beyond the reserve, a ratio to the book).
        """
        frame = self.call_frontier(reserves).drop(columns="tail")
        levels = frame["reserve"].to_numpy(np.float64)
        kept = diluted_return(1.0, levels)
        frame["kept"] = kept
        frame["mean"] = kept * self.undiluted.mean()
        for share in (0.05, 0.25, 0.50, 0.75, 0.95):
            # Dividing by 1 + R0 moves every quantile alike.
            frame[f"q{round(100 * share):02d}"] = kept * np.quantile(self.undiluted, share)
        frame["outside_money"] = [float(np.maximum(self.required - reserve, 0).mean()) for reserve in levels]
        return frame

    def _reserves(self, given: Sequence[float] | None) -> FloatArray:
        if given is None:
            most = max(self.quantile(0.999).value, 1e-3)
            return np.linspace(0.0, 1.1 * most, 61)
        levels = np.asarray(given, dtype=np.float64)
        if levels.ndim != 1 or not (levels.size and np.isfinite(levels).all() and (levels >= 0).all()):
            raise InputError("reserves: must be a list of ratios to the book, at least 0 and finite")
        return levels

    def _inflation(self, reserve: float) -> float:
        """Variance of the share of paths above `reserve` against that of independent paths, at least 1.

        The two paths of an antithetic pair are not independent. Needs that rise in both directions, as some
        policies' do, make pairs alike and intervals wider; where pairs are unlike, the wider interval is kept.
        """
        if not self.antithetic:
            return 1.0
        above = self.required > reserve
        share = above.mean()
        if share in {0.0, 1.0}:
            return 1.0
        pairs = above.reshape(-1, 2).mean(axis=1)
        return max(1.0, float(2 * pairs.var() / (share * (1 - share))))


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
    **options: Any,
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
    **options
        Further arguments of `hedging.replay`, such as `contract`, `costs` or `gains_fund_margin`.

    Returns
    -------
    SimulatedReserve

    Raises
    ------
    InputError
        When a parameter is out of range, or model or policy cannot do with what they are given.
    """
    _check_simulation(days, paths, seed, warmup, options)
    if antithetic and paths % 2:
        raise InputError(f"paths = {paths}: must be even with antithetic draws")
    closes, returns = _past(past)
    stock = StockBook() if book is None else book
    required, undiluted = np.empty(paths), np.empty(paths)
    at_once = _BATCH * _BATCHES_AT_ONCE
    for first in range(0, paths, at_once):
        last = min(first + at_once, paths)
        ahead = days + (warmup if closes is None else 0)
        index_moves, stock_moves = _draw(model, stock, range(first, last), ahead, seed, returns, antithetic)
        path = _levels(index_moves, 1000.0 if closes is None else float(closes[-1]))
        history = path[:, : ahead - days] if closes is None else closes[:-1]
        result = replay(
            policy,
            path[:, ahead - days :],
            _levels(stock_moves[:, ahead - days :], 1.0),
            start_value=start_value,
            history=history,
            **options,
        )
        required[first:last] = result.required_reserve
        undiluted[first:last] = result.undiluted_return
        if progress is not None:
            progress(last, paths)
    return SimulatedReserve(required, undiluted, policy.name, model.name, days, seed, antithetic)


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


def _check_simulation(days: int, paths: int, seed: int, warmup: int, options: dict[str, Any]) -> None:
    least = {"days": (days, 1), "paths": (paths, 2), "seed": (seed, 0), "warmup": (warmup, 0)}
    faults = [f"{name} = {value}: must be at least {low}" for name, (value, low) in least.items() if value < low]
    faults += [f"{name}: must be left out: the simulation sets it" for name in sorted(_TAKEN & options.keys())]
    raise_faults(faults)


def _between_looks(volatility: float, bars_per_year: float | None) -> float:
    """How far the log price typically stands above a barrier when it is first seen there."""
    return 0.0 if bars_per_year is None else _WATCHED * volatility / math.sqrt(bars_per_year)


def _check_reflection(volatility: float, years: float, margin: float, bars_per_year: float | None) -> None:
    faults = []
    if not 0 <= volatility <= 5:
        faults.append(f"volatility = {volatility}: must lie in 0..5 (a ratio a year, not percent)")
    if not 0 < years <= 100:
        faults.append(f"years = {years}: must lie above 0 and at most 100")
    if not 0 < margin <= 1:
        faults.append(f"margin = {margin}: must lie above 0 and at most 1 (a ratio, not percent)")
    if bars_per_year is not None and not (math.isfinite(bars_per_year) and bars_per_year > 0):
        faults.append(f"bars_per_year = {bars_per_year}: must be positive")
    raise_faults(faults)
