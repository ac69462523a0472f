"""The hedge desk in the market is the hedging engine's own book."""

from __future__ import annotations

import numpy as np
import pytest

from abm import Market
from hedging import FuturesContract, make_policy, replay


@pytest.mark.parametrize("starts", [None, "2007-07-31"])
def test_the_desks_accounts_equal_a_replay_on_the_markets_prices(small, starts):
    settings = small(desk={"starts": starts, "tilt": 0.7})
    market = Market(settings, seed=2, paths=3)
    record = market.run(1)
    index = np.cumprod(np.hstack([np.ones((3, 1)), 1 + record.index]), axis=1)
    book = np.cumsum(np.hstack([np.zeros((3, 1)), record.crowded_book]), axis=1)
    first = 0 if starts is None else 4  # 26 July is day 0, its eve close 0
    index, book = index[:, first:], book[:, first:] - book[:, first : first + 1]
    desk = settings.desk
    expected = replay(
        make_policy("full"),
        index,
        index / index[:, :1] + 0.7 * book,
        start_value=desk.size * settings.market.daily_value,
        contract=FuturesContract("any", 1.0, desk.margin, "USD"),
        reserve=desk.reserve,
        gains_fund_margin=True,
    )
    found = market.desk_result
    for name in found.record_names():
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), rtol=1e-9, atol=1e-3)


def test_the_desk_moves_no_price(small):
    with_desk, without = (Market(small(desk={"size": size}), seed=2) for size in (0.5, 0))
    np.testing.assert_array_equal(with_desk.run(1).nav, without.run(1).nav)
    assert without.desk_result is None


def test_a_desk_that_reduces_holds_less_after_a_call(small):
    desk = {"reserve": 0.101, "when_exhausted": "reduce"}
    market = Market(small(desk=desk), seed=2, paths=20)
    market.run(1)
    found = market.desk_result
    called = found.margin_call_days > 0
    assert called.any()
    assert (found.contracts[called, -1] < found.contracts[called, 0]).all()
