"""A user's own inhabitant: its settings, what it does in a bar, its accounts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from abm import Market, Settings
from abm.inhabitants.base import INHABITANTS, OwnInhabitant, register
from abm.sections.base import Section, quantity
from abm.settings import gather_own
from cqkit.arrays import FloatArray
from cqkit.errors import InputError


class Buying(Section):
    """A buyer of the crowded book and of futures."""

    size: float = quantity(0.1, 0, 10, "units bought on each day", "days of the market's value")


class BuyerState(NamedTuple):
    book: FloatArray
    futures: FloatArray
    order: FloatArray
    size: float
    party: int


def place(market, futures, own, path, bar, dt):
    own.order[path] = own.size * dt
    market.baskets.flow[path, 0] += own.order[path]
    market.tape.volume[path] += 2.0 * own.order[path]
    if futures is not None:
        futures.order[path] -= own.order[path]
        futures.paid_spread[path] += futures.half_spread * own.order[path]


def settle(market, futures, own, path, bar, dt):
    order, cash = own.order[path], market.ledger.cash
    fee = 2.0 * market.impact.half_spread * order
    cash[path, own.party] -= order * (market.baskets.value[path, 0] - market.baskets.late[path, 0]) + fee
    market.tape.paid_spread[path] += fee
    own.book[path] += order
    if futures is not None:
        cash[path, own.party] += own.futures[path] * futures.gain[path] - order * futures.late[path]
        own.futures[path] -= order
        cash[path, own.party] -= futures.half_spread * order


class Buyer(OwnInhabitant):
    """Buys a little of the crowded book all day, and is short as much in futures."""

    name = "buyer"
    section = Buying
    order = staticmethod(place)
    settle = staticmethod(settle)

    def __init__(self, opening):
        super().__init__(opening)
        nothing = np.zeros((3, opening.paths))
        self.state = BuyerState(*nothing, size=self.settings.size, party=opening.party)

    def shares(self, market):
        return {self.state.party: self.state.book[:, None] * market.state.baskets.shares[:, 0]}

    def futures(self, market):  # noqa: ARG002
        return {self.state.party: self.state.futures}


@pytest.fixture
def buyer():
    with INHABITANTS.scratch():
        yield register(Buyer)


def with_buyer(settings: Settings, **changes) -> Settings:
    return Settings.model_validate(gather_own(settings.model_dump() | {"buyer": changes}))


@pytest.mark.slow
def test_it_trades_in_the_market_and_all_ledgers_close(buyer, small, hedged):
    for settings in (small(), hedged()):
        alone = Market(settings, seed=3, paths=2)
        market = Market(with_buyer(settings, size=0.2), seed=3, paths=2)
        alone.run(1)
        record = market.run(2)
        assert record.ledger_residual.max() < 1e-12
        np.testing.assert_allclose(market.inhabitants["buyer"].state.book, 0.2 * settings.clock.days)
        assert (market.state.baskets.value[:, 0] > alone.state.baskets.value[:, 0]).all()


@pytest.mark.slow
def test_one_who_buys_nothing_changes_nothing(buyer, hedged):
    idle = Market(with_buyer(hedged(), size=0.0), seed=3).run(1)
    without = Market(hedged(), seed=3).run(1)
    np.testing.assert_allclose(idle.nav, without.nav, rtol=1e-12)
    assert dict(idle.columns()).keys() == dict(without.columns()).keys()


def test_its_settings_are_read_strictly_and_survive_being_written(buyer, small):
    settings = with_buyer(small(), size=0.3)
    again = Settings.model_validate(gather_own(settings.model_dump()))
    assert again == settings
    assert again.own("buyer").size == 0.3
    assert small().own("buyer") is None
    for wrong in ({"size": 11}, {"sise": 1}, {"size": "much"}):
        with pytest.raises(ValueError, match=r"buyer\.si[sz]e = "):
            with_buyer(small(), **wrong)


def test_a_taken_name_is_refused(buyer):
    with pytest.raises(InputError, match="inhabitant buyer: is registered already"):
        register(Buyer)
    taken = type("Desk", (Buyer,), {"name": "desk"})
    with pytest.raises(InputError, match="inhabitant desk: is a section of every scenario"):
        register(taken)
