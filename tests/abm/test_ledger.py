"""Conservation: shares, cash and wealth, in every bar and on every path."""

from __future__ import annotations

import numpy as np
import pytest

from abm import Flow, Market, Party
from abm.randomness import DayNoise
from hedging import CrowdquakeError


@pytest.mark.parametrize("capacity", [1.0, 0.4])
def test_the_ledger_closes_in_every_bar_on_every_path(small, capacity):
    market = Market(small(impact={"maker_capacity": capacity}), seed=2, paths=3)
    state, clock = market.state, market.settings.clock
    outstanding = market.positions().sum(axis=0)
    at_start = np.einsum("aps,ps->ap", market.positions(), state.stocks.price)
    equity = state.funds.equity.sum(axis=1)
    noise = DayNoise.empty(clock.bars, market.settings.market.factors, market.settings.market.stocks)
    rng = np.random.default_rng(0)
    for day in range(clock.days):
        order = 0.01 * rng.standard_normal(state.outside.order.shape)
        bought = market.positions()[Party.OUTSIDE]
        market.submit(order)
        for bar in range(clock.bars):
            for path in range(3):
                noise.draw(2, path, day)
                market.trade_path(path, noise, bar, bar + 1)
            held = market.positions()
            held[Party.OUTSIDE] = bought + order * (bar + 1) / clock.bars
            np.testing.assert_allclose(held.sum(axis=0), outstanding, atol=1e-13)  # shares
            cash = state.ledger.cash
            np.testing.assert_allclose(cash.sum(axis=1), 0, atol=1e-13)
            gained = cash.T + np.einsum("aps,ps->ap", held, state.stocks.price) - at_start
            exogenous = np.einsum("ps,ps->p", outstanding, state.stocks.price - 1)
            np.testing.assert_allclose(gained.sum(axis=0), exogenous, atol=1e-12)  # wealth
            earned = state.funds.equity.sum(axis=1) - equity
            np.testing.assert_allclose(gained[Party.CROWD], earned, atol=1e-12)  # equity law = cash and positions
        market.close()
    assert (np.abs(state.ledger.cash[:, : Party.LARGE_FUND]).min(axis=0) > 1e-6).all()  # everybody has traded


def test_providers_carry_what_others_bought_until_slow_capital_takes_it(small):
    settings = small(impact={"recovery": 0, "value_capital": 0}, index_sector={"holding": 0})
    market = Market(settings, seed=4)
    market.run(1)
    state = market.state
    np.testing.assert_allclose(-state.providers.shares[0], (state.stocks.inventory * state.stocks.adv)[0], atol=1e-13)


def test_providers_earn_the_spread_that_others_pay(small):
    free, dear = (
        Market(small(impact={"half_spread": s, "strength": 0}, desk={"size": 0}), seed=1) for s in (0.0, 0.002)
    )
    free.run(1)
    dear.run(1)
    paid = free.state.ledger.cash[0] - dear.state.ledger.cash[0]
    assert paid[Party.LIQUIDATOR] == pytest.approx(2 * 0.002 * free.settings.liquidator.size)
    assert paid[Party.PROVIDERS] == pytest.approx(-paid[: Party.PROVIDERS].sum())
    assert paid[Party.OTHER_DEMAND] == 0


def test_events_add_up_to_flows(small):
    market = Market(small(), seed=3, paths=2)
    record = market.run(1)
    events = record.event_frame()
    for kind, flow, sign in (("forced_sale", Flow.FORCED, -1), ("re_entry", Flow.REENTRY, 1)):
        chosen = events[events["kind"] == kind]
        by_day = np.zeros(record.index.shape)
        np.add.at(by_day, (chosen["path"], chosen["day"]), chosen["amount"])
        np.testing.assert_allclose(by_day, sign * record.flows[:, :, flow], atol=1e-12)
        assert by_day.max() > 0


def test_a_market_that_blows_up_says_so(small):
    market = Market(small(impact={"strength": 50.0}, funds={"leverage": 40.0, "capital": 5.0}), seed=1)
    with np.errstate(all="ignore"), pytest.raises(CrowdquakeError, match="away from closing"):
        market.run(1)
