"""A reserve at a far level: paths steered to where the hedge's need is large, weighted for it (docs/tails.md).

The need of a short hedge follows how far the market has risen at its highest. How closely, and from where, plain paths
tell; that gives the direction in which the market has to move for a need at the level asked for, and how many paths to
have at each distance along it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import scipy

from abm import Settings
from abm.steering import Steer, market_moves
from cqkit.arrays import FloatArray, IntArray
from cqkit.errors import InputError
from hedging.reserves.weighted import WeightedQuantile, WeightedSample

PLAIN, STEERED = "plain", "steered"  # how paths are drawn
LEAST_PILOTS: Final = 100  # plain paths from which is told where to steer
LEVELS: Final = (0.9, 0.99999)  # that paths can be steered to
PLAIN_SHARE: Final = 0.1  # of steered paths, whose score is drawn as on plain ones: no weight is above its inverse
_SPREAD = 0.3  # of a score, by which the proposal is widened: where plain paths mislead, little is lost
_GRID = np.linspace(-6.0, 9.0, 301)
_ROUGH = _GRID[100::10]
_WAYS = 1000  # in which all else moves the index
_TURNS = 4  # at the direction; two suffice


@dataclass(frozen=True, eq=False)
class Pilot:
    """What plain paths tell of how a need comes about.

    Attributes
    ----------
    moves
        What moves the market by day, standard normals, shape (paths, days).
    index
        The index's daily log moves while the hedge is on, shape (paths, hedged days): the last of the days.
    required
        Reserve needed, a ratio to the book, shape (paths,).
    """

    moves: FloatArray
    index: FloatArray
    required: FloatArray

    @classmethod
    def of(cls, settings: Settings, seed: int, index: FloatArray, required: FloatArray) -> Pilot:
        """The first of the ensemble's paths; InputError where there are too few."""
        if len(required) < LEAST_PILOTS:
            raise InputError(f"paths = {len(required)}: must be at least {LEAST_PILOTS} to say where to steer others")
        return cls(market_moves(settings, seed, 0, len(required)), index, required)

    @property
    def hedged(self) -> FloatArray:
        """Moves of the market while the hedge is on."""
        return self.moves[:, self.moves.shape[1] - self.index.shape[1] :]

    @property
    def drift(self) -> FloatArray:
        """Of the log index by then: what it does on average, dated news included, shape (hedged days,)."""
        return np.cumsum(self.index.mean(axis=0))

    @property
    def gain(self) -> float:
        """What the log index moves by for a standard normal of the market."""
        moves, index = self.hedged, self.index - self.index.mean(axis=0)
        return float((moves * index).sum() / (moves**2).sum())

    @property
    def rest(self) -> float:
        """Standard deviation of what else moves the log index, a root of a day: the mean of it over the whole time."""
        left = (self.index - self.index.mean(axis=0) - self.gain * self.hedged).sum(axis=1)
        return float(left.std() / np.sqrt(self.index.shape[1]))

    def noise(self) -> float:
        """Standard deviation of the need beside what the index's highest rise explains, in units of that rise."""
        rise = np.cumsum(self.index, axis=1).max(axis=1)
        slope, level = np.polyfit(rise, self.required, 1)
        left = self.required - level - slope * rise
        return float(min(left.std() / max(slope, 1e-9), 10.0))


