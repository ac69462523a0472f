"""Random streams: one seed a run, one stream for each purpose, path and day.

A stream is a pure function of (seed, purpose, path, day). So twins that differ in funds, leverage or policy share the
same noise, and results depend neither on the number of workers nor on how paths are cut into blocks. What a market is
made of is drawn once, by NumPy's generators; what moves it every bar comes from `abm.normals`, whose counter is
(number, day, path, purpose) and whose key is a hash of the seed.
"""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from abm.compile import array_kernel
from abm.normals import Key, draw_normals
from cqkit.arrays import FloatArray, SingleArray, frozen
from cqkit.cores import BLOCKS_AT_ONCE


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
    COMMON_MOVES = 14


PURPOSES = tuple(int(one) for one in (Purpose.FUNDAMENTALS, Purpose.TRANSIENT, Purpose.COMMON_MOVES, Purpose.FUTURES))


def stream(seed: int, purpose: Purpose, path: int, day: int = 0) -> np.random.Generator:
    """Return the generator of one purpose on one path and day."""
    key = np.random.SeedSequence(seed, spawn_key=(int(purpose), path, day))
    return np.random.Generator(np.random.SFC64(key))


def fill_with_normals(normals: FloatArray, seed: int, purpose: Purpose, first_path: int) -> FloatArray:
    """Fill an array (paths, ...) with standard normals, each path's of its own stream for the purpose; return it."""
    for row, path in enumerate(normals):
        stream(seed, purpose, first_path + row).standard_normal(out=path)
    return normals


@lru_cache(maxsize=4 * BLOCKS_AT_ONCE)
def normals_of(seed: int, purpose: Purpose, first_path: int, shape: tuple[int, ...]) -> FloatArray:
    """Standard normals of a shape (paths, ...), each path's of its own stream; all markets on the paths share them."""
    normals = fill_with_normals(np.empty(shape), seed, purpose, first_path)
    frozen(normals)
    return normals


@lru_cache(maxsize=BLOCKS_AT_ONCE)
def uniforms_of(seed: int, purpose: Purpose, first_path: int, shape: tuple[int, ...]) -> FloatArray:
    """The same of numbers spread evenly from 0 to 1; read-only too."""
    uniforms = np.empty(shape)
    for row, path in enumerate(uniforms):
        stream(seed, purpose, first_path + row).random(out=path)
    frozen(uniforms)
    return uniforms


@lru_cache(maxsize=16)
def key_of(seed: int) -> Key:
    """The key under which all of a seed's normals are drawn."""
    low, high = np.random.SeedSequence(seed).generate_state(2)
    return int(low), int(high)


def market_normals(seed: int, path: int, day: int, bars: int, factors: int) -> FloatArray:
    """Return the market's standard normals of a path's day, shape (bars,): those that `DayNoise.draw` fills in."""
    common = np.empty(bars * (1 + factors), np.float32)
    draw_normals(key_of(seed), day, path, int(Purpose.COMMON_MOVES), common)
    return common.astype(np.float64).reshape(bars, 1 + factors)[:, 0]


class DayNoise(NamedTuple):
    """A path's standard normals for one day; those of some paths have a leading axis more."""

    common: FloatArray  # (bars, 1 + factors)
    own: SingleArray  # (bars, stocks)
    transient: SingleArray  # (bars, stocks): other investors' noise
    futures: FloatArray  # (bars, 2): the small stocks' factor, and the basis

    @classmethod
    def empty(cls, bars: int, factors: int, stocks: int) -> DayNoise:
        """Make room for a day."""
        own, transient = (np.empty((bars, stocks), np.float32) for _ in range(2))
        return cls(np.empty((bars, 1 + factors)), own, transient, np.zeros((bars, 2)))

    @classmethod
    def of_paths(cls, paths: int, bars: int, factors: int, stocks: int) -> DayNoise:
        """Make room for a day of some paths."""
        own, transient = (np.empty((paths, bars, stocks), np.float32) for _ in range(2))
        return cls(np.empty((paths, bars, 1 + factors)), own, transient, np.zeros((paths, bars, 2)))

    def path(self, number: int) -> DayNoise:
        """That path's, of those of some."""
        return DayNoise(self.common[number], self.own[number], self.transient[number], self.futures[number])

    def first(self, count: int) -> DayNoise:
        """The first paths', of those of some."""
        return DayNoise(self.common[:count], self.own[:count], self.transient[:count], self.futures[:count])

    def alone(self) -> DayNoise:
        """One path's, as those of some."""
        return DayNoise(self.common[None], self.own[None], self.transient[None], self.futures[None])

    def draw(self, seed: int, path: int, day: int, futures: bool = False) -> None:
        """Fill in the normals of that path and day; those of `futures` only where somebody reads them."""
        self.alone().draw_some(seed, path, day, futures)

    def draw_some(self, seed: int, first_path: int, day: int, futures: bool = False) -> None:
        """The same for as many paths as there is room for, from the first on."""
        draw_paths(key_of(seed), day, first_path, self, futures)


@array_kernel
def draw_paths(key: Key, day: int, first_path: int, noise: DayNoise, futures: bool) -> None:
    """Fill in the day's normals of some paths: in one call, since threads wait for each other at each."""
    own, transient = noise.own, noise.transient
    common = np.empty(noise.common[0].size, np.float32)
    basis = np.empty(noise.futures[0].size, np.float32)
    for number in range(len(noise.common)):
        parts = (own[number].reshape(-1), transient[number].reshape(-1), common, basis)
        for part in range(4 if futures else 3):
            draw_normals(key, day, first_path + number, PURPOSES[part], parts[part])
        noise.common[number] = common.reshape(noise.common[number].shape)
        if futures:
            noise.futures[number] = basis.reshape(noise.futures[number].shape)
