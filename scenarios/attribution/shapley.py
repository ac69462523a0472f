"""Shapley values of a game whose worths are arrays: what each player adds, averaged over the orders of joining.

Players are numbered 0..k-1; a set of players is a whole number whose bit i says whether player i is in it. `worths`
maps a set to what it is worth on each path, shape (paths,).

Sources: Shapley 1953, A value for n-person games; Castro, Gomez and Tejada 2009, Polynomial calculation of the Shapley
value based on sampling (orders drawn at random); Mitchell, Cooper, Frank and Holmes 2022, Sampling permutations for
Shapley value estimation (an order and its reverse).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import factorial

import numpy as np

from cqkit.arrays import FloatArray, IntArray

Worths = Mapping[int, FloatArray]


def all_sets(players: int) -> list[int]:
    """All 2^players sets, the empty one first."""
    return list(range(1 << players))


def shapley(worths: Worths, players: int) -> FloatArray:
    """Value of each player over all orders, shape (players, paths); on each path they add up to all less nothing.

    Needs the worth of every set: sum over sets S without i of |S|! (k - |S| - 1)! / k! (v(S + i) - v(S)).
    """
    weights = [factorial(size) * factorial(players - size - 1) / factorial(players) for size in range(players)]
    found = np.zeros((players, worths[0].size))
    for chosen in all_sets(players):
        for player in range(players):
            if not chosen >> player & 1:
                gained = worths[chosen | 1 << player] - worths[chosen]
                found[player] += weights[chosen.bit_count()] * gained
    return found


def draw_orders(players: int, count: int, seed: int) -> IntArray:
    """Draw orders of joining, shape (count, players); each is followed by its reverse, so `count` is even."""
    generator = np.random.default_rng(np.random.SeedSequence(seed))
    drawn = [generator.permutation(players) for _ in range(count // 2)]
    return np.array([order for one in drawn for order in (one, one[::-1])])


def sets_on_the_way(orders: IntArray) -> list[int]:
    """Sets that occur as the players join in these orders, and those of one player and of all but one."""
    players = orders.shape[1]
    everybody = (1 << players) - 1
    found = {0, everybody}
    for player in range(players):
        found |= {1 << player, everybody ^ 1 << player}
    for order in orders:
        chosen = 0
        for player in order:
            chosen |= 1 << int(player)
            found.add(chosen)
    return sorted(found)


def gains(worths: Worths, orders: IntArray) -> FloatArray:
    """What each player adds when joining in each order, shape (orders, players, paths).

    In every order they add up to all less nothing, and so do their averages over any orders.
    """
    found = np.zeros((*orders.shape, worths[0].size))
    for row, order in enumerate(orders):
        chosen = 0
        for player in order:
            joined = chosen | 1 << int(player)
            found[row, player] = worths[joined] - worths[chosen]
            chosen = joined
    return found
