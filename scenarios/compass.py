"""A search without derivatives that can be replayed: round after round around the best place so far, ever closer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

Place = tuple[float, ...]


class Compass(NamedTuple):
    """Where a search stands.

    Attributes
    ----------
    best
        The best place so far.
    wanted
        Places whose worth it has to know next; none: it has ended.
    """

    best: Place
    wanted: tuple[Place, ...]


def search(known: Mapping[Place, float], axes: int, rounds: int, *, step: float = 1.0, bound: float = 3.0) -> Compass:
    """Replay a compass search from 0 on what is known, lower being better.

    In every round it looks a step to both sides along each axis, within `bound`; it goes to the best of them, or halves
    the step where none is better (Hooke and Jeeves 1961, without their pattern move).

    Parameters
    ----------
    known
        What places are worth; at what is not yet known the search waits.
    axes
        How many numbers a place has.
    rounds
        How often it looks around.
    """
    centre: Place = (0.0,) * axes
    if centre not in known:
        return Compass(centre, (centre,))
    for _ in range(rounds if axes else 0):
        around = _around(centre, step, bound)
        missing = tuple(place for place in around if place not in known)
        if missing:
            return Compass(centre, missing)
        best = min(around, key=lambda place: known[place])
        if known[best] < known[centre]:
            centre = best
        else:
            step /= 2
    return Compass(centre, ())


def _around(centre: Place, step: float, bound: float) -> tuple[Place, ...]:
    moved = (
        (*centre[:axis], centre[axis] + way * step, *centre[axis + 1 :])
        for axis in range(len(centre))
        for way in (-1.0, 1.0)
    )
    return tuple(place for place in moved if max(map(abs, place)) <= bound)
