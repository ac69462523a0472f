"""Paths whose market is steered: as far as is asked along one direction, by the paths' own noise in all others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abm.randomness import market_normals
from abm.settings import Settings
from cqkit.arrays import FloatArray


def bar_shares(settings: Settings) -> FloatArray:
    """What part of a day's variance each bar has, shape (bars,)."""
    overnight, bars = settings.market.overnight, settings.clock.bars
    shares = np.full(bars, (1 - overnight) / bars)
    shares[0] += overnight
    return shares


def market_moves(settings: Settings, seed: int, first: int, paths: int) -> FloatArray:
    """What moves the market factor by day, standard normals, shape (paths, days), on the paths' own noise."""
    roots = np.sqrt(bar_shares(settings))
    days, factors = settings.clock.days, settings.market.factors
    moves = np.empty((paths, days))
    for path in range(paths):
        for day in range(days):
            moves[path, day] = market_normals(seed, first + path, day, roots.size, factors) @ roots
    return moves


@dataclass(frozen=True, eq=False)
class Steer:
    """How far the market of each path goes along a direction, in standard normals.

    Whoever draws `scores` from another law than the standard normal weights the paths by the ratio of the densities:
    what is at right angles to the direction is the paths' own noise, which is independent of it.

    Attributes
    ----------
    direction
        Of the market's moves by day, of length 1, shape (days,).
    scores
        Of paths `first`, first + 1 and so on, shape (paths,).
    """

    direction: FloatArray
    scores: FloatArray
    first: int = 0

    def lift(self, settings: Settings, seed: int, first: int, paths: int) -> FloatArray:
        """What is added to the market's normals of every bar of some paths, shape (paths, days, bars)."""
        wanted = self.scores[first - self.first : first - self.first + paths]
        # Not by `@`, whose last digit depends on how many paths there are.
        along = (market_moves(settings, seed, first, paths) * self.direction).sum(axis=1)
        short = wanted - along
        return short[:, None, None] * self.direction[:, None] * np.sqrt(bar_shares(settings))
