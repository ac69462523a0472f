"""What compiled code is handed: laid down once, read where it lies, and never another market's."""

from __future__ import annotations

import gc
import sys

import numpy as np

from abm import Market
from abm.compile import array_kernel, kernel
from abm.handed import Handed


@kernel
def read(handed: Handed) -> float:
    """Something of every part, and a mark left in one."""
    arrays, number, nobody, nothing = handed.parts
    arrays[1][0] += 1.0
    return arrays[0][1, 1] + 10.0 * arrays[1][2] + 100.0 * number + (0.0 if nobody is None else 1e6) + len(nothing)


def test_parts_are_read_and_written_where_they_lie():
    written = np.arange(3.0)
    handed = Handed(((np.eye(2), written), 7, None, ()))
    assert read(handed) == 1 + 20 + 700
    written[2] = 5.0
    assert read(handed) == 1 + 50 + 700
    assert written[0] == 2


def test_what_is_handed_stays():
    handed = Handed(((np.eye(2) * 3, np.full(3, 4.0)), 1, None, ()))
    gc.collect()
    np.full(100_000, 9.0)
    assert read(handed) == 3 + 40 + 100


@array_kernel
def count(handed: Handed, times: int) -> float:
    """What the arrays add up to, by views that are made, kept and given up again."""
    total = 0.0
    for _ in range(times):
        kept = [handed.parts[0][0][row] for row in range(2)]
        for row in kept:
            total += (row + handed.parts[0][1][:2]).sum()
    return total


def test_kernels_that_count_references_have_nothing_to_count():
    square, line = np.eye(2), np.arange(3.0)
    before = [sys.getrefcount(array) for array in (square, line)]
    handed = Handed(((square, line), 7, None, ()))
    assert not handed._room[:16].any()  # who owns the first array
    for _ in range(100):
        assert count(handed, 50) == 50 * (2 + 2 * 1)
    del handed
    gc.collect()
    assert [sys.getrefcount(array) for array in (square, line)] == before


def test_a_market_is_laid_down_once(small):
    market = Market(small())
    first = market._hand_over()
    market.run(workers=1)
    assert market._hand_over() is first


def test_a_market_trades_on_the_arrays_that_were_put_in_place_of_others(small):
    left, taken = Market(small(), seed=3), Market(small(), seed=3)
    for market in (left, taken):
        market.step()
    old = taken.state.stocks
    taken.state = taken.state._replace(stocks=old._replace(price=old.price.copy(), memory=old.memory.copy()))
    before = old.price.copy()
    left.run(workers=2)
    taken.run(workers=2)
    np.testing.assert_array_equal(taken.state.stocks.price, left.state.stocks.price)
    np.testing.assert_array_equal(old.price, before)
    assert (taken.state.stocks.price != before).any()
