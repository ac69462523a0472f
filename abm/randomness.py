"""Random streams: one seed a run, spawned by purpose, path and day.

A stream is a pure function of (seed, purpose, path, day). So twins that differ in funds, leverage or policy share the
same noise, and results depend neither on the number of workers nor on how paths are cut into blocks.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from cqkit.arrays import FloatArray


class Purpose(IntEnum):
    """What a stream is for. Numbers are part of every seed's meaning: never renumber them."""

    STOCKS = 0
    COMMON_BOOK = 1
    STYLE_BOOKS = 2
    FUNDS = 3
    FUND_LIMITS = 4
    SECTOR = 5
    FUNDAMENTALS = 6
    TRANSIENT = 7
    FUTURES = 8
    FUTURES_FUNDS = 9
    FUTURES_FUND_LIMITS = 10
    PAST = 11
    TRANSIENT_START = 12
    WIDE_LIMITS = 13


def stream(seed: int, purpose: Purpose, path: int, day: int = 0) -> np.random.Generator:
    """Return the generator of one purpose on one path and day."""
    key = np.random.SeedSequence(seed, spawn_key=(int(purpose), path, day))
    return np.random.Generator(np.random.SFC64(key))


class DayNoise(NamedTuple):
    """A path's standard normals for one day."""

    common: FloatArray  # (bars, 1 + factors)
    own: FloatArray  # (bars, stocks)
    transient: FloatArray  # (bars, stocks): other investors' noise
    futures: FloatArray  # (bars, 2): the small stocks' factor, and the basis

    @classmethod
    def empty(cls, bars: int, factors: int, stocks: int) -> DayNoise:
        """Make room for a day."""
        return cls(
            np.empty((bars, 1 + factors)), np.empty((bars, stocks)), np.empty((bars, stocks)), np.zeros((bars, 2))
        )

    def draw(self, seed: int, path: int, day: int, futures: bool = False) -> None:
        """Fill in the normals of that path and day; those of `futures` only where somebody reads them."""
        fundamentals = stream(seed, Purpose.FUNDAMENTALS, path, day)
        fundamentals.standard_normal(out=self.common)
        fundamentals.standard_normal(out=self.own)
        stream(seed, Purpose.TRANSIENT, path, day).standard_normal(out=self.transient)
        if futures:
            stream(seed, Purpose.FUTURES, path, day).standard_normal(out=self.futures)