@dataclass(frozen=True, eq=False)
class Proposal:
    """Where paths are steered, and how many to each score.

    Attributes
    ----------
    direction
        Of the market's moves by day, of length 1, shape (days,).
    density
        Of scores at each of the grid's.
    """

    direction: FloatArray
    density: FloatArray

    @classmethod
    def of(cls, pilot: Pilot, level: float, seed: int) -> Proposal:
        """Where the need exceeds what is enough with probability `level`, as far as the pilots tell."""
        generator = np.random.default_rng([seed, 1])
        days, noise = pilot.index.shape[1], max(pilot.noise(), 1e-6)
        ways = generator.standard_normal((2, _WAYS, days))
        direction = np.full(days, days**-0.5)
        for _ in range(_TURNS):
            rise, when = _highest(pilot, ways, direction, _ROUGH)
            worst = _worst(rise, _ROUGH, noise, 1 - level)
            weight = scipy.stats.norm.pdf(_ROUGH)[:, None] * scipy.stats.norm.cdf((rise - worst) / noise)
            # Only what comes before the highest rise adds to it.
            reached = np.bincount(when.ravel(), weight.ravel(), minlength=days)[::-1].cumsum()[::-1]
            direction = reached / np.linalg.norm(reached)
        rise, _ = _highest(pilot, ways, direction, _GRID)
        worst = _worst(rise, _GRID, noise, 1 - level)
        chance = scipy.stats.norm.cdf((rise - worst) / noise).mean(axis=1)
        # Most where it is least certain, flatter than Neyman's (1934) root, since that is a guess; enough everywhere.
        wanted = scipy.stats.norm.pdf(_GRID) * (chance * (1 - chance)) ** 0.25
        step = _GRID[1] - _GRID[0]
        blur = scipy.stats.norm.pdf(np.arange(-3 * _SPREAD, 3 * _SPREAD + step / 2, step), scale=_SPREAD)
        spread = np.convolve(wanted, blur / blur.sum(), mode="same")
        spread /= spread.sum() * step
        density = PLAIN_SHARE * scipy.stats.norm.pdf(_GRID) + (1 - PLAIN_SHARE) * spread
        before = np.zeros(pilot.moves.shape[1] - days)
        return cls(np.concatenate([before, direction]), density)

    def draw(self, paths: int, seed: int, first: int) -> tuple[Steer, FloatArray]:
        """Steer `paths` from `first` on, two to each of equally likely strata of the scores; and their weights."""
        generator = np.random.default_rng([seed, 2])
        share = (np.repeat(np.arange(paths // 2), 2) + generator.random(paths // 2 * 2)) / (paths // 2)
        middle = (self.density[1:] + self.density[:-1]) / 2
        below = np.concatenate([[0.0], np.cumsum(middle)])
        scores = np.interp(share, below / below[-1], _GRID)
        # Between two of the grid's scores all are as likely: the density is the step that they were drawn from.
        step = np.clip(np.searchsorted(_GRID, scores, side="right") - 1, 0, middle.size - 1)
        return Steer(self.direction, scores, first), scipy.stats.norm.pdf(scores) / (
            middle[step] / (middle.sum() * (_GRID[1] - _GRID[0]))
        )


def _highest(pilot: Pilot, ways: FloatArray, direction: FloatArray, scores: FloatArray) -> tuple[FloatArray, IntArray]:
    """Highest rise of the log index, and its day, by score and way, shape (scores, ways) each."""
    across = ways[0] - np.outer(ways[0] @ direction, direction)
    path = pilot.drift + np.cumsum(pilot.gain * across + pilot.rest * ways[1], axis=1)
    along = pilot.gain * np.cumsum(direction)
    rise, when = np.empty((scores.size, len(path))), np.empty((scores.size, len(path)), dtype=np.int64)
    for place, score in enumerate(scores):
        moved = path + score * along
        when[place] = moved.argmax(axis=1)
        rise[place] = moved.max(axis=1)
    return rise, when


def _worst(rise: FloatArray, scores: FloatArray, noise: float, beyond: float) -> float:
    """Rise that is exceeded with probability `beyond`, noise included."""
    density = scipy.stats.norm.pdf(scores) / scipy.stats.norm.pdf(scores).sum()

    def missing(worst: float) -> float:
        return float(density @ scipy.stats.norm.cdf((rise - worst) / noise).mean(axis=1)) - beyond

    return float(scipy.optimize.brentq(missing, rise.min() - 10 * noise, rise.max() + 10 * noise, xtol=1e-6))


@dataclass(frozen=True)
class Tail:
    """A reserve at a far level from steered paths.

    Attributes
    ----------
    level
        How surely it is enough.
    found
        The reserve, with its interval, and what it is worth in plain paths.
    paths
        That were steered.
    pilots
        Plain paths that said where to.
    """

    level: float
    found: WeightedQuantile
    paths: int
    pilots: int

    @classmethod
    def of(cls, level: float, required: FloatArray, weights: FloatArray, pilots: int) -> Tail:
        """Made of what steered paths needed, by path."""
        found = WeightedSample(required, weights).quantile(level)
        return cls(level, found, required.size, pilots)

    def row(self, plain: Mapping[str, Any]) -> dict[str, Any]:
        """The row of a table of reserves; `plain` is what plain paths tell."""
        found = self.found
        return {
            **plain,
            "reserve": found.value,
            "low": found.low,
            "high": found.high,
            "sampling": STEERED,
            "paths": self.paths,
            "plain_paths": self.plain_paths,
            "factor": self.factor,
        }

    @property
    def told(self) -> bool:
        """Whether the steered paths say enough."""
        return bool(np.isfinite(self.found.value))

    @property
    def plain_paths(self) -> float:
        """So many plain paths would tell the level as surely."""
        return self.found.plain_draws(self.level)

    @property
    def factor(self) -> float:
        """Variance of plain paths, as many as were steered and as said where to, over that of the steered ones."""
        return self.plain_paths / (self.paths + self.pilots)
