"""Conservation: shares, cash and wealth, in every bar and on every path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import pytest

from abm import Flow, Market, Party
from abm.randomness import DayNoise
from cqkit.arrays import FloatArray
from cqkit.errors import CrowdquakeError

# Beside the crowd and the liquidator: lenders who are paid, opportunists, index holders who are stopped out.
ALL_STOCK_TRADERS = {
    "funds": {"funding": 0.05, "borrow_fee": 0.02},
    "opportunists": {"capital": 0.3, "cheap": 0.001, "depth": 0.02, "lag": 0.4, "sell_days": 2.0},
    "index_sector": {"holding": 3.0, "stop": 0.02},
    "market": {"overnight": 0.3},
}


@pytest.mark.parametrize("capacity", [1.0, 0.4])
def test_the_ledger_closes_in_every_bar_on_every_path(small, capacity):
    market = Market(small(**ALL_STOCK_TRADERS, impact={"maker_capacity": capacity}), seed=2, paths=3)
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
            of_their_own = state.opportunists.equity - market.settings.opportunists.capital
            np.testing.assert_allclose(gained[Party.OPPORTUNISTS], of_their_own, atol=1e-12)
        market.close()
    traders = [party for party in Party if party < Party.FUTURES_FUNDS or party == Party.BROKERS]
    assert (np.abs(state.ledger.cash[:, traders]).min(axis=0) > 1e-6).all()  # everybody has traded
    assert (np.delete(state.ledger.cash, traders, axis=1) == 0).all()


EVERYBODY = {
    "funds": {"kind": {"long_short": 0.4, "futures": 0.6}, "policy": {"full-rebalanced": 0.5, "timing": 0.5}},
    "index_sector": {"holding": 1.0, "stop": 0.02},
    "opportunists": ALL_STOCK_TRADERS["opportunists"],
    "redemptions": {"sensitivity": 1.0, "threshold": 0.005, "horizon": 3, "notice": 2},
    "desk": {"size": 0.1, "price_taker": False, "reserve": 0.12, "when_exhausted": "reduce"},
    "news": [{"date": "2007-08-02", "days": 3, "move": 0.015, "to": "index"}],
}


@dataclass
class Wealth:
    """What every party owns within a day, on every path; arrays (parties, paths) or (parties, paths, stocks)."""

    cash: FloatArray
    shares: FloatArray
    futures: FloatArray
    prices: FloatArray
    futures_price: FloatArray

    @classmethod
    def of(cls, market: Market, share_of_day: float) -> Self:
        """Take stock of everything; outside orders are booked at the close, so their part done is added."""
        state, shares = market.state, market.positions()
        shares[Party.OUTSIDE] += share_of_day * state.outside.order
        cash, price = state.ledger.cash.T.copy(), state.stocks.price.copy()
        return cls(cash, shares, market.futures_positions(), price, state.futures.price.copy())

    @property
    def total(self) -> FloatArray:
        return self.cash + np.einsum("aps,ps->ap", self.shares, self.prices)  # futures are settled every bar

    def earned_since(self, before: Wealth, late: FloatArray, futures_late: FloatArray) -> FloatArray:
        """Gains of both legs since a bar before: on what was held, and on what was bought from its fill on."""
        bought, futures_bought = self.shares - before.shares, self.futures - before.futures
        stocks = np.einsum("aps,ps->ap", before.shares, self.prices - before.prices)
        stocks += np.einsum("aps,ps->ap", bought, late)
        return stocks + before.futures * (self.futures_price - before.futures_price) + futures_bought * futures_late


def test_with_futures_everybodys_wealth_changes_by_what_it_holds_less_what_it_pays_others(hedged):
    market = Market(hedged(**EVERYBODY), seed=2, paths=2)
    state, settings = market.state, market.settings
    bars, crowd, funds = settings.clock.bars, market.futures_crowd, market.state.futures_funds
    noise = DayNoise.empty(bars, settings.market.factors, settings.market.stocks)
    rng = np.random.default_rng(0)
    start = before = Wealth.of(market, 0)
    owned = state.funds.equity.sum(axis=1), crowd.equity().sum(axis=1)
    charged = np.zeros(2)
    for day in range(settings.clock.days):
        market.submit_futures(0.02 * rng.standard_normal(2))
        for bar in range(bars):
            for path in range(2):
                noise.draw(2, path, day, futures=True)
                market.trade_path(path, noise, bar, bar + 1)
            now = Wealth.of(market, (bar + 1) / bars)
            np.testing.assert_allclose(now.cash.sum(axis=0), 0, atol=1e-13)
            np.testing.assert_allclose(now.shares.sum(axis=0), start.shares.sum(axis=0), atol=1e-13)
            np.testing.assert_allclose(now.futures.sum(axis=0), 0, atol=1e-13)
            outstanding = np.einsum("ps,ps->p", start.shares.sum(axis=0), now.prices - start.prices)
            np.testing.assert_allclose((now.total - start.total).sum(axis=0), outstanding, atol=1e-12)
            financed = funds.swap * funds.held * funds.value
            interest = settings.futures_funds.financing / 252 / bars * financed.sum(axis=1)
            charged += interest
            paid = costs(market, interest)
            late = state.stocks.late, state.futures.late
            gained = now.total - before.total - now.earned_since(before, *late)
            both = [Party.FUTURES_FUNDS, Party.BROKERS]  # of a swap one has the stocks and the other their gains
            np.testing.assert_allclose(gained[both].sum(axis=0), -paid[Party.FUTURES_FUNDS] + interest, atol=1e-13)
            rest = [party for party in Party if party not in both]
            np.testing.assert_allclose(gained[rest], -np.array([paid[party] for party in rest]), atol=1e-13)
            lent = state.funds.lenders_loss.sum(axis=1) + funds.lenders_loss.sum(axis=1)
            np.testing.assert_allclose((now.total - start.total)[Party.BROKERS], charged - lent, atol=1e-12)
            equity = state.funds.equity.sum(axis=1), crowd.equity().sum(axis=1)
            for party, had, has in zip((Party.CROWD, Party.FUTURES_FUNDS), owned, equity, strict=True):
                np.testing.assert_allclose((now.total - start.total)[party], has - had, atol=1e-12)
            before = now
        units, value = crowd.units.copy(), crowd.unit_value()
        market.close()
        before = Wealth.of(market, 0)
        redeemed = ((units - crowd.units) * value * crowd.starting_equity).sum(axis=1)
        np.testing.assert_allclose(before.cash[Party.INVESTORS] - now.cash[Party.INVESTORS], redeemed, atol=1e-13)
    assert (np.abs(state.ledger.cash[:, : Party.LARGE_FUND]).min(axis=0) > 1e-6).all()  # everybody has traded


def costs(market: Market, interest: FloatArray) -> FloatArray:
    """What every party has paid in the latest bar in half-spreads and interest, shape (parties, paths)."""
    state, settings = market.state, market.settings
    stocks, futures, bars = settings.impact.half_spread, settings.futures.half_spread, settings.clock.bars
    paid, hedgers, sold = np.zeros((len(Party), market.paths)), state.futures_funds, -state.liquidator.order
    paid[Party.CROWD] = 2 * stocks * np.abs(state.funds.order).sum(axis=1)
    paid[Party.LIQUIDATOR] = stocks * sold
    paid[Party.INDEX_SECTOR] = stocks * np.abs(state.sector.order)
    paid[Party.OPPORTUNISTS] = 2 * stocks * np.abs(state.opportunists.order)
    paid[Party.OUTSIDE] = stocks * np.abs(state.outside.order).sum(axis=1) / bars
    paid[Party.FUTURES_FUNDS] = stocks * (np.abs(hedgers.order) * hedgers.book).sum(axis=1)
    paid[Party.PROVIDERS] = -paid.sum(axis=0)
    on_futures = np.zeros_like(paid)
    on_futures[Party.LIQUIDATOR] = futures * sold
    on_futures[Party.OUTSIDE] = futures * np.abs(state.outside.futures_order) / bars
    on_futures[Party.FUTURES_FUNDS] = futures * np.abs(hedgers.hedge_order).sum(axis=1)
    on_futures[Party.FUTURES_MAKERS] = -on_futures.sum(axis=0)
    paid += on_futures
    paid[Party.FUTURES_FUNDS] += interest
    return paid


def test_providers_carry_what_others_bought_and_permanent_impact_remembers_it(small):
    market = Market(small(**ALL_STOCK_TRADERS), seed=4)
    market.run(1)
    state = market.state
    np.testing.assert_allclose(-state.providers.shares[0], (state.stocks.bought * state.stocks.adv)[0], atol=1e-13)


def test_providers_earn_the_spread_that_others_pay(small):
    free, dear = (
        Market(small(impact={"half_spread": s, "strength": 0, "permanent": 0}, desk={"size": 0}), seed=1)
        for s in (0.0, 0.002)
    )
    free.run(1)
    dear.run(1)
    paid = free.state.ledger.cash[0] - dear.state.ledger.cash[0]
    assert paid[Party.LIQUIDATOR] == pytest.approx(2 * 0.002 * free.settings.liquidator.size)
    assert paid[Party.PROVIDERS] == pytest.approx(-paid[: Party.PROVIDERS].sum())
    assert paid[Party.OPPORTUNISTS] == paid[Party.BROKERS] == 0


def test_events_add_up_to_flows(small):
    market = Market(small(), seed=3, paths=2)
    record = market.run(1)
    events = record.event_frame()
    for kind, flow, sign in (("forced_sale", Flow.FORCED, -1), ("re_entry", Flow.REENTRY, 1)):
        chosen = events[events["kind"] == kind]
        by_day = np.zeros(record["index"].shape)
        np.add.at(by_day, (chosen["path"], chosen["day"]), chosen["amount"])
        np.testing.assert_allclose(by_day, sign * record.flows[:, :, flow], atol=1e-12)
        assert by_day.max() > 0


def test_a_market_that_blows_up_says_so(small):
    market = Market(small(impact={"strength": 50.0}, funds={"leverage": 40.0, "capital": 5.0}), seed=1)
    with np.errstate(all="ignore"), pytest.raises(CrowdquakeError, match="away from closing"):
        market.run(1)
