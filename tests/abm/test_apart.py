"""No two arrays overlap of which one is written, as kernels that are told so take for granted (`wide_kernel`)."""

from itertools import pairwise

import numpy as np
import pytest

from abm import Market
from scenarios import load_scenario


def arrays_in(value, name=""):
    if isinstance(value, np.ndarray):
        yield name, value
    elif isinstance(value, tuple):
        for field, part in zip(getattr(value, "_fields", range(len(value))), value, strict=True):
            yield from arrays_in(part, f"{name}.{field}")


def overlapping(arrays):
    """Names of arrays that share memory, of which one at least is written."""
    placed = sorted((np.lib.array_utils.byte_bounds(array), name, array) for name, array in arrays if array.size)
    return [
        (first, second)
        for ((_, end), first, one), ((start, _), second, other) in pairwise(placed)
        if start < end and (one.flags.writeable or other.flags.writeable)
    ]


@pytest.mark.parametrize("name", ["quake-2007", "china-2024", "china-2024-09", "ltcm-1998"])
def test_what_wide_kernels_are_handed_lies_apart(name):
    market = Market(load_scenario(name).settings, seed=1, paths=2)
    state = market.state
    handed = {"core": state.core, "funds": state.funds, "futures_funds": state.futures_funds, "futures": state.futures}
    if market.settings.has_futures:
        handed["accounts"] = market.futures_crowd.accounts
    arrays = [item for part, value in handed.items() for item in arrays_in(value, part)]
    assert len(arrays) > 50
    assert overlapping(arrays) == []


def test_an_overlap_is_found():
    whole = np.zeros(10)
    assert overlapping([("a", whole[:6]), ("b", whole[5:])]) == [("a", "b")]
    assert overlapping([("a", whole[:5]), ("b", whole[5:])]) == []
