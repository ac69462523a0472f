"""Liquidation schedules."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies
from worlds import trade_silently

from abm import Flow, Market, schedules
from abm.schedules import Schedule
from abm.settings import Liquidator


@given(
    name=strategies.sampled_from(["twap", "almgren_chriss", "plan"]),
    days=strategies.floats(0.1, 20),
    urgency=strategies.floats(0, 30),
    bars=strategies.integers(1, 20),
)
def test_a_schedule_sells_the_whole_book_and_never_buys(name, days, urgency, bars):
    liquidator = Liquidator(schedule=name, days=days, urgency=urgency, plan=(0.25, 0.0, 0.75))
    sales = schedules.make(liquidator).sales(first_bar=3, bars=30 * bars, bars_a_day=bars)
    assert (sales[:3] == 0).all()
    assert (sales >= 0).all()
    assert sales.sum() == pytest.approx(1)


def test_almgren_chriss_follows_its_hyperbolic_sine_and_is_twap_without_urgency():
    elapsed = np.linspace(0, 5, 11)
    urgent = schedules.make(Liquidator(schedule="almgren_chriss", days=5, urgency=3)).remaining(elapsed)
    np.testing.assert_allclose(urgent, np.sinh(3 * (1 - elapsed / 5)) / np.sinh(3), rtol=1e-12)
    patient = schedules.make(Liquidator(schedule="almgren_chriss", days=5, urgency=1e-6)).remaining(elapsed)
    np.testing.assert_allclose(patient, schedules.make(Liquidator(days=5)).remaining(elapsed), atol=1e-9)


def test_percent_of_volume_trades_a_fixed_ratio_to_everybody_else_and_speeds_up_when_they_are_forced(small):
    settings = small(liquidator={"schedule": "percent_of_volume", "participation": 0.2, "starts": 0})
    market = Market(settings, seed=2)
    record = market.run(1)
    sold = -record.flows[0, :, Flow.LIQUIDATOR]
    event = settings.clock.event_day
    ordinary = 0.2 / 2  # a unit of a book is worth 2 of trading, and a day's volume is 1
    assert sold[:event].sum() == 0
    assert sold[event] > ordinary
    forced = -record.flows[0, :, Flow.FORCED]
    busy, calm = sold[forced > 0.05], sold[(forced == 0) & (sold > 0)]
    assert busy.max() > calm.min()


def test_a_users_own_schedule_is_registered_by_name(still):
    with schedules.SCHEDULES.scratch():

        @schedules.register("all_at_once")
        class AllAtOnce(Schedule):
            """Everything in the first bar."""

            def remaining(self, elapsed):
                return np.where(elapsed > 0, 0.0, 1.0)

        market = Market(still(liquidator={"schedule": "all_at_once", "starts": 0}))
        trade_silently(market)
        assert np.flatnonzero(market.record.flows[0, :, Flow.LIQUIDATOR]).tolist() == [market.settings.clock.event_day]
