"""Least squares whose steps can be replayed: what it needs to know next is asked for, and simulated, all at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import scipy

from cqkit.arrays import FloatArray

Place = tuple[float, ...]
APART = 0.15  # of the places from which slopes are taken


class Refit(NamedTuple):
    """Where a fit stands.

    Attributes
    ----------
    best
        The best place so far.
    wanted
        Places whose residuals it has to know next; none: it has ended.
    """

    best: Place
    wanted: tuple[Place, ...]


class _UnknownError(Exception):
    """The residuals of some places are not known yet."""

    def __init__(self, wanted: tuple[Place, ...]) -> None:
        super().__init__()
        self.wanted = wanted


def refit(known: Mapping[Place, FloatArray], axes: int, steps: int, *, bound: float = 3.0) -> Refit:
    """Replay a fit by least squares from 0 on what is known, within `bound` on every axis.

    Trust-region steps of `scipy.optimize.least_squares`; slopes from places `APART` apart.

    Parameters
    ----------
    known
        Residuals by place.
    axes
        How many numbers a place has.
    steps
        At how many places at most residuals are taken.
    """
    start: Place = (0.0,) * axes

    def around(place: Place) -> tuple[Place, ...]:
        inwards = (-APART if value + APART > bound else APART for value in place)
        return tuple((*place[:axis], place[axis] + by, *place[axis + 1 :]) for axis, by in enumerate(inwards))

    def residuals(x: FloatArray) -> FloatArray:
        place = _place(x)
        if missing := tuple(one for one in (place, *around(place)) if one not in known):
            raise _UnknownError(missing)
        return known[place]

    def slopes(x: FloatArray) -> FloatArray:
        place = _place(x)
        beside = enumerate(around(place))
        return np.column_stack([(known[one] - known[place]) / (one[axis] - place[axis]) for axis, one in beside])

    wanted: tuple[Place, ...] = ()
    try:
        if axes:
            scipy.optimize.least_squares(
                residuals, start, slopes, bounds=(-bound, bound), max_nfev=steps, xtol=1e-2, ftol=1e-3
            )
        else:
            residuals(np.zeros(0))
    except _UnknownError as unknown:
        wanted = unknown.wanted
    worth = {place: float(found @ found) for place, found in known.items()}
    return Refit(min(worth, key=worth.__getitem__) if worth else start, wanted)


def _place(x: FloatArray) -> Place:
    return tuple(round(float(value), 9) for value in x)
